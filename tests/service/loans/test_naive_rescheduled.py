"""A reschedule that takes in what is overdue leaves nothing overdue; another leaves it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, note, settings
from hypothesis import strategies as st

from service.loans.plan import Reschedule
from service.loans.preview import preview
from service.loans.terms import Repayment
from tests.service.loans.test_loan_properties import DAY_OF_LOAN, contracts
from tests.service.loans.test_naive_pay_off import no_yearly_cost, paid, some_days  # noqa: F401 - a fixture that is used by itself

if TYPE_CHECKING:
    from service.loans.terms import Contract

DAY = timedelta(days=1)


@settings(deadline=None)
@given(contract=contracts(), data=st.data())
def test_taking_in_what_is_overdue(contract: Contract, data: st.DataObject) -> None:
    """Nothing is late on that day; without it, all is as late as it was."""
    on = DAY_OF_LOAN + data.draw(some_days(contract, 1)) * DAY
    payments = [one for one in data.draw(paid(contract)) if one.on < on]
    bullet = contract.product.repayment is Repayment.BULLET
    count = 1 if bullet else data.draw(st.integers(1, 4))
    dues = tuple(on + n * 30 * DAY for n in range(1, count + 1))
    too = data.draw(st.booleans())
    change = Reschedule(on=on, dues=dues, overdue_too=too)
    before = preview(contract, on=on, payments=payments)
    if before.figures.closed:
        return
    after = preview(contract, on=on, payments=payments, changes=[change])
    note(repr((contract, payments, change)))
    note(repr(before))
    note(repr(after))
    if too:
        assert after.figures.days_past_due == 0
        assert after.figures.overdue_principal == after.figures.overdue_charge == 0
    else:
        assert after.figures.days_past_due == before.figures.days_past_due
        assert after.figures.overdue_principal == before.figures.overdue_principal
        assert after.figures.overdue_charge == before.figures.overdue_charge
    assert after.figures.outstanding_principal == before.figures.outstanding_principal
    assert after.figures.closed == before.figures.closed
    rows = [part.instalment for part in after.parts]
    assert sum(row.principal for row in rows) == contract.principal
