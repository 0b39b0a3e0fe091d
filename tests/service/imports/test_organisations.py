"""Who belongs to whom, and what is lent: contradictions in the files that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import added, cell, more, one, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case

ORGANISATIONS = {
    "member of a VO": one("members.csv", 7, "co", "VO-01", "only a CO has members"),
    "sheet of a VO": one("sheets.csv", 2, "co", "VO-01", "only a CO has members"),
    "two parents": more(
        "federation.csv",
        6,
        "from",
        "CO-01 still belongs to VO-01 (line 2)",
        added("federation.csv", "CO-01,LSO-01,2026-07-01,"),
    ),
    "two parents behind a short row": more(
        "federation.csv",
        7,
        "from",
        "still belongs to VO-01 (line 2)",
        added("federation.csv", "CO-01,LSO-01,2026-07-01,2026-07-02"),
        added("federation.csv", "CO-01,LSO-01,2026-08-01,"),
    ),
    "own parent": more(
        "federation.csv",
        6,
        "parent",
        "belongs to itself",
        added("federation.csv", "RSPN,RSPN,2026-01-01,"),
    ),
    "circle": more(
        "federation.csv",
        6,
        "parent",
        "on 2026-02-01 RSPN belongs to itself, by way of CO-01",
        added("federation.csv", "RSPN,CO-01,2026-02-01,2026-03-01"),
    ),
    "left before joining": one("members.csv", 6, "left_on", "2026-01-14", "before 2026-01-15"),
    "nominated twice": more(
        "nominations.csv",
        6,
        "",
        "line 2 is of the same member",
        added("nominations.csv", "M-0003,VO-01,president,2026-01-15,2026-05-01"),
    ),
    "period of no day": one("federation.csv", 2, "to", "2026-01-15", "holds on no day"),
    "period backwards": one("nominations.csv", 2, "to", "2026-01-14", "holds on no day"),
    "fee to a stranger": one("events.csv", 7, "counterparty", "LSO-01", "CO-01 belongs to VO-01"),
    "fee before belonging": more(
        "events.csv",
        7,
        "counterparty",
        "belongs to nobody",
        cell("federation.csv", 2, "from", "2026-04-01"),
    ),
    "fee on the day of leaving": more(
        "events.csv",
        7,
        "counterparty",
        "belongs to nobody",
        cell("federation.csv", 2, "to", "2026-03-31"),
    ),
}

LENDING = {
    "open with scheduled charge": one(
        "products.csv", 7, "charge_basis", "scheduled", "Write actual"
    ),
    "actual charge not open": one("products.csv", 3, "charge_basis", "actual", "Write scheduled"),
    "lends to itself": more(
        "loans.csv",
        11,
        "borrower",
        "lends to itself",
        added(
            "loans.csv",
            "L-10,CO-01,organisation,CO-01,VO-FLAT,1.00,2026-02-20,2026-03-05,,,2026-05-25,2,",
        ),
    ),
    "all in grace of principal": more(
        "loans.csv",
        4,
        "instalments",
        "3 instalments without principal",
        cell("products.csv", 3, "grace_principal", "3"),
    ),
    "all in grace of charge": more(
        "loans.csv",
        5,
        "instalments",
        "4 instalments without charge",
        cell("products.csv", 4, "grace_charge", "4"),
    ),
}

CASES = ORGANISATIONS | LENDING


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_contradiction_between_organisations_or_terms_is_reported_where_it_stands(
    case: Case, tmp_path: Path
) -> None:
    """The message names file, line and column, says what is wrong and what to do."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))
    assert all(problem.what and problem.todo.endswith(".") for problem in problems)
