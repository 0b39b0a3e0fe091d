"""A loan tried before anyone signs: its plan, how payments would split, what it comes to.

Nothing is read from the books and nothing is kept: terms, dates and what is supposed to happen
come in, and every figure is worked out by the rules that a real loan goes by.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from service.loans.allocation import Split, allocate
from service.loans.due_dates import due_dates
from service.loans.figures import LoanFigures, figures
from service.loans.fines import DAY, fine_gaps, fines
from service.loans.plan import Instalment, Move, gaps, plan, schedule
from service.loans.terms import Early, FeeTaken, fee_of
from service.loans.yearly_cost import yearly_cost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from service.loans.plan import Change, Plan
    from service.loans.terms import Contract


class Dated(NamedTuple):
    """An amount on a day, in paisa."""

    on: date
    amount: int


class FeeDue(NamedTuple):
    """A fee as it is taken: its name, its amount in paisa, and whether it is deducted."""

    name: str
    amount: int
    deducted: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment, and how it splits."""

    on: date
    amount: int
    split: Split


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment as it stands on a day: what it asks for, and what of it is not paid."""

    instalment: Instalment
    fine: int
    unpaid_principal: int
    unpaid_charge: int
    unpaid_fine: int
    overdue: bool

    @property
    def unpaid(self) -> int:
        """All that is not paid of it."""
        return self.unpaid_principal + self.unpaid_charge + self.unpaid_fine


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What comes of it, as at a day; amounts in paisa."""

    parts: tuple[Part, ...]
    payments: tuple[Payment, ...]
    fees: tuple[FeeDue, ...]
    figures: LoanFigures
    pay_off: int
    """What closes the loan on that day, fines and all."""
    total_charge: int
    total_fees: int
    total_fines: int
    yearly_cost: Decimal | None
    """Per cent a year, if all is paid as it falls due; None where there is nothing to compare."""


def preview(
    contract: Contract,
    *,
    on: date,
    tranches: Sequence[Dated] = (),
    payments: Sequence[Dated] = (),
    changes: Sequence[Change] = (),
    holidays: Collection[date] = (),
) -> Preview:
    """Suppose that a loan is paid out, whole or in tranches, and what else is said to happen.

    Only what happens until the day `on` counts. Raises `PaymentNotPositive`, and what contracts
    raise. The loan names its day of disbursement.
    """
    dues = due_dates(contract, holidays)
    frozen = schedule(contract, holidays)
    whole = [Dated(contract.disbursed_on or on, contract.principal)]
    paid_out = [one for one in sorted(tranches) or whole if one.on <= on]
    moves = [Move(value_date=day, disbursed=amount) for day, amount in paid_out]
    split = []
    for day, amount in sorted(payments, key=attrgetter("on")):
        if day > on:
            break
        known = [move for move in moves if move.value_date <= day]
        by_then = [change for change in changes if change.on <= day]
        parts = allocate(contract, frozen, known, paid_on=day, amount=amount, changes=by_then)
        split.append(Payment(day, amount, parts))
        moves.append(
            Move(
                value_date=day,
                principal_repaid=parts.principal,
                charge_paid=parts.charge,
                fine_paid=parts.fine,
            )
        )
    planned = plan(contract, dues, moves, changes, on=on)
    fees = tuple(_fees(contract))
    found = figures(contract, frozen, moves, on, changes)
    late = fines(contract, planned, moves, on, changes)
    return Preview(
        parts=tuple(parts_of(contract, planned, moves, on, changes)),
        payments=tuple(split),
        fees=fees,
        figures=found,
        pay_off=planned.pay_off + found.overdue_fine,
        total_charge=sum(row.charge for row in planned.instalments),
        total_fees=sum(fee.amount for fee in fees),
        total_fines=sum(fine.amount for fine in late),
        yearly_cost=yearly_cost(_flows(contract, fees, paid_out, frozen)) if paid_out else None,
    )


def _fees(contract: Contract) -> Iterator[FeeDue]:
    for fee in contract.product.fees:
        amount = fee_of(contract.product, fee, contract.principal)
        yield FeeDue(fee.name, amount, fee.taken is FeeTaken.DEDUCTED)


def parts_of(
    contract: Contract,
    planned: Plan,
    moves: Sequence[Move],
    on: date,
    changes: Sequence[Change],
) -> Iterator[Part]:
    """Every instalment of a loan as it stands on a day, by what is planned and was paid."""
    rows = list(planned.instalments)
    while contract.product.early is not Early.NEXT_INSTALMENTS and not rows[-1].total:
        rows.pop()  # what early payments took away
    charge_paid = sum(move.charge_paid for move in moves)
    principal_paid = sum(move.principal_repaid for move in moves)
    charges, principals = gaps(contract, rows, charge_paid, principal_paid)
    late = fines(contract, planned, moves, on, changes)
    unpaid, fined = fine_gaps(late, moves), fine_gaps(late, ())
    for row, charge, principal in zip(rows, charges, principals, strict=True):
        arrears = row.due_on + contract.product.grace_days * DAY < on and charge + principal > 0
        fine = fined.get(row.n, 0)
        yield Part(row, fine, principal, charge, unpaid.get(row.n, 0), overdue=arrears)


def _flows(
    contract: Contract,
    fees: Sequence[FeeDue],
    paid_out: Sequence[Dated],
    frozen: Sequence[Instalment],
) -> list[tuple[date, int]]:
    """What the borrower gets and pays, if all is paid as it falls due."""
    asked: Sequence[Instalment] = frozen
    if [amount for _, amount in paid_out] != [contract.principal]:
        moves = [Move(value_date=day, disbursed=amount) for day, amount in paid_out]
        dues = [row.due_on for row in frozen]
        asked = plan(contract, dues, moves, on=max(day for day, _ in paid_out)).instalments
    costs = [(paid_out[0].on, -fee.amount) for fee in fees]
    return [*paid_out, *costs, *((row.due_on, -row.total) for row in asked)]
