"""Where a loan is on a day, told plainly: what the SQL of standings is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.loans.figures import figures
from service.loans.life import LoanState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.loans.plan import Instalment, Move
    from service.loans.terms import Contract


def state(
    contract: Contract, schedule: Sequence[Instalment], moves: Iterable[Move], on: date
) -> LoanState:
    """Where the loan is at the close of day `on`, by what `figures` says of it."""
    known = [move for move in moves if move.value_date <= on]
    found = figures(contract, schedule, known, on)
    if not found.paid_out:
        return LoanState.APPROVED
    if not found.closed:
        return LoanState.PAID_OUT
    written_off = sum(move.written_off for move in known)
    return LoanState.WRITTEN_OFF if written_off else LoanState.REPAID
