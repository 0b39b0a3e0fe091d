"""Resources mobilised in the fiscal quarter of a day, as far as that day.

The step of the job `mobilisation`. Source: DOMAIN 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.days import first_of_quarter, last_seen
from service import mobilisation

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from service.books import WritableBooks


async def total_mobilised(books: WritableBooks, *, on: date, run: UUID) -> int:
    """Keep what every node has raised in each category; how many rows there are."""
    return await mobilisation.keep_mobilised(
        books, on, first_on=first_of_quarter(on), known_by=last_seen(on), nodes=None, run=run
    )
