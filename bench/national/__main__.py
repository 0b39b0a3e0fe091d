"""`python -m bench.national`: how everything grows, from 10 thousand members to 10 million.

Killed anywhere, the same command goes on: every measurement is kept as soon as it is made.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import server
from bench.national import (
    capacity,
    documents,
    folding,
    generation,
    growth,
    page,
    passes,
    posting,
    proof,
    readings,
    room,
    statements,
    steadiness,
    storage,
)
from bench.national.results import MEMBERS, AnotherRun, Plan, Results
from bench.national.site import SETTINGS, SMALL, Kept, Pace, Site
from service.database import embedded
from service.database.server import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.national.rows import Row

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SCRATCH: Final = ROOT / "var" / "bench-national"
REFERENCE: Final = ROOT / "docs" / "reference"
SIZES: Final = (10_000, 100_000, 1_000_000, MEMBERS)
SEED: Final = 1
QUICK_SHEETS: Final = 2
WINDOW_S: Final = 10.0
QUICK_S: Final = 2.0
GENERATION: Final = "generation"
MEASUREMENTS: Final[Mapping[str, Callable[[Site], Sequence[Row]]]] = {
    "bytes": storage.measure,
    "roll-up": readings.measure,
    "statements": statements.measure,
    "passes": passes.measure,
    "posting": posting.measure,
    "folding": folding.measure,
    "proof": proof.measure,
}
"""In this order: what comes first finds books as they were written."""
BEGUN: Final = time.monotonic()


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what it takes, make what is missing, measure what is not measured yet, show all."""
    asked = _arguments().parse_args(arguments)
    if asked.quick and asked.scratch is None:
        with tempfile.TemporaryDirectory(prefix="amanat-bench-") as scratch:
            try:
                return _run(asked, Path(scratch))
            finally:
                embedded.discard(Path(scratch) / "server")
    return _run(asked, asked.scratch or SCRATCH)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.national", description=__doc__)
    add = parser.add_argument
    add("--members", type=int, nargs="+", default=SIZES, help="the sizes")
    add("--years", type=int, help=f"over how many years; {room.YEARS}, or fewer where they fit")
    add("--sheets", type=int, help="sheets a year of each CO; as many as fit for all sizes")
    add("--scratch", type=Path, help=f"where the books are kept; {SCRATCH.relative_to(ROOT)}")
    add("--only", nargs="+", choices=[*MEASUREMENTS, steadiness.NAME], help="these alone")
    add("--again", action="store_true", help="measure anew, on books that posting has added to")
    add("--drop", action="store_true", help="delete the books of a size once it is measured")
    add("--quick", action="store_true", help="rough: short windows, books for this run alone")
    add("--window", type=float, help="for how many seconds posting is measured each time")
    add("--show", action="store_true", help="show what was measured before, and measure nothing")
    add("--write", action="store_true", help="also write the pages and the drawing in docs")
    return parser


def _run(asked: argparse.Namespace, scratch: Path) -> int:
    scratch.mkdir(parents=True, exist_ok=True)
    scratch.chmod(0o711)  # PostgreSQL's own user must be able to enter
    results = Results.read(scratch / "results.json")
    try:
        if not asked.show:
            _measure_all(asked, scratch, results)
    except (room.TooLittleRoom, AnotherRun, proof.DoesNotHold) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    page.show(results)
    if asked.write:
        page.write(REFERENCE / "national.md", results)
        growth.write(REFERENCE / "growth.svg", results)
        capacity.write(REFERENCE / "capacity.md", results)
    return 0


def _measure_all(asked: argparse.Namespace, scratch: Path, results: Results) -> None:
    sizes = sorted(asked.members)
    free = room.free(scratch)
    plan = _plan(asked, results, sizes, free)
    pace = Pace(asked.window or (QUICK_S if asked.quick else WINDOW_S))
    settings = SETTINGS if max(sizes) >= room.LARGE_FROM else SMALL
    missing = [members for members in sizes if not results.has(members, GENERATION)]
    _say(room.say(plan, missing, free, dropped=asked.drop))
    plan = results.begin(plan)
    with Kept(scratch / "server", settings) as kept:
        results.environment = asyncio.run(server.environment(kept.cluster))
        results.write()
        _measure_documents(asked, kept, pace, results)
        sites = [Site(kept, members, plan.shape(members), pace) for members in sizes]
        for site in sites:
            _measure_size(asked, site, plan, results)
        if len(sites) > 1 and not asked.drop:
            _measure_in_turn(asked, (sites[-2], sites[-1]), plan, results)


def _plan(asked: argparse.Namespace, results: Results, sizes: Sequence[int], free: int) -> Plan:
    plan = results.plan or Plan(room.YEARS, QUICK_SHEETS, SEED, f"{datetime.now(UTC):%Y-%m-%d}")
    wished = replace(plan, years=asked.years or plan.years, sheets=asked.sheets or plan.sheets)
    if results.plan is not None or asked.quick:
        return wished
    years, sheets = asked.years is None, asked.sheets is None
    return room.chosen(wished, sizes, free, years=years, sheets=sheets, dropped=asked.drop)


def _measure_size(asked: argparse.Namespace, site: Site, plan: Plan, results: Results) -> None:
    wanted = [
        name
        for name in MEASUREMENTS
        if (asked.only is None or name in asked.only)
        and (asked.again or not results.has(site.members, name))
    ]
    if not wanted:
        return
    _make_ready(site, plan, results)
    for name in wanted:
        _say(f"{site.members:,} members: {name}")
        _measure(results, site.members, name, partial(MEASUREMENTS[name], site))
    if asked.drop:
        site.server.drop(site.database)


def _make_ready(site: Site, plan: Plan, results: Results) -> None:
    if not generation.is_made(site):
        _say(f"{site.members:,} members: the books")
        _measure(results, site.members, GENERATION, partial(generation.make, site, plan))
    else:
        prepare(site.url)  # the schema may have moved on since


def _measure_in_turn(
    asked: argparse.Namespace, two: tuple[Site, Site], plan: Plan, results: Results
) -> None:
    """How the largest size reads beside the one before; it takes the books of both."""
    before, largest = two
    wanted = asked.only is None or steadiness.NAME in asked.only
    if wanted and (asked.again or not results.has(largest.members, steadiness.NAME)):
        for site in two:
            _make_ready(site, plan, results)
        _say(f"{before.members:,} and {largest.members:,} members: reads in turn")
        measure = partial(steadiness.measure, before, largest)
        _measure(results, largest.members, steadiness.NAME, measure)


def _measure_documents(asked: argparse.Namespace, kept: Kept, pace: Pace, results: Results) -> None:
    """What one sheet takes with its documents; the size 0 stands for books of any size."""
    if asked.only is None and (asked.again or not results.has(0, documents.NAME)):
        _say("sheets through the API, for their bytes")
        _measure(results, 0, documents.NAME, partial(documents.measure, kept, pace))


def _measure(
    results: Results, members: int, name: str, measure: Callable[[], Sequence[Row]]
) -> None:
    begun = time.monotonic()
    rows = measure()
    results.keep(members, name, time.monotonic() - begun, rows)


def _say(what: str) -> None:
    print(f"{time.monotonic() - BEGUN:5.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
