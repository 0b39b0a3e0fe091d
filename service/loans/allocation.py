"""How a payment splits when it is posted: into service charge, principal and what is over.

The split is made once, from all that is posted at that moment, whatever its value date,
and is not made again: an entry stands. Its three parts sum to the payment exactly. What
is over is kept as the member's voluntary savings. A repayment of a written-off loan is
no payment but a recovery; refusing it is the caller's part. Source: DOMAIN 5 and 10;
onboarding bundle, part 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.loans.coverage import uncovered
from service.loans.open_charges import open_charges, period_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from service.loans.open_charges import PrincipalMove
    from service.loans.schedule import Instalment
    from service.loans.terms import Contract


class PaymentNotPositive(ValueError):
    """A payment is an amount above zero."""


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of one payment, in paisa: what it settles, and what is over."""

    charge: int
    principal: int
    over: int


def allocate(
    schedule: Sequence[Instalment], *, principal_paid: int, charge_paid: int, amount: int
) -> Split:
    """Split a payment on a loan with a schedule: every repayment but open.

    `principal_paid` and `charge_paid` are all that is posted, less what is reversed. Each
    covers its own parts, oldest first. The payment goes to what is left: instalment by
    instalment, its charge and then its principal, due or not yet due. Nothing is rebated.
    Raises `PaymentNotPositive`.
    """
    left = _positive(amount)
    charges = uncovered((instalment.charge for instalment in schedule), charge_paid)
    principals = uncovered((instalment.principal for instalment in schedule), principal_paid)
    charge = principal = 0
    for charge_owed, principal_owed in zip(charges, principals, strict=True):
        to_charge = min(left, charge_owed)
        to_principal = min(left - to_charge, principal_owed)
        charge += to_charge
        principal += to_principal
        left -= to_charge + to_principal
    return Split(charge, principal, left)


def allocate_open(
    contract: Contract,
    schedule: Sequence[Instalment],
    moves: Collection[PrincipalMove],
    *,
    charge_paid: int,
    paid_on: date,
    amount: int,
) -> Split:
    """Split a payment of value date `paid_on` on an open loan.

    `moves` and `charge_paid` are all that is posted, later value dates too. First come
    the charges due up to `paid_on`, less all charge paid so far; then principal, as much
    as is outstanding by everything posted; then, only where that leaves no principal, the
    charge of the period that began before `paid_on` and runs on it.

    So a payment that is entered late asks for no charge that later-dated payments have
    settled already, and takes no principal that they have repaid. Charge that was right
    when posted and is too much since stands in the entries; `service.loans.figures` lets
    the excess cover principal. Raises `PaymentNotPositive`.
    """
    left = _positive(amount)
    charges = open_charges(contract, schedule, moves)
    due = sum(charge for due_on, charge in charges if due_on <= paid_on)
    to_due = min(left, max(due - charge_paid, 0))
    outstanding = sum(change for _, change in moves)
    principal = min(left - to_due, outstanding)
    left -= to_due + principal
    if principal < outstanding:
        return Split(to_due, principal, left)
    begun = due + _running_charge(contract, schedule, charges, paid_on)
    to_running = min(left, max(begun - charge_paid - to_due, 0))
    return Split(to_due + to_running, principal, left - to_running)


def _running_charge(
    contract: Contract,
    schedule: Sequence[Instalment],
    charges: Sequence[tuple[date, int]],
    on: date,
) -> int:
    """The charge of the period that began before a day and falls due after it."""
    starts = period_starts(contract, schedule)
    return sum(
        charge
        for start, (due_on, charge) in zip(starts, charges, strict=True)
        if start < on < due_on
    )


def _positive(amount: int) -> int:
    if amount <= 0:
        raise PaymentNotPositive(amount)
    return amount
