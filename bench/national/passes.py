"""The night's work as the jobs do it: in parts, two at once, each committed.

The first night looks at every loan there ever was, the second knows which are settled. What
the jobs keep is thrown away afterwards.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import sub
from typing import TYPE_CHECKING, Final

from bench.national.rows import Row, Target
from bench.national.site import execute, value
from jobs import purge
from jobs.catalogue import JOBS
from jobs.running import run
from ledger.calendar import business_date
from service.books import make_engine, read_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bench.national.site import Site
    from jobs.progress import Progress

SECONDS_A_MILLION: Final = 20
MILLION: Final = 1_000_000
JUDGED_FROM: Final = 50_000
"""Running loans; with fewer what a pass costs in any case would be counted many times."""
OVER_AFTER: Final = timedelta(hours=1)
EMPTY: Final = r"""
    DO $$ BEGIN EXECUTE (
        SELECT format('TRUNCATE %s CASCADE', string_agg(c.oid::regclass::text, ', '))
        FROM pg_class c WHERE c.relnamespace = 'service'::regnamespace AND c.relkind = 'r'
            AND (c.relname IN ('job_run', 'settled_loan') OR EXISTS (
                SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attname = 'business_date'))
    ); END $$
"""
"""What jobs have kept, and that they did."""
RESULTS: Final = tuple(
    sorted({results.table for results in purge.RESULTS} - {"service.proof_part"})
)
SIZE: Final = "SELECT pg_total_relation_size('{}')"
NIGHT_BYTES: Final = "bytes of a night's results, a running loan"
RUNNING: Final = "SELECT count(*) FROM service.loan_arrears WHERE business_date = $1"
KNOWN: Final = "ANALYZE service.settled_loan"
"""As autovacuum would have done by the second night."""


def measure(site: Site) -> list[Row]:
    """Two nights of the arrears, and the resources of the quarter."""
    execute(site.place, EMPTY)
    try:
        return asyncio.run(_measure(site))
    finally:
        execute(site.place, EMPTY)


async def _measure(site: Site) -> list[Row]:
    engine = make_engine(site.url, connections=3)
    last = business_date(datetime.now(UTC) - OVER_AFTER) - timedelta(days=1)
    try:
        first = await _night(engine, last - timedelta(days=1), "first night")
        await asyncio.to_thread(execute, site.place, KNOWN)
        second = await _night(engine, last, "as every night")
        resources = await _run(engine, "mobilisation", last)
        kept = await asyncio.to_thread(_bytes, site)
    finally:
        await engine.dispose()
    return [*first, *second, Row("resources of the quarter at all nodes", resources, "s"), *kept]


async def _night(engine: AsyncEngine, on: date, which: str) -> list[Row]:
    """What a night takes, step by step."""
    ends: dict[str, float] = {}
    begun = time.monotonic()
    await _run(engine, "arrears", on, lambda at: ends.update({at.step: time.monotonic()}))
    took = dict(zip(ends, map(sub, ends.values(), (begun, *ends.values())), strict=False))
    async with read_books(engine, actor="bench", now=datetime.now(UTC)) as books:
        running = await books.ledger.fetchval(RUNNING, on)
    judged = running >= JUDGED_FROM
    asked_of_it = took["loans"] + took["portfolio_at_risk"]
    return [
        Row(f"arrears and dues of all loans, {which}", took["loans"], "s",
            remark=f"{running:,} run"),
        Row(f"portfolio at risk of all nodes, {which}", took["portfolio_at_risk"], "s"),
        Row(f"dues of all nodes, {which}", took["dues"], "s"),
        Row(
            f"arrears, dues, PAR of a million loans, {which}",
            asked_of_it / max(running, 1) * MILLION,
            "s",
            target=Target(SECONDS_A_MILLION, at_most=True) if judged else None,
            remark="the first two of these rows, by the loans that run"
            + ("" if judged else "; too few to judge"),
        ),
    ]  # fmt: skip


async def _run(
    engine: AsyncEngine, name: str, on: date, tell: Callable[[Progress], None] | None = None
) -> float:
    begun = time.monotonic()
    clock = partial(datetime.now, UTC)
    await run(engine, JOBS[name], on, asked_by="bench", clock=clock, tell=tell)
    return time.monotonic() - begun


def _bytes(site: Site) -> list[Row]:
    """What two nights kept takes on the disk, by the loans that ran."""
    running = int(value(site.place, "SELECT count(*) FROM service.loan_arrears")) / 2
    size = sum(int(value(site.place, SIZE.format(table))) for table in RESULTS) / 2
    return [
        Row("running loans", running, "loans", remark="of all that were ever given, by now"),
        Row(
            NIGHT_BYTES,
            size / max(running, 1),
            "bytes",
            remark=f"{', '.join(RESULTS)}; {size / 1024**2:,.0f} MiB a night",
        ),
    ]
