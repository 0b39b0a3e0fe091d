"""What a loan owes, and how late it is, as at the close of any day.

Figures are worked out from the loan's movements with a value date up to that day, never
from a stored flag, and do not depend on the order in which the book learned of them.
Source: DOMAIN 6 and 10; onboarding bundle, part 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service.loans.fines import fines
from service.loans.plan import as_planned, gaps
from service.loans.terms import Recognition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.loans.plan import Change, Instalment, Move
    from service.loans.terms import Contract


PAR_BUCKETS: Final = (1, 30, 60, 90, 180, 365)
"""Days past due above which a loan counts in each form of portfolio at risk."""


SUSPENDED_FROM: Final = 90
"""Days past due from which no charge is accrued any more (DOMAIN 6)."""


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
    due_fine: int
    paid_principal: int
    paid_charge: int
    paid_fine: int
    overdue_principal: int
    overdue_charge: int
    overdue_fine: int
    days_past_due: int
    accrued_charge: int
    """Taken as income and not paid yet, where the product accrues its charge."""
    charge_suspended: int
    """Fallen due, neither paid nor accrued: the loan is too late for that."""
    closed: bool
    paid_out: bool


NOT_PAID_OUT: Final = LoanFigures(
    outstanding_principal=0,
    due_principal=0,
    due_charge=0,
    due_fine=0,
    paid_principal=0,
    paid_charge=0,
    paid_fine=0,
    overdue_principal=0,
    overdue_charge=0,
    overdue_fine=0,
    days_past_due=0,
    accrued_charge=0,
    charge_suspended=0,
    closed=False,
    paid_out=False,
)


def figures(
    contract: Contract,
    schedule: Sequence[Instalment],
    moves: Iterable[Move],
    on: date,
    changes: Sequence[Change] = (),
) -> LoanFigures:
    """The loan as at the close of day `on`, from `moves` in any order.

    `schedule` says on which days it falls due, as they froze; what falls due is worked out here,
    from what has happened. A loan closed by write-off is in arrears with nothing: what was
    written off is no longer owed in the books.
    """
    known = [move for move in moves if move.value_date <= on]
    if not sum(move.disbursed for move in known):
        return NOT_PAID_OUT
    planned = as_planned(contract, schedule, known, changes, on=on)
    owed = planned.instalments
    due = [instalment for instalment in owed if instalment.due_on <= on]
    due_fine = sum(fine.amount for fine in fines(contract, planned, known, on, changes))
    paid_fine = sum(move.fine_paid for move in known)
    written_off = sum(move.written_off for move in known) > 0
    closed = _closed(owed, known) and (written_off or paid_fine >= due_fine)
    late = _Late(0, 0, 0) if closed else _late(contract, due, known, on)
    due_charge = sum(instalment.charge for instalment in due)
    paid_charge = sum(move.charge_paid for move in known)
    accrued = sum(move.accrued for move in known)
    accrues = contract.product.recognition is Recognition.ACCRUAL
    suspended = accrues and late.days >= SUSPENDED_FROM
    return LoanFigures(
        outstanding_principal=sum(move.principal_change for move in known),
        due_principal=sum(instalment.principal for instalment in due),
        due_charge=due_charge,
        due_fine=due_fine,
        paid_principal=sum(move.principal_repaid for move in known),
        paid_charge=paid_charge,
        paid_fine=paid_fine,
        overdue_principal=late.principal,
        overdue_charge=late.charge,
        overdue_fine=max(due_fine - paid_fine, 0),
        days_past_due=late.days,
        accrued_charge=accrued,
        charge_suspended=max(due_charge - paid_charge - accrued, 0) if suspended else 0,
        closed=closed,
        paid_out=True,
    )


@dataclass(frozen=True, slots=True)
class _Late:
    principal: int
    charge: int
    days: int


def _closed(owed: Iterable[Instalment], known: Sequence[Move]) -> bool:
    if sum(move.principal_change for move in known):
        return False
    if sum(move.written_off for move in known):
        return True
    charges = sum(instalment.charge for instalment in owed)
    return sum(move.charge_paid for move in known) >= charges


def _late(contract: Contract, due: Sequence[Instalment], known: Sequence[Move], on: date) -> _Late:
    """What has fallen due and is not covered, once the grace days are over."""
    charge_paid = sum(move.charge_paid for move in known)
    principal_paid = sum(move.principal_repaid for move in known)
    charges, principals = gaps(contract, due, charge_paid, principal_paid)
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
