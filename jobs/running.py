"""Running jobs: every step once for a business date, whoever asks and whatever is killed.

Each step is one transaction, which begins by claiming its row in `service.job_step`. Who
else claims the same row waits for that transaction: if it commits the step is done and is
skipped, if it fails the step is the waiter's. So a killed run is resumed by running again,
and two runs at once share the steps between them. The last step's transaction also
finishes the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uuid_utils.compat import uuid7

from jobs.days import SETTLED_AFTER, is_over
from ledger.calendar import business_date
from service.books import read_books, write_books

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.catalogue import Job, Step
    from service.books import Books

_BEGIN: Final = """
    INSERT INTO service.job_run (id, job, business_date, started_at, asked_by)
    VALUES (:run, :job, :on, :now, :actor)
"""
_CLAIM: Final = """
    INSERT INTO service.job_step (job, business_date, step, run, done_at)
    VALUES (:job, :on, :step, :run, :now) ON CONFLICT DO NOTHING
"""
_COUNT: Final = """
    UPDATE service.job_run SET rows_made = coalesce(rows_made, 0) + :rows,
        finished_at = CASE WHEN :last THEN CAST(:now AS timestamptz) END
    WHERE id = :run
"""
_DONE: Final = "SELECT step FROM service.job_step WHERE job = :job AND business_date = :on"
_FIRST: Final = """
    SELECT min(e.posted_at) FROM ledger.book b JOIN ledger.entry e ON e.book_id = b.id AND e.no = 1
"""
_MISSED: Final = """
    SELECT CAST(day AS date) FROM generate_series(CAST(:first AS timestamp), :until, '1 day') AS day
    WHERE (SELECT count(*) FROM service.job_step s
           WHERE s.job = :job AND s.business_date = CAST(day AS date) AND s.step = ANY (:steps))
        < :all_steps
    ORDER BY day
"""


class DayNotOver(Exception):
    """Results for a day that is not over would change; nobody may make them."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What running a job for a business date did."""

    job: str
    on: date
    steps: int
    """How many steps it did; none where all were done before."""
    rows: int


async def run(
    engine: AsyncEngine, job: Job, on: date, *, asked_by: str, clock: Callable[[], datetime]
) -> Ran:
    """Do the steps of a job that are not done yet for a business date.

    Raises `DayNotOver`, also where a person asks: a step happens once, so what it left out
    would never be made good.
    """
    if not is_over(on, clock()):
        raise DayNotOver(
            f"{on} is not over yet in Karachi, and what is still posted on it would be left out."
            f" Run {job.name} for it {SETTLED_AFTER.seconds // 60} minutes after midnight or later."
        )
    async with read_books(engine, actor=asked_by, now=clock()) as books:
        done = {row.step for row in await books.fetch(_DONE, job=job.name, on=on)}
    to_do = [step for step in job.steps if step.name not in done]
    if not to_do:
        return Ran(job.name, on, 0, 0)
    run_id = uuid7()
    async with write_books(engine, actor=asked_by, now=clock()) as books:
        begun = {"run": run_id, "job": job.name, "on": on, "now": books.now, "actor": asked_by}
        await books.execute(_BEGIN, **begun)
    doing = _Doing(engine, job, on, run_id, asked_by, clock)
    made = [await doing.step(step, last=step is to_do[-1]) for step in to_do]
    ours = [rows for rows in made if rows is not None]
    return Ran(job.name, on, len(ours), sum(ours))


def said(ran: Ran) -> str:
    """What running did, in a sentence."""
    if not ran.steps:
        return f"{ran.job} is done already for {ran.on}; nothing was changed."
    return f"{ran.job} is done for {ran.on}: {ran.rows} rows in {ran.steps} steps."


async def missed(books: Books, job: Job, *, until: date) -> list[date]:
    """The business dates up to a day that a job was not run for, since anything was posted."""
    row = await books.fetch_one(_FIRST)
    if row is None or row[0] is None:
        return []
    rows = await books.fetch(
        _MISSED,
        job=job.name,
        first=business_date(row[0]),
        until=until,
        steps=[step.name for step in job.steps],
        all_steps=len(job.steps),
    )
    return [row[0] for row in rows]


async def catch_up(
    engine: AsyncEngine,
    job: Job,
    until: date,
    *,
    asked_by: str,
    clock: Callable[[], datetime],
    go_on: Callable[[], Awaitable[bool]] | None = None,
) -> list[Ran]:
    """Run a job for every business date that it missed up to a day, in order.

    `go_on` is asked before each of them; once it says no, the rest is left to others.
    """
    async with read_books(engine, actor=asked_by, now=clock()) as books:
        days = await missed(books, job, until=until)
    ran = []
    for day in days:
        if go_on is not None and not await go_on():
            break
        ran.append(await run(engine, job, day, asked_by=asked_by, clock=clock))
    return ran


@dataclass(frozen=True, slots=True)
class _Doing:
    """A run under way."""

    engine: AsyncEngine
    job: Job
    on: date
    run: UUID
    asked_by: str
    clock: Callable[[], datetime]

    async def step(self, step: Step, *, last: bool) -> int | None:
        """Do one step, unless somebody else has; the rows made, None where somebody else did."""
        async with write_books(self.engine, actor=self.asked_by, now=self.clock()) as books:
            claimed = await books.execute(
                _CLAIM,
                job=self.job.name,
                on=self.on,
                step=step.name,
                run=self.run,
                now=books.now,
            )
            rows = await step.work(books, on=self.on, run=self.run) if claimed else None
            await books.execute(_COUNT, run=self.run, rows=rows or 0, last=last, now=self.clock())
        return rows
