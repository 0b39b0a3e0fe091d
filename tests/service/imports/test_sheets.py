"""Sheets and their lines: what the format refuses, each broken once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import added, cell, more, one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case

SECOND_CO = added(
    "organisations.csv", "CO-02,CO,CO Gulshan,,women,Khyber Pakhtunkhwa,,,,,2026-01-15"
)
HER_OF_SECOND_CO = added("members.csv", "M-0007,CO-02,Rabia,,,female,,,,,,2026-01-15,")

CASES = {
    "sheet posted before it was held": one(
        "sheets.csv", 2, "posted_at", "2026-03-04T23:59:59+05:00", "before the meeting"
    ),
    "sheet posted before it was held, in Karachi": one(
        "sheets.csv", 2, "posted_at", "2026-03-04T18:59:59+00:00", "before the meeting"
    ),
    "moment used twice by sheet and event": more(
        "events.csv",
        27,
        "posted_at",
        "sheets.csv line 8 already",
        cell("sheets.csv", 8, "posted_at", "2026-06-28T05:00:00Z"),
    ),
    "member of another CO": more(
        "sheet_lines.csv",
        82,
        "member",
        "is a member of CO-02, and S-07 is of CO-01",
        SECOND_CO,
        HER_OF_SECOND_CO,
        cell("sheets.csv", 8, "present", "M-0001 M-0002 M-0003 M-0004 M-0005 M-0006 M-0007"),
        added("sheet_lines.csv", "S-07,M-0007,fine,,1.00"),
    ),
    "member not present": more(
        "sheet_lines.csv",
        82,
        "member",
        "was not present at S-05",
        added("sheet_lines.csv", "S-05,M-0005,fine,,1.00"),
    ),
    "line twice": more(
        "sheet_lines.csv",
        82,
        "",
        "line 2 is of the same sheet, member, kind and loan",
        added("sheet_lines.csv", "S-01,M-0001,membership_fee,,10.00"),
    ),
    "repayment twice": more(
        "sheet_lines.csv",
        82,
        "",
        "line 36 is of the same",
        added("sheet_lines.csv", "S-03,M-0004,repayment,L-05,1.00"),
    ),
    "repayment without loan": one("sheet_lines.csv", 36, "loan", "", "names its loan"),
    "saving with a loan": one("sheet_lines.csv", 2, "loan", "L-02", "a membership_fee has no loan"),
    "repayment by another member": one("sheet_lines.csv", 36, "loan", "L-02", "not M-0004"),
    "repayment to another lender": more(
        "sheet_lines.csv",
        36,
        "loan",
        'the lender of "L-05" is VO-01, not CO-01',
        cell("loans.csv", 6, "lender", "VO-01"),
        cell("sheet_lines.csv", 28, "kind", "fine"),
        cell("sheet_lines.csv", 28, "loan", ""),
        cell("sheet_lines.csv", 47, "kind", "fine"),
        cell("sheet_lines.csv", 47, "loan", ""),
        cell("sheet_lines.csv", 57, "kind", "fine"),
        cell("sheet_lines.csv", 57, "loan", ""),
    ),
    "repayment of an organisation's loan": one("sheet_lines.csv", 36, "loan", "L-01", "is CO-01"),
    "repayment of what is not paid out": more(
        "sheet_lines.csv",
        82,
        "loan",
        "is not paid out",
        added("sheet_lines.csv", "S-07,M-0003,repayment,L-09,1.00"),
    ),
    "repayment before paying out": more(
        "sheet_lines.csv",
        82,
        "loan",
        "paid out on 2026-03-12, after the meeting of 2026-03-05",
        added("sheet_lines.csv", "S-01,M-0003,repayment,L-04,1.00"),
    ),
    "disbursement of another amount": one("sheet_lines.csv", 25, "amount", "9999.00", "10000.00"),
    "disbursement on another day": more(
        "sheet_lines.csv",
        25,
        "loan",
        "is paid out on 2026-03-11, and the meeting was on",
        cell("loans.csv", 3, "disbursed_on", "2026-03-11"),
    ),
    "disbursement of a loan only approved": more(
        "sheet_lines.csv",
        82,
        "loan",
        "its disbursed_on is empty",
        added("sheet_lines.csv", "S-07,M-0003,disbursement,L-09,2000.00"),
    ),
    "disbursement to another member": more(
        "sheet_lines.csv",
        25,
        "loan",
        'the borrower of "L-02" is M-0001, not M-0002',
        cell("sheet_lines.csv", 25, "member", "M-0002"),
    ),
    "disbursement by another lender": more(
        "sheet_lines.csv",
        25,
        "loan",
        'the lender of "L-02" is VO-01',
        cell("loans.csv", 3, "lender", "VO-01"),
    ),
    "second disbursement": more(
        "sheet_lines.csv",
        82,
        "loan",
        "is paid out by sheet_lines.csv line 25 already",
        added("sheets.csv", "S-08,CO-01,2026-03-12,2026-03-12T19:00:00+05:00,M-0001,-10000.00"),
        added("sheet_lines.csv", "S-08,M-0001,disbursement,L-02,10000.00"),
    ),
    "money beyond reach": more(
        "sheet_lines.csv",
        3,
        "amount",
        "more money than an account can hold",
        cell("sheet_lines.csv", 2, "amount", "50000000000000000.00"),
        cell("sheet_lines.csv", 3, "amount", "50000000000000000.00"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_no_sheet_may_say_is_reported_where_it_stands(case: Case, tmp_path: Path) -> None:
    """The message names file, line and column, says what is wrong and what to do."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))
    assert all(problem.what and problem.todo.endswith(".") for problem in problems)
