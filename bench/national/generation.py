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
from bench.national.site import execute, value
from bench.own_sheets import MOST_LINES
from jobs.generating import Asked, generate
from service.database.server import prepare

if TYPE_CHECKING:
    from bench.national.results import Plan
    from bench.national.site import Site

MADE: Final = "SELECT to_regclass('demo.plan') IS NULL AND EXISTS (SELECT FROM ledger.book)"
PARTITIONS: Final = """
    SELECT ledger.make_partition(extract(year FROM now() - make_interval(months => n - 6))::integer)
    FROM generate_series(0, {}, 6) AS n
"""
"""For the lines that are copied: the sheets of the other benchmark, of five years."""


def is_made(site: Site) -> bool:
    """Whether the books are there, whole."""
    try:
        return value(site.place, MADE) == "True"
    except (asyncpg.InvalidCatalogNameError, asyncpg.UndefinedTableError):
        return False


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
    copied = ceiling(site)
    speed = made.lines / made.seconds
    return [
        Row(
            "ceiling: single-stream COPY of lines",
            copied.lines_per_s,
            "lines/s",
            remark=f"the fastest way: {copied.way}; no line of it is proven or rolled up",
        ),
        Row(
            "generation of the books, before the roll-up",
            speed,
            "lines/s",
            beside=f"COPY {rate(copied.lines_per_s, 'lines')}",
            ratio=percent(speed, copied.lines_per_s),
            remark=f"{made.lines:,} lines in {made.seconds:,.0f} s by {server.cores()} processes,"
            " with entries, accounts, seals, members and loans",
        ),
    ]


def ceiling(site: Site) -> copying.Ceiling:
    """How fast lines go by COPY into books at random, a few sheets into each."""
    lines = site.pace.copied_lines
    books = site.some_cos(max(lines // MOST_LINES // 4, 1), "copy")
    return asyncio.run(copying.measure(site.place, books, lines=lines))
