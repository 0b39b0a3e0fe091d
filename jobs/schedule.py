"""When everything happens that nobody asks for: all timings on this page.

Any number of processes may keep this schedule; one of them leads and works. Every job asks
hourly for the days that are over and not done, so what failed or was missed is made good
within the hour, in order.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs import catalogue
from jobs.days import last_day_over
from jobs.folding import keep_folding
from jobs.leadership import TROUBLE, Candidate
from jobs.running import catch_up
from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

MINUTE_OF_THE_HOUR: Final = {"arrears": 15, "mobilisation": 20}
"""At which minute of every hour a job does what is missing; the night's work at 00:15, 00:20."""
CANDIDACY_S: Final = 10
"""How often a process sees whether it leads; a new leader begins with what was missed."""
FOLD_BUSY_S: Final = 0.2
FOLD_IDLE_S: Final = 1.0
"""How long folding rests after it found something, and after it found nothing."""
FOLD_ENDS_WITHIN_S: Final = 5.0
RULES: Final = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
"""Whatever piled up is done once, one at a time, however late."""
ASKED_BY: Final = "schedule"

_log = structlog.get_logger()


def timing(job: str) -> str:
    """When a job runs, in words."""
    return f"00:{MINUTE_OF_THE_HOUR[job]:02} Asia/Karachi, then hourly for what is missing"


@asynccontextmanager
async def scheduled(
    engine: AsyncEngine, url: str, *, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Keep the schedule while the block lasts; what runs at its end is undone and left."""
    scheduler = AsyncIOScheduler(timezone=BUSINESS_ZONE, job_defaults=RULES)
    work = _Work(scheduler, engine, Candidate(url), clock)
    for job, minute in MINUTE_OF_THE_HOUR.items():
        scheduler.add_job(work.make_good, "cron", minute=minute, args=[job], id=job)
    scheduler.add_job(work.stand, "interval", seconds=CANDIDACY_S)
    scheduler.start()
    ended = asyncio.Event()
    folding = asyncio.create_task(
        keep_folding(
            engine,
            clock=clock,
            leads=lambda: work.led,
            ended=ended,
            busy_s=FOLD_BUSY_S,
            idle_s=FOLD_IDLE_S,
        )
    )
    try:
        await work.stand()
        yield
    finally:
        scheduler.shutdown(wait=False)
        ended.set()
        await work.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(folding, FOLD_ENDS_WITHIN_S)


@dataclass(slots=True)
class _Work:
    """What the schedule calls."""

    scheduler: AsyncIOScheduler
    engine: AsyncEngine
    candidate: Candidate
    clock: Callable[[], datetime]
    led: bool = False
    ending: bool = False
    running: set[asyncio.Task[object] | None] = field(default_factory=set)

    async def stand(self) -> None:
        """See whether we lead; where we newly do, have every job begin at once."""
        with self._remembered():
            leads = await self.candidate.leads()
            if leads != self.led:
                _log.info("this process leads" if leads else "this process leads no longer")
            if leads and not self.led:
                for job in MINUTE_OF_THE_HOUR:
                    self.scheduler.modify_job(job, next_run_time=self.clock())
            self.led = leads

    async def make_good(self, name: str) -> None:
        """As the leader, run a job for every day that is over and not done."""
        with self._remembered():
            if not await self.candidate.leads():
                return
            try:
                done = await catch_up(
                    self.engine,
                    catalogue.named(name),
                    last_day_over(self.clock()),
                    asked_by=ASKED_BY,
                    clock=self.clock,
                    go_on=self.candidate.leads,
                )
            except (Refusal, *TROUBLE) as trouble:
                _log.warning("job failed, to be tried again", job=name, why=str(trouble))
                return
            if done:
                _log.info("job done", job=name, days=len(done), until=str(done[-1].on))

    async def end(self) -> None:
        """Cancel what runs, wait until it is undone, and let another lead."""
        self.ending = True
        tasks = [task for task in self.running if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.candidate.withdraw()

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        """Know the current task while it works, so that `end` may cancel it quietly."""
        task = asyncio.current_task()
        self.running.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self.ending:
                raise
        finally:
            self.running.discard(task)
