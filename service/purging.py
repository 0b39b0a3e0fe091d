"""What is kept no longer: results of old days, and sign-ins that ended long ago.

Results can be worked out again for any day at any time, so nothing is lost with them. Entries,
sheets, requests and the audit trail are never touched, and so are runs and steps, the record
that the work was done; so are counts of wrong guesses, which slow down whoever guesses on. Done
for the house itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.jobs import RUNS_LOCK

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class Results:
    """A table of results by `business_date`, first in its key, and the step that makes its rows."""

    table: str
    job: str
    step: str


_DAY: Final = timedelta(days=1)
_LOCK: Final = f"SELECT {RUNS_LOCK}"
_DAYS: Final = """
    WITH RECURSIVE found (day) AS (
        SELECT min(business_date) FROM {table} WHERE business_date < :before
        UNION ALL
        SELECT (SELECT min(r.business_date) FROM {table} r
                WHERE r.business_date > found.day AND r.business_date < :before)
        FROM found WHERE found.day IS NOT NULL
    )
    SELECT found.day FROM found WHERE found.day IS NOT NULL
"""
"""The days of a table, each asked for by the index: rows are many, days few."""
_DAYS_OF_PARTS: Final = """
    SELECT DISTINCT job, business_date FROM service.job_part WHERE business_date < :before
"""
_SETTLED: Final = """
    SELECT job, business_date FROM service.job_run WHERE business_date BETWEEN :first AND :last
    GROUP BY job, business_date
    HAVING max(finished_at) IS NOT NULL AND max(coalesce(seen_at, started_at)) < :settled
"""
"""Jobs and days of which all steps were done, and at which nobody was of late."""
_DELETE: Final = "DELETE FROM {table} WHERE business_date = :day"
_PURGED: Final = """
    UPDATE service.job_step SET purged_at = :now
    WHERE job = :job AND business_date = :day AND step = :step AND purged_at IS NULL
"""
_DELETE_PARTS: Final = "DELETE FROM service.job_part WHERE job = :job AND business_date = :day"
_FIRST_SESSION: Final = "SELECT access.first_session_ends() AS at"
_FORGET_SESSIONS: Final = "SELECT access.forget_sessions(:since, :before) AS gone"
_FORGET_KEYS: Final = "SELECT access.forget_signing_keys(:before) AS gone"


@dataclass(frozen=True, slots=True)
class Purgeable:
    """What is there of days that are over with: the results of steps, and parts of any."""

    results: tuple[tuple[Results, date], ...]
    parts: frozenset[date]


async def purgeable(
    books: Books, results: Collection[Results], *, before: date, settled: datetime
) -> Purgeable:
    """What there is of days before one.

    Left out are jobs and days that are not done, or that were at work since `settled`.
    """
    done = await _settled(books, date.min, before - _DAY, settled)
    found = [
        (one, row[0])
        for one in results
        for row in await books.fetch(_DAYS.format(table=one.table), before=before)
    ]
    parts = await books.fetch(_DAYS_OF_PARTS, before=before)
    return Purgeable(
        tuple((one, day) for one, day in found if (one.job, day) in done),
        frozenset(day for job, day in parts if (job, day) in done),
    )


async def delete_day(
    books: WritableBooks, day: date, results: Sequence[Results], *, settled: datetime
) -> int:
    """Delete these results of a day, and the parts of all its jobs; how many rows that were.

    A run of that day that begins meanwhile waits, and finds all of it or nothing.
    """
    await books.fetch(_LOCK, day=day)
    jobs = {job for job, _ in await _settled(books, day, day, settled)}
    rows = 0
    for one in results:
        if one.job in jobs:
            rows += await books.execute(_DELETE.format(table=one.table), day=day)
            await books.execute(_PURGED, job=one.job, step=one.step, day=day, now=books.now)
    for job in sorted(jobs):
        rows += await books.execute(_DELETE_PARTS, job=job, day=day)
    return rows


async def first_session_ends(books: Books) -> datetime | None:
    """When the first of the sessions ended, or will end, that are still kept."""
    row = await books.fetch_one(_FIRST_SESSION)
    ends: datetime | None = row and row.at
    return ends


async def forget_sessions(books: WritableBooks, *, since: datetime, before: datetime) -> int:
    """Delete the sessions whose time was over between two moments; how many they were."""
    ((gone,),) = await books.fetch(_FORGET_SESSIONS, since=since, before=before)
    return int(gone)


async def forget_signing_keys(books: WritableBooks, *, before: datetime) -> int:
    """Delete the keys that signed access tokens until a moment long past; how many they were."""
    ((gone,),) = await books.fetch(_FORGET_KEYS, before=before)
    return int(gone)


async def _settled(
    books: Books, first: date, last: date, settled: datetime
) -> set[tuple[str, date]]:
    rows: Sequence[Any] = await books.fetch(_SETTLED, first=first, last=last, settled=settled)
    return {(row[0], row[1]) for row in rows}
