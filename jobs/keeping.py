"""Keeping the schedule: standing to lead, and as the leader doing what is due and folding."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs import catalogue, schedule
from jobs.failures import why
from jobs.folding import keep_folding
from jobs.leadership import TROUBLE, Candidate
from jobs.progress import logged
from jobs.running import catch_up
from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import Refusal
from service.jobs import last_day_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

ASKED_BY: Final = "schedule"

_log = structlog.get_logger()


@asynccontextmanager
async def scheduled(
    engine: AsyncEngine, url: str, *, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Keep the schedule while the block lasts; what runs at its end is undone and left."""
    scheduler = AsyncIOScheduler(timezone=BUSINESS_ZONE, job_defaults=schedule.RULES)
    work = _Work(scheduler, engine, Candidate(url), clock)
    for job, trigger in schedule.TRIGGERS.items():
        scheduler.add_job(work.make_good, args=[job], id=job, **trigger)
    scheduler.add_job(work.stand, "interval", seconds=schedule.CANDIDACY_S)
    scheduler.start()
    ended = asyncio.Event()
    folding = asyncio.create_task(
        keep_folding(
            engine,
            clock=clock,
            leads=lambda: work.led,
            ended=ended,
            busy_s=schedule.FOLD_BUSY_S,
            idle_s=schedule.FOLD_IDLE_S,
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
            await asyncio.wait_for(folding, schedule.FOLD_ENDS_WITHIN_S)


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
                for job in schedule.TRIGGERS:
                    self.scheduler.modify_job(job, next_run_time=datetime.now(UTC))
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
                    tell=logged(_log),
                    go_on=self.candidate.leads,
                )
            except (Refusal, *TROUBLE) as trouble:
                _log.warning("job failed, to be tried again", job=name, why=why(trouble))
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
