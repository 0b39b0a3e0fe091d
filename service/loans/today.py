"""A loan as it is shown to whom it concerns: every instalment, and what pays it off on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.postgres.settled import refuse_unsettled
from service.loans import amending, changes, history
from service.loans.plan import plan
from service.loans.preview import parts_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.books import Books
    from service.loans.contracts import Loan
    from service.loans.figures import LoanFigures
    from service.loans.life import LoanState
    from service.loans.preview import Part


@dataclass(frozen=True, slots=True)
class LoanToday:
    """A loan on a day: amounts in paisa. One that is not paid out yet has no instalments."""

    state: LoanState
    figures: LoanFigures
    parts: tuple[Part, ...]
    pay_off: int
    """What closes it on that day, fines and all."""

    @property
    def overdue(self) -> int:
        """What should have come before."""
        found = self.figures
        return found.overdue_principal + found.overdue_charge + found.overdue_fine

    @property
    def next(self) -> Part | None:
        """The first instalment of which something is unpaid."""
        return next((part for part in self.parts if part.unpaid), None)


async def today(
    books: Books, loan: Loan, on: date, *, known_by: datetime | None = None
) -> LoanToday:
    """A loan as it stands on a day, by all that is known now, or was by a moment.

    Whoever asks has authorised it. Raises `MomentUnsettled`.
    """
    async with books.whole_house():  # who borrows reads the loan too, which is in the lender's book
        await refuse_unsettled(books.ledger, known_by)
        if known_by is not None:
            agreed = await changes.in_force(books, [loan.code], known_by=known_by)
            loan = replace(loan, changes=agreed.get(loan.code, ()))
        stands = await amending.on_day(books, loan, on, known_by=known_by)
        moves = (await history.moves_of(books, [loan], on, known_by=known_by))[loan.code]
    if not stands.figures.paid_out:
        return LoanToday(stands.state, stands.figures, (), 0)
    due_days = [row.due_on for row in loan.schedule]
    planned = plan(loan.contract, due_days, moves, loan.changes, on=on)
    parts = tuple(parts_of(loan.contract, planned, moves, on, loan.changes))
    over = stands.figures.closed
    pay_off = 0 if over else planned.pay_off + stands.figures.overdue_fine
    return LoanToday(stands.state, stands.figures, parts, pay_off)
