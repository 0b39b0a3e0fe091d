"""What a loan owes, and how late it is, as at the close of any day.

Figures are worked out from the loan's movements with a value date up to that day, never
from a stored flag, and do not depend on the order in which the book learned of them.
Source: DOMAIN 6 and 10; onboarding bundle, part 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from service.loans.coverage import uncovered
from service.loans.open_charges import open_charges
from service.loans.terms import Repayment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.loans.schedule import Instalment
    from service.loans.terms import Contract


class LoanState(StrEnum):
    """Where a loan is on a day; one whose disbursement is reversed is approved again."""

    APPROVED = "approved"
    PAID_OUT = "paid_out"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"


PAR_BUCKETS: Final = (1, 30, 60, 90, 180, 365)
"""Days past due above which a loan counts in each form of portfolio at risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one entry did to one loan on its value date, in paisa; a reversal is negative."""

    value_date: date
    disbursed: int = 0
    principal_repaid: int = 0
    charge_paid: int = 0
    written_off: int = 0

    @property
    def principal_change(self) -> int:
        """By how much the entry raised (or, below zero, lowered) principal outstanding."""
        return self.disbursed - self.principal_repaid - self.written_off


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFigures:
    """A loan as at one day: amounts in paisa, lateness in days.

    `closed`: no principal is outstanding and all charges are paid, or the rest of the
    principal is written off. `paid_out` is False before the disbursement, and again once
    it is reversed: such a loan has zero figures and appears in no report.
    """

    outstanding_principal: int
    due_principal: int
    due_charge: int
    paid_principal: int
    paid_charge: int
    overdue_principal: int
    overdue_charge: int
    days_past_due: int
    closed: bool
    paid_out: bool


NOT_PAID_OUT: Final = LoanFigures(
    outstanding_principal=0,
    due_principal=0,
    due_charge=0,
    paid_principal=0,
    paid_charge=0,
    overdue_principal=0,
    overdue_charge=0,
    days_past_due=0,
    closed=False,
    paid_out=False,
)


def figures(
    contract: Contract, schedule: Sequence[Instalment], moves: Iterable[Move], on: date
) -> LoanFigures:
    """The loan as at the close of day `on`, from `moves` in any order.

    One pass over moves and schedule: ask for as many days as wanted. A loan closed by
    write-off is in arrears with nothing: what was written off is no longer owed in the
    books. `schedule` is the plan for an open loan; its real charges are worked out here.
    """
    known = [move for move in moves if move.value_date <= on]
    if not sum(move.disbursed for move in known):
        return NOT_PAID_OUT
    owed = _owed(contract, schedule, known)
    due = [instalment for instalment in owed if instalment.due_on <= on]
    closed = _closed(owed, known)
    late = _Late(0, 0, 0) if closed else _late(contract, due, known, on)
    return LoanFigures(
        outstanding_principal=sum(move.principal_change for move in known),
        due_principal=sum(instalment.principal for instalment in due),
        due_charge=sum(instalment.charge for instalment in due),
        paid_principal=sum(move.principal_repaid for move in known),
        paid_charge=sum(move.charge_paid for move in known),
        overdue_principal=late.principal,
        overdue_charge=late.charge,
        days_past_due=late.days,
        closed=closed,
        paid_out=True,
    )


@dataclass(frozen=True, slots=True)
class _Late:
    principal: int
    charge: int
    days: int


def _owed(
    contract: Contract, schedule: Sequence[Instalment], known: Iterable[Move]
) -> Sequence[Instalment]:
    """The schedule, for an open loan with the charges that it really owes."""
    if contract.product.repayment is not Repayment.OPEN:
        return schedule
    changes = ((move.value_date, move.principal_change) for move in known)
    charges = open_charges(contract, schedule, changes)
    return [
        replace(instalment, charge=charge)
        for instalment, (_, charge) in zip(schedule, charges, strict=True)
    ]


def _closed(owed: Iterable[Instalment], known: Sequence[Move]) -> bool:
    if sum(move.principal_change for move in known):
        return False
    if sum(move.written_off for move in known):
        return True
    charges = sum(instalment.charge for instalment in owed)
    return sum(move.charge_paid for move in known) >= charges


def _late(contract: Contract, due: Sequence[Instalment], known: Sequence[Move], on: date) -> _Late:
    """What has fallen due and is not covered, once the grace days are over."""
    charges, principals = _gaps(contract, due, known)
    late_since = next(
        (
            instalment.due_on
            for instalment, charge, principal in zip(due, charges, principals, strict=True)
            if charge or principal
        ),
        on,
    )
    days = (on - late_since).days
    if days <= contract.product.grace_days:
        return _Late(0, 0, 0)
    return _Late(sum(principals), sum(charges), days)


def _gaps(
    contract: Contract, due: Sequence[Instalment], known: Sequence[Move]
) -> tuple[list[int], list[int]]:
    """Charge and principal of each instalment fallen due that payments do not cover.

    The total paid covers the instalments oldest first, charge before principal. For an
    open loan each counts on its own, and principal never stands in for a charge; but
    charge overpaid, as a back-dated payment can leave it, covers principal (DOMAIN 10).
    """
    charge_paid = sum(move.charge_paid for move in known)
    principal_paid = sum(move.principal_repaid for move in known)
    charges = [instalment.charge for instalment in due]
    principals = [instalment.principal for instalment in due]
    if contract.product.repayment is Repayment.OPEN:
        excess = max(charge_paid - sum(charges), 0)
        return uncovered(charges, charge_paid), uncovered(principals, principal_paid + excess)
    parts = [part for pair in zip(charges, principals, strict=True) for part in pair]
    gaps = uncovered(parts, charge_paid + principal_paid)
    return gaps[::2], gaps[1::2]
