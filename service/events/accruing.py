"""Charge that becomes income as it is earned: all loans of a fund that accrue, in one entry."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from service.loans import charges
from service.loans.accrual import to_accrue
from service.loans.standing import standing
from service.refusals import NothingToAccrue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.entries import AccountKey, Line
    from ledger.positions import Position
    from service.events.event import Event
    from service.events.setting import Setting


def accounts(_event: Event, setting: Setting) -> Iterator[AccountKey]:
    """Income of the fund, and what each loan owes of it."""
    return chain.from_iterable(charges.accounts_of(loan) for loan in setting.loans)


def lines(event: Event, setting: Setting, position: Position) -> list[Line]:
    """What every loan has earned since, loan by loan. Raises `NothingToAccrue`."""
    day = event.happened_on
    found: list[Line] = []
    for loan in setting.loans:
        moves = standing(position, loan).moves
        more = to_accrue(loan.contract, loan.schedule, moves, loan.changes, on=day)
        found += charges.accrued(loan, more)
    if not found:
        raise NothingToAccrue(
            f"No loan of {event.organisation} in fund {event.fund} has earned charge by {day} "
            "that is not income already."
        )
    return found
