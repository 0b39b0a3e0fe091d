"""Lending rules at rest: every version of every product.

A version is never changed. Another one holds for loans approved from its own day on; a loan keeps
the version that was in force when it was approved. Source: DOMAIN 5.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from ledger.money import Rounding
from service.loans.terms import (
    Charge,
    ChargeBasis,
    DayCount,
    Early,
    Fee,
    Fine,
    Frequency,
    Limits,
    OnHoliday,
    Part,
    PayOff,
    Product,
    RatePer,
    Recognition,
    Repayment,
    as_percent,
)
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from service.books import Books, WritableBooks

_JSON: Final[dict[str, TypeAdapter[Any]]] = {
    "fees": TypeAdapter(tuple[Fee, ...]),
    "fine": TypeAdapter(Fine | None),
    "limits": TypeAdapter(Limits),
}
_PLAIN: Final = tuple(name for name in Product.__slots__ if name not in {"rate", "order", *_JSON})
_COLUMNS: Final = (*_PLAIN, "rate_percent", "payment_order", *_JSON)
_PRODUCTS: Final = f"SELECT {', '.join(_COLUMNS)} FROM service.product ORDER BY code, version"
_VALUES: Final = ", ".join(
    f"CAST(:{name} AS jsonb)" if name in _JSON else f":{name}" for name in _COLUMNS
)
_ADD: Final = f"INSERT INTO service.product ({', '.join(_COLUMNS)}) VALUES ({_VALUES})"


async def add(books: WritableBooks, products: Sequence[Product]) -> None:
    """Write down lending rules, the first version of each. Raises `AlreadyExists`."""
    sql = "SELECT code FROM service.product WHERE code = ANY (:codes)"
    if taken := await books.fetch(sql, codes=[product.code for product in products]):
        raise AlreadyExists(f"There is a product {taken[0][0]} already. Choose another code.")
    await books.execute_many(_ADD, [_row(product) for product in products])


async def add_version(books: WritableBooks, product: Product) -> None:
    """Write down the next version of lending rules, from its day on.

    Raises `NotFound`, and `Malformed` where it is not the next, or not later than the last.
    """
    last = await newest(books, product.code)
    if product.version != last.version + 1:
        raise Malformed(f"version: the next of {product.code} is {last.version + 1}.")
    if product.from_on is None or (last.from_on is not None and product.from_on <= last.from_on):
        raise Malformed(f"from_on: it begins after the one of {last.from_on}. Choose a later day.")
    if product.fund != last.fund:
        raise Malformed(f"fund: {product.code} lends money of {last.fund}. Choose another code.")
    await books.execute_many(_ADD, [_row(product)])


async def products(books: Books) -> dict[str, tuple[Product, ...]]:
    """All versions of all lending rules by code, the oldest first."""
    found: dict[str, tuple[Product, ...]] = {}
    for row in await books.fetch(_PRODUCTS):
        found[row.code] = (*found.get(row.code, ()), _product(row))
    return found


async def newest(books: Books, code: str) -> Product:
    """The newest version of a product, whether it has begun or not. Raises `NotFound`."""
    return _versions(await products(books), code)[-1]


def in_force(products: dict[str, tuple[Product, ...]], code: str, on: date) -> Product:
    """The version under which a loan is given that is approved on a day.

    Raises `NotFound`, also where the first version begins later.
    """
    begun = [one for one in _versions(products, code) if one.from_on is None or one.from_on <= on]
    if not begun:
        raise NotFound(f"There is no product {code} on {on}. Check the day it begins.")
    return begun[-1]


def _versions(products: dict[str, tuple[Product, ...]], code: str) -> tuple[Product, ...]:
    if code not in products:
        raise NotFound(f"There is no product {code}. Check the code.")
    return products[code]


def _row(product: Product) -> dict[str, object]:
    return {
        **{name: getattr(product, name) for name in _PLAIN},
        "rate_percent": as_percent(product.rate),
        "payment_order": [part.value for part in product.order],
        **{
            name: adapter.dump_json(getattr(product, name)).decode()
            for name, adapter in _JSON.items()
        },
    }


def _product(row: Any) -> Product:  # noqa: ANN401 - a row is as wide as its query
    return Product(
        code=row.code,
        name=row.name,
        fund=row.fund,
        charge=Charge(row.charge),
        repayment=Repayment(row.repayment),
        rate=Fraction(row.rate_percent) / 100,
        rate_per=RatePer(row.rate_per),
        frequency=Frequency(row.frequency),
        instalments=row.instalments,
        charge_step=row.charge_step,
        instalment_step=row.instalment_step,
        rounding=Rounding(row.rounding),
        grace_principal=row.grace_principal,
        grace_charge=row.grace_charge,
        grace_days=row.grace_days,
        charge_basis=ChargeBasis(row.charge_basis),
        on_holiday=OnHoliday(row.on_holiday),
        every=row.every,
        day_count=DayCount(row.day_count),
        early=Early(row.early),
        pay_off=PayOff(row.pay_off),
        order=tuple(Part(part) for part in row.payment_order),
        recognition=Recognition(row.recognition),
        version=row.version,
        from_on=row.from_on,
        resolution=row.resolution,
        **{name: _said(name, getattr(row, name)) for name in _JSON},
    )


def _said(name: str, value: object) -> Any:  # noqa: ANN401 - as its adapter has it
    return _JSON[name].validate_python(value)
