"""The proof of what was posted, and the pilot federation: its import and its reports."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import psutil

from bench import server
from bench.figures import Figure, rate
from ledger.postgres.verify import Proof, verify
from service.books import make_engine, read_books, write_books
from service.imports.loading import load
from service.imports.reading import read_bundle
from service.reports import registry
from service.reports.report import Query

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bench.server import Place

BUNDLE: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "pilot"
NOW: Final = datetime(2026, 7, 31, 9, tzinfo=UTC)
"""After everything that the bundle tells."""
AS_OF: Final = date(2026, 6, 30)
REPORTS: Final = ("rollup", "trial-balance", "loans", "par")
REPEATS: Final = 7
PROOF_TARGET: Final = 500_000
READ: Final = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE amanat_system;
    SET LOCAL max_parallel_workers_per_gather = 0
"""


async def proven(place: Place) -> tuple[Proof, Figure]:
    """Prove every book of the run on one core; the proof, and its row."""
    async with server.connected(place) as connection:
        await connection.execute("VACUUM ANALYZE")
        await connection.execute(READ)
        backend = [psutil.Process(connection.get_server_pid())]
        begun, used_s = time.monotonic(), server.processor_time(backend)
        proof = await verify(connection)
        taken_s = time.monotonic() - begun
        used_s = server.processor_time(backend) - used_s
        await connection.execute("COMMIT")
    figure = Figure(
        work="verify, one core",
        target=f"≥ {PROOF_TARGET:,} lines/s",
        result=rate(proof.lines / taken_s, "lines"),
        remark=f"{proof.lines:,} lines of {proof.entries:,} entries in {taken_s:.1f} s;"
        f" processor a line: PostgreSQL {used_s * 1e6 / max(proof.lines, 1):.2f} µs",
    )
    return proof, figure


async def imported(url: str) -> list[Figure]:
    """Import the pilot bundle into an empty database; one row."""
    engine = make_engine(url, connections=1)
    try:
        begun = time.monotonic()
        bundle = read_bundle(BUNDLE)
        read_s = time.monotonic() - begun
        async with write_books(engine, actor="clerk", now=NOW) as books:
            loaded = await load(books, bundle)
        taken_s = time.monotonic() - begun
    finally:
        await engine.dispose()
    result = f"{taken_s:.2f} s, {rate(loaded.entries / taken_s, 'entries')}"
    remark = f"{loaded.entries:,} entries; reading and checking the files takes {read_s:.2f} s"
    return [Figure(work="import of the pilot bundle", result=result, remark=remark)]


async def reported(url: str) -> list[Figure]:
    """Make reports on the imported pilot; a row each."""
    engine = make_engine(url, connections=1)
    try:
        return [await _report(engine, name) for name in REPORTS]
    finally:
        await engine.dispose()


async def _report(engine: AsyncEngine, name: str) -> Figure:
    taken_ms = []
    rows = 0
    for _ in range(REPEATS):
        begun = time.monotonic()
        async with read_books(engine, actor="auditor", now=NOW) as books:
            table = await registry.run(books, name, Query(as_of=(AS_OF,)))
        taken_ms.append((time.monotonic() - begun) * 1000)
        rows = len(table.rows)
    return Figure(
        work=f"report on the pilot: {name}",
        result=f"{median(taken_ms):.1f} ms",
        remark=f"{rows:,} rows; median of {REPEATS}",
    )
