"""The measurements of national scale: of sixty organisations, for the fraction of a second."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest

from bench.national import capacity, growth, page, room
from bench.national.__main__ import MEASUREMENTS, SIZES, main
from bench.national.results import AnotherRun, Plan, Results
from bench.national.rows import Row, Target
from tests.support.database import scratch_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEMBERS: Final = 1_090
TINY: Final = (
    *("--members", str(MEMBERS), "--years", "1", "--sheets", "4"),
    *("--window", "0.4", "--scratch"),
)
ALONE: Final = ("bytes", "roll-up", "statements", "passes", "proof")
PLAN: Final = Plan(years=5, sheets=2, seed=1, planned_on="2026-07-15")


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A directory for a run, that PostgreSQL's own user can enter."""
    with scratch_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def run(scratch: Path) -> Results:
    """Sixty COs, measured but for what takes processes of its own."""
    assert main([*TINY, str(scratch), "--only", *ALONE]) == 0
    return Results.read(scratch / "results.json")


def test_what_is_asked_for_is_measured(run: Results) -> None:
    """Each measurement of the size has rows, and the books hold."""
    assert run.plan is not None
    assert run.plan.shape(MEMBERS).cos == 60
    assert set(run.parts[MEMBERS]) == {"generation", *ALONE}
    assert all(part.rows for part in run.parts[MEMBERS].values())


def test_what_was_measured_is_not_measured_again(run: Results, scratch: Path) -> None:
    """The same command finds everything done, and another run is refused."""
    assert main([*TINY, str(scratch), "--only", *ALONE]) == 0
    assert Results.read(scratch / "results.json").parts == run.parts
    assert main([*TINY, str(scratch), "--years", "2"]) == 1


def test_the_two_largest_sizes_are_read_in_turn(run: Results, scratch: Path) -> None:
    """Of every tier, and of papers; the smaller books are made for it."""
    sizes = ("--members", "540", str(MEMBERS), *TINY[2:], str(scratch))
    assert main([*sizes, "--only", "in turn"]) == 0
    rows = Results.read(scratch / "results.json").parts[MEMBERS]["in turn"].rows
    assert len(rows) == 2 + 2 * 6
    assert all(row.work.endswith("from 540 to 1.09 k in turn, by") for row in rows)
    assert run.parts[MEMBERS].keys() <= Results.read(scratch / "results.json").parts[MEMBERS].keys()


def test_the_pages_and_the_drawing_say_what_was_measured(run: Results, tmp_path: Path) -> None:
    """A table by size, a panel for each measurement, and the arithmetic of ten years."""
    page.write(tmp_path / "national.md", run)
    growth.write(tmp_path / "growth.svg", run)
    capacity.write(tmp_path / "capacity.md", run)
    table = (tmp_path / "national.md").read_text(encoding="utf-8")
    assert table.count("| Work | Target | 1.09 k |") == 2
    assert "\n- bytes of a row of ledger.line, 1.09 k: " in table
    assert "## 10 years of 10,000,000 members" in (tmp_path / "capacity.md").read_text("utf-8")
    drawn = ET.fromstring((tmp_path / "growth.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own
    said = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert said.count("1.09 k") == len(set(growth.PANELS) & set(page.works_of(run)))


def test_a_result_is_kept_as_it_was_found(tmp_path: Path) -> None:
    """Whatever is written is read again, with its target."""
    rows = [Row("reading", 4.0, "ms", Target(5, at_most=True), high=6.0), Row("size", 2.0, "GiB")]
    results = Results(tmp_path / "results.json")
    results.begin(PLAN)
    results.keep(10_000, "roll-up", 1.5, rows)
    again = Results.read(results.path)
    assert again.parts == results.parts
    assert again.plan == PLAN
    assert json.loads(results.path.read_text("utf-8"))["plan"]["sheets"] == 2


def test_a_run_over_other_years_is_another_run(tmp_path: Path) -> None:
    """Sizes of one table have the same books."""
    results = Results(tmp_path / "results.json")
    results.begin(PLAN)
    assert results.begin(replace(PLAN, planned_on="2026-08-01")) == PLAN
    with pytest.raises(AnotherRun):
        results.begin(Plan(years=5, sheets=3, seed=1, planned_on="2026-07-15"))


def test_a_target_is_held_against_the_slow_ones() -> None:
    """Not against the median: one in twenty readers would wait longer."""
    assert Row("reading", 4.0, "ms", Target(5, at_most=True), high=6.0).met is False
    assert Row("posting", 100_001.0, "lines/s", Target(100_000)).met is True
    assert Row("size", 2.0, "GiB").met is None


def test_a_disk_that_is_too_small_is_refused_beforehand() -> None:
    """It says what is needed and what is free, and nothing is written."""
    with pytest.raises(room.TooLittleRoom, match="a larger disk"):
        room.say(PLAN, [10_000_000], 10 * 1024**3, dropped=False)
    assert "take about" in room.say(PLAN, [10_000], 100 * 1024**3, dropped=False)


def chosen(gib: int, *, dropped: bool = False, sizes: tuple[int, ...] = SIZES) -> Plan:
    """What is chosen for a disk with so much free."""
    return room.chosen(PLAN, sizes, gib * 1024**3, years=True, sheets=True, dropped=dropped)


def test_all_sizes_have_the_sheets_that_fit_for_all() -> None:
    """Chosen once, so that sizes compare."""
    some, more = chosen(20, sizes=SIZES[:3]), chosen(60, sizes=SIZES[:3])
    assert 1 <= some.sheets < more.sheets <= 12
    assert some.years == more.years == PLAN.years


def test_books_are_kept_over_fewer_years_where_five_do_not_fit() -> None:
    """Fewer sheets first; and it is said, for statements are shorter then."""
    found = chosen(70)
    assert 1 <= found.years < PLAN.years
    assert f"of {found.years} years, not of the 5" in room.say(
        found, SIZES, 70 * 1024**3, dropped=False
    )


def test_what_is_dropped_makes_room_for_the_next_size() -> None:
    """The largest has to fit beside what is no size's, not all of them together."""
    kept, dropped = (room.needed(PLAN, SIZES, dropped=dropped) for dropped in (False, True))
    assert dropped == room.needed(PLAN, [max(SIZES)], dropped=False) < kept
    assert chosen(70, dropped=True).years >= chosen(70).years
    assert "each is deleted" in room.say(PLAN, [10_000], 100 * 1024**3, dropped=True)


def test_what_was_asked_for_is_not_chosen_otherwise() -> None:
    """It is refused where it does not fit."""
    asked = room.chosen(PLAN, SIZES, 1, years=False, sheets=False, dropped=False)
    assert asked == PLAN


def test_books_go_up_to_the_month_before() -> None:
    """Also in January, and whenever the run goes on."""
    assert f"{Plan(5, 2, 1, '2026-01-20').shape(10_000).last_month}" == "2025-12-01"


@pytest.mark.long
def test_a_run_goes_on_until_everything_is_measured(run: Results, scratch: Path) -> None:
    """What is left comes beside what was there."""
    assert main([*TINY, str(scratch)]) == 0
    after = Results.read(scratch / "results.json")
    assert after.parts[MEMBERS].keys() >= {"generation", *MEASUREMENTS}
    assert after.parts[MEMBERS]["roll-up"] == run.parts[MEMBERS]["roll-up"]
    assert set(growth.PANELS) <= set(page.works_of(after))
