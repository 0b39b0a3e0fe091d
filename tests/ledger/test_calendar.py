"""The days of the books: Karachi's, and its fiscal years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calendar import (
    BUSINESS_ZONE,
    business_date,
    end_of_day,
    fiscal_quarter,
    fiscal_year,
    is_year_end,
)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 2, 9, 18, 59, 59, tzinfo=UTC), date(2026, 2, 9)),
        (datetime(2026, 2, 9, 19, 0, 0, tzinfo=UTC), date(2026, 2, 10)),
        (datetime(2026, 2, 10, 23, 59, tzinfo=BUSINESS_ZONE), date(2026, 2, 10)),
    ],
)
def test_the_day_begins_at_midnight_in_karachi(moment: datetime, day: date) -> None:
    """Which is 19:00 UTC of the day before."""
    assert business_date(moment) == day


@given(st.dates(date(1980, 1, 1), date(2199, 12, 31)))
def test_the_end_of_a_day_is_the_first_moment_of_the_next(day: date) -> None:
    """What is posted before it is of the day; what is posted at it is not."""
    end = end_of_day(day)
    before = (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(BUSINESS_ZONE)
    assert business_date(end) == day + timedelta(days=1)
    assert business_date(before) == day


@pytest.mark.parametrize(
    ("day", "year", "quarter"),
    [
        (date(2024, 6, 30), 2024, "FY2024-Q4"),
        (date(2024, 7, 1), 2025, "FY2025-Q1"),
        (date(2024, 9, 30), 2025, "FY2025-Q1"),
        (date(2024, 10, 1), 2025, "FY2025-Q2"),
        (date(2024, 12, 31), 2025, "FY2025-Q2"),
        (date(2025, 1, 1), 2025, "FY2025-Q3"),
        (date(2025, 3, 31), 2025, "FY2025-Q3"),
        (date(2025, 4, 1), 2025, "FY2025-Q4"),
        (date(2025, 6, 30), 2025, "FY2025-Q4"),
        (date(2025, 7, 1), 2026, "FY2026-Q1"),
    ],
)
def test_the_fiscal_year_runs_from_july_to_june(day: date, year: int, quarter: str) -> None:
    """It is named after the year in which it ends."""
    assert (fiscal_year(day), fiscal_quarter(day)) == (year, quarter)
    assert is_year_end(day) == ((day.month, day.day) == (6, 30))
