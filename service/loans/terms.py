"""Terms of a loan: what a product promises, and the contract one loan makes of it.

A `Product` or `Contract` that exists can be computed: terms that contradict each other
are refused when they are written down, with every reason at once. Amounts are whole
paisa, rates exact fractions. Source: DOMAIN 5; onboarding bundle, parts 3 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction  # noqa: TC003 - requests are read back by their annotations
from typing import TYPE_CHECKING, Final

from ledger.money import Rounding  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date


class ProductContradicts(ValueError):
    """The terms of a product contradict each other, or leave nothing to compute."""


class ContractContradicts(ValueError):
    """A loan's own terms do not fit the product it is given under."""


class Charge(StrEnum):
    """How a service charge is worked out."""

    ZERO = "zero"
    FLAT = "flat"
    DECLINING = "declining"


class Repayment(StrEnum):
    """How principal comes back."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    BULLET = "bullet"
    OPEN = "open"


class RatePer(StrEnum):
    """The time that a product's rate is for; `term` is the whole life of the loan."""

    YEAR = "year"
    MONTH = "month"
    TERM = "term"


class Frequency(StrEnum):
    """The length of one period."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


class ChargeBasis(StrEnum):
    """Charge on the principal outstanding by the schedule, or on what really is."""

    SCHEDULED = "scheduled"
    ACTUAL = "actual"


class DayCount(StrEnum):
    """How long a period is: all the same, or by its days in years of 365."""

    PERIOD = "period"
    ACTUAL_365 = "actual_365"


class Early(StrEnum):
    """What is paid before it is due: the next instalments, or principal at once."""

    NEXT_INSTALMENTS = "next_instalments"
    SHORTER_TERM = "shorter_term"
    SMALLER_INSTALMENTS = "smaller_instalments"


class PayOff(StrEnum):
    """The charge that paying off before the end takes."""

    WHOLE_CHARGE = "whole_charge"
    CHARGE_TO_DAY = "charge_to_day"
    CHARGE_TO_PERIOD_END = "charge_to_period_end"


class OnHoliday(StrEnum):
    """Where a due date goes that meets a holiday."""

    STAY = "stay"
    NEXT = "next"
    PREVIOUS = "previous"


MONTHS_PER_YEAR: Final = 12
PERIODS_PER_YEAR: Final = {Frequency.WEEK: 52, Frequency.FORTNIGHT: 26, Frequency.MONTH: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The lending rules of one kind of loan, as resolved.

    `rate` is the percentage divided by 100, for the time `rate_per`. The steps are paisa.
    `instalments` is the usual number: a loan has its own. `grace_principal` and
    `grace_charge` count instalments at the start, `grace_days` days after a due date.
    Raises `ProductContradicts` with one sentence for each contradiction.
    """

    code: str
    name: str
    fund: str
    charge: Charge
    repayment: Repayment
    rate: Fraction
    rate_per: RatePer
    frequency: Frequency
    instalments: int
    charge_step: int
    instalment_step: int
    rounding: Rounding
    grace_principal: int
    grace_charge: int
    grace_days: int
    charge_basis: ChargeBasis
    on_holiday: OnHoliday
    every: int = 1
    day_count: DayCount = DayCount.PERIOD
    early: Early = Early.NEXT_INSTALMENTS
    pay_off: PayOff = PayOff.WHOLE_CHARGE

    def __post_init__(self) -> None:
        checks = (_bad_rate(self), _bad_amounts(self), _bad_grace(self))
        if reasons := _sentences(checks):
            raise ProductContradicts(f"product {self.code}: {reasons}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One loan: its product, principal in paisa, dates and own number of instalments.

    `disbursed_on` is None for a loan that is approved and not yet paid out. Raises
    `ContractContradicts` with one sentence for each term that does not fit.
    """

    code: str
    product: Product
    principal: int
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    instalment: int | None = None
    shares: tuple[Fraction, ...] = ()

    def __post_init__(self) -> None:
        checks = (_bad_size(self), _grace_too_long(self))
        if reasons := _sentences(checks):
            raise ContractContradicts(f"loan {self.code}: {reasons}")


def period_rate(product: Product, instalments: int, rate: Fraction | None = None) -> Fraction:
    """The exact rate of one period of a loan with that many instalments.

    A year has 52 weeks, 26 fortnights or 12 months, so a weekly period at a monthly rate
    R has 12 R / 52. A rate per term is spread evenly over the instalments. `rate` stands in for
    the product's own.
    """
    rate = product.rate if rate is None else rate
    if product.rate_per is RatePer.TERM:
        return rate / instalments
    return yearly_rate(product, rate) * product.every / PERIODS_PER_YEAR[product.frequency]


def yearly_rate(product: Product, rate: Fraction) -> Fraction:
    """A rate of a product that is per year or month, as one per year."""
    return rate * MONTHS_PER_YEAR if product.rate_per is RatePer.MONTH else rate


def _sentences(checks: Iterable[Iterator[str]]) -> str:
    return "; ".join(sentence for check in checks for sentence in check)


def _bad_rate(product: Product) -> Iterator[str]:
    is_open = product.repayment is Repayment.OPEN
    if product.rate < 0:
        yield "the rate is below zero"
    if product.charge is Charge.ZERO and product.rate:
        yield "a loan without service charge has no rate"
    if is_open and product.charge_basis is ChargeBasis.SCHEDULED:
        yield "an open loan has its charge on what is really outstanding: charge_basis actual"
    if not is_open and product.charge_basis is ChargeBasis.ACTUAL and product.charge is not Charge.DECLINING:
        yield "charge_basis actual goes with a declining charge"


def _bad_amounts(product: Product) -> Iterator[str]:
    if product.charge_step <= 0:
        yield "charge_step is not above zero"
    if product.instalment_step <= 0:
        yield "instalment_step is not above zero"
    if product.instalments < 1:
        yield "there is no instalment"


def _bad_grace(product: Product) -> Iterator[str]:
    if min(product.grace_principal, product.grace_charge, product.grace_days) < 0:
        yield "grace is below zero"


def _grace_too_long(contract: Contract) -> Iterator[str]:
    """Grace that no instalment of the loan's schedule follows.

    Bullet and open loans do not work with grace, and a loan not paid out has no schedule.
    """
    product = contract.product
    if product.repayment in {Repayment.BULLET, Repayment.OPEN} or contract.disbursed_on is None:
        return
    if product.grace_principal >= contract.instalments:
        yield "grace on principal leaves no instalment that repays it"
    if product.charge is not Charge.ZERO and product.grace_charge >= contract.instalments:
        yield "grace on charge leaves no instalment that asks for it"


def _bad_size(contract: Contract) -> Iterator[str]:
    if contract.principal <= 0:
        yield "the principal is not above zero"
    if contract.instalments < 1:
        yield "there is no instalment"
