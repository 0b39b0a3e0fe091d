"""The books of a size, by the generator of the demo; lines a second."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import asyncpg
from rich.console import Console

from bench import copying, server, sheets
from bench.figures import percent, rate
from bench.national.rows import Row
from bench.national.site import execute
from jobs.generating import Asked, generate
from service.database.server import prepare

if TYPE_CHECKING:
    from bench.national.results import Plan
    from bench.national.site import Site


PARTITIONS: Final = """
    SELECT ledger.make_partition(extract(year FROM now() - make_interval(months => n - 6))::integer)
    FROM generate_series(0, {}, 6) AS n
"""
"""For the lines that are copied: the sheets of the other benchmark, of five years."""


def is_made(site: Site) -> bool:
    """Whether the books are there, whole."""
    return asyncio.run(_is_made(site))


async def _is_made(site: Site) -> bool:
    try:
        connection = await server.connect(site.place)
    except asyncpg.InvalidCatalogNameError:
        return False
    try:
        if await connection.fetchval("SELECT to_regclass('ledger.book') IS NULL"):
            return False
        return bool(
            await connection.fetchval(
                "SELECT to_regclass('demo.plan') IS NULL AND EXISTS (SELECT FROM ledger.book)"
            )
        )
    finally:
        await connection.close()


def make(site: Site, plan: Plan) -> list[Row]:
    """Make the books, or what is missing of them."""
    prepare(site.url)
    planned_on = datetime.fromisoformat(plan.planned_on).replace(hour=9, tzinfo=UTC)
    shape = site.shape
    made = generate(
        site.url,
        Asked(shape.cos, shape.years, shape.seed, shape.sheets, processes=server.cores()),
        clock=lambda: planned_on,
        console=Console(stderr=True),
    )
    execute(site.place, PARTITIONS.format(sheets.MONTHS))
    if made.lines == 0:
        return []
    books = site.some_cos(copying_books(site.pace.copied_lines), "copy")
    ceiling = asyncio.run(copying.measure(site.place, books, lines=site.pace.copied_lines))
    speed = made.lines / made.seconds
    return [
        Row(
            "ceiling: single-stream COPY of lines",
            ceiling.lines_per_s,
            "lines/s",
            remark=f"the fastest way: {ceiling.way}; no line of it is proven or rolled up",
        ),
        Row(
            "generation of the books, before the roll-up",
            speed,
            "lines/s",
            beside=f"COPY {rate(ceiling.lines_per_s, 'lines')}",
            ratio=percent(speed, ceiling.lines_per_s),
            remark=f"{made.lines:,} lines in {made.seconds:,.0f} s by {server.cores()} processes,"
            " with entries, accounts, seals, members and loans",
        ),
    ]


def copying_books(lines: int) -> int:
    """So many books that each is copied a few sheets of."""
    return max(lines // 31 // 4, 1)
