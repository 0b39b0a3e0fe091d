"""Posting the sheets of books at random: in batches and one by one, beside COPY."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import own_sheets, posters, server
from bench.engine import START_UP_S
from bench.figures import Latency, percent, rate
from bench.national.generation import ceiling
from bench.national.readings import folded
from bench.national.rows import Row, Target
from bench.national.site import value
from bench.own_sheets import Saver, Task
from bench.posters import Window
from ledger.calendar import business_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ProcessPoolExecutor

    from bench.national.site import Site
    from bench.posters import Tally

SHEETS_A_SECOND: Final = 2_500
"""No more are posted on this machine, so no more books are looked up than a window takes."""
WARM_UP_PART: Final = 0.2
LOGGED: Final = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"


class Load(NamedTuple):
    """One way of posting, and what the design asks of it."""

    work: str
    connections: int
    batch: int
    target: Target


LOADS: Final = (
    Load("posting in batches of 64 sheets, 4 connections", 4, 64, Target(100_000)),
    Load("posting one sheet a transaction, 8 connections", 8, 1, Target(45_000)),
)


def prepare() -> None:
    """With this module a poster process has loaded all that it needs."""
    posters.prepare()


def measure(site: Site) -> list[Row]:
    """Every way of posting between two goes of COPY."""
    copied = ceiling(site).lines_per_s
    done, logged = [], []
    with posters.pool(prepare) as processes:
        for load in LOADS:
            before = value(site.place, LOGGED)
            tallies = posted(site, load, site.pace.window_s, processes)
            logged.append(_logged(load, tallies, int(value(site.place, LOGGED)) - int(before)))
            done.append((load, tallies))
            asyncio.run(folded(site.url))
    copied = max(copied, ceiling(site).lines_per_s)
    sync = server.sync_time(site.server.cluster)
    return [*(_row(site, load, tallies, copied, sync) for load, tallies in done), *logged]


def posted(
    site: Site, load: Load, window_s: float, processes: ProcessPoolExecutor
) -> Sequence[Tally]:
    """Post one way for the length of a window, on books at random."""
    return list(processes.map(own_sheets.run, tasks(site, load, window_s)))


def tasks(site: Site, load: Load, window_s: float) -> Sequence[Task]:
    """What each process is to post, in a window that opens soon."""
    warm_up_s = window_s * WARM_UP_PART
    run = f"{time.time_ns()}"
    most = int((window_s + warm_up_s) * SHEETS_A_SECOND)
    savers = asyncio.run(_savers(site, site.some_cos(most, run)))
    shares = [savers[n :: load.connections] for n in range(load.connections)]
    opens = time.monotonic() + START_UP_S + warm_up_s
    window = Window(opens, opens + window_s)
    today = business_date(datetime.now(UTC))
    return [
        Task(site.place, shares[n :: posters.PROCESSES], load.batch, window, today, run)
        for n in range(posters.PROCESSES)
    ]


async def _savers(site: Site, books: Sequence[int]) -> list[Saver]:
    async with server.connected(site.place) as connection:
        return await own_sheets.savers(connection, books)


def lines_per_s(tallies: Sequence[Tally], window_s: float) -> float:
    """Lines a second of all processes together."""
    return sum(tally.lines for tally in tallies) / window_s


def _logged(load: Load, tallies: Sequence[Tally], size: int) -> Row:
    return Row(
        f"log of changes (WAL) of a sheet, {load.work}",
        size / max(sum(tally.acknowledged_sheets for tally in tallies), 1),
        "bytes",
        remark="with whole pages after a checkpoint",
    )


def _row(site: Site, load: Load, tallies: Sequence[Tally], copied: float, sync: str) -> Row:
    speed = lines_per_s(tallies, site.pace.window_s)
    latency = Latency.of([s for tally in tallies for s in tally.seconds])
    sheets = max(sum(tally.sheets for tally in tallies), 1)
    python_ms = sum(tally.python_s for tally in tallies) * 1000 / sheets
    backend_ms = sum(tally.backend_s for tally in tallies) * 1000 / sheets
    return Row(
        load.work,
        speed,
        "lines/s",
        load.target,
        beside=f"COPY {rate(copied, 'lines')}; 8 kB and fdatasync {sync}",
        ratio=percent(speed, copied),
        remark=f"{latency}; processor a sheet: Python {python_ms:.2f} ms, PostgreSQL"
        f" {backend_ms:.2f} ms; books at random among {len(site.cos):,}",
    )
