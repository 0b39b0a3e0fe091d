"""Whole bundles: what a sound one becomes, and how a refusal reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from service.imports.kinds import BorrowerKind, EventKind, Fund, PaidBy, SheetLineKind
from service.imports.problems import BundleRefused, Problem
from service.imports.reading import read_bundle
from tests.service.imports.damage import ONE_CO, PILOT, added, cell, content, copied, line, refused

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("folder", [ONE_CO, PILOT], ids=lambda folder: folder.name)
def test_a_sound_bundle_is_read_without_a_problem_or_warning(folder: Path) -> None:
    """Both bundles are valid, and nothing in them is even odd."""
    bundle = read_bundle(folder)
    assert bundle.warnings == ()
    assert bundle.name == folder.name


def test_every_record_becomes_a_row() -> None:
    """The pilot has as many rows as its files have records."""
    bundle = read_bundle(PILOT)
    assert len(bundle.sheet_lines) == 12_936
    assert len(bundle.sheets) == 603
    assert len(bundle.events) == 1_755
    assert len(bundle.loans) == 574
    assert len(bundle.members) == 242


def test_cells_become_typed_values() -> None:
    """Amounts are paisa, moments are aware, rates are exact, empty is None."""
    bundle = read_bundle(ONE_CO)
    sheet, row, event = bundle.sheets[1], bundle.sheet_lines[23], bundle.events[7]
    assert (sheet.code, sheet.cash_counted, len(sheet.present)) == ("S-02", -1_780_000, 6)
    assert sheet.posted_at == datetime(2026, 3, 12, 13, tzinfo=UTC)
    assert (row.kind, row.loan, row.amount) == (SheetLineKind.DISBURSEMENT, "L-02", 1_000_000)
    assert (event.kind, event.fund, event.paid_by) == (EventKind.EXPENSE, Fund.OWN, PaidBy.BANK)
    assert (event.amount, event.counterparty, event.reverses) == (125_050, None, None)
    assert bundle.products[1].rate_percent == Fraction(18)
    assert bundle.loans[8].disbursed_on is None
    assert bundle.loans[0].borrower_kind is BorrowerKind.ORGANISATION
    assert bundle.members[4].psc is None
    assert bundle.federation[0].from_on == date(2026, 1, 15)


def test_a_row_knows_the_line_on_which_it_starts(tmp_path: Path) -> None:
    """A quoted line break moves the lines that follow, and the messages with them."""
    copied(ONE_CO, tmp_path)
    cell("events.csv", 2, "narrative", "Community\nInvestment\nFund")(tmp_path)
    events = read_bundle(tmp_path).events
    assert events[0].narrative == "Community\nInvestment\nFund"
    assert [event.line for event in events[:3]] == [2, 5, 6]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """Their order does not matter."""
    copied(ONE_CO, tmp_path)
    content("holidays.csv", lambda _: b"name,on\nPakistan Day,2026-03-23\n")(tmp_path)
    assert read_bundle(tmp_path).holidays[0].on == date(2026, 3, 23)


def test_a_file_may_hold_nothing_but_its_header(tmp_path: Path) -> None:
    """There may be no holidays, and nobody nominated."""
    copied(ONE_CO, tmp_path)
    for file in ("holidays.csv", "nominations.csv"):
        content(file, lambda data: data.splitlines(keepends=True)[0])(tmp_path)
    bundle = read_bundle(tmp_path)
    assert (bundle.holidays, bundle.nominations) == ((), ())


def test_the_same_files_have_the_same_digest_wherever_they_lie(tmp_path: Path) -> None:
    """A second import of a bundle is recognised, also from another folder."""
    assert read_bundle(copied(ONE_CO, tmp_path)).digest == read_bundle(ONE_CO).digest


def test_any_byte_changes_the_digest(tmp_path: Path) -> None:
    """A bundle that differs in anything is another bundle."""
    copied(ONE_CO, tmp_path)
    cell("events.csv", 2, "narrative", "Community Investment fund")(tmp_path)
    assert read_bundle(tmp_path).digest != read_bundle(ONE_CO).digest


def test_a_sheet_entered_twice_may_pay_a_loan_out_twice_until_it_is_reversed(
    tmp_path: Path,
) -> None:
    """A meeting entered twice is sound history once one of the two is reversed."""
    copied(ONE_CO, tmp_path)
    added("sheets.csv", "S-08,CO-01,2026-03-12,2026-03-12T19:00:00+05:00,M-0001,-10000.00")(
        tmp_path
    )
    added("sheet_lines.csv", "S-08,M-0001,disbursement,L-02,10000.00")(tmp_path)
    reversal = "E-28,2026-03-13,2026-03-13T10:00:00+05:00,CO-01,reversal,,none,,,,Twice,,S-08"
    added("events.csv", reversal)(tmp_path)
    assert len(read_bundle(tmp_path).sheets) == 8


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """Reading goes on past a bad row, in the same file and in the others."""
    refusal = refused(
        tmp_path,
        [
            cell("members.csv", 3, "cnic", "12345"),
            cell("members.csv", 3, "psc", "101"),
            cell("sheet_lines.csv", 5, "amount", "12,50"),
            cell("sheet_lines.csv", 80, "kind", "gift"),
            cell("events.csv", 7, "counterparty", "LSO-01"),
            line("loans.csv", 4, "L-03,CO-01"),
        ],
    )
    places = [(problem.file, problem.line, problem.column) for problem in refusal.problems]
    assert places == [
        ("events.csv", 7, "counterparty"),
        ("loans.csv", 4, ""),
        ("members.csv", 3, "cnic"),
        ("members.csv", 3, "psc"),
        ("sheet_lines.csv", 5, "amount"),
        ("sheet_lines.csv", 80, "kind"),
    ]


def test_a_code_on_an_unreadable_row_is_not_called_unknown(tmp_path: Path) -> None:
    """One bad member is one problem, not one for each of her lines."""
    refusal = refused(tmp_path, [cell("members.csv", 2, "gender", "woman")])
    assert [problem.column for problem in refusal.problems] == ["gender"]


def test_a_problem_that_may_follow_from_a_lost_row_says_so(tmp_path: Path) -> None:
    """Where the code of a bad row cannot be told, what names it may be right."""
    refusal = refused(tmp_path, [line("holidays.csv", 2, ""), line("products.csv", 2, ",,")])
    follow = [problem for problem in refusal.problems if problem.file == "loans.csv"]
    assert [problem.line for problem in follow] == [3]
    assert "This may follow from products.csv line 2" in follow[0].todo


def test_a_fee_that_may_follow_from_a_lost_federation_row_says_so(tmp_path: Path) -> None:
    """The parent may stand on the row that could not be read."""
    refusal = refused(tmp_path, [cell("federation.csv", 2, "from", "2026-1-15")])
    assert [problem.file for problem in refusal.problems] == ["events.csv", "federation.csv"]
    assert "This may follow from federation.csv line 2" in refusal.problems[0].todo


def test_a_thousand_problems_are_enough(tmp_path: Path) -> None:
    """A bundle that is wrong throughout does not bury its reader."""
    refusal = refused(tmp_path, [added("holidays.csv", *["x,y"] * 1_500)])
    assert len(refusal.problems) == 1_000
    assert refusal.cut_short
    assert "the first 1000 problems" in str(refusal)


def test_a_problem_reads_as_place_sentence_and_advice() -> None:
    """Whoever prepared the file is told where to look and what to do."""
    problem = Problem("members.csv", 4, "cnic", '"1" is not a CNIC', "Leave it empty.")
    assert str(problem) == 'members.csv line 4, cnic: "1" is not a CNIC. Leave it empty.'
    assert str(Problem("a.csv", 0, "", "it is empty", "Fill it.")) == "a.csv: it is empty. Fill it."


def test_a_refusal_lists_its_problems_one_a_line(tmp_path: Path) -> None:
    """The text of the refusal is complete, and says how much there is."""
    refusal = refused(tmp_path, [cell("sheet_lines.csv", 17, "amount", "12,50")])
    assert str(refusal) == (
        "The bundle is refused: 1 problem.\n"
        'sheet_lines.csv line 17, amount: "12,50" is not rupees with at most two decimals.'
        " Write it without separators, such as 1250.00."
    )


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """It is one problem, not ten missing files."""
    with pytest.raises(BundleRefused, match="there is no such folder") as refusal:
        read_bundle(tmp_path / "nowhere")
    assert len(refusal.value.problems) == 1
