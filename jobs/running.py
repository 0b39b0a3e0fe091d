"""Running jobs: every step once for a business date, whoever asks and whatever is killed.

A run does what is not done (`jobs.doing`). So a killed run is resumed by running again, and
two runs at once share the work between them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uuid_utils.compat import uuid7

import service.jobs
from jobs import schedule
from jobs.days import is_over
from jobs.doing import Doing
from service.books import read_books
from service.jobs import SETTLED_AFTER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.catalogue import Job
    from jobs.progress import Progress
    from service.books import Books

_DONE: Final = """
    SELECT step FROM service.job_step
    WHERE job = :job AND business_date = :on AND purged_at IS NULL
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
    engine: AsyncEngine,
    job: Job,
    on: date,
    *,
    asked_by: str,
    clock: Callable[[], datetime],
    tell: Callable[[Progress], None] | None = None,
    go_on: Callable[[], Awaitable[bool]] | None = None,
) -> Ran:
    """Do the steps of a job that are not done yet for a business date, or are purged since.

    `tell` hears of every part. `go_on` is asked between parts; once it says no, the rest is
    left to others.

    Raises `DayNotOver`, also where a person asks: a step happens once, so what it left out
    would never be made good.
    """
    if not is_over(on, clock()):
        raise DayNotOver(
            f"{on} is not over yet in Karachi, and what is still posted on it would be left out."
            f" Run {job.name} for it {SETTLED_AFTER.seconds // 60} minutes after midnight or later."
        )
    async with (
        asyncio.timeout(schedule.PART_WITHIN_S),
        read_books(engine, actor=asked_by, now=clock()) as books,
    ):
        done = {row.step for row in await books.fetch(_DONE, job=job.name, on=on)}
    to_do = [step for step in job.steps if step.name not in done]
    if not to_do:
        return Ran(job.name, on, 0, 0)
    doing = Doing(engine, job, on, uuid7(), asked_by, clock, tell, go_on)
    await doing.do(to_do)
    return Ran(job.name, on, doing.steps, doing.rows)


def said(ran: Ran) -> str:
    """What running did, in a sentence."""
    if not ran.steps and not ran.rows:
        return f"{ran.job} is done already for {ran.on}; nothing was changed."
    return f"{ran.job} is done for {ran.on}: {ran.rows} rows in {ran.steps} steps."


async def missed(books: Books, job: Job, *, until: date) -> list[date]:
    """The business dates up to a day that are to be made good, since anything was posted.

    Those that the job was not run for; of a job that is for its own moment, only that day.
    """
    steps = [step.name for step in job.steps]
    days = await service.jobs.missed(books, job.name, steps, until=until)
    return [day for day in days if day == until] if job.only_latest else days


async def catch_up(
    engine: AsyncEngine,
    job: Job,
    until: date,
    *,
    asked_by: str,
    clock: Callable[[], datetime],
    tell: Callable[[Progress], None] | None = None,
    go_on: Callable[[], Awaitable[bool]] | None = None,
) -> list[Ran]:
    """Run a job for every business date up to a day that is to be made good, in order.

    `go_on` is asked before each of them and between parts; once it says no, the rest is left
    to others.
    """
    async with (
        asyncio.timeout(schedule.PART_WITHIN_S),
        read_books(engine, actor=asked_by, now=clock()) as books,
    ):
        days = await missed(books, job, until=until)
    ran = []
    for day in days:
        if go_on is not None and not await go_on():
            break
        ran.append(
            await run(engine, job, day, asked_by=asked_by, clock=clock, tell=tell, go_on=go_on)
        )
    return ran
