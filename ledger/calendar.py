"""Days of business: the time zone of the books and the fiscal year (DOMAIN 9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BUSINESS_ZONE: Final = ZoneInfo("Asia/Karachi")
FIRST_MONTH_OF_FISCAL_YEAR: Final = 7
FIRST_DAY_OF_BOOKS: Final = date(1979, 7, 1)
"""No book holds an earlier day; PostgreSQL makes no partition for one."""


def business_date(moment: datetime) -> date:
    """The day in Karachi at an aware moment."""
    return moment.astimezone(BUSINESS_ZONE).date()


def end_of_day(day: date) -> datetime:
    """The moment at which the next day begins in Karachi; what was posted before it counts."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), BUSINESS_ZONE)


def fiscal_year(day: date) -> int:
    """The year in which the fiscal year (1 July to 30 June) of a day ends."""
    return day.year + (day.month >= FIRST_MONTH_OF_FISCAL_YEAR)


def is_year_end(day: date) -> bool:
    """Whether a day is the last of its fiscal year."""
    return fiscal_year(day) != fiscal_year(day + timedelta(days=1))


def first_of_quarter(day: date) -> date:
    """The first day of the quarter of a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def fiscal_quarter(day: date) -> str:
    """The fiscal quarter of a day: 15 July 2024 is "FY2025-Q1"."""
    quarter = (day.month - FIRST_MONTH_OF_FISCAL_YEAR) % 12 // 3 + 1
    return f"FY{fiscal_year(day)}-Q{quarter}"
