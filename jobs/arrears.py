"""Arrears and dues of every running loan, and what they come to at every node, day by day.

The steps of the job `arrears`. Source: DOMAIN 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.days import last_seen
from service import arrears, portfolio
from service.arrears import Lenders

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from jobs.stretches import Stretch
    from service.books import WritableBooks


async def age_arrears(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
    """Keep the figures and coming dues of every loan of some lenders that runs on a day."""
    lenders = Lenders(first=stretch.first, last=stretch.last)
    return await arrears.keep_standings(books, on, known_by=last_seen(on), lenders=lenders, run=run)


async def measure_risk(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,
    stretch: Stretch,  # noqa: ARG001 - it looks at all books at once
) -> int:
    """Keep the portfolio at risk of every node, from the loans' figures of that day.

    It reads what `age_arrears` kept, so that the two always agree.
    """
    return await portfolio.keep_risks(books, on, run=run)


async def total_dues(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,
    stretch: Stretch,  # noqa: ARG001 - it looks at all books at once
) -> int:
    """Keep what falls due to every node in the coming week and month, from the loans' dues."""
    return await portfolio.keep_dues(books, on, run=run)
