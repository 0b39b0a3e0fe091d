"""Reading the roll-up: any node on any day, with nothing waiting and with a thousand deltas."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final

import uvloop

from bench import own_sheets, server
from bench.national.rows import Row, timed
from jobs.folding import fold_all
from ledger.postgres.balances import rollup
from service.books import make_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import date

    import asyncpg

    from bench.national.site import Site
    from bench.server import Place
    from service.demo.shape import Shape

TARGET_MS: Final = 5
WAITING: Final = 1000
AT_A_TIME: Final = 16
NODES_OF_A_TIER: Final = 5
REPEATS: Final = 7
SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE amanat_system"


def nodes(shape: Shape, most: int) -> dict[str, list[int]]:
    """Some nodes of each tier, by what people call it."""
    tiers = {
        "the top node": range(1, 2),
        "an RSP": range(shape.rsp_book, shape.network_book),
        "a network": range(shape.network_book, shape.lso_book),
        "an LSO": range(shape.lso_book, shape.vo_book),
        "a VO": range(shape.vo_book, shape.co_book),
        "a CO": range(shape.co_book, shape.books + 1),
    }
    rng = Random("nodes")  # noqa: S311 - no secret
    return {tier: rng.sample(books, min(most, len(books))) for tier, books in tiers.items()}


@asynccontextmanager
async def reading(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """A connection in one snapshot, in the role of the house."""
    async with server.connected(place) as connection:
        await connection.execute(SNAPSHOT)
        yield connection


def measure(site: Site) -> list[Row]:
    """Every tier on three days: nothing waits, then what about sixteen batches have left."""
    return uvloop.run(_measure(site))


async def _measure(site: Site) -> list[Row]:
    await folded(site.url)
    rows = await _tiers(site, "nothing waiting", 0)
    deltas = await left_waiting(site)
    rows += await _tiers(site, f"about {WAITING:,} deltas waiting", deltas)
    await folded(site.url)
    return rows


async def folded(url: str) -> None:
    """Fold all that waits."""
    engine = make_engine(url, connections=1)
    try:
        await fold_all(engine, clock=lambda: datetime.now(UTC))
    finally:
        await engine.dispose()


async def _tiers(site: Site, state: str, waiting: int) -> list[Row]:
    rows = []
    for tier, books in nodes(site.shape, NODES_OF_A_TIER).items():
        taken = await _timed(site.place, books, site.days())
        by_day = {day: sorted(seconds)[len(seconds) // 2] for day, seconds in taken.items()}
        remark = ", ".join(f"{day} {s * 1000:.2f}" for day, s in by_day.items())
        seconds = [one for some in taken.values() for one in some]
        rows.append(
            timed(
                f"roll-up of {tier}, {state}",
                seconds,
                TARGET_MS,
                f"medians in ms: {remark}; {waiting:,} deltas wait",
            )
        )
    return rows


async def _timed(
    place: Place, books: list[int], days: Mapping[str, date]
) -> dict[str, list[float]]:
    """How long each reading took, by day; each node was read once before."""
    taken: dict[str, list[float]] = {day: [] for day in days}
    async with reading(place) as connection:
        for name, day in days.items():
            for book in books:
                await rollup(connection, day, nodes=[book])
                for _ in range(REPEATS):
                    begun = time.perf_counter()
                    await rollup(connection, day, nodes=[book])
                    taken[name].append(time.perf_counter() - begun)
    return taken


async def left_waiting(site: Site) -> int:
    """Post sheets that nobody folds, until enough deltas wait; how many that is."""
    today, run, sheets = datetime.now(UTC).date(), f"wait-{time.time_ns()}", 0
    async with server.connected(site.place) as connection:
        savers = await own_sheets.savers(connection, site.some_cos(2 * WAITING, "waiting"))
        waiting = 0
        while waiting < WAITING:
            batch = [savers[n % len(savers)] for n in range(sheets, sheets + AT_A_TIME)]
            await own_sheets.posted(connection, batch, f"{run}-{sheets}", today)
            sheets += AT_A_TIME
            waiting = await connection.fetchval("SELECT count(*) FROM ledger.delta")
    return waiting
