"""Terms that contradict each other are refused when they are written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from ledger.money import parse_rupees
from service.loans.terms import Contract, ContractContradicts, ProductContradicts, period_rate

if TYPE_CHECKING:
    from tests.service.loans.conftest import Lend


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"rate_percent": "-1", "charge": "flat"}, "below zero"),
        ({"rate_percent": "18"}, "without service charge has no rate"),
        ({"repayment": "open", "charge_basis": "scheduled"}, "charge_basis actual"),
        ({"charge_basis": "actual"}, "goes with a declining charge in equal parts"),
        ({"charge_step": "0.00"}, "charge_step is not above zero"),
        ({"instalment_step": "0.00"}, "instalment_step is not above zero"),
        ({"grace_days": "-1"}, "grace is below zero"),
        ({"grace_days": "36501"}, "at most 36500 days of grace"),
        ({"grace_principal": "5201"}, "at most 5200 instalments"),
        ({"grace_charge": "5201"}, "at most 5200 instalments"),
        ({"instalments": "5201"}, "lasts for at most 5200"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused(
    lend: Lend, terms: dict[str, str], sentence: str
) -> None:
    """A bookkeeper reads which two terms do not go together."""
    with pytest.raises(ProductContradicts, match=sentence):
        lend("100.00", **terms)


def test_every_contradiction_is_named_at_once(lend: Lend) -> None:
    """Nobody has to correct a product once per mistake."""
    with pytest.raises(ProductContradicts, match=r"no rate; charge_step .*; grace is below zero"):
        lend("100.00", rate_percent="2", charge_step="0.00", grace_days="-1")


def test_a_product_without_instalments_is_refused(lend: Lend) -> None:
    """There would be no due date."""
    with pytest.raises(ProductContradicts, match="there is no instalment"):
        lend("100.00", instalments="0")


@pytest.mark.parametrize(
    ("principal", "instalments", "sentence"),
    [
        ("0.00", 3, "principal is not above zero"),
        ("100.00", 0, "there is no instalment"),
        ("100.00", 10**9, "lasts for at most 5200"),
        ("100.00", 2, "no instalment that repays it"),
        ("100.00", 1, "no instalment that asks for it"),
    ],
)
def test_a_loan_that_does_not_fit_its_product_is_refused(
    lend: Lend, principal: str, instalments: int, sentence: str
) -> None:
    """A loan has its own number of instalments, which must outlast the product's grace."""
    product = lend(
        "100.00", charge="flat", instalments="6", grace_principal="2", grace_charge="1"
    ).product
    first_due_on = date(2026, 4, 12)
    with pytest.raises(ContractContradicts, match=sentence):
        Contract(
            code="L-1",
            product=product,
            principal=parse_rupees(principal),
            disbursed_on=date(2026, 3, 12),
            first_due_on=first_due_on,
            instalments=instalments,
        )


def test_a_loan_that_is_not_paid_out_has_no_schedule_that_grace_could_spoil(lend: Lend) -> None:
    """The product's instalments are only the usual number; a loan has its own."""
    product = lend("100.00", instalments="3", grace_principal="2").product
    assert Contract(
        code="L-1",
        product=replace(product, instalments=2),
        principal=parse_rupees("100.00"),
        disbursed_on=None,
        first_due_on=date(2026, 4, 12),
        instalments=2,
    )


@pytest.mark.parametrize("repayment", ["bullet", "open"])
def test_grace_that_a_repayment_does_not_use_is_no_contradiction(
    lend: Lend, repayment: str
) -> None:
    """Principal of these loans falls due at the end as it is."""
    assert lend("100.00", repayment=repayment, instalments="1", grace_principal="2")


@pytest.mark.parametrize(
    ("rate_per", "frequency", "rate"),
    [
        ("year", "week", Fraction(18, 5200)),
        ("year", "fortnight", Fraction(18, 2600)),
        ("year", "month", Fraction(18, 1200)),
        ("month", "week", Fraction(12 * 18, 5200)),
        ("month", "fortnight", Fraction(12 * 18, 2600)),
        ("month", "month", Fraction(18, 100)),
        ("term", "week", Fraction(18, 800)),
        ("term", "fortnight", Fraction(18, 800)),
        ("term", "month", Fraction(18, 800)),
    ],
)
def test_rate_of_a_period_is_exact(
    lend: Lend, rate_per: str, frequency: str, rate: Fraction
) -> None:
    """Eighteen per cent in each form, over eight instalments."""
    contract = lend(
        "100.00",
        charge="flat",
        rate_percent="18",
        rate_per=rate_per,
        frequency=frequency,
        instalments="8",
    )
    assert period_rate(contract.product, contract.instalments) == rate
