"""Resources mobilised in the fiscal quarter of a day, as far as that day.

The step of the job `mobilisation`. Source: DOMAIN 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jobs.days import first_of_quarter, last_seen
from service import mobilisation

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from jobs.stretches import Stretch
    from service.books import WritableBooks

_NAMES: Final = """
    SELECT book_id, code FROM service.organisation WHERE book_id BETWEEN :first AND :last
"""


async def total_mobilised(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
    """Keep what each of some nodes has raised in each category; how many rows there are.

    As everywhere, a category in which a node raised nothing has no row.
    """
    names: dict[int, str] = dict(await books.fetch(_NAMES, **stretch._asdict()))
    found = await mobilisation.mobilised(
        books, on, first_on=first_of_quarter(on), known_by=last_seen(on), nodes=list(names)
    )
    rows = [(on, m.period, names[m.node], m.category, m.amount, run) for m in found]
    await books.ledger.copy_records_to_table(
        "mobilisation_total",
        schema_name="service",
        columns=("business_date", "period", "node", "category", "amount", "run"),
        records=rows,
    )
    return len(rows)
