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
from service.loans.fines import fine_gaps, fines
from service.loans.plan import as_planned, pays_off_early
from service.loans.terms import IN_ORDER, ChargeBasis, Early, Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from service.loans.plan import Change, Instalment, Move
    from service.loans.terms import Contract


class PaymentNotPositive(ValueError):
    """A payment is an amount above zero."""


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of one payment, in paisa: what it settles, and what is over."""

    charge: int
    principal: int
    over: int
    fine: int = 0


def allocate(
    contract: Contract,
    schedule: Sequence[Instalment],
    moves: Sequence[Move],
    *,
    paid_on: date,
    amount: int,
    changes: Sequence[Change] = (),
) -> Split:
    """Split a payment of a value date, by all that is posted: `moves`, later value dates too.

    Principal paid and charge paid each cover their own parts, oldest first. The payment goes to
    what is left of what has fallen due by its day, oldest instalment first, in the order of the
    product within each. What is more goes to the next instalments in the same way; where the
    product takes early payments off principal, or its charge is on what is really outstanding, to
    principal. One that is enough to pay the loan off pays it off.

    So a payment that is entered late asks for no charge that later-dated payments have
    settled already, and takes no principal that they have repaid. Charge that was right
    when posted and is too much since stands in the entries; `service.loans.figures` lets
    the excess cover principal. Raises `PaymentNotPositive`.
    """
    if amount <= 0:
        raise PaymentNotPositive(amount)
    known_on = max([paid_on, *(move.value_date for move in moves if not move.only_accrues)])
    planned = as_planned(contract, schedule, moves, changes, on=known_on)
    rows = planned.instalments
    lates = fine_gaps(fines(contract, planned, moves, paid_on, changes), moves)
    outstanding = sum(move.principal_change for move in moves)
    if pays_off_early(contract) and amount >= planned.pay_off + sum(lates.values()):
        charge, fine = planned.pay_off - outstanding, sum(lates.values())
        return Split(charge, outstanding, amount - planned.pay_off - fine, fine)
    charges = uncovered((row.charge for row in rows), sum(m.charge_paid for m in moves))
    principals = uncovered((row.principal for row in rows), sum(m.principal_repaid for m in moves))
    next_ones = _goes_to_next_ones(contract)
    taken, left = dict.fromkeys(Part, 0), amount
    for row, charge, principal in zip(rows, charges, principals, strict=True):
        owed = {Part.FINE: lates.get(row.n, 0), Part.CHARGE: charge, Part.PRINCIPAL: principal}
        due = next_ones or row.due_on <= paid_on
        for part in contract.product.order if due else (Part.FINE,):
            taking = min(left, owed[part])
            taken[part] += taking
            left -= taking
    fine, charge, principal = (taken[part] for part in IN_ORDER)
    if not next_ones:
        early = min(left, outstanding - principal)
        principal, left = principal + early, left - early
        if principal == outstanding:
            running = planned.pay_off - outstanding - charge
            if known_on > paid_on:
                running = _running(contract, rows, charges, paid_on)
            charge, left = charge + min(left, running), left - min(left, running)
    return Split(charge, principal, left, fine)


def _goes_to_next_ones(contract: Contract) -> bool:
    """Whether an early payment pays the next instalments, charge and all."""
    product = contract.product
    scheduled = product.charge_basis is ChargeBasis.SCHEDULED
    return scheduled and product.early is Early.NEXT_INSTALMENTS


def _running(
    contract: Contract, rows: Sequence[Instalment], charges: Sequence[int], on: date
) -> int:
    """What is owed of the charge of the period that began before a day and falls due after it."""
    began = contract.disbursed_on or on
    for row, gap in zip(rows, charges, strict=True):
        if row.due_on > on:
            return gap if began < on else 0
        began = row.due_on
    return 0
