"""How the house's jobs fare: what runs, what ran last, how far behind each is, and who leads.

Asked of the database alone, so every process says the same, whoever does the work. What jobs
there are is told by whoever knows them (`Duty`); the work itself is done in the row above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.books import Books

SETTLED_AFTER: Final = timedelta(minutes=10)
"""How long after midnight a posting may still end that began before it."""
LEADERS_LOCK: Final = 4_206_952
"""An arbitrary number that the leader of an Amanat database locks."""
RUNS_LOCK: Final = (
    "pg_advisory_xact_lock(hashtext('service.job_run'), CAST(:day AS date) - DATE '2000-01-01')"
)
"""Held while a run of a day begins, and while results of that day are deleted."""
MOST_COUNTED: Final = 100_000
"""Of what waits; more than that is said to be one more."""
_LOOKED_AT: Final = 1000
"""Among so many that wait the oldest is looked for."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A job as it is known: its name, when it works, in words, and its steps for a day."""

    name: str
    when: str
    steps: tuple[str, ...]
    """None for what goes on all the time."""
    silent_for: timedelta
    """A run that gave no sign for as long is taken for dead."""
    only_latest: bool = False
    """Days that were missed are not made good but for the last."""
    proves: bool = False
    """Whether it finds what does not hold."""


@dataclass(frozen=True, slots=True)
class Running:
    """A run under way: for which day, at which step, how many parts of it are done, of how many."""

    on: date
    step: str
    done: int
    parts: int
    rows: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """When something failed last, and of what, in a sentence."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is posted and not folded yet."""

    deltas: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands."""

    name: str
    when: str
    last_success_at: datetime | None
    last_day: date | None
    """The newest business date that it was done for."""
    lag_days: int | None
    """How many days are over for which it was not done; None for what goes on all the time.

    Of a job that makes only the latest day good, those since it was last done."""
    running: Running | None
    failure: Failure | None
    waiting: Waiting | None
    """Of what goes on all the time: what it has yet to do."""
    findings: int | None = None
    """Of the proof: how much does not hold, by the last one that is whole, or by one since."""


@dataclass(frozen=True, slots=True)
class Leader:
    """The process that does the work, and since when."""

    host: str
    process: int
    since: datetime


@dataclass(frozen=True, slots=True)
class State:
    """Who leads, and every job."""

    leader: Leader | None
    jobs: tuple[Standing, ...]


_FIRST: Final = "SELECT min(posted_at) FROM ledger.entry WHERE no = 1"
_MISSED: Final = """
    SELECT CAST(day AS date) FROM generate_series(CAST(:first AS timestamp), :until, '1 day') AS day
    WHERE (SELECT count(*) FROM service.job_step s
           WHERE s.job = :job AND s.business_date = CAST(day AS date) AND s.step = ANY (:steps))
        < :all_steps
    ORDER BY day
"""
_SUCCESS: Final = """
    SELECT max(finished_at) AS at, max(business_date) AS day
    FROM service.job_run WHERE job = :job AND finished_at IS NOT NULL
"""
_FINDINGS: Final = """
    SELECT coalesce(max(f.findings), 0) FROM (
        SELECT CAST(sum(p.findings) AS bigint) AS findings FROM service.proof_part p
        WHERE p.business_date >= coalesce(CAST(:whole AS date), '-infinity')
        GROUP BY p.business_date
    ) AS f
"""
_FAILURE: Final = """
    SELECT failed_at, failure FROM service.job_run
    WHERE job = :job AND failed_at IS NOT NULL ORDER BY started_at DESC LIMIT 1
"""
_RUNNING: Final = """
    SELECT r.business_date, r.step, r.parts, r.rows_made, r.started_at,
        (SELECT count(*) FROM service.job_part p
         WHERE p.job = r.job AND p.business_date = r.business_date AND p.step = r.step) AS done
    FROM (
        SELECT * FROM service.job_run WHERE job = :job ORDER BY started_at DESC, id DESC LIMIT 1
    ) r
    WHERE r.finished_at IS NULL AND r.failed_at IS NULL AND r.step IS NOT NULL
        AND r.seen_at > :alive_at
"""
_STEADY: Final = "SELECT done_at, failed_at, failure FROM service.steady_job WHERE job = :job"
_WAITING: Final = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM ledger.delta LIMIT {MOST_COUNTED + 1}) d) AS deltas,
        (SELECT min(e.posted_at)
         FROM (SELECT book_id, entry_no FROM ledger.delta LIMIT {_LOOKED_AT}) d
         JOIN ledger.entry e ON e.book_id = d.book_id AND e.no = d.entry_no) AS oldest_at
"""
_LEADER: Final = """
    SELECT l.host, l.process, l.since FROM service.leader l
    JOIN pg_locks k ON k.pid = l.backend AND k.locktype = 'advisory' AND k.granted
        AND k.classid = 0 AND k.objid = :lock
    JOIN pg_database d ON d.oid = k.database AND d.datname = current_database()
"""


def last_day_over(now: datetime) -> date:
    """The newest day of which everything that was posted is there to be seen."""
    return business_date(now - SETTLED_AFTER) - timedelta(days=1)


async def missed(books: Books, job: str, steps: Sequence[str], *, until: date) -> list[date]:
    """The business dates up to a day that a job was not done for, since anything was posted."""
    row = await books.fetch_one(_FIRST)
    if row is None or row[0] is None:
        return []
    rows = await books.fetch(
        _MISSED,
        job=job,
        first=business_date(row[0]),
        until=until,
        steps=list(steps),
        all_steps=len(steps),
    )
    return [row[0] for row in rows]


async def state(books: Books, duties: Collection[Duty]) -> State:
    """How all jobs stand, in books that are the whole house's."""
    standings = [await (_daily if duty.steps else _steady)(books, duty) for duty in duties]
    row = await books.fetch_one(_LEADER, lock=LEADERS_LOCK)
    return State(None if row is None else Leader(*row), tuple(standings))


async def _daily(books: Books, duty: Duty) -> Standing:
    success = await books.fetch_one(_SUCCESS, job=duty.name)
    failed = await books.fetch_one(_FAILURE, job=duty.name)
    behind = await missed(books, duty.name, duty.steps, until=last_day_over(books.now))
    if duty.only_latest and success is not None and success.day is not None:
        behind = [day for day in behind if day > success.day]
    return Standing(
        name=duty.name,
        when=duty.when,
        last_success_at=success and success.at,
        last_day=success and success.day,
        lag_days=len(behind),
        running=await _running(books, duty),
        failure=None if failed is None else Failure(*failed),
        waiting=None,
        findings=await _findings(books, success and success.day) if duty.proves else None,
    )


async def _findings(books: Books, whole: date | None) -> int:
    """How much did not hold by the proof of a day, or by a later one as far as it is done."""
    ((found,),) = await books.fetch(_FINDINGS, whole=whole)
    return int(found)


async def _running(books: Books, duty: Duty) -> Running | None:
    row = await books.fetch_one(_RUNNING, job=duty.name, alive_at=books.now - duty.silent_for)
    if row is None:
        return None
    return Running(
        on=row.business_date,
        step=row.step,
        done=row.done,
        parts=row.parts,
        rows=row.rows_made or 0,
        since=row.started_at,
    )


async def _steady(books: Books, duty: Duty) -> Standing:
    row = await books.fetch_one(_STEADY, job=duty.name)
    waiting = await books.fetch_one(_WAITING)
    return Standing(
        name=duty.name,
        when=duty.when,
        last_success_at=row and row.done_at,
        last_day=None,
        lag_days=None,
        running=None,
        failure=Failure(row.failed_at, row.failure) if row and row.failed_at else None,
        waiting=None if waiting is None else Waiting(*waiting),
    )
