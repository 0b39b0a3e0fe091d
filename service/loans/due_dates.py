"""Due dates of a loan: counted from the first, each moved off holidays by itself.

A moved or shortened date never shifts the later ones. A monthly series keeps the day of
its first date, or takes the last day of a shorter month: 31 Jan, 28 Feb, 31 Mar. Later
dates are never before earlier ones. Source: DOMAIN 5; onboarding bundle, part 5.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from dateutil.relativedelta import relativedelta

from service.loans.terms import Frequency, OnHoliday, Repayment

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.loans.terms import Contract

_DAYS: Final = {Frequency.WEEK: 7, Frequency.FORTNIGHT: 14}
_STEP: Final = {OnHoliday.NEXT: timedelta(days=1), OnHoliday.PREVIOUS: timedelta(days=-1)}


def due_dates(contract: Contract, holidays: Collection[date]) -> tuple[date, ...]:
    """The day each instalment falls due; a bullet loan has one, whatever its term.

    The days of a seasonal loan are as agreed.
    """
    product = contract.product
    if contract.seasons:
        return tuple(season.due_on for season in contract.seasons)
    count = 1 if product.repayment is Repayment.BULLET else contract.instalments
    closed = frozenset(holidays)
    return tuple(
        _moved(
            counted(contract.first_due_on, product.frequency, n * product.every),
            closed,
            product.on_holiday,
        )
        for n in range(count)
    )


def counted(first: date, frequency: Frequency, periods: int) -> date:
    """The day so many weeks, fortnights or months after one, before holidays are looked at."""
    if frequency is Frequency.MONTH:
        return first + relativedelta(months=periods)
    return first + timedelta(days=_DAYS[frequency] * periods)


def _moved(day: date, holidays: frozenset[date], on_holiday: OnHoliday) -> date:
    """The day itself, or the nearest in the product's direction that is no holiday."""
    if on_holiday is OnHoliday.STAY:
        return day
    while day in holidays:
        day += _STEP[on_holiday]
    return day
