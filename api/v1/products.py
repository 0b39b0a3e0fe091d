"""Products: the lending rules, as resolved."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from api.dependencies import Key, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Name, Prose, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from api.v1.terms import Count, TermsAsked
from ledger.money import Rounding
from ledger.refusals import KeyReused
from service.accounts import Fund
from service.loans import products
from service.loans.terms import (
    Charge,
    ChargeBasis,
    DayCount,
    Early,
    FeeTaken,
    FineOf,
    Frequency,
    Limits,
    OnHoliday,
    Part,
    PayOff,
    Product,
    ProductContradicts,
    RatePer,
    Recognition,
    Repayment,
)
from service.members import Gender
from service.refusals import AlreadyExists, NotFound
from service.requests import asking

router = APIRouter(prefix="/products", tags=["products"])

MOST_GUARANTORS: Final = 20
HIGHEST_SCORE: Final = 100

Score = Annotated[int, Field(ge=0, le=HIGHEST_SCORE)]


class LimitsAsked(Asked):
    """Whom a product is for, and how much it lends; what is left out asks for nothing."""

    least: AmountAboveZero | None = None
    most: AmountAboveZero | None = None
    savings_multiple: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")] | None = Field(
        default=None, description="At most so many times what the member has saved."
    )
    psc_from: Score | None = None
    psc_to: Score | None = None
    gender: Annotated[Gender, Field(strict=False)] | None = None
    several: bool = Field(
        default=True, description="Whether a borrower may have another running loan beside it."
    )
    guarantors: Annotated[int, Field(ge=0, le=MOST_GUARANTORS)] = 0

    def limits(self) -> Limits:
        """As the service knows it."""
        times = self.savings_multiple
        multiple = None if times is None else Fraction(times)
        return Limits(**{**dict(self), "savings_multiple": multiple})


class ProductAsked(TermsAsked):
    """Lending rules to write down: the first version, or the next."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "GOATS",
                    "name": "Livestock, declining",
                    "fund": "own",
                    "charge": "declining",
                    "repayment": "equal_instalment",
                    "rate_percent": "18.5",
                    "rate_per": "year",
                    "frequency": "month",
                    "instalments": 10,
                    "grace_days": 5,
                    "on_holiday": "next",
                }
            ]
        }
    )

    code: Code
    name: Name
    fund: Annotated[Fund, Field(strict=False)]
    instalments: Count
    recognition: Annotated[Recognition, Field(strict=False)] = Recognition.CASH
    limits: LimitsAsked = Field(default_factory=LimitsAsked)
    version: Annotated[int, Field(ge=1)] = Field(
        default=1, description="The next one changes the rules from its day on."
    )
    from_on: Day | None = Field(
        default=None,
        description="Of loans approved from this day on. A second version needs one.",
    )
    resolution: Prose | None = None

    def product(self) -> Product:
        """As the service knows it. Raises `ProductContradicts`."""
        own = {name: getattr(self, name) for name in _OWN}
        limits = self.limits.limits()
        return Product(**{**self.terms(), **own, "fund": self.fund.value, "limits": limits})


_OWN: Final = ("code", "name", "instalments", "recognition", "version", "from_on", "resolution")


class FeeAnswer(Answer):
    """What a loan costs when it is paid out."""

    name: str
    amount: Rupees
    percent: str
    taken: FeeTaken


class FineAnswer(Answer):
    """What an instalment costs that is in arrears."""

    amount: Rupees
    percent: str
    of: FineOf
    every_period: bool


class LimitsAnswer(Answer):
    """Whom a product is for, and how much it lends; null asks for nothing."""

    least: Rupees | None
    most: Rupees | None
    savings_multiple: str | None
    psc_from: int | None
    psc_to: int | None
    gender: str | None
    several: bool
    guarantors: int


class ProductAnswer(Answer):
    """The lending rules of one kind of loan, in one version."""

    code: str
    name: str
    fund: str
    charge: Charge
    repayment: Repayment
    rate_percent: str
    rate_per: RatePer
    frequency: Frequency
    instalments: int
    charge_step: Rupees
    instalment_step: Rupees
    rounding: Rounding
    grace_principal: int
    grace_charge: int
    grace_days: int
    charge_basis: ChargeBasis
    on_holiday: OnHoliday
    every: int
    day_count: DayCount
    early: Early
    pay_off: PayOff
    order: list[Part]
    fees: list[FeeAnswer]
    fine: FineAnswer | None
    recognition: Recognition
    limits: LimitsAnswer
    version: int
    from_on: date | None
    resolution: str | None

    @classmethod
    def of(cls, found: Product) -> ProductAnswer:
        """The answer for a product."""
        fields = {name: getattr(found, name) for name in Product.__slots__ if name != "rate"}
        times, fine = found.limits.savings_multiple, found.fine
        more = {
            "order": list(found.order),
            "fees": [
                FeeAnswer(
                    name=fee.name, amount=fee.amount, percent=percent(fee.rate), taken=fee.taken
                )
                for fee in found.fees
            ],
            "fine": fine
            and FineAnswer(
                amount=fine.amount,
                percent=percent(fine.rate),
                of=fine.of,
                every_period=fine.every_period,
            ),
            "limits": LimitsAnswer(
                **{**asdict(found.limits), "savings_multiple": times and _decimal(times)}
            ),
        }
        return cls(**{**fields, **more}, rate_percent=percent(found.rate))


class ProductList(Answer):
    """All lending rules in the order of their codes, every version, the oldest first."""

    items: list[ProductAnswer]


def percent(rate: Fraction) -> str:
    """A rate as plain decimals per cent."""
    return _decimal(rate * 100)


def _decimal(exact: Fraction) -> str:
    return f"{(Decimal(exact.numerator) / Decimal(exact.denominator)).normalize():f}"


@router.get("", responses=declared())
async def list_products(books: ReadBooks) -> ProductList:
    """All lending rules, in all their versions."""
    found = (await products.products(books)).values()
    return ProductList(items=[ProductAnswer.of(one) for versions in found for one in versions])


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(AlreadyExists, NotFound, ProductContradicts, KeyReused)},
)
async def add_product(asked: ProductAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that lending rules be written down, which another administrator decides.

    A version is never changed: the next one holds for loans approved from its own day on, and a
    loan keeps the version that was in force when it was approved.
    """
    return await waiting(books, await asking.add_product(books, asked.product(), key=key))
