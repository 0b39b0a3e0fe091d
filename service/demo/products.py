"""The few products of a demo, and the schedule that each amount has under them, made once.

All are monthly, of twelve instalments that fall due on the meeting's day: a loan's
schedule differs from another of the same product and amount by its dates alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import accumulate
from typing import Final

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

INSTALMENTS: Final = 12
_RUPEE: Final = 100
_DAY: Final = date(2024, 1, 1)
"""Any: no charge of a monthly product depends on it."""


def _product(
    code: str,
    name: str,
    fund: str,
    charge: Charge,
    repayment: Repayment,
    percent: int,
    rate_per: RatePer,
    grace_days: int = 0,
) -> Product:
    is_open = repayment is Repayment.OPEN
    return Product(
        code=code,
        name=name,
        fund=fund,
        charge=charge,
        repayment=repayment,
        rate=Fraction(percent, 100),
        rate_per=rate_per,
        frequency=Frequency.MONTH,
        instalments=INSTALMENTS,
        charge_step=_RUPEE,
        instalment_step=_RUPEE,
        rounding=Rounding.HALF_UP,
        grace_principal=0,
        grace_charge=0,
        grace_days=grace_days,
        charge_basis=ChargeBasis.ACTUAL if is_open else ChargeBasis.SCHEDULED,
        on_holiday=OnHoliday.STAY,
    )


_EQUAL: Final = Repayment.EQUAL_INSTALMENT
FLAT: Final = _product(
    "FLAT-12", "Internal loan, flat", "own", Charge.FLAT, _EQUAL, 18, RatePer.YEAR, 5
)
DECLINING: Final = _product(
    "DEC-12", "Internal loan, declining", "own", Charge.DECLINING, _EQUAL, 2, RatePer.MONTH
)
ZERO: Final = _product("QH-12", "Qarz-e-hasna", "own", Charge.ZERO, _EQUAL, 0, RatePer.YEAR)
OPEN: Final = _product(
    "OPEN-12", "Internal loan, open", "own", Charge.DECLINING, Repayment.OPEN, 2, RatePer.MONTH
)
CIF: Final = _product("CIF-12", "CIF lent on", "cif", Charge.FLAT, _EQUAL, 8, RatePer.YEAR)
CIF_ZERO: Final = _product(
    "CIF-QH-12", "CIF as qarz-e-hasna", "cif", Charge.ZERO, _EQUAL, 0, RatePer.YEAR
)
PRODUCTS: Final = (FLAT, DECLINING, ZERO, OPEN, CIF, CIF_ZERO)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A product with an amount: what each instalment asks for, and all up to it, in paisa."""

    product: Product
    principal: int
    parts: tuple[tuple[int, int, int], ...]
    """Principal, charge, and all of both before, of each instalment."""
    principals: tuple[int, ...]
    """Principal of the first n instalments."""
    charges: tuple[int, ...]
    """Charge of the first n instalments."""

    @property
    def is_open(self) -> bool:
        """Whether any principal may come at any meeting."""
        return self.product.repayment is Repayment.OPEN


@cache
def pattern(product: Product, principal: int) -> Pattern:
    """The pattern of every loan of so much under a product."""
    asked = schedule(_contract(product, principal), ())
    principals = tuple(accumulate((i.principal for i in asked), initial=0))
    charges = tuple(accumulate((i.charge for i in asked), initial=0))
    parts = tuple(
        (i.principal, i.charge, p + c) for i, p, c in zip(asked, principals, charges, strict=False)
    )
    return Pattern(product, principal, parts, principals, charges)


@cache
def charge_of_month(product: Product, outstanding: int) -> int:
    """What a month of an open loan costs, on so much outstanding."""
    if not outstanding:
        return 0
    return schedule(_contract(product, outstanding), ())[0].charge


def _contract(product: Product, principal: int) -> Contract:
    return Contract(
        code="",
        product=product,
        principal=principal,
        disbursed_on=_DAY,
        first_due_on=_DAY.replace(month=2),
        instalments=INSTALMENTS,
    )
