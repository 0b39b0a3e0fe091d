"""Codes used twice, or for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import added, more, one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case

JULY = "2026-07-01,2026-07-01T10:00:00+05:00"

CASES = {
    "organisation twice": more(
        "organisations.csv",
        7,
        "code",
        "line 6 already",
        added("organisations.csv", "CO-01,CO,CO Chaman,,women,,,,,,2026-01-15"),
    ),
    "member twice": more(
        "members.csv",
        8,
        "code",
        "line 2 already",
        added("members.csv", "M-0001,CO-01,Zainab Bibi,,,female,,,,,,2026-01-15,"),
    ),
    "product twice": one("products.csv", 3, "code", "QH", "products.csv line 2 already"),
    "loan twice": one("loans.csv", 10, "code", "L-08", "loans.csv line 9 already"),
    "sheet twice": more(
        "sheets.csv",
        9,
        "code",
        "sheets.csv line 2 already",
        added("sheets.csv", f"S-01,CO-01,{JULY},,0.00"),
    ),
    "event of a sheet's code": one("events.csv", 28, "code", "S-01", "sheets.csv line 2 already"),
    "child unknown": one("federation.csv", 5, "code", "VO-09", "not in organisations.csv"),
    "parent unknown": one("federation.csv", 4, "parent", "X", "not in organisations.csv"),
    "member's CO unknown": one("members.csv", 6, "co", "CO-09", "not in organisations.csv"),
    "nominated unknown": one("nominations.csv", 2, "member", "M-9", "not in members.csv"),
    "nominated to unknown": one("nominations.csv", 2, "org", "VO-09", "not in organisations.csv"),
    "lender unknown": one("loans.csv", 10, "lender", "CO-09", "not in organisations.csv"),
    "borrower unknown": one("loans.csv", 10, "borrower", "M-9", "not in members.csv"),
    "borrowing organisation unknown": one("loans.csv", 2, "borrower", "X", "not in organisations"),
    "product unknown": one("loans.csv", 10, "product", "Q", "not in products.csv"),
    "sheet's CO unknown": one("sheets.csv", 2, "co", "CO-09", "not in organisations.csv"),
    "present unknown": one("sheets.csv", 2, "present", "M-9", "not in members.csv"),
    "line's sheet unknown": one("sheet_lines.csv", 2, "sheet", "S-9", "not in sheets.csv"),
    "line's member unknown": one("sheet_lines.csv", 2, "member", "M-9", "not in members.csv"),
    "line's loan unknown": one("sheet_lines.csv", 36, "loan", "L-99", "not in loans.csv"),
    "event's organisation unknown": one("events.csv", 9, "org", "X", "not in organisations.csv"),
    "event's loan unknown": one("events.csv", 12, "loan", "L-99", "not in loans.csv"),
    "reversed unknown": one("events.csv", 21, "reverses", "E-99", "neither in sheets.csv nor"),
    "counterparty unknown": one("events.csv", 8, "counterparty", "VO-9", "not in organisations"),
    "IGG of nobody": one("events.csv", 16, "counterparty", "VO-01", "not in members.csv"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_code_that_is_not_unique_or_unknown_is_reported_where_it_stands(
    case: Case, tmp_path: Path
) -> None:
    """The message names file, line and column, says what is wrong and what to do."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))
    assert all(problem.what and problem.todo.endswith(".") for problem in problems)
