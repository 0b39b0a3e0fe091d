"""`amanat demo generate`: by any number of processes, killed or not, the same books."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from typing import Final

import pytest
from rich.console import Console

from jobs.generating import Asked, Made, generate, said
from service.demo import estimate
from service.demo.shape import Shape
from service.demo.trouble import BooksNotEmpty, DemoDiffers, DemoDoesNotFit
from tests.jobs.asking import REPOSITORY
from tests.support.database import asyncpg_url, fetch

NOW: Final = datetime(2026, 7, 15, 9, tzinfo=UTC)
ASKED: Final = Asked(cos=460, years=1, seed=7, sheets=2, processes=1)
"""Two units, so two blocks."""
HEADS: Final = "SELECT id, last_no, last_account, head_hash FROM ledger.book ORDER BY id"
TOTALS: Final = (
    HEADS,
    "SELECT * FROM ledger.account ORDER BY book_id, no",
    "SELECT * FROM ledger.rollup ORDER BY 1, 2, 3, 4, 5, 6, 7",
    "SELECT * FROM service.instalment ORDER BY loan, n",
    "SELECT * FROM service.place ORDER BY id",
)
LAST_MONTH: Final = date(2026, 6, 1)


def make(url: str, asked: Asked) -> tuple[Made, str]:
    """Generate, with what is told meanwhile."""
    told = io.StringIO()
    made = generate(url, asked, clock=lambda: NOW, console=Console(file=told, width=300))
    return made, told.getvalue()


@pytest.fixture(scope="module")
def undisturbed(module_database_url: str) -> str:
    """What one process makes that nobody disturbs."""
    make(module_database_url, ASKED)
    return module_database_url


def test_two_processes_make_the_same_books(undisturbed: str, database_url: str) -> None:
    """To the last hash; and the sentence says how many lines."""
    made, told = make(database_url, Asked(460, 1, 7, 2, processes=2))
    for totals in TOTALS:
        assert fetch(database_url, totals) == fetch(undisturbed, totals)
    ((lines,),) = fetch(database_url, "SELECT count(*) FROM ledger.line")
    assert made.lines == lines
    assert f"460 COs met 2 times a year for 1 years: {lines:,} lines" in said(made)
    assert "2 sheets a year, as asked: about" in told


def test_killed_in_the_middle_it_goes_on(undisturbed: str, database_url: str) -> None:
    """The same command again; the result is that of one run."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _PROGRAM, database_url], cwd=REPOSITORY
    )
    try:
        _wait(database_url, "SELECT count(*) FROM demo.part")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with pytest.raises(DemoDiffers, match="--cos 460 --years 1 --seed 7 --sheets 2"):
        make(database_url, Asked(460, 1, 8, 2))
    _, told = make(database_url, ASKED)
    assert "Going on with what was begun." in told
    for totals in TOTALS:
        assert fetch(database_url, totals) == fetch(undisturbed, totals)


_PROGRAM: Final = """
import sys
from tests.jobs.test_generating import ASKED, make
if __name__ == "__main__":
    make(sys.argv[1], ASKED)
"""


def _wait(url: str, count: str) -> None:
    """Until something is there to be counted."""
    for _ in range(600):
        if fetch(url, "SELECT to_regclass('demo.part') IS NOT NULL") == [(True,)] and fetch(
            url, count
        ) != [(0,)]:
            return
        time.sleep(0.05)
    raise AssertionError("It did not begin.")


def test_a_second_demo_is_refused(undisturbed: str) -> None:
    """There are books now."""
    with pytest.raises(BooksNotEmpty):
        make(undisturbed, ASKED)


def test_the_estimate_is_near_what_a_thousand_cos_take(database_url: str) -> None:
    """Within a quarter, all tables and indexes together."""
    size = "SELECT pg_database_size(current_database())"
    ((before,),) = fetch(database_url, size)
    made, _ = make(database_url, Asked(1000, 1, 3, 4, processes=2))
    ((after,),) = fetch(database_url, size)
    used = int(str(after)) - int(str(before))
    expected = estimate.estimate(made.shape)
    assert 0.75 < expected.bytes / used < 1.25, (expected.bytes, used)
    assert 0.75 < expected.lines / made.lines < 1.25, (expected.lines, made.lines)


def test_as_many_sheets_as_leave_a_quarter_of_the_disk_free() -> None:
    """Unasked, the most that fit; asked, those or a refusal."""
    six = estimate.estimate(Shape(1000, 2, 1, 6, LAST_MONTH)).bytes
    free = int(six / 0.75) + 1000
    assert _chosen(free, None) == 6
    assert _chosen(10**15, None) == 12
    assert _chosen(free, 5) == 5
    assert _chosen(None, 5) == 5
    with pytest.raises(DemoDoesNotFit, match="with 7 sheets a year take about"):
        _chosen(free, 7)
    with pytest.raises(DemoDoesNotFit, match="with 1 sheets a year take about"):
        _chosen(1000, None)
    with pytest.raises(DemoDoesNotFit, match="on another machine"):
        _chosen(None, None)


def _chosen(free: int | None, sheets: int | None) -> int:
    shape = estimate.chosen(free, cos=1000, years=2, seed=1, last_month=LAST_MONTH, sheets=sheets)
    return shape.sheets


def test_the_command_says_what_it_makes(database_url: str) -> None:
    """From the shell: what was chosen, then what was made."""
    ran = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-m",
            "jobs.cli",
            "demo",
            "generate",
            *["--cos", "3", "--years", "1", "--seed", "1"],
        ],
        env={**os.environ, "AMANAT_DATABASE_URL": asyncpg_url(database_url)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.match(r"3 COs met 12 times a year for 1 years: \d+ lines written now", ran.stdout)
    assert "the most that leaves a quarter of the free disk free" in ran.stderr
    assert fetch(database_url, "SELECT count(*) FROM service.organisation") == [(8,)]
