"""What the tests of jobs ask: rows of a database, clocks, nights."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from jobs.catalogue import JOBS
from ledger.calendar import end_of_day
from tests.support.database import asyncpg_url

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY: Final = Path(__file__).parents[2]
ONE_CO: Final = REPOSITORY / "tests" / "data" / "one-co"
END_OF_JUNE: Final = date(2026, 6, 30)
"""A day on which everything that the smallest bundle tells was posted."""

DAY_BY_DAY: Final = [job for job in JOBS.values() if not job.only_latest]
"""The jobs that make every missed day good."""

Row = tuple[object, ...]


async def rows(url: str, query: str) -> list[Row]:
    """The rows of a query, on a connection of its own."""
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def becomes(url: str, query: str, wanted: object) -> None:
    """Wait until a query gives these rows."""
    async with asyncio.timeout(30):
        while True:
            if await rows(url, query) == wanted:
                return
            await asyncio.sleep(0.05)


def at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


def night_after(day: date) -> datetime:
    """When the run for a day is made in a service that never stops."""
    return end_of_day(day) + timedelta(minutes=15)
