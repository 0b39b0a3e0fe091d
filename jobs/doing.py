"""A run under way: its steps one after the other, each whole or in parts, each part once.

A part is one transaction, which begins by claiming its row: in `service.job_part`, or in
`service.job_step` where the step is not cut. Who else claims the same row waits for that
transaction: if it commits the part is done and is skipped, if it fails the part is the
waiter's. A step that is cut is done when all its parts are. The last step's transaction also
finishes the run. A step whose results were purged is claimed as one that was never done.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from jobs import schedule, stretches
from jobs.failures import why
from jobs.leadership import TROUBLE
from jobs.progress import Progress
from jobs.stretches import ALL_BOOKS
from service.books import read_books, write_books
from service.jobs import RUNS_LOCK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.catalogue import Job, Step
    from jobs.stretches import Stretch
    from jobs.work import Look, Work
    from service.books import WritableBooks

_LOCK: Final = f"SELECT {RUNS_LOCK}"
_BEGIN: Final = """
    INSERT INTO service.job_run (id, job, business_date, started_at, asked_by, seen_at)
    VALUES (:run, :job, :on, :now, :actor, :now)
"""
_PARTS: Final = """
    SELECT first_book FROM service.job_part
    WHERE job = :job AND business_date = :on AND step = :step
"""
_AT: Final = """
    UPDATE service.job_run SET step = :step, parts = :parts, seen_at = :now WHERE id = :run
"""
_CLAIM_STEP: Final = """
    INSERT INTO service.job_step (job, business_date, step, run, done_at)
    VALUES (:job, :on, :step, :run, :now)
    ON CONFLICT (job, business_date, step) DO UPDATE SET run = excluded.run,
        done_at = excluded.done_at, purged_at = NULL
    WHERE job_step.purged_at IS NOT NULL
"""
_CLAIM_PART: Final = """
    INSERT INTO service.job_part (job, business_date, step, first_book, run, done_at)
    VALUES (:job, :on, :step, :first_book, :run, :now) ON CONFLICT DO NOTHING
"""
_PART_MADE: Final = """
    UPDATE service.job_part SET rows_made = :rows, done_at = :now
    WHERE job = :job AND business_date = :on AND step = :step AND first_book = :first_book
"""
_COUNT: Final = """
    UPDATE service.job_run SET rows_made = coalesce(rows_made, 0) + :rows, seen_at = :now,
        finished_at = CASE WHEN :last THEN CAST(:now AS timestamptz) END
    WHERE id = :run
"""
_FAILED: Final = "UPDATE service.job_run SET failed_at = :now, failure = :failure WHERE id = :run"


class Left(Exception):
    """The rest of a run is left to others."""


@dataclass(slots=True)
class _Sharing:
    """The parts of a step that nobody has begun yet, for several to take from."""

    waiting: list[Stretch]
    done: int
    parts: int
    begun: bool = False


@dataclass(slots=True)
class Doing:
    """A run of a job for a business date."""

    engine: AsyncEngine
    job: Job
    on: date
    run: UUID
    asked_by: str
    clock: Callable[[], datetime]
    tell: Callable[[Progress], None] | None = None
    go_on: Callable[[], Awaitable[bool]] | None = None
    steps: int = 0
    """How many steps this run has finished itself."""
    rows: int = 0

    async def do(self, to_do: Collection[Step]) -> None:
        """Do some steps, unless somebody else has. What it fails of is kept, and raised."""
        async with self._transaction() as books:
            await books.fetch(_LOCK, day=self.on)
            begun = {"run": self.run, "job": self.job.name, "on": self.on}
            await books.execute(_BEGIN, **begun, now=books.now, actor=self.asked_by)
        try:
            for n, step in enumerate(to_do, start=1):
                await (self._cut if step.cut else self._whole)(step, last=n == len(to_do))
        except Left:
            pass
        except Exception as trouble:
            await self._fail(trouble)
            raise

    async def _whole(self, step: Step, *, last: bool) -> None:
        """Do a step in one transaction."""
        await self._enter(step, parts=1)
        work = await self._looked(step.look, ALL_BOOKS) if step.look else step.work
        async with self._transaction() as books:
            rows = 0
            if claimed := await books.execute(_CLAIM_STEP, **self._named(step), now=books.now):
                rows = await work(books, on=self.on, run=self.run, stretch=ALL_BOOKS)
            await self._count(books, rows, last=last)
        self.steps += claimed
        self._say(step, rows, 1, 1)

    async def _cut(self, step: Step, *, last: bool) -> None:
        """Do a step part by part, in an order of our own, so that two share the parts."""
        async with self._transaction() as books:
            known = await books.fetch(_PARTS, **self._about(step))
            parts = await step.into(books, on=self.on)
        done = {row.first_book for row in known}
        to_do = [part for part in parts if part.first not in done]
        of = len(done) + len(to_do)
        await self._enter(step, parts=of)
        Random(self.run.int).shuffle(to_do)  # noqa: S311 - an order, no secret
        sharing = _Sharing(to_do, len(done), of)
        ends = await asyncio.gather(
            *(self._share(step, sharing) for _ in range(stretches.PARTS_AT_ONCE)),
            return_exceptions=True,
        )
        for trouble in filter(None, ends):
            raise trouble
        async with self._transaction() as books:
            claimed = await books.execute(_CLAIM_STEP, **self._named(step), now=books.now)
            await self._count(books, 0, last=last)
        self.steps += claimed

    async def _share(self, step: Step, sharing: _Sharing) -> None:
        """Do one part after the other, beside others who do, until none is left or one fails."""
        while sharing.waiting:
            part = sharing.waiting.pop(0)
            if sharing.begun and self.go_on is not None and not await self.go_on():
                raise Left
            sharing.begun = True
            try:
                rows = await self._part(step, part)
            except BaseException:
                sharing.waiting.clear()
                raise
            sharing.done += 1
            self._say(step, rows, sharing.done, sharing.parts)

    async def _part(self, step: Step, part: Stretch) -> int:
        """Do a part in one transaction, unless somebody else has; the rows made."""
        named = self._named(step) | {"first_book": part.first}
        work = await self._looked(step.look, part) if step.look else step.work
        async with self._transaction() as books:
            if not await books.execute(_CLAIM_PART, **named, now=books.now):
                return 0
            rows = await work(books, on=self.on, run=self.run, stretch=part)
            named.pop("run")
            await books.execute(_PART_MADE, **named, rows=rows, now=self.clock())
            await self._count(books, rows, last=False)
        return rows

    async def _looked(self, look: Look, part: Stretch) -> Work:
        """Look at what a part is about, before anything is claimed, in one snapshot.

        Nothing is claimed so long, for a transaction that has written is one that postings may
        still come from: until it ends nobody knows what was known since it began.
        """
        async with asyncio.timeout(schedule.PART_WITHIN_S):
            books = read_books(
                self.engine,
                actor=self.asked_by,
                now=self.clock(),
                patience=schedule.patience(),
            )
            async with books as opened:
                return await look(opened, stretch=part)

    async def _enter(self, step: Step, *, parts: int) -> None:
        """Let everybody see what the run is at."""
        async with self._transaction() as books:
            await books.execute(_AT, run=self.run, step=step.name, parts=parts, now=books.now)

    async def _count(self, books: WritableBooks, rows: int, *, last: bool) -> None:
        await books.execute(_COUNT, run=self.run, rows=rows, last=last, now=self.clock())

    async def _fail(self, trouble: Exception) -> None:
        """Keep what the run failed of, where the database still takes it."""
        with suppress(*TROUBLE):
            async with self._transaction() as books:
                await books.execute(_FAILED, run=self.run, now=books.now, failure=why(trouble))

    def _say(self, step: Step, rows: int, done: int, parts: int) -> None:
        self.rows += rows
        if self.tell is not None:
            self.tell(Progress(self.job.name, self.on, step.name, done, parts, self.rows))

    def _about(self, step: Step) -> dict[str, object]:
        return {"job": self.job.name, "on": self.on, "step": step.name}

    def _named(self, step: Step) -> dict[str, object]:
        return self._about(step) | {"run": self.run}

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[WritableBooks]:
        """Books to write, given up when they take too long."""
        async with asyncio.timeout(schedule.PART_WITHIN_S):
            books = write_books(
                self.engine,
                actor=self.asked_by,
                now=self.clock(),
                patience=schedule.patience(),
            )
            async with books as opened:
                yield opened
