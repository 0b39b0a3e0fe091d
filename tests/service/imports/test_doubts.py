"""What is odd or merely unusual, and refuses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import added, cell, more, one, warned

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.imports.damage import Case, Edit

SECOND_CO = added(
    "organisations.csv", "CO-02,CO,CO Gulshan,,women,Khyber Pakhtunkhwa,,,,,2026-01-15"
)
HER_OF_SECOND_CO = added("members.csv", "M-0007,CO-02,Rabia,,,female,,,,,,2026-01-15,")
JULY = "2026-07-01,2026-07-01T10:00:00+05:00"


def event(row: str) -> Edit:
    """One more event, E-28, on line 29."""
    return added("events.csv", "E-28," + row)


DOUBTS = {
    "gender and CNIC": one("members.csv", 2, "cnic", "10000-0000001-3", "odd for men and even"),
    "province and CNIC": one("members.csv", 2, "cnic", "30000-0000001-2", "begins with 3"),
    "score without a day": one("members.csv", 2, "psc_on", "", "go together"),
    "gender of a VO": one("organisations.csv", 5, "gender", "women", "only a CO has it"),
    "present before joining": more(
        "sheets.csv",
        2,
        "present",
        "no member of CO-01 on 2026-03-05",
        cell("members.csv", 6, "joined_on", "2026-03-06"),
    ),
    "present after leaving": more(
        "sheets.csv",
        7,
        "present",
        "no member of CO-01 on 2026-06-12",
        cell("members.csv", 6, "left_on", "2026-06-11"),
    ),
    "guest from another CO": more(
        "sheets.csv",
        6,
        "present",
        '"M-0007" is no member of CO-01',
        SECOND_CO,
        HER_OF_SECOND_CO,
        cell("sheets.csv", 6, "present", "M-0001 M-0002 M-0003 M-0004 M-0006 M-0007"),
    ),
    "present named twice": one(
        "sheets.csv", 4, "present", "M-0001 M-0003 M-0004 M-0005 M-0006 M-0001", "named twice"
    ),
    "counterparty of an expense": one("events.csv", 9, "counterparty", "A shop", "has no part in"),
    "never paid out": one("loans.csv", 10, "disbursed_on", "2026-06-12", "no sheet or event"),
    "book before its organisation": more(
        "events.csv",
        13,
        "on",
        "formed only after",
        cell("organisations.csv", 5, "formed_on", "2026-05-03"),
    ),
}


@pytest.mark.parametrize("case", DOUBTS.values(), ids=DOUBTS.keys())
def test_what_is_only_odd_is_a_warning_and_refuses_nothing(case: Case, tmp_path: Path) -> None:
    """Life is odder than rules: the bundle is read, and somebody may look."""
    warnings = warned(tmp_path, case.edits)
    assert case.among(warnings), list(map(str, warnings))


SOUND = {
    "count of zero": (cell("sheets.csv", 2, "cash_counted", "0.00"),),
    "nobody present": (added("sheets.csv", f"S-08,CO-01,{JULY},,0.00"),),
    "moment in UTC": (cell("sheets.csv", 2, "posted_at", "2026-03-05T13:00:00Z"),),
    "posted at the stroke of the day": (
        cell("sheets.csv", 2, "posted_at", "2026-03-04T19:00:00+00:00"),
    ),
    "amount without decimals": (cell("sheet_lines.csv", 2, "amount", "50"),),
    "CO that joins no VO": (SECOND_CO,),
    "move on the day of leaving": (
        cell("federation.csv", 2, "to", "2026-07-01"),
        added("federation.csv", "CO-01,LSO-01,2026-07-01,"),
    ),
    "circle over the years, and on no day": (
        cell("federation.csv", 2, "to", "2026-07-01"),
        cell("federation.csv", 5, "to", "2026-07-01"),
        added("federation.csv", "VO-01,CO-01,2026-07-01,"),
    ),
    "reversal of a transfer by the other side": (event(f"{JULY},LSO-01,reversal,,none,,,,,,E-13"),),
    "two holidays on one day": (added("holidays.csv", "2026-03-23,A second feast"),),
    "giver not named": (cell("events.csv", 17, "counterparty", ""),),
    "empty for paid by none": (cell("events.csv", 15, "paid_by", ""),),
    "CNIC of the former tribal areas": (cell("members.csv", 2, "cnic", "20000-0000001-2"),),
    "product nobody uses": (
        added(
            "products.csv",
            "P,P,own,flat,equal_principal,0.125,year,week,4,0.01,0.01,up,9,9,0,scheduled,stay",
        ),
    ),
}


@pytest.mark.parametrize("edits", SOUND.values(), ids=SOUND.keys())
def test_what_the_format_allows_is_neither_refused_nor_odd(
    edits: tuple[Edit, ...], tmp_path: Path
) -> None:
    """A check that is too eager would keep a sound history out."""
    assert warned(tmp_path, edits) == ()


def test_past_a_thousand_warnings_no_more_are_kept(tmp_path: Path) -> None:
    """Warnings never stop a bundle, however many there are."""
    rows = [f"M-{n},CO-01,Rabia,,,female,10000-0000000-1,,,,,2026-01-15," for n in range(1_100)]
    assert len(warned(tmp_path, [added("members.csv", *rows)])) == 1_000
