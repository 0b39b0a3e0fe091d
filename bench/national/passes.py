"""The night's work: arrears, portfolio at risk and resources, in one pass and as the jobs do it.

The first night looks at every loan there ever was, the second knows which are settled. What
the jobs keep is thrown away afterwards.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from uuid_utils.compat import uuid7

from bench.national.rows import Row, Target
from bench.national.site import execute, value
from jobs.catalogue import JOBS
from jobs.days import first_of_quarter, last_seen
from jobs.running import run
from ledger.calendar import business_date
from service.arrears import EVERYBODY, keep_standings
from service.books import make_engine, write_books
from service.mobilisation import keep_mobilised
from service.portfolio import keep_risks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bench.national.site import Site
    from service.books import WritableBooks

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
    before = last - timedelta(days=1)
    try:
        first = await _arrears(engine, before)
        first_job = await _job(engine, "arrears", before)
        await asyncio.to_thread(execute, site.place, KNOWN)
        second = await _arrears(engine, last)
        second_job = await _job(engine, "arrears", last)
        resources = await _resources(engine, last)
        resources_job = await _job(engine, "mobilisation", last)
        kept = await asyncio.to_thread(_kept, site)
    finally:
        await engine.dispose()
    return [
        *_of_loans("arrears and PAR of all nodes, first night", *first),
        *_of_loans("arrears and PAR of all nodes, as every night", *second),
        _as_job("arrears job, first night", first_job),
        _as_job("arrears job, as every night", second_job),
        Row(
            "resources of the quarter at all nodes, one pass",
            resources.seconds, "s", remark=f"{resources.rows:,} rows",
        ),
        _as_job("mobilisation job", resources_job),
        Row(
            "running loans", second[0].rows, "loans", remark="of all that were ever given, by now"
        ),
        *kept,
    ]  # fmt: skip


def _kept(site: Site) -> list[Row]:
    """The bytes of what two nights kept."""
    rows = []
    for table in RESULTS:
        count = int(value(site.place, f"SELECT count(*) FROM {table}"))
        size = int(value(site.place, f"SELECT pg_total_relation_size('{table}')"))
        rows.append(
            Row(
                f"bytes of a row of {table}",
                size / max(count, 1),
                "bytes",
                remark=f"{count:,} rows of two nights",
            )
        )
    return rows


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


def _as_job(work: str, done: _Pass) -> Row:
    return Row(work, done.seconds, "s", remark=f"{done.rows:,} rows, committed")


@asynccontextmanager
async def _to_be_undone(engine: AsyncEngine) -> AsyncIterator[WritableBooks]:
    try:
        async with write_books(engine, actor="bench", now=datetime.now(UTC)) as books:
            yield books
            raise _Undone  # noqa: TRY301 - so that nothing of it is committed
    except _Undone:
        pass


async def _arrears(engine: AsyncEngine, on: date) -> tuple[_Pass, _Pass]:
    async with _to_be_undone(engine) as books:
        begun = time.monotonic()
        loans = await keep_standings(
            books, on, known_by=last_seen(on), lenders=EVERYBODY, run=uuid7()
        )
        aged = time.monotonic()
        risks = await keep_risks(books, on, run=uuid7())
        return _Pass(aged - begun, loans), _Pass(time.monotonic() - aged, risks)


async def _resources(engine: AsyncEngine, on: date) -> _Pass:
    async with _to_be_undone(engine) as books:
        begun = time.monotonic()
        rows = await keep_mobilised(
            books,
            on,
            first_on=first_of_quarter(on),
            known_by=last_seen(on),
            nodes=None,
            run=uuid7(),
        )
        return _Pass(time.monotonic() - begun, rows)


async def _job(engine: AsyncEngine, name: str, on: date) -> _Pass:
    begun = time.monotonic()
    ran = await run(engine, JOBS[name], on, asked_by="bench", clock=lambda: datetime.now(UTC))
    return _Pass(time.monotonic() - begun, ran.rows)
