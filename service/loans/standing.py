"""Where a loan stands when something of it is posted: by all that its lender's book knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.loans.history import ABOUT, Days
from service.loans.life import LoanState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ledger.positions import Position
    from service.loans.contracts import Loan
    from service.loans.plan import Move


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan by everything that is posted, whatever its value date; amounts in paisa."""

    paid_out: int
    repaid: int
    written_off: int
    moves: tuple[Move, ...]

    @property
    def outstanding(self) -> int:
        """Principal still owed."""
        return self.paid_out - self.repaid - self.written_off

    @property
    def state(self) -> LoanState:
        """Where the loan is, as far as its lines say: one that is repaid may owe charges yet."""
        if self.paid_out <= 0:
            return LoanState.APPROVED
        return LoanState.WRITTEN_OFF if self.written_off > 0 else LoanState.PAID_OUT


def standing(position: Position, loan: Loan) -> Standing:
    """Where the loan stands by all that its lender's book knows."""
    book, days = loan.lender_book, Days()
    for move in position.moves(book, loan.asset):
        days.add(move.day, loan.asset.code, move.debit, move.credit, reversal=move.reversal)
    for day, code, net in _about(position, loan):
        days.add(day, code, max(net, 0), max(-net, 0), reversal=False)
    moves = tuple(days.moves())
    return Standing(
        paid_out=sum(move.disbursed for move in moves),
        repaid=sum(move.principal_repaid for move in moves),
        written_off=sum(move.written_off for move in moves),
        moves=moves,
    )


def _about(position: Position, loan: Loan) -> Iterator[tuple[date, str, int]]:
    """What the lines that name the loan come to, by day where the days matter to it.

    Where they do not, all counts as of its first day.
    """
    if loan.afresh:
        yield from position.named_moves(loan.lender_book, loan.code)
    else:
        first = loan.agreement.disbursed_on or loan.agreement.first_due_on
        for code in ABOUT:
            yield first, code, position.subject_net(loan.lender_book, loan.code, code)
