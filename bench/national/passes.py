"""The night's work as the jobs do it; arrears and portfolio at risk also in one pass.

The first night looks at every loan there ever was, the second knows which are settled. What
the jobs keep is thrown away afterwards.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from uuid_utils.compat import uuid7

from bench.national.rows import Row, Target
from bench.national.site import execute, value
from jobs.catalogue import JOBS
from jobs.days import last_seen
from jobs.running import run
from ledger.calendar import business_date
from service.arrears import EVERYBODY, keep_standings
from service.books import make_engine, write_books
from service.portfolio import keep_risks

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bench.national.site import Site

SECONDS_A_MILLION: Final = 20
MILLION: Final = 1_000_000
JUDGED_FROM: Final = 50_000
"""Running loans; with fewer what a pass costs in any case would be counted many times."""
OVER_AFTER: Final = timedelta(hours=1)
EMPTY: Final = r"""
    DO $$ BEGIN EXECUTE (
        SELECT format('TRUNCATE %s CASCADE', string_agg(oid::regclass::text, ', ')) FROM pg_class
        WHERE relnamespace = 'service'::regnamespace AND relkind = 'r' AND (relname LIKE 'job\_%'
            OR relname IN ('loan_arrears', 'portfolio_at_risk', 'settled_loan',
                'mobilisation_total', 'loan_due', 'due_total'))
    ); END $$
"""
"""What jobs have kept, and that they did."""
RESULTS: Final = ("service.loan_arrears", "service.portfolio_at_risk", "service.mobilisation_total")
KNOWN: Final = "ANALYZE service.settled_loan"
"""As autovacuum would have done by the second night."""


class _Undone(Exception):
    """What was measured is undone on purpose."""


class _Pass(NamedTuple):
    """How long a pass took, and the rows that it kept."""

    seconds: float
    rows: int


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
        first, _ = await _night(engine, last - timedelta(days=1), "first night")
        await asyncio.to_thread(execute, site.place, KNOWN)
        second, running = await _night(engine, last, "as every night")
        resources = await _job(engine, "mobilisation", last, "mobilisation job")
        kept = [await asyncio.to_thread(_bytes, site, table) for table in RESULTS]
    finally:
        await engine.dispose()
    loans = Row("running loans", running, "loans", remark="of all that were ever given, by now")
    return [*first, *second, resources, loans, *kept]


async def _night(engine: AsyncEngine, on: date, which: str) -> tuple[list[Row], int]:
    """What a night takes, and how many loans run."""
    loans, risks = await _arrears(engine, on)
    job = await _job(engine, "arrears", on, f"arrears job, {which}")
    return [*_of_loans(f"arrears and PAR of all nodes, {which}", loans, risks), job], loans.rows


def _bytes(site: Site, table: str) -> Row:
    """The bytes of what two nights kept."""
    count = int(value(site.place, f"SELECT count(*) FROM {table}"))
    size = int(value(site.place, f"SELECT pg_total_relation_size('{table}')"))
    remark = f"{count:,} rows of two nights"
    return Row(f"bytes of a row of {table}", size / max(count, 1), "bytes", remark=remark)


def _of_loans(work: str, loans: _Pass, risks: _Pass) -> list[Row]:
    seconds = loans.seconds + risks.seconds
    each = seconds / max(loans.rows, 1) * MILLION
    judged = loans.rows >= JUDGED_FROM
    said = f"arrears of {loans.rows:,} running loans {loans.seconds:.2f} s, PAR {risks.seconds:.2f}"
    return [
        Row(work, seconds, "s", remark=f"{said} s of {risks.rows:,} rows; one pass each"),
        Row(
            f"{work}: a million running loans",
            each,
            "s",
            target=Target(SECONDS_A_MILLION, at_most=True) if judged else None,
            remark="the row above, by its running loans" + ("" if judged else "; too few to judge"),
        ),
    ]


async def _arrears(engine: AsyncEngine, on: date) -> tuple[_Pass, _Pass]:
    """One pass over all loans and one over all nodes, of which nothing is committed."""
    with suppress(_Undone):
        async with write_books(engine, actor="bench", now=datetime.now(UTC)) as books:
            begun = time.monotonic()
            loans = await keep_standings(
                books, on, known_by=last_seen(on), lenders=EVERYBODY, run=uuid7()
            )
            aged = time.monotonic()
            risks = await keep_risks(books, on, run=uuid7())
            done = _Pass(aged - begun, loans), _Pass(time.monotonic() - aged, risks)
            raise _Undone
    return done


async def _job(engine: AsyncEngine, name: str, on: date, work: str) -> Row:
    begun = time.monotonic()
    ran = await run(engine, JOBS[name], on, asked_by="bench", clock=lambda: datetime.now(UTC))
    return Row(work, time.monotonic() - begun, "s", remark=f"{ran.rows:,} rows, committed")
