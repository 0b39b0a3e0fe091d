"""Loans with all that moved them, read for many at once. Whoever asks sees the whole house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.postgres.settled import refuse_unsettled
from service import arrears
from service.arrears import Lenders
from service.collection.cover import History
from service.loans import changes, contracts, history

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import date, datetime

    from service.books import Books

AT_ONCE: Final = 2000
"""So many loans are read at a time: memory goes by this, not by how many there are."""
_FALLING_DUE: Final = """
    SELECT DISTINCT i.loan FROM service.instalment i
    JOIN service.loan l ON l.code = i.loan
    JOIN service.book_number b ON b.code = l.lender
    WHERE b.book_id = ANY (:books) AND (
        i.due_on BETWEEN :first_on AND :last_on OR l.disbursed_on BETWEEN :first_on AND :last_on
    )
"""


@dataclass(frozen=True, slots=True)
class Period:
    """The days asked for, and the moment by which it was known; all that is posted without one."""

    first_on: date
    last_on: date
    known_by: datetime | None = None

    @property
    def day_before(self) -> date:
        """The day on whose close it opens."""
        return self.first_on - timedelta(days=1)


async def histories(
    books: Books, codes: Collection[str], on: date, *, known_by: datetime | None = None
) -> list[History]:
    """Loans with what moved them until a day, in the order of their codes."""
    await refuse_unsettled(books.ledger, known_by)
    found = await contracts.loans(books, codes)
    moves = await history.moves_of(books, found.values(), on, known_by=known_by)
    agreed = {code: loan.changes for code, loan in found.items()}
    if known_by is not None:
        changed = [code for code, loan in found.items() if loan.afresh]
        agreed = await changes.in_force(books, changed, known_by=known_by)
    return [History(loan, tuple(moves[code]), agreed.get(code, ())) for code, loan in found.items()]


async def of_period(
    books: Books, lenders: Collection[int], period: Period
) -> AsyncIterator[list[History]]:
    """The loans of some books that owe at an end of a period, begin or fall due within; in parts.

    One that is paid out and off within it falls due on days that its schedule does not have. A
    loan that was undone or closed before and after, and asks for nothing within, is not there.
    """
    codes: set[str] = set()
    for day in (period.day_before, period.last_on):
        standings = await arrears.standings(
            books, day, known_by=period.known_by, lenders=Lenders(lenders)
        )
        codes |= {standing.loan for standing in standings}
    due = await books.fetch(
        _FALLING_DUE, books=list(lenders), first_on=period.first_on, last_on=period.last_on
    )
    ordered = sorted(codes | {row[0] for row in due})
    for start in range(0, len(ordered), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        yield await histories(books, part, period.last_on, known_by=period.known_by)
