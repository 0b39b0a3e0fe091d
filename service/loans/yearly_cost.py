"""What a loan really costs in a year: the rate that makes what is received worth what is paid.

The annual percentage rate of charge of Directive 2008/48/EC, Annex I, part I: the X for which the
sum of all amounts, each divided by (1 + X) to the power of its time in years, is nothing. Days
are counted, and a year has 365.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

DAYS_OF_YEAR: Final = 365
DIGITS: Final = 40
NEAR: Final = Decimal(10) ** -20
STEPS: Final = 100
MOST_PERCENT: Final = 1_000_000


def yearly_cost(flows: Sequence[tuple[date, int]]) -> Decimal | None:
    """The rate per cent and year of amounts by day: received above zero, paid below.

    None where there is none: nothing is received, or nothing paid; or where it is beyond all
    measure. Rounded to four decimals.
    """
    if not any(amount > 0 for _, amount in flows) or not any(amount < 0 for _, amount in flows):
        return None
    first = min(day for day, _ in flows)
    terms = [((day - first).days, Decimal(amount)) for day, amount in flows]
    with localcontext(prec=DIGITS):
        worth = _worth_of_tomorrow(terms)
        if worth is None:
            return None
        percent = (worth**-DAYS_OF_YEAR - 1) * 100
        return percent.quantize(Decimal("0.0001")) if percent <= MOST_PERCENT else None


def _worth_of_tomorrow(terms: Sequence[tuple[int, Decimal]]) -> Decimal | None:
    """What a rupee of tomorrow is worth today: a root of a polynomial, by Newton's steps from 1."""
    worth = Decimal(1)
    for _ in range(STEPS):
        value = sum((amount * worth**days for days, amount in terms), Decimal(0))
        slope = sum(
            (amount * days * worth ** (days - 1) for days, amount in terms if days), Decimal(0)
        )
        if not slope:
            return None
        step = value / slope
        worth -= step
        if worth <= 0:
            return None
        if abs(step) < NEAR:
            return worth
    return None
