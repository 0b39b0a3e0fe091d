"""`python -m bench`: every claim of speed, as a ratio inside one run."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import copying, engine, http, lending, peer, pilot, posters, server, table
from bench.engine import LOADS, Load, Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figures import Figure
    from service.database.embedded import Cluster

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "bench.md"
PARTS: Final = ("engine", "http", "peer", "import", "reports", "lending")
MINUTES: Final = 5.0
BOOKS: Final = 2_000
"""With 32 accounts each: 64,000 accounts."""
QUICK_BOOKS: Final = 200
COPIED_LINES: Final = 500_000
QUICK_COPIED_LINES: Final = 60_000
WINDOW_PART: Final = 1 / 30
"""Fourteen windows with what stands around them make a run of the length asked for."""
LONGEST_WARM_UP_S: Final = 3.0
BEGUN: Final = time.monotonic()
QUICK: Final = Pace(warm_up_s=0.3, window_s=1.2)
BESIDE: Final = Load("beside HTTP", http.CONNECTIONS)
"""One sheet a transaction, on as many connections as the API is asked by."""


class Size(NamedTuple):
    """How much a run does."""

    pace: Pace
    books: int
    copied_lines: int
    only: str | None

    def wants(self, *parts: str) -> bool:
        """Whether the run has one of these parts."""
        return self.only is None or self.only in parts


def main() -> int:
    """Measure, show, and fail where what was posted does not prove."""
    asked = _arguments().parse_args()
    with server.running(asked.scratch) as cluster:
        environment = asyncio.run(server.environment(cluster))
        figures, faults = _measure(cluster, _size(asked))
    took = f"{datetime.now(UTC):%Y-%m-%d}, {time.monotonic() - BEGUN:.0f} s"
    table.show(environment, figures)
    print(took)
    if asked.write:
        table.write(PAGE, environment, figures, took)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="about how long to run")
    parser.add_argument("--quick", action="store_true", help="within a minute; rough")
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    parser.add_argument("--books", type=int, help="how many books, of 32 accounts each")
    parser.add_argument("--scratch", type=Path, help="a directory on the disk to be measured")
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.name}")
    return parser


def _size(asked: argparse.Namespace) -> Size:
    window_s = asked.minutes * 60 * WINDOW_PART
    pace = QUICK if asked.quick else Pace(min(window_s / 5, LONGEST_WARM_UP_S), window_s)
    return Size(
        pace=pace,
        books=asked.books or (QUICK_BOOKS if asked.quick else BOOKS),
        copied_lines=QUICK_COPIED_LINES if asked.quick else COPIED_LINES,
        only=asked.only,
    )


def _measure(cluster: Cluster, size: Size) -> tuple[list[Figure], list[str]]:
    figures: list[Figure] = []
    faults: list[str] = []
    ours: dict[int, float] = {}
    if size.wants("engine"):
        figures, ours, faults = _engine(cluster, size)
    if size.wants("engine", "http"):
        figures += _http(cluster, size)
    if size.wants("peer"):
        _say("peer")
        place = server.created(cluster, "peer")
        figures += peer.measure(place, size.pace, books=size.books, ours=ours)
    if size.wants("import", "reports"):
        _say("pilot: import and reports")
        server.migrated(cluster, "pilot")
        url = server.url(cluster, "pilot")
        imported = asyncio.run(pilot.imported(url))
        figures += imported if size.wants("import") else []
        figures += asyncio.run(pilot.reported(url)) if size.wants("reports") else []
    if size.wants("lending"):
        _say("schedules and previews of loans")
        figures += lending.measure(size.pace.window_s / 2)
    return figures, faults


def _http(cluster: Cluster, size: Size) -> list[Figure]:
    """The API, by one process and by two, each between two goes of the engine.

    A machine that others use too is now faster, now slower: what is compared stands together.
    """
    place = server.migrated(cluster, "beside")
    server.migrated(cluster, http.DATABASE)
    url, cos = server.url(cluster, http.DATABASE), min(size.books, http.MOST_COS)
    asyncio.run(http.prepared(url, cos))
    books = asyncio.run(engine.opened(place, cos))
    figures = []
    with posters.pool(posters.prepare) as processes:

        def beside() -> float:
            _say("engine, beside HTTP")
            return engine.measure(books, BESIDE, size.pace, processes).lines_per_s

        before = beside()
        for nth, service_processes in enumerate((1, 2)):
            _say(f"HTTP, {service_processes} process(es)")
            done = http.measure(url, cos, size.pace, service_processes, first=nth * http.MEETINGS)
            after = beside()
            figures.append(done.figure((before + after) / 2))
            before = after
    return figures


def _engine(cluster: Cluster, size: Size) -> tuple[list[Figure], dict[int, float], list[str]]:
    """The ceiling, the engine, and the proof of it; ours by connections; what does not hold."""
    place = server.migrated(cluster, "engine")
    books = asyncio.run(engine.opened(place, size.books))
    _say(f"{books.accounts:,} accounts in {len(books.books):,} books are open.")
    _say("COPY")
    before = asyncio.run(copying.measure(place, books.books, lines=size.copied_lines))
    measured = []
    with posters.pool(posters.prepare) as processes:
        for load in LOADS:
            _say(load.work)
            measured.append(engine.measure(books, load, size.pace, processes))
    _say("COPY again")
    after = asyncio.run(copying.measure(place, books.books, lines=size.copied_lines))
    ceiling = max(before, after, key=lambda one: one.lines_per_s)
    _say("verify")
    proof, proof_figure = asyncio.run(pilot.proven(place))
    faults = [str(finding) for finding in proof.findings]
    if proof.lines != books.acknowledged_lines:
        faults.append(f"{books.acknowledged_lines} lines acknowledged, {proof.lines} found")
    figures = [
        ceiling.figure(),
        *(one.figure(ceiling.lines_per_s) for one in measured),
        proof_figure,
    ]
    return figures, _singles(measured), faults


def _singles(measured: Sequence[engine.Measured]) -> dict[int, float]:
    """Lines a second of one sheet a transaction, by connections."""
    return {
        one.load.connections: one.lines_per_s
        for one in measured
        if one.load.hot is None and one.load.batch == 1
    }


def _say(what: str) -> None:
    print(f"{time.monotonic() - BEGUN:5.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
