"""What folding and readers cost posting: with and without them in turn.

Folding runs in a process of its own as the service does it; another reads roll-ups of nodes
at random, so many a second, and sees how many deltas wait.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

import uvloop

from bench import own_sheets, posters, server
from bench.figures import rate
from bench.national import posting
from bench.national.readings import SNAPSHOT, folded, nodes
from bench.national.rows import Row, Target, timed
from bench.national.site import value
from jobs.folding import keep_folding
from jobs.schedule import FOLD_BUSY_S, FOLD_IDLE_S
from ledger.postgres.balances import rollup
from service.books import make_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ProcessPoolExecutor
    from datetime import date

    from bench.national.site import Site
    from bench.server import Place

READS_A_SECOND: Final = 20
SLOWER_AT_MOST: Final = 15.0
ROLLUP_MS: Final = 5
NODES_OF_A_TIER: Final = 20
_COUNT: Final = "SELECT count(*) FROM ledger.delta"


class Seen(NamedTuple):
    """What the reader saw while sheets were posted."""

    seconds: list[float]
    waiting: list[int]


class Turn(NamedTuple):
    """One go of posting without company and one with."""

    alone: float
    beside: float
    deltas_per_s: float
    seen: Seen


def prepare() -> None:
    """With this module a process has loaded all that folding and reading need."""
    posters.prepare()


def measure(site: Site) -> list[Row]:
    """Post in batches, now alone, now beside folding and readers."""
    with posters.pool(posting.prepare) as processes, posters.pool(prepare) as company:
        turns = [_turn(site, processes, company) for _ in range(site.pace.rounds)]
    asyncio.run(folded(site.url))
    return _rows(turns)


def _turn(site: Site, processes: ProcessPoolExecutor, company: ProcessPoolExecutor) -> Turn:
    load, window_s = posting.LOADS[0], site.pace.window_s / 2
    alone = posting.lines_per_s(posting.posted(site, load, window_s, processes), window_s)
    waiting = int(value(site.place, _COUNT))
    begun = time.monotonic()
    asyncio.run(folded(site.url))
    fold_s = time.monotonic() - begun
    tasks = posting.tasks(site, load, window_s)
    closes = tasks[0].window.closes
    fold = company.submit(_fold, site.url, closes)
    tiers = [node for some in nodes(site.shape, NODES_OF_A_TIER).values() for node in some]
    read = company.submit(_read, site.place, tiers, list(site.days().values()), closes)
    beside = posting.lines_per_s(list(processes.map(own_sheets.run, tasks)), window_s)
    fold.result()
    return Turn(alone, beside, waiting / fold_s, read.result())


def _rows(turns: Sequence[Turn]) -> list[Row]:
    alone, beside = median(t.alone for t in turns), median(t.beside for t in turns)
    slower = median(100 * (1 - turn.beside / max(turn.alone, 1)) for turn in turns)
    pairs = ", ".join(f"{turn.alone:,.0f} and {turn.beside:,.0f}" for turn in turns)
    waiting = [count for turn in turns for count in turn.seen.waiting]
    seconds = [s for turn in turns for s in turn.seen.seconds]
    return [
        Row(
            "posting in batches is slower beside folding and readers by",
            slower,
            "%",
            Target(SLOWER_AT_MOST, at_most=True),
            beside=f"alone {rate(alone, 'lines')}; with them {rate(beside, 'lines')}",
            remark=f"in turn: {pairs} lines/s; {READS_A_SECOND} roll-ups asked a second",
        ),
        Row(
            "deltas waiting while sheets are posted and folded, at most",
            max(waiting),
            "deltas",
            remark=f"median {median(waiting):,.0f}",
        ),
        timed("roll-up of any node while sheets are posted and folded", seconds, ROLLUP_MS),
        Row(
            "folding what has piled up",
            median(turn.deltas_per_s for turn in turns),
            "deltas/s",
            remark="nothing else runs; with the vacuum that follows",
        ),
    ]


def _fold(url: str, closes: float) -> None:
    """Fold as the service does, until a moment; called in a process of its own."""
    uvloop.run(_keep_folding(url, closes))


async def _keep_folding(url: str, closes: float) -> None:
    engine, ended = make_engine(url, connections=1), asyncio.Event()
    asyncio.get_running_loop().call_later(closes - time.monotonic(), ended.set)
    try:
        await keep_folding(
            engine,
            clock=lambda: datetime.now(UTC),
            leads=lambda: True,
            ended=ended,
            busy_s=FOLD_BUSY_S,
            idle_s=FOLD_IDLE_S,
        )
    finally:
        await engine.dispose()


def _read(place: Place, books: Sequence[int], days: Sequence[date], closes: float) -> Seen:
    """Read nodes at random, steadily, until a moment; called in a process of its own."""
    return uvloop.run(_keep_reading(place, books, days, closes))


async def _keep_reading(
    place: Place, books: Sequence[int], days: Sequence[date], closes: float
) -> Seen:
    seen, rng = Seen([], []), Random()  # noqa: S311 - no secret
    async with server.connected(place) as connection:
        due = time.monotonic()
        while due < closes:
            await connection.execute(SNAPSHOT)
            seen.waiting.append(int(await connection.fetchval(_COUNT)))
            begun = time.perf_counter()
            await rollup(connection, rng.choice(days), nodes=[rng.choice(books)])
            seen.seconds.append(time.perf_counter() - begun)
            await connection.execute("COMMIT")
            due = max(due + 1 / READS_A_SECOND, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
    return seen
