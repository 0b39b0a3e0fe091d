"""Folding: what is posted is taken into the roll-up, little and often.

Figures are exact without it, for a reader adds what waits; folding keeps that little. Each
fold is one transaction, so it may be killed at any moment, and two at once wait for each other.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from jobs import schedule
from jobs.days import summed_until
from jobs.failures import why
from jobs.leadership import TROUBLE
from ledger.calendar import business_date
from ledger.postgres import rollup
from service.books import write_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import WritableBooks

DELTAS_AT_A_TIME: Final = 10_000
SWEEP_AFTER: Final = 10_000
"""Deltas come and go; what is left of as many is swept up: of 50,000 each read took 1.5 ms more."""
SWEEP_IDLE_AFTER: Final = 1_000
"""The same where nothing waits and there is time."""
ACTOR: Final = "fold"
_WELL: Final = """
    INSERT INTO service.steady_job AS s (job, done_at) VALUES (:job, :now)
    ON CONFLICT (job) DO UPDATE SET done_at = greatest(s.done_at, excluded.done_at)
"""
_FAILED: Final = """
    INSERT INTO service.steady_job (job, failed_at, failure) VALUES (:job, :now, :failure)
    ON CONFLICT (job) DO UPDATE SET failed_at = excluded.failed_at, failure = excluded.failure
"""

_log = structlog.get_logger()


async def fold_all(engine: AsyncEngine, *, clock: Callable[[], datetime]) -> int:
    """Fold until nothing waits, and sum up months that have gone by; how many deltas there were."""
    folder = _Folder(engine, clock)
    folded = 0
    while some := await folder.fold():
        folded += some
    await folder.sum_up()
    if folded >= SWEEP_IDLE_AFTER:
        await folder.sweep()
    return folded


async def keep_folding(
    engine: AsyncEngine,
    *,
    clock: Callable[[], datetime],
    leads: Callable[[], bool],
    ended: asyncio.Event,
    busy_s: float,
    idle_s: float,
) -> None:
    """Fold until the end, while this process leads; sooner again while something is posted."""
    folder = _Folder(engine, clock)
    since_sweep = 0
    while not ended.is_set():
        folded = 0
        if leads():
            try:
                folded = await folder.fold()
                if not folded:
                    await folder.sum_up()
                since_sweep += folded
                if since_sweep >= (SWEEP_AFTER if folded else SWEEP_IDLE_AFTER):
                    await folder.sweep()
                    since_sweep = 0
            except TROUBLE as trouble:
                _log.warning("folding failed, to be tried again", why=why(trouble))
                await folder.fail(trouble)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), busy_s if folded else idle_s)


@dataclass(slots=True)
class _Folder:
    """Who folds, and when it last said that all is well."""

    engine: AsyncEngine
    clock: Callable[[], datetime]
    said_at: datetime | None = None
    summed: date | None = None
    """As far as it saw to it that months are summed up."""

    async def fold(self) -> int:
        """Fold once, in one transaction."""
        now = self.clock()
        async with asyncio.timeout(2 * schedule.FOLD_WITHIN_S), self._books(now) as books:
            folded = await rollup.fold(books.ledger, DELTAS_AT_A_TIME)
            if silent := self._silent(now):
                await books.execute(_WELL, job=ACTOR, now=now)
        if silent:
            self.said_at = now
        return folded

    async def sum_up(self) -> None:
        """Sum up the months that have gone by, once for each."""
        now = self.clock()
        if self.summed == (until := summed_until(business_date(now))):
            return
        patience = schedule.patience()
        async with (
            asyncio.timeout(schedule.PART_WITHIN_S),
            write_books(self.engine, actor=ACTOR, now=now, patience=patience) as books,
        ):
            await rollup.sum_up(books.ledger, until)
        self.summed = until

    async def fail(self, trouble: BaseException) -> None:
        """Keep what folding failed of, where the database still takes it."""
        now = self.clock()
        with suppress(*TROUBLE):
            async with asyncio.timeout(2 * schedule.FOLD_WITHIN_S), self._books(now) as books:
                await books.execute(_FAILED, job=ACTOR, now=now, failure=why(trouble))

    async def sweep(self) -> None:
        """PostgreSQL does it too, but once a minute at most; whoever may not is only warned."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("VACUUM ledger.delta")

    def _silent(self, now: datetime) -> bool:
        said_every = timedelta(seconds=schedule.FOLD_SAID_S)
        return self.said_at is None or not timedelta(0) <= now - self.said_at < said_every

    def _books(self, now: datetime) -> AbstractAsyncContextManager[WritableBooks]:
        patience = schedule.patience_with_folding()
        return write_books(self.engine, actor=ACTOR, now=now, patience=patience)
