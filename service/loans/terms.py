"""Terms of a loan: what a product promises, and the contract one loan makes of it.

A `Product` or `Contract` that exists can be computed: terms that contradict each other
are refused when they are written down, with every reason at once. Amounts are whole
paisa, rates exact fractions. Source: DOMAIN 5; onboarding bundle, parts 3 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import Rounding, round_to_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
    SEASONAL = "seasonal"
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


class Part(StrEnum):
    """What a payment may settle."""

    FINE = "fine"
    CHARGE = "charge"
    PRINCIPAL = "principal"


class Recognition(StrEnum):
    """When a charge is income: when it is paid, or period by period as it is earned."""

    CASH = "cash"
    ACCRUAL = "accrual"


class FeeTaken(StrEnum):
    """Whether a fee is brought in cash, or taken off what is paid out."""

    UP_FRONT = "up_front"
    DEDUCTED = "deducted"


class FineOf(StrEnum):
    """What a fine in per cent is of."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_CHARGE = "principal_and_charge"


class OnHoliday(StrEnum):
    """Where a due date goes that meets a holiday."""

    STAY = "stay"
    NEXT = "next"
    PREVIOUS = "previous"


MONTHS_PER_YEAR: Final = 12
MOST_PERIODS: Final = 5_200
"""A hundred years of weeks: no loan lasts longer, and none asks more often."""
MOST_GRACE_DAYS: Final = 36_500
IN_ORDER: Final = (Part.FINE, Part.CHARGE, Part.PRINCIPAL)
PERIODS_PER_YEAR: Final = {Frequency.WEEK: 52, Frequency.FORTNIGHT: 26, Frequency.MONTH: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a loan costs when it is paid out: so much, and a share of what is paid out; in paisa."""

    name: str
    amount: int = 0
    rate: Fraction = Fraction(0)
    taken: FeeTaken = FeeTaken.UP_FRONT


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    """What an instalment costs that is in arrears: so much, and a share of what is overdue of it.

    Once, or again for every period that it stays so. In paisa.
    """

    amount: int = 0
    rate: Fraction = Fraction(0)
    of: FineOf = FineOf.PRINCIPAL_AND_CHARGE
    every_period: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Whom a product is for, and how much it lends. None and zero ask for nothing."""

    least: int | None = None
    most: int | None = None
    savings_multiple: Fraction | None = None
    """At most so many times what the member has saved."""
    psc_from: int | None = None
    psc_to: int | None = None
    gender: str | None = None
    several: bool = True
    """Whether a borrower may have another running loan beside it."""
    guarantors: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The lending rules of one kind of loan, as resolved.

    `rate` is the percentage divided by 100, for the time `rate_per`. The steps are paisa.
    `instalments` is the usual number: a loan has its own. `grace_principal` and
    `grace_charge` count instalments at the start, `grace_days` days after a due date. A period
    is `every` so many weeks, fortnights or months: of every meeting, or every second one.
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
    order: tuple[Part, ...] = IN_ORDER
    fees: tuple[Fee, ...] = ()
    fine: Fine | None = None
    recognition: Recognition = Recognition.CASH
    limits: Limits = Limits()
    version: int = 1
    from_on: date | None = None
    """The day of approval from which loans are given under this version; None: whenever."""
    resolution: str | None = None

    def __post_init__(self) -> None:
        checks = (
            _bad_rate(self),
            _bad_basis(self),
            _bad_days(self),
            _bad_early(self),
            _bad_amounts(self),
            _bad_grace(self),
            _bad_costs(self),
            _bad_limits(self),
        )
        if reasons := _sentences(checks):
            raise ProductContradicts(f"product {self.code}: {reasons}")


class Season(NamedTuple):
    """A day on which a share of the principal falls due."""

    due_on: date
    share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One loan: its product, principal in paisa, dates and own number of instalments.

    `disbursed_on` is None for a loan that is approved and not yet paid out. `instalment` is one
    that was agreed, in paisa, in place of one worked out; of a seasonal loan `seasons` are the
    days and the shares of its principal. Raises `ContractContradicts` with one sentence for each
    term that does not fit.
    """

    code: str
    product: Product
    principal: int
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    instalment: int | None = None
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        checks = (
            _bad_size(self),
            _bad_first_day(self),
            _grace_too_long(self),
            _bad_seasons(self),
        )
        if reasons := _sentences(checks):
            raise ContractContradicts(f"loan {self.code}: {reasons}")


class Fees(NamedTuple):
    """What is taken when a loan is paid out: brought in cash, and taken off; in paisa."""

    up_front: int
    deducted: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.up_front + self.deducted


def fees_of(contract: Contract) -> Fees:
    """The fees of a loan; of one in tranches they come with the first, for all of it."""
    product, taken = contract.product, dict.fromkeys(FeeTaken, 0)
    for fee in product.fees:
        taken[fee.taken] += fee_of(product, fee, contract.principal)
    return Fees(taken[FeeTaken.UP_FRONT], taken[FeeTaken.DEDUCTED])


def fee_of(product: Product, fee: Fee, principal: int) -> int:
    """What a fee comes to of so much, in paisa."""
    return round_to_step(fee.amount + fee.rate * principal, product.charge_step, product.rounding)


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


def as_percent(rate: Fraction) -> Decimal:
    """A rate as the plain decimal percentage as which every rate is written down."""
    percent = rate * 100
    return Decimal(percent.numerator) / Decimal(percent.denominator)


def yearly_rate(product: Product, rate: Fraction) -> Fraction:
    """A rate of a product that is per year or month, as one per year."""
    return rate * MONTHS_PER_YEAR if product.rate_per is RatePer.MONTH else rate


def _sentences(checks: Iterable[Iterator[str]]) -> str:
    return "; ".join(sentence for check in checks for sentence in check)


def _bad_rate(product: Product) -> Iterator[str]:
    if product.rate < 0:
        yield "the rate is below zero"
    if product.charge is Charge.ZERO and product.rate:
        yield "a loan without service charge has no rate"


def _bad_basis(product: Product) -> Iterator[str]:
    is_open = product.repayment is Repayment.OPEN
    actual = product.charge_basis is ChargeBasis.ACTUAL
    if is_open and not actual:
        yield "an open loan has its charge on what is really outstanding: charge_basis actual"
    in_parts = product.repayment in {Repayment.EQUAL_INSTALMENT, Repayment.EQUAL_PRINCIPAL}
    if actual and not is_open and not (in_parts and product.charge is Charge.DECLINING):
        yield "charge_basis actual goes with a declining charge in equal parts, and with open"
    if actual and not is_open and product.grace_charge:
        yield "a charge on what is really outstanding is not put off: no grace_charge"


def _bad_days(product: Product) -> Iterator[str]:
    by_days = product.day_count is DayCount.ACTUAL_365
    if by_days and product.rate_per is RatePer.TERM:
        yield "a rate per term is spread over periods: day_count period, or a rate per year"
    seasonal = product.repayment is Repayment.SEASONAL
    if seasonal and product.charge is not Charge.ZERO and not by_days:
        yield "seasons are of different lengths: day_count actual_365"
    if product.every < 1:
        yield "every is not above zero"


def _bad_early(product: Product) -> Iterator[str]:
    next_ones = product.early is Early.NEXT_INSTALMENTS
    whole = product.pay_off is PayOff.WHOLE_CHARGE
    scheduled = product.charge_basis is ChargeBasis.SCHEDULED
    if not next_ones and product.charge is Charge.FLAT:
        yield "a flat charge stays the same however early principal is paid: early next_instalments"
    by_days = product.day_count is DayCount.ACTUAL_365
    if not next_ones and by_days and product.pay_off is PayOff.CHARGE_TO_PERIOD_END:
        yield "a charge that falls by the day is asked for to the day: pay_off charge_to_day"
    if not next_ones and product.repayment in {Repayment.OPEN, Repayment.BULLET}:
        yield "there are no instalments to shorten or lower: early next_instalments"
    if not next_ones and whole and scheduled and product.charge is Charge.DECLINING:
        yield "early payments lower the charge, paying off does not: pay_off charge_to_day"
    if product.pay_off is PayOff.CHARGE_TO_DAY and product.charge is Charge.FLAT:
        yield "a flat charge is not earned by the day: pay_off whole_charge or charge_to_period_end"
    if not whole and not scheduled:
        yield "what is really outstanding ends with the loan, and its charge: pay_off whole_charge"
    if not whole and product.charge is Charge.ZERO:
        yield "there is no charge to give back: pay_off whole_charge"


def _bad_amounts(product: Product) -> Iterator[str]:
    if product.charge_step <= 0:
        yield "charge_step is not above zero"
    if product.instalment_step <= 0:
        yield "instalment_step is not above zero"
    if product.instalments < 1:
        yield "there is no instalment"
    if product.instalments * product.every > MOST_PERIODS:
        yield f"a loan lasts for at most {MOST_PERIODS} weeks, fortnights or months"


def _bad_grace(product: Product) -> Iterator[str]:
    if min(product.grace_principal, product.grace_charge, product.grace_days) < 0:
        yield "grace is below zero"
    if max(product.grace_principal, product.grace_charge) > MOST_PERIODS:
        yield f"grace lasts for at most {MOST_PERIODS} instalments"
    if product.grace_days > MOST_GRACE_DAYS:
        yield f"there are at most {MOST_GRACE_DAYS} days of grace"


def _bad_costs(product: Product) -> Iterator[str]:
    if sorted(product.order) != sorted(IN_ORDER):
        yield "the order names fine, charge and principal, each once"
    for fee in product.fees:
        if not _above_zero(fee.amount, fee.rate):
            yield f"the fee {fee.name} is not above zero"
        if fee.rate >= 1 and fee.taken is FeeTaken.DEDUCTED:
            yield f"the fee {fee.name} leaves nothing to pay out"
    fine = product.fine
    if fine is not None and not _above_zero(fine.amount, fine.rate):
        yield "the fine is not above zero"


def _above_zero(amount: int, rate: Fraction) -> bool:
    return amount >= 0 and rate >= 0 and (amount > 0 or rate > 0)


def _bad_limits(product: Product) -> Iterator[str]:
    limits = product.limits
    if (limits.least or 0) > (limits.most or limits.least or 0):
        yield "the least amount is above the most"
    if (limits.psc_from or 0) > (100 if limits.psc_to is None else limits.psc_to):
        yield "the band of poverty scores ends before it begins"
    if limits.guarantors < 0:
        yield "there are fewer than no guarantors"


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
    if contract.instalments * contract.product.every > MOST_PERIODS:
        yield f"a loan lasts for at most {MOST_PERIODS} weeks, fortnights or months"
    if contract.instalment is not None and contract.instalment <= 0:
        yield "the instalment is not above zero"


def _bad_seasons(contract: Contract) -> Iterator[str]:
    seasons = contract.seasons
    if contract.product.repayment is not Repayment.SEASONAL:
        if seasons:
            yield "only a seasonal loan has seasons"
        return
    days = [season.due_on for season in seasons]
    if sum((season.share for season in seasons), Fraction(0)) != 1:
        yield "the shares of the seasons do not come to the whole"
    if any(season.share < 0 for season in seasons):
        yield "a share is below zero"
    if days != sorted(set(days)) or len(days) != contract.instalments:
        yield "a seasonal loan names as many days as it has instalments, one after the other"
    elif days and days[0] != contract.first_due_on:
        yield "the first season is not the first due date"


def _bad_first_day(contract: Contract) -> Iterator[str]:
    if contract.disbursed_on is not None and contract.first_due_on < contract.disbursed_on:
        yield "it falls due before it is paid out"
    if fees_of(contract).deducted >= max(contract.principal, 1):
        yield "the fees leave nothing to pay out"
