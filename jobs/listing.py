"""The jobs as a table: when each runs, when it last did, and how far behind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from jobs.catalogue import JOBS
from jobs.days import last_day_over
from jobs.running import missed
from jobs.schedule import timing
from ledger.calendar import BUSINESS_ZONE
from service.books import read_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

_LAST: Final = """
    SELECT max(finished_at) AS finished_at, max(business_date) AS business_date
    FROM service.job_run WHERE job = :job AND finished_at IS NOT NULL
"""
COLUMNS: Final = ("job", "when", "last success", "last business date", "lag in days")


async def jobs_table(engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime]) -> Table:
    """All jobs; the lag is how many days are over for which the job was not run."""
    table = Table(*COLUMNS, box=None, pad_edge=False)
    async with read_books(engine, actor=actor, now=clock()) as books:
        for job in JOBS.values():
            last = await books.fetch_one(_LAST, job=job.name)
            lag = await missed(books, job, until=last_day_over(books.now))
            table.add_row(
                job.name,
                timing(job.name),
                _moment(last.finished_at) if last else "never",
                str(last.business_date or "none") if last else "none",
                str(len(lag)),
            )
    return table


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
