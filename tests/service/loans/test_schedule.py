"""Schedules: worked examples, each a line that can be checked with pencil and paper."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING

import pytest

from ledger.money import rupees
from service.loans.plan import schedule

if TYPE_CHECKING:
    from service.loans.terms import Contract
    from tests.service.loans.conftest import Lend


def shown(contract: Contract) -> str:
    """Principal and charge of each instalment in rupees, paisa only where there are any."""
    return " | ".join(
        f"{_short(instalment.principal)} + {_short(instalment.charge)}"
        for instalment in schedule(contract, ())
    )


def _short(paisa: int) -> str:
    return rupees(paisa).removesuffix(".00")


@pytest.mark.parametrize(
    ("principal", "terms", "rows"),
    [
        ("10000.00", "zero equal_instalment 0 month", "3333 + 0 | 3333 + 0 | 3334 + 0"),
        ("2500.00", "flat equal_instalment 18 year", "833 + 38 | 833 + 38 | 834 + 37"),
        ("3000.00", "declining equal_instalment 2 month", "980 + 60 | 1000 + 40 | 1020 + 20"),
        ("1500.00", "declining open 2 month", "0 + 30 | 0 + 30 | 1500 + 30"),
        ("100.00", "declining equal_instalment 0 month", "33 + 0 | 33 + 0 | 34 + 0"),
        ("1000.00", "flat bullet 5 term", "1000 + 50"),
        ("1000.00", "declining bullet 2 month", "1000 + 60"),
        ("1000.00", "zero bullet 0 term", "1000 + 0"),
        ("1500.00", "zero open 0 month", "0 + 0 | 0 + 0 | 1500 + 0"),
    ],
)
def test_three_months_of_each_charge_and_repayment(
    lend: Lend, principal: str, terms: str, rows: str
) -> None:
    """Steps of one rupee, half-up (onboarding bundle, part 5)."""
    charge, repayment, percent, per = terms.split()
    contract = lend(
        principal, charge=charge, repayment=repayment, rate_percent=percent, rate_per=per
    )
    assert shown(contract) == rows


def test_fortnights_at_a_yearly_rate(lend: Lend) -> None:
    """Twenty-six per cent a year is one per cent a fortnight: 7.50 and 2.50 are rounded."""
    contract = lend(
        "1000.00",
        charge="declining",
        repayment="equal_principal",
        rate_percent="26",
        rate_per="year",
        frequency="fortnight",
        instalments="4",
    )
    assert shown(contract) == "250 + 10 | 250 + 8 | 250 + 5 | 250 + 3"


def test_weeks_at_a_monthly_rate(lend: Lend) -> None:
    """Two per cent a month is 24 / 52 per cent a week: 24 on 5,200."""
    contract = lend(
        "5200.00",
        charge="declining",
        repayment="equal_principal",
        rate_percent="2",
        frequency="week",
        instalments="4",
    )
    assert shown(contract) == "1300 + 24 | 1300 + 18 | 1300 + 12 | 1300 + 6"


def test_a_bullet_of_weeks_at_a_yearly_rate_has_the_charge_of_its_term(lend: Lend) -> None:
    """26 / 52 per cent a week for five weeks: 25 on 1,000, rounded up once."""
    contract = lend(
        "1001.00",
        charge="declining",
        repayment="bullet",
        rate_percent="26",
        rate_per="year",
        frequency="week",
        instalments="5",
        rounding="up",
    )
    assert shown(contract) == "1001 + 26"


@pytest.mark.parametrize(
    ("rounding", "rows"),
    [
        ("half_up", "250 + 10 | 250 + 8 | 250 + 5 | 250 + 3"),
        ("half_even", "250 + 10 | 250 + 8 | 250 + 5 | 250 + 2"),
        ("up", "250 + 10 | 250 + 8 | 250 + 5 | 250 + 3"),
    ],
)
def test_ties_of_a_charge_go_where_the_product_says(lend: Lend, rounding: str, rows: str) -> None:
    """One per cent of 750 and of 250 lies between two rupees."""
    terms = {"charge": "declining", "repayment": "equal_principal", "rate_percent": "1"}
    assert shown(lend("1000.00", instalments="4", rounding=rounding, **terms)) == rows


@pytest.mark.parametrize(
    ("rounding", "rows"),
    [("half_up", "3 + 0 | 2 + 0"), ("half_even", "2 + 0 | 3 + 0"), ("up", "3 + 0 | 2 + 0")],
)
def test_ties_of_an_instalment_go_where_the_product_says(
    lend: Lend, rounding: str, rows: str
) -> None:
    """Five rupees in two: 2.50 lies between two rupees."""
    assert shown(lend("5.00", instalments="2", rounding=rounding)) == rows


def test_a_rounded_flat_charge_never_asks_for_more_than_the_whole(lend: Lend) -> None:
    """Twelve per cent a year on 60 over six months: 3.60 is 4, and 0.60 a month is 1."""
    contract = lend("60.00", charge="flat", rate_percent="12", rate_per="year", instalments="6")
    assert shown(contract) == "10 + 1 | 10 + 1 | 10 + 1 | 10 + 1 | 10 + 0 | 10 + 0"


def test_a_flat_charge_per_term_leaves_its_residue_to_the_last(lend: Lend) -> None:
    """Five per cent of 1,000 in four: 12.50 is 13, and the last carries 11."""
    contract = lend("1000.00", charge="flat", rate_percent="5", rate_per="term", instalments="4")
    assert shown(contract) == "250 + 13 | 250 + 13 | 250 + 13 | 250 + 11"


def test_instalments_rounded_up_may_repay_early(lend: Lend) -> None:
    """Principal is never more than what is left."""
    contract = lend("100.00", instalment_step="50.00", rounding="up")
    assert shown(contract) == "50 + 0 | 50 + 0 | 0 + 0"


def test_an_instalment_below_its_charge_repays_nothing(lend: Lend) -> None:
    """Principal is never below zero, and the last instalment takes all that is left."""
    contract = lend(
        "20.00",
        charge="declining",
        rate_percent="10",
        instalment_step="50.00",
        instalments="2",
    )
    assert shown(contract) == "0 + 2 | 20 + 2"


def test_a_charge_finer_than_its_instalment_moves_paisa_of_principal(lend: Lend) -> None:
    """It is the instalment that is rounded, also with equal parts of principal."""
    contract = lend(
        "1000.00",
        charge="declining",
        repayment="equal_principal",
        rate_percent="12",
        rate_per="year",
        charge_step="0.01",
    )
    assert shown(contract) == "333 + 10 | 333.33 + 6.67 | 333.67 + 3.34"


GRACE = [
    (
        "declining equal_instalment 19.5 year 9 2 1",
        (
            "0 + 0 | 0 + 65 | 272.50 + 32.50 | 276.93 + 28.07 | 281.43 + 23.57 | 286 + 19"
            " | 290.65 + 14.35 | 295.37 + 9.63 | 297.12 + 4.83"
        ),
    ),
    (
        "declining equal_principal 1 month 5 2 3",
        "0 + 0 | 0 + 0 | 667 + 0 | 666.67 + 73.33 | 666.33 + 6.66",
    ),
    (
        "declining equal_principal 1 month 4 0 2",
        "500 + 0 | 500 + 0 | 500 + 45 | 500 + 5",
    ),
    (
        "flat equal_principal 12 year 6 2 1",
        "0 + 0 | 0 + 24 | 500 + 24 | 500 + 24 | 500 + 24 | 500 + 24",
    ),
    (
        "flat equal_instalment 12 year 4 1 2",
        "0 + 0 | 667 + 0 | 667 + 40 | 666 + 40",
    ),
    (
        "zero equal_principal 0 year 4 2 1",
        "0 + 0 | 0 + 0 | 1000 + 0 | 1000 + 0",
    ),
]


@pytest.mark.parametrize(("terms", "rows"), GRACE, ids=[terms for terms, _ in GRACE])
def test_grace_puts_off_principal_and_charge(lend: Lend, terms: str, rows: str) -> None:
    """2,000 with n instalments, p of them without principal and c without charge.

    A charge put off is asked for on top of the first instalment after the grace and
    changes neither that instalment nor principal; a flat charge is spread over the later
    ones.
    """
    charge, repayment, percent, per, n, grace_principal, grace_charge = terms.split()
    contract = lend(
        "2000.00",
        charge=charge,
        repayment=repayment,
        rate_percent=percent,
        rate_per=per,
        instalments=n,
        grace_principal=grace_principal,
        grace_charge=grace_charge,
        charge_step="0.01",
        rounding="half_even",
    )
    assert shown(contract) == rows


def test_the_total_of_an_instalment_is_principal_and_charge(lend: Lend) -> None:
    """What the member is told to bring."""
    contract = lend("2500.00", charge="flat", rate_percent="18", rate_per="year")
    assert [instalment.total for instalment in schedule(contract, ())] == [87100, 87100, 87100]


@pytest.mark.parametrize("percent", ["0.5", "2", "3.75", "19.5"])
@pytest.mark.parametrize("n", ["2", "12", "60", "260"])
def test_an_annuity_agrees_with_decimals_of_fifty_digits(lend: Lend, percent: str, n: str) -> None:
    """An independent computation of the level instalment, to the paisa."""
    contract = lend(
        "123456.00",
        charge="declining",
        rate_percent=percent,
        instalments=n,
        charge_step="0.01",
        instalment_step="0.01",
    )
    with localcontext(prec=50):
        rate = Decimal(percent) / 100
        level = 12345600 * rate / (1 - (1 + rate) ** -int(n))
        expected = int(level.quantize(Decimal(1), ROUND_HALF_UP))
    assert schedule(contract, ())[0].total == expected


@pytest.mark.parametrize(
    ("principal", "percent", "n", "rounding", "expected"),
    [
        ("12000.00", "15", "48", "half_up", 33397),
        ("18000.00", "2", "60", "up", 31550),
        ("32600.00", "4.83", "108", "up", 37280),
        ("28500.00", "3.99", "60", "up", 52475),
        ("15000.00", "24", "12", "half_up", 141839),
    ],
)
def test_an_annuity_agrees_with_published_examples(
    lend: Lend, principal: str, percent: str, n: str, rounding: str, expected: int
) -> None:
    """Instalments printed in textbooks (tests/data/vectors/12_published_annuities.json)."""
    contract = lend(
        principal,
        charge="declining",
        rate_percent=percent,
        rate_per="year",
        instalments=n,
        charge_step="0.01",
        instalment_step="0.01",
        rounding=rounding,
    )
    assert schedule(contract, ())[0].total == expected
