"""Products: the lending rules, as resolved."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from api.dependencies import Key, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Name, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from ledger.money import Rounding
from ledger.refusals import KeyReused
from service.accounts import Fund
from service.loans import contracts
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Frequency,
    OnHoliday,
    Product,
    ProductContradicts,
    RatePer,
    Repayment,
)
from service.refusals import AlreadyExists
from service.requests import asking

router = APIRouter(prefix="/products", tags=["products"])

MOST_INSTALMENTS: Final = 520
"""Ten years of weeks."""
MOST_GRACE_DAYS: Final = 3_650
ONE_RUPEE: Final = 100

Percent = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$")]
Count = Annotated[int, Field(ge=1, le=MOST_INSTALMENTS)]
Grace = Annotated[int, Field(ge=0, le=MOST_INSTALMENTS)]


class ProductAsked(Asked):
    """Lending rules to write down."""

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
    charge: Annotated[Charge, Field(strict=False)]
    repayment: Annotated[Repayment, Field(strict=False)]
    rate_percent: Percent
    rate_per: Annotated[RatePer, Field(strict=False)]
    frequency: Annotated[Frequency, Field(strict=False)]
    instalments: Count
    charge_step: AmountAboveZero = ONE_RUPEE
    instalment_step: AmountAboveZero = ONE_RUPEE
    rounding: Annotated[Rounding, Field(strict=False)] = Rounding.HALF_UP
    grace_principal: Grace = 0
    grace_charge: Grace = 0
    grace_days: Annotated[int, Field(ge=0, le=MOST_GRACE_DAYS)] = 0
    charge_basis: Annotated[ChargeBasis, Field(strict=False)] = ChargeBasis.SCHEDULED
    on_holiday: Annotated[OnHoliday, Field(strict=False)] = OnHoliday.STAY

    def product(self) -> Product:
        """As the service knows it. Raises `ProductContradicts`."""
        said = dict(self)
        rate = Fraction(said.pop("rate_percent")) / 100
        return Product(**{**said, "rate": rate, "fund": self.fund.value})


class ProductAnswer(Answer):
    """The lending rules of one kind of loan."""

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

    @classmethod
    def of(cls, found: Product) -> ProductAnswer:
        """The answer for a product."""
        fields = {name: getattr(found, name) for name in Product.__slots__ if name != "rate"}
        return cls(**fields, rate_percent=_percent(found.rate))


class ProductList(Answer):
    """All lending rules in the order of their codes."""

    items: list[ProductAnswer]


def _percent(rate: Fraction) -> str:
    percent = rate * 100
    return f"{(Decimal(percent.numerator) / Decimal(percent.denominator)).normalize():f}"


@router.get("", responses=declared())
async def list_products(books: ReadBooks) -> ProductList:
    """All lending rules."""
    found = await contracts.products(books)
    return ProductList(items=[ProductAnswer.of(product) for product in found.values()])


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(AlreadyExists, ProductContradicts, KeyReused)},
)
async def add_product(asked: ProductAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that lending rules be written down, which another administrator decides.

    They are never changed: a new resolution is a new product.
    """
    return await waiting(books, await asking.add_product(books, asked.product(), key=key))
