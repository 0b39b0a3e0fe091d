"""Events and reversals: what the format refuses, each broken once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import added, cell, more, one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case, Edit

JULY = "2026-07-01,2026-07-01T10:00:00+05:00"


def event(row: str) -> Edit:
    """One more event, E-28, on line 29."""
    return added("events.csv", "E-28," + row)


EVENTS = {
    "event posted before its day": one(
        "events.csv", 2, "posted_at", "2026-03-05T11:00:00+05:00", "before the day of the event"
    ),
    "moment used twice by events": one(
        "events.csv", 3, "posted_at", "2026-03-06T11:00:00+05:00", "events.csv line 2 already"
    ),
    "fund missing": one("events.csv", 2, "fund", "", "needs it"),
    "amount missing": one("events.csv", 2, "amount", "", "needs it"),
    "loan missing": one("events.csv", 12, "loan", "", "needs it"),
    "counterparty missing": one("events.csv", 7, "counterparty", "", "needs it"),
    "lender missing": one("events.csv", 12, "counterparty", "", "needs it"),
    "member missing": one("events.csv", 16, "counterparty", "", "needs it"),
    "loan where there is none": one("events.csv", 9, "loan", "L-02", 'kind "expense" has none'),
    "reverses where nothing is reversed": one("events.csv", 9, "reverses", "E-18", "has none"),
    "reversal of nothing": one("events.csv", 21, "reverses", "", "needs it"),
    "reversal with an amount": one("events.csv", 21, "amount", "120.00", "has none"),
    "reversal with a fund": one("events.csv", 21, "fund", "own", "has none"),
    "reversal paid": one("events.csv", 21, "paid_by", "cash", "Write none"),
    "expense unpaid": one("events.csv", 9, "paid_by", "none", "Write cash or bank"),
    "expense paid by nothing": one("events.csv", 9, "paid_by", "", "Write cash or bank"),
    "gift in kind paid": one("events.csv", 15, "paid_by", "cash", "Write none"),
    "write-off paid": one("events.csv", 27, "paid_by", "cash", "Write none"),
    "counterparty the same": one("events.csv", 8, "counterparty", "CO-01", "organisation of the"),
    "fund not the loan's": one("events.csv", 12, "fund", "own", 'not the fund of "L-01"'),
    "fund of a recovery not the loan's": one("events.csv", 28, "fund", "cif", "which is own"),
    "loan paid out by another": one("events.csv", 4, "org", "VO-01", 'not the lender of "L-01"'),
    "loan paid out to another": one("events.csv", 4, "counterparty", "VO-01", "not the borrower"),
    "loan paid out in part": one("events.csv", 4, "amount", "19999.00", "is of 20000.00"),
    "loan paid out on another day": one("events.csv", 4, "on", "2026-03-09", "not on 2026-03-09"),
    "loan only approved": more(
        "events.csv",
        4,
        "loan",
        "its disbursed_on is empty",
        cell("loans.csv", 2, "disbursed_on", ""),
        cell("events.csv", 12, "loan", "L-08"),
        cell("events.csv", 12, "fund", "own"),
        cell("events.csv", 12, "counterparty", "VO-01"),
        cell("events.csv", 12, "on", "2026-04-25"),
        cell("events.csv", 24, "loan", "L-08"),
        cell("events.csv", 24, "fund", "own"),
        cell("events.csv", 24, "counterparty", "VO-01"),
    ),
    "loan repaid by another": one("events.csv", 12, "org", "VO-01", 'not the borrower of "L-01"'),
    "loan repaid to another": one("events.csv", 12, "counterparty", "VO-01", "not the lender"),
    "loan repaid before paid out": one(
        "events.csv", 12, "on", "2026-03-09", "lies before 2026-03-10"
    ),
    "member's loan between organisations": one(
        "events.csv", 12, "loan", "L-02", "loan to a member"
    ),
    "write-off by another": one("events.csv", 27, "org", "VO-01", 'not the lender of "L-07"'),
    "write-off before paid out": one("events.csv", 27, "on", "2026-03-11", "before 2026-03-12"),
    "write-off of what is not paid out": one("events.csv", 27, "loan", "L-09", "not paid out"),
    "recovery by another": one("events.csv", 28, "org", "LSO-01", 'not the lender of "L-07"'),
    "loan paid out twice by events": more(
        "events.csv",
        29,
        "loan",
        "is paid out by events.csv line 4 already",
        event(
            "2026-03-10,2026-03-10T13:00:00+05:00,LSO-01,organisation_loan_disbursed,cif,bank,"
            "CO-01,L-01,20000.00,,,"
        ),
    ),
}

REVERSALS = {
    "reversal of a reversal": more(
        "events.csv",
        29,
        "reverses",
        "is itself a reversal",
        event(f"{JULY},CO-01,reversal,,none,,,,,,E-20"),
    ),
    "reversal of a sheet twice": more(
        "events.csv",
        29,
        "reverses",
        "is reversed by E-22 (line 23) already",
        event(f"{JULY},CO-01,reversal,,none,,,,,,S-06"),
    ),
    "reversal of an event twice": more(
        "events.csv",
        29,
        "reverses",
        "is reversed by E-20 (line 21) already",
        event(f"{JULY},CO-01,reversal,,none,,,,,,E-18"),
    ),
    "reversal dated before the event": one(
        "events.csv", 21, "on", "2026-05-12", 'before 2026-05-13, the day of "E-18"'
    ),
    "reversal dated before the meeting": one(
        "events.csv", 23, "on", "2026-06-11", 'before 2026-06-12, the day of "S-06"'
    ),
    "reversal posted before the event": more(
        "events.csv",
        21,
        "posted_at",
        "posted only later",
        cell("events.csv", 19, "posted_at", "2026-05-21T10:00:00+05:00"),
    ),
    "reversal by a stranger": one("events.csv", 21, "org", "VO-01", 'has no part in "E-18"'),
    "reversal of a sheet by a stranger": one("events.csv", 23, "org", "VO-01", 'no part in "S-06"'),
}

CASES = EVENTS | REVERSALS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_no_event_may_say_is_reported_where_it_stands(case: Case, tmp_path: Path) -> None:
    """The message names file, line and column, says what is wrong and what to do."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))
    assert all(problem.what and problem.todo.endswith(".") for problem in problems)
