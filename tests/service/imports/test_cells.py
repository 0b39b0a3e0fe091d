"""Cells that do not hold what their column holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case

CASES = {
    "code empty": one("organisations.csv", 2, "code", "", "this is empty"),
    "code with a space before": one("loans.csv", 2, "code", " L-01", "begins or ends with a space"),
    "code with a space behind": one(
        "events.csv", 4, "loan", "L-01 ", "begins or ends with a space"
    ),
    "code of one dot": one("loans.csv", 2, "code", ".", "leads elsewhere in an address"),
    "code of two dots": one("loans.csv", 2, "code", "..", "leads elsewhere in an address"),
    "code far too long": one("events.csv", 2, "code", "E" * 101, "longer than 100 characters"),
    "code with letters and signs": one("sheets.csv", 2, "code", "S/" + "1" * 99, "longer than"),
    "member with a space": one("members.csv", 2, "code", "M 1", "holds a space"),
    "name empty": one("organisations.csv", 4, "name", "", "this is empty"),
    "kind unknown": one("organisations.csv", 4, "kind", "lso", "Write one of: RSPN, RSP,"),
    "kind empty": one("organisations.csv", 4, "kind", "", "this is empty"),
    "gender unknown": one("members.csv", 2, "gender", "f", "Write one of: female, male"),
    "role unknown": one("nominations.csv", 2, "role", "chair", "Write one of: president"),
    "line kind unknown": one("sheet_lines.csv", 2, "kind", "saving", "Write one of: saving_comp"),
    "provision, which no bundle has": one(
        "events.csv", 2, "kind", "provision_raised", "is not one of the words for this"
    ),
    "event kind unknown": one("events.csv", 2, "kind", "gift", "Write one of: bank_deposit"),
    "fund unknown": one("events.csv", 2, "fund", "CIF", "Write one of: own, cif, igg, project"),
    "fund no product's": one("products.csv", 2, "fund", "igg", "Write one of: own, cif."),
    "way to pay unknown": one("events.csv", 2, "paid_by", "wallet", "cash, bank, none"),
    "date of no form": one("holidays.csv", 2, "on", "23/03/2026", "is not a date"),
    "date by weeks": one("holidays.csv", 2, "on", "2026-W13-2", "is not a date"),
    "date with a time": one("holidays.csv", 2, "on", "2026-03-23T00:00:00", "is not a date"),
    "date that is no day": one("holidays.csv", 2, "on", "2026-02-30", "does not exist"),
    "date of another age": one("holidays.csv", 2, "on", "0026-03-23", "in the years 1900 to 2199"),
    "date empty": one("loans.csv", 2, "applied_on", "", "is not a date"),
    "moment of no form": one("sheets.csv", 2, "posted_at", "2026-03-05 18:00", "not a moment"),
    "moment without offset": one(
        "sheets.csv", 2, "posted_at", "2026-03-05T18:00:00", "does not say its offset"
    ),
    "moment that is none": one(
        "sheets.csv", 2, "posted_at", "2026-03-05T24:30:00+05:00", "does not exist"
    ),
    "moment of another age": one(
        "events.csv", 2, "posted_at", "2926-03-05T18:00:00+05:00", "in the years"
    ),
    "amount with separators": one("sheet_lines.csv", 17, "amount", "12,50", "is not rupees"),
    "amount with three decimals": one("sheet_lines.csv", 2, "amount", "50.005", "is not rupees"),
    "amount in words": one("loans.csv", 2, "principal", "Rs 500", "is not rupees"),
    "amount in exponents": one("events.csv", 2, "amount", "1e5", "is not rupees"),
    "amount empty": one("sheet_lines.csv", 2, "amount", "", "is not rupees"),
    "amount beyond reach": one("events.csv", 2, "amount", "9" * 18, "is not rupees"),
    "amount zero on a line": one("sheet_lines.csv", 2, "amount", "0.00", "is not above zero"),
    "amount negative on a line": one("sheet_lines.csv", 2, "amount", "-50.00", "not above zero"),
    "amount zero in an event": one("events.csv", 2, "amount", "0", "is not above zero"),
    "principal zero": one("loans.csv", 10, "principal", "0.00", "is not above zero"),
    "step zero": one("products.csv", 2, "charge_step", "0.00", "is not above zero"),
    "step negative": one("products.csv", 2, "instalment_step", "-1.00", "is not above zero"),
    "count not in rupees": one("sheets.csv", 2, "cash_counted", "?", "is not rupees"),
    "rate negative": one("products.csv", 2, "rate_percent", "-1", "plain decimal"),
    "rate in words": one("products.csv", 2, "rate_percent", "18%", "plain decimal"),
    "rounding unknown": one("products.csv", 2, "rounding", "down", "half_up, half_even, up"),
    "repayment reserved": one("products.csv", 2, "repayment", "seasonal", "is reserved"),
    **{
        f"event kind {kind}": one("events.csv", 2, "kind", kind, "is not one of the words")
        for kind in ("charge_accrued", "refinance", "settlement", "year_end_close")
    },
    "repayment unknown": one("products.csv", 2, "repayment", "weekly", "equal_instalment, equal"),
    "no instalments": one("products.csv", 2, "instalments", "0", "a whole number from 1"),
    "loan without instalments": one("loans.csv", 2, "instalments", "0", "a whole number from 1"),
    "instalments not whole": one("loans.csv", 2, "instalments", "2.5", "a whole number"),
    "instalments past counting": one("loans.csv", 2, "instalments", "99999", "from 1 to 5200"),
    "grace negative": one("products.csv", 2, "grace_days", "-1", "a whole number from 0"),
    "poverty score too high": one("members.csv", 2, "psc", "101", "from 0 to 100"),
    "CNIC malformed": one("members.csv", 2, "cnic", "1000000000012", "is not a CNIC"),
    "telephone malformed": one("members.csv", 2, "phone", "0300 0000001", "not a mobile number"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_cell_that_cannot_be_read_is_reported_where_it_stands(case: Case, tmp_path: Path) -> None:
    """The message names file, line and column, says what is wrong and what to do."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))
    assert all(problem.what and problem.todo.endswith(".") for problem in problems)
