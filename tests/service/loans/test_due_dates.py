"""Due dates: counted from the first, each moved off holidays by itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from service.loans.due_dates import due_dates

if TYPE_CHECKING:
    from service.loans.terms import Contract
    from tests.service.loans.conftest import Lend

EID = [date(2026, 3, day) for day in (20, 21, 22, 23)]


def shown(contract: Contract, holidays: list[date]) -> str:
    """Due dates as day.month, in one line."""
    return " ".join(f"{due.day}.{due.month}" for due in due_dates(contract, holidays))


@pytest.mark.parametrize(
    ("first_due_on", "terms", "dates"),
    [
        ("2026-01-31", {}, "31.1 28.2 31.3"),
        ("2024-01-31", {}, "31.1 29.2 31.3"),
        ("2026-02-28", {}, "28.2 28.3 28.4"),
        ("2026-11-30", {}, "30.11 30.12 30.1"),
        ("2026-04-12", {"frequency": "week"}, "12.4 19.4 26.4"),
        ("2026-04-12", {"frequency": "fortnight"}, "12.4 26.4 10.5"),
        ("2026-04-12", {"repayment": "bullet"}, "12.4"),
    ],
)
def test_dates_are_counted_from_the_first(
    lend: Lend, first_due_on: str, terms: dict[str, str], dates: str
) -> None:
    """A monthly series keeps its seed day; a bullet loan has one date."""
    contract = lend("100.00", first_due_on=first_due_on, disbursed_on=first_due_on, **terms)
    assert shown(contract, []) == dates


@pytest.mark.parametrize(
    ("on_holiday", "dates"),
    [
        ("stay", "21.2 21.3 21.4"),
        ("next", "21.2 24.3 21.4"),
        ("previous", "21.2 19.3 21.4"),
    ],
)
def test_a_date_moves_until_a_day_that_is_no_holiday(
    lend: Lend, on_holiday: str, dates: str
) -> None:
    """A moved date never shifts the later ones."""
    days = {"disbursed_on": "2026-02-01", "first_due_on": "2026-02-21"}
    contract = lend("100.00", **days, on_holiday=on_holiday)
    assert shown(contract, EID) == dates


def test_a_first_date_on_a_holiday_moves_alone(lend: Lend) -> None:
    """The series counts from the date as written, not from where it moved."""
    contract = lend("100.00", first_due_on="2026-03-20", frequency="week")
    assert shown(contract, EID) == "24.3 27.3 3.4"


def test_two_dates_may_meet_behind_a_long_holiday(lend: Lend) -> None:
    """Each date moves by itself, so both instalments fall due on one day."""
    week_long = [date(2026, 4, day) for day in range(12, 20)]
    assert shown(lend("100.00", frequency="week"), week_long) == "20.4 20.4 26.4"
