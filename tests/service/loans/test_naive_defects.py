"""Defects that fresh eyes once found, each as small as it gets."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from api.v1.loan_previews import PreviewAsked
from service.loans.figures import figures
from service.loans.plan import FineImposed, Move, Reschedule, plan, schedule
from service.loans.preview import Dated, preview
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    ContractContradicts,
    DayCount,
    Early,
    Fine,
    PayOff,
    ProductContradicts,
    RatePer,
    Repayment,
)
from tests.service.loans.test_loan_properties import kind_of

if TYPE_CHECKING:
    from api.v1.loan_previews import PreviewAnswer

D = date(2026, 1, 5)


def loan(n: int = 3, *, first: date = date(2026, 2, 5), **terms: Any) -> Contract:  # noqa: ANN401 - any terms
    """3,000 at 2 % a month, from 5 January in monthly instalments; other terms as said."""
    kind = (
        terms.pop("charge", Charge.DECLINING),
        terms.pop("repayment", Repayment.EQUAL_INSTALMENT),
        RatePer.MONTH,
        terms.pop("day_count", DayCount.PERIOD),
        terms.pop("basis", ChargeBasis.SCHEDULED),
        terms.pop("early", Early.NEXT_INSTALMENTS),
        terms.pop("pay_off", PayOff.WHOLE_CHARGE),
    )
    plain = {"rate": Fraction(2, 100), "charge_step": 100, "instalment_step": 100, "instalments": n}
    return Contract(
        code="L",
        product=kind_of(kind, **{**plain, **terms}),
        principal=300_000,
        disbursed_on=D,
        first_due_on=first,
        instalments=n,
    )


def lent() -> Move:
    """Paid out whole on its day."""
    return Move(value_date=D, disbursed=300_000)


def asked(terms: dict[str, Any] | None = None, **more: Any) -> PreviewAnswer:  # noqa: ANN401 - any JSON
    """What the API answers."""
    plain = {
        "charge": "declining",
        "repayment": "equal_instalment",
        "rate_percent": "24",
        "rate_per": "year",
        "frequency": "month",
    }
    body = {
        "terms": plain | (terms or {}),
        "principal": "3000.00",
        "disbursed_on": "2026-01-05",
        "first_due_on": "2026-02-05",
        "instalments": 3,
        **more,
    }
    read = PreviewAsked.model_validate_json(json.dumps(body))
    assert read.terms is not None
    return read.tried(read.product_of(read.terms), [])


def test_yearly_cost_too_large_to_write() -> None:
    """decimal.InvalidOperation: a 500."""
    asked(
        {"fees": [{"name": "a", "percent": "99", "taken": "deducted"}]}, first_due_on="2026-01-06"
    )


def test_figures_of_a_loan_in_tranches_are_of_its_plan() -> None:
    """f65e729: as_planned takes the frozen schedule where tranches came after the first day."""
    contract = loan()
    found = preview(
        contract,
        on=date(2026, 2, 6),
        tranches=[Dated(D, 100_000), Dated(date(2026, 1, 20), 200_000)],
    )
    first = found.parts[0].instalment
    assert (found.figures.due_principal, found.figures.due_charge) == (
        first.principal,
        first.charge,
    )


def test_a_written_off_loan_with_a_fine_is_closed() -> None:
    """FORMAT 5: closed when the rest of its principal is written off."""
    contract = loan(fine=Fine(amount=1000))
    moves = [lent(), Move(value_date=date(2026, 3, 1), written_off=300_000)]
    found = figures(contract, schedule(contract, ()), moves, date(2026, 6, 1))
    assert found.closed
    assert (found.days_past_due, found.overdue_principal) == (0, 0)


@pytest.mark.parametrize("amount", [0, -1000])
def test_a_fine_is_above_zero(amount: int) -> None:
    """None is let off by another that is below zero."""
    with pytest.raises(ContractContradicts):
        FineImposed(on=date(2026, 2, 10), amount=amount)


def test_a_reschedule_takes_no_fine_back() -> None:
    """A fine of a day stands: what was late then was late."""
    contract = loan(fine=Fine(amount=1000))
    on = date(2026, 2, 20)
    dues = (date(2026, 4, 5), date(2026, 5, 5))
    before = preview(contract, on=on).figures
    change = Reschedule(on=on, dues=dues, overdue_too=True)
    after = preview(contract, on=on, changes=[change]).figures
    assert after.due_fine == before.due_fine == 1000


def test_an_open_loan_rescheduled_with_what_is_overdue_is_not_late() -> None:
    """Of an open loan, principal and charge count each on their own here too."""
    contract = loan(repayment=Repayment.OPEN, basis=ChargeBasis.ACTUAL)
    on = date(2026, 4, 6)
    change = Reschedule(on=on, dues=(date(2026, 5, 10), date(2026, 6, 10)), overdue_too=True)
    paid = [Dated(date(2026, 3, 10), 50_000)]
    found = preview(contract, on=on, payments=paid, changes=[change])
    assert found.figures.days_past_due == 0
    assert found.figures.overdue_charge == 0


def test_a_charge_put_off_by_a_reschedule_is_never_waived() -> None:
    """Grace as long as the dues: refused, or asked for in the last."""
    dues = ["2026-03-05", "2026-04-05"]
    change = {"on": "2026-01-10", "dues": dues, "grace_charge": 2}
    try:
        found = asked(reschedules=[change])
    except (ContractContradicts, ProductContradicts, ValueError):
        return
    assert found.total_charge != 0


@pytest.mark.parametrize(
    "dues", [["2026-06-01", "2026-05-01"], ["2026-01-01", "2026-02-01"], ["2026-06-01"] * 2]
)
def test_a_reschedule_has_dates_that_follow_it_and_each_other(dues: list[str]) -> None:
    """Refused, as seasons are."""
    with pytest.raises(ContractContradicts):
        asked(reschedules=[{"on": "2026-02-10", "dues": dues}])


def test_a_closed_loan_that_is_rescheduled_stays_closed() -> None:
    """Nothing is owed that could be spread; no charge comes of it."""
    contract, on = loan(), date(2026, 2, 10)
    change = Reschedule(on=on, dues=tuple(date(2026, month, 5) for month in range(4, 9)))
    paid = [Dated(date(2026, 2, 1), 500_000)]
    assert preview(contract, on=on, payments=paid).figures.closed
    assert preview(contract, on=on, payments=paid, changes=[change]).figures.closed


def test_a_bullet_loan_has_one_due_date_also_when_rescheduled() -> None:
    """The charge of the whole term is asked for once."""
    contract = loan(repayment=Repayment.BULLET)
    two = Reschedule(on=date(2026, 2, 1), dues=(date(2026, 3, 10), date(2026, 5, 10)))
    with pytest.raises(ContractContradicts):
        preview(contract, on=date(2026, 2, 1), changes=[two])
    one = Reschedule(on=date(2026, 2, 1), dues=(date(2026, 5, 10),))
    assert preview(contract, on=date(2026, 2, 1), changes=[one]).total_charge == 18_000


@pytest.mark.parametrize("on", ["2026-04-05", "2026-05-05"])
def test_a_tranche_that_nothing_is_to_come_for_falls_due_at_once(on: str) -> None:
    """Principal always sums to the loan, on and after the last due date too."""
    tranches = [{"on": "2026-01-05", "amount": "1000.00"}, {"on": on, "amount": "2000.00"}]
    found = asked(tranches=tranches, as_of="2026-06-05")
    assert sum(part.principal for part in found.instalments) == 300_000
    assert found.figures.overdue_principal == 300_000


def test_a_tranche_after_paying_off_is_asked_for() -> None:
    """With pay_off charge_to_day the plan ended for good when the first tranche was repaid."""
    found = preview(
        loan(pay_off=PayOff.CHARGE_TO_DAY),
        on=date(2026, 6, 5),
        tranches=[Dated(D, 100_000), Dated(date(2026, 3, 20), 200_000)],
        payments=[Dated(date(2026, 2, 1), 500_000)],
    )
    assert sum(part.instalment.principal for part in found.parts) == 300_000
    assert found.figures.days_past_due > 0


def test_a_tranche_reversed_leaves_no_part_below_zero() -> None:
    """Two rows asked for more than is left of it."""
    contract = loan()
    moves = [
        Move(value_date=D, disbursed=100_000),
        Move(value_date=date(2026, 1, 6), disbursed=200_000),
        Move(value_date=date(2026, 3, 10), disbursed=-200_000),
    ]
    dues = [row.due_on for row in schedule(contract, ())]
    rows = plan(contract, dues, moves, on=date(2026, 3, 10)).instalments
    assert min(row.principal for row in rows) >= 0


@pytest.mark.parametrize(
    ("terms", "more"),
    [
        ({}, {"first_due_on": "2025-01-05"}),
        ({"day_count": "actual_365", "charge": "flat"}, {"first_due_on": "2025-01-05"}),
        (
            {"day_count": "actual_365", "rate_percent": "100"},
            {"first_due_on": "2025-01-05", "instalments": 1},
        ),
    ],
)
def test_nothing_falls_due_before_it_is_paid_out(
    terms: dict[str, Any], more: dict[str, Any]
) -> None:
    """Now: late for a year at once; charges below zero; ZeroDivisionError."""
    with pytest.raises((ContractContradicts, ValueError)):
        asked(terms, **more)


def test_fees_leave_something_to_pay_out() -> None:
    """Together they take more than the loan."""
    fees = [{"name": name, "percent": "60", "taken": "deducted"} for name in ("form", "insurance")]
    with pytest.raises((ProductContradicts, ContractContradicts)):
        asked({"fees": fees})


def test_by_days_a_loan_is_not_paid_off_by_periods() -> None:
    """Early payments lower the charge by the day: one paisa less closed it for half."""
    with pytest.raises(ProductContradicts, match="pay_off charge_to_day"):
        loan(
            1,
            day_count=DayCount.ACTUAL_365,
            early=Early.SMALLER_INSTALMENTS,
            pay_off=PayOff.CHARGE_TO_PERIOD_END,
        )


def test_fines_of_every_period_are_many() -> None:
    """Of 520 weeks ten years on there are 135,000, each worked out once."""
    found = asked(
        {"frequency": "week", "fine": {"percent": "20", "every_period": True}},
        instalments=520,
        as_of=str(D + timedelta(days=7 * 520)),
    )
    assert found.total_fines == sum(part.fine for part in found.instalments) > 0
