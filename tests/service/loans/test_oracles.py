"""Libraries that know nothing of us come to the same annuities and the same yearly cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import mortgagemath
import numpy_financial
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import Rounding
from service.loans.plan import schedule
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    Frequency,
    OnHoliday,
    Product,
    RatePer,
    Repayment,
)
from service.loans.yearly_cost import yearly_cost

DAY = date(2025, 1, 1)
ROUNDINGS = {
    Rounding.HALF_UP: mortgagemath.PaymentRounding.ROUND_HALF_UP,
    Rounding.HALF_EVEN: mortgagemath.PaymentRounding.ROUND_HALF_EVEN,
}


def annuity(principal: int, rate: Fraction, instalments: int, rounding: Rounding) -> Contract:
    """A monthly loan in equal instalments, to the paisa."""
    product = Product(
        code="P",
        name="Annuity",
        fund="own",
        charge=Charge.DECLINING,
        repayment=Repayment.EQUAL_INSTALMENT,
        rate=rate,
        rate_per=RatePer.YEAR,
        frequency=Frequency.MONTH,
        instalments=instalments,
        charge_step=1,
        instalment_step=1,
        rounding=rounding,
        grace_principal=0,
        grace_charge=0,
        grace_days=0,
        charge_basis=ChargeBasis.SCHEDULED,
        on_holiday=OnHoliday.STAY,
    )
    return Contract(
        code="L",
        product=product,
        principal=principal,
        disbursed_on=DAY,
        first_due_on=date(2025, 2, 1),
        instalments=instalments,
    )


@given(
    principal=st.integers(100_000, 100_000_000),
    percent=st.integers(1, 20).map(lambda n: 3 * n),  # a twelfth of it ends, for them too
    instalments=st.integers(2, 120),
    rounding=st.sampled_from(sorted(ROUNDINGS)),
)
def test_mortgagemath_comes_to_the_same_schedule(
    principal: int, percent: int, instalments: int, rounding: Rounding
) -> None:
    """Row by row but for the last, into which everybody puts the residue in a way of their own."""
    ours = schedule(annuity(principal, Fraction(percent, 100), instalments, rounding), ())
    loan = mortgagemath.LoanParams(
        principal=Decimal(principal) / 100,
        annual_rate=Decimal(percent),
        term_months=instalments,
        payment_rounding=ROUNDINGS[rounding],
        interest_rounding=ROUNDINGS[rounding],
    )
    theirs = mortgagemath.amortization_schedule(loan)[1:]
    for row, other in zip(ours[:-1], theirs[:-1], strict=False):
        if not row.principal or other.balance == 0:
            break  # paid before its time, by an instalment that was rounded up
        assert row.charge == int(other.interest * 100)
        assert row.principal == int(other.principal * 100)


@given(
    received=st.integers(10_000, 10_000_000),
    parts=st.lists(st.integers(1_000, 10_000_000), min_size=1, max_size=24),
)
def test_a_root_finder_comes_to_the_same_yearly_cost(received: int, parts: list[int]) -> None:
    """The rate of years of 365 days, from an internal rate of return by the day."""
    flows = [(DAY, received), *((DAY.replace(year=2026 + n), -p) for n, p in enumerate(parts))]
    found = yearly_cost(flows)
    if sum(parts) <= received:
        return  # it costs nothing, or less
    assert found is not None
    worth = sum(
        amount / (1 + float(found) / 100) ** ((day - DAY).days / 365) for day, amount in flows
    )
    assert abs(worth) <= max(received, 1) * 1e-4


def test_equal_years_are_an_internal_rate_of_return() -> None:
    """Where years have 365 days each, it is the rate that `irr` finds."""
    days = [DAY.replace(year=2025 + n) for n in range(4)]  # 2025 to 2028: no 29 February between
    amounts = [1_000_000, -400_000, -400_000, -400_000]
    found = yearly_cost(list(zip(days, amounts, strict=True)))
    assert found is not None
    assert abs(float(found) / 100 - numpy_financial.irr(amounts)) < 1e-6


def test_what_cannot_be_compared_has_no_yearly_cost() -> None:
    """Nothing received, or nothing paid."""
    assert yearly_cost([(DAY, 100)]) is None
    assert yearly_cost([(DAY, -100)]) is None
    assert yearly_cost([]) is None


def test_a_loan_without_any_cost_costs_nothing() -> None:
    """Qarz-e-hasna, whenever it is paid back."""
    assert yearly_cost([(DAY, 30_000), (date(2025, 4, 1), -30_000)]) == 0
