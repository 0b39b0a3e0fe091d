"""Which day a run is for, and what it sees: pure.

The run for day D sees value dates up to D, and what was posted before D+1 began in Karachi.
So it gives the same rows whenever it runs, that night or a month later, late sheets included.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from ledger.calendar import end_of_day
from service.jobs import SETTLED_AFTER

LATE_WITHIN: Final = timedelta(days=10)
"""Most sheets have arrived by so many days after the meeting."""
_MICROSECOND: Final = timedelta(microseconds=1)
_MONTHS_OF_A_QUARTER: Final = 3


def last_seen(day: date) -> datetime:
    """The last moment whose postings the run for a day sees."""
    return end_of_day(day) - _MICROSECOND


def is_over(day: date, now: datetime) -> bool:
    """Whether everything that was posted on a day is there to be seen."""
    return now >= end_of_day(day) + SETTLED_AFTER


def is_kept(day: date, on: date, *, nights: int) -> bool:
    """Whether a day is among so many last nights, or the last of its month."""
    return (on - day).days < nights or (day + date.resolution).day == 1


def first_of_quarter(day: date) -> date:
    """The first day of the fiscal quarter of a day; fiscal quarters begin as calendar ones do."""
    return date(day.year, day.month - (day.month - 1) % _MONTHS_OF_A_QUARTER, 1)


def summed_until(today: date) -> date:
    """As far as the roll-up has months and years: months for which little is still to come."""
    return (today - LATE_WITHIN).replace(day=1)
