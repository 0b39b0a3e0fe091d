"""Payments entered in any order: what then closes the loan closes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, note, settings
from hypothesis import strategies as st

from service.loans.allocation import allocate
from service.loans.figures import figures
from service.loans.plan import Move, plan, schedule
from tests.service.loans.test_loan_properties import DAY_OF_LOAN
from tests.service.loans.test_naive_pay_off import costly, paid, some_days

if TYPE_CHECKING:
    from service.loans.terms import Contract

DAY = timedelta(days=1)


@settings(deadline=None)
@given(contract=costly(), data=st.data())
def test_paying_off_closes_whatever_the_order_of_entry(
    contract: Contract, data: st.DataObject
) -> None:
    """On the last day of all or later, so that nothing known lies ahead of it."""
    frozen = schedule(contract, ())
    dues = [row.due_on for row in frozen]
    payments = data.draw(st.permutations(data.draw(paid(contract))))
    moves = [Move(value_date=DAY_OF_LOAN, disbursed=contract.principal)]
    for on, amount in payments:
        one = allocate(contract, frozen, moves, paid_on=on, amount=amount)
        assert one.fine + one.charge + one.principal + one.over == amount
        assert min(one.fine, one.charge, one.principal, one.over) >= 0
        moves.append(
            Move(
                value_date=on,
                principal_repaid=one.principal,
                charge_paid=one.charge,
                fine_paid=one.fine,
            )
        )
    last = max(move.value_date for move in moves)
    on = max(last, DAY_OF_LOAN + data.draw(some_days(contract, 0)) * DAY)
    note(repr((contract, payments, moves, on)))
    before = figures(contract, frozen, moves, on)
    planned = plan(contract, dues, moves, on=on)
    rows = planned.instalments
    assert sum(row.principal for row in rows) == contract.principal
    assert all(row.principal >= 0 and row.charge >= 0 for row in rows)
    assert before.outstanding_principal >= 0
    amount = planned.pay_off + before.overdue_fine
    if before.closed:
        assert amount == 0
        return
    assert amount > 0
    one = allocate(contract, frozen, moves, paid_on=on, amount=amount)
    assert one.over == 0
    moves.append(
        Move(
            value_date=on,
            principal_repaid=one.principal,
            charge_paid=one.charge,
            fine_paid=one.fine,
        )
    )
    assert figures(contract, frozen, moves, on).closed
    assert plan(contract, dues, moves, on=on).pay_off == 0
