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


_NODES: Final = "SELECT id FROM ledger.book WHERE id BETWEEN :first AND :last"


async def total_mobilised(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
    """Keep what each of some nodes has raised in each category; how many rows there are."""
    nodes = [row[0] for row in await books.fetch(_NODES, **stretch._asdict())]
    return await mobilisation.keep_mobilised(
        books, on, first_on=first_of_quarter(on), known_by=last_seen(on), nodes=nodes, run=run
    )
