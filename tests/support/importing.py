"""Loading a bundle into a database, and reading every report of it back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.books import make_engine, read_books, write_books
from service.imports.loading import load
from service.imports.reading import read_bundle
from service.reports import registry
from service.reports.report import Query
from tests.support.oracle import day, is_quarter_end, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.imports.loading import Loaded

NOW: Final = datetime(2026, 7, 31, 9, tzinfo=UTC)
"""When the clerk of these tests sits down: after everything that any bundle tells."""
UNDATED: Final = ("schedules", "journal", "mobilisation")
DATED: Final = ("member_savings", "trial_balance", "rollup", "loans", "par")
FILES: Final = (*UNDATED, *DATED, "trial_balance_known")

Rows = list[list[str]]


@asynccontextmanager
async def engine_of(url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections for the length of a test."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def load_folder(engine: AsyncEngine, folder: Path, *, now: datetime = NOW) -> Loaded:
    """Read a bundle and load it, as an import does."""
    bundle = read_bundle(folder)
    async with write_books(engine, actor="clerk", now=now) as books:
        return await load(books, bundle)


async def reports(engine: AsyncEngine, as_of: Sequence[date]) -> dict[str, Rows]:
    """Every report of the books, as the nine reference files have them."""
    found = {name: await _report(engine, name, Query()) for name in UNDATED}
    asked = Query(as_of=tuple(as_of))
    found |= {name: await _report(engine, name, asked) for name in DATED}
    known: Rows = []
    for on in filter(is_quarter_end, sorted(as_of)):
        night = datetime.fromisoformat(f"{on}T23:59:59+05:00")
        for known_by in (night, night + timedelta(days=14)):
            table = await _report(engine, "trial_balance", Query((on,), known_by))
            known += table[1:] if known else table
    return found | {"trial_balance_known": known}


async def _report(engine: AsyncEngine, name: str, query: Query) -> Rows:
    async with read_books(engine, actor="auditor", now=NOW) as books:
        table = await registry.run(books, name.replace("_", "-"), query)
    return [list(table.columns), *([str(cell) for cell in row] for row in table.rows)]


async def fingerprint(engine: AsyncEngine) -> dict[str, tuple[int, str]]:
    """The number of rows of every table, and a hash over all that they say."""
    found = {}
    async with read_books(engine, actor="auditor", now=NOW) as books:
        tables = await books.fetch(
            "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class"
            " WHERE relnamespace IN ('ledger'::regnamespace, 'service'::regnamespace)"
            " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1"
        )
        for (table,) in tables:
            (row,) = await books.fetch(
                "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
                f" FROM {table} t"
            )
            found[table] = (row[0], row[1])
    return found


def days_of(expected: Path) -> list[date]:
    """The days for which a folder of expected files gives figures."""
    return sorted({day(row["as_of"]) for name in DATED for row in read(expected / f"{name}.csv")})


def difference(found: Rows, expected: Rows) -> str:
    """The first rows in which two tables differ, or nothing."""
    told = _first(found, expected)
    if told or len(found) == len(expected):
        return told
    return f"{len(found)} rows, not {len(expected)}"


def _first(found: Iterable[list[str]], expected: Iterable[list[str]]) -> str:
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=False)):
        if ours != theirs:
            return f"row {number}: found {ours}, expected {theirs}"
    return ""
