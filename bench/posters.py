"""Poster processes: each drives some connections through a window of time.

A transaction is what the service does for a request: `BEGIN; SET LOCAL ROLE amanat_system`,
the posting of a batch, `COMMIT`. Requests are built inside the timed stretch. The window
is given as moments of the machine's monotonic clock, so that all processes share it.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import psutil
import uvloop

from bench import server, sheets
from ledger.postgres.post import post
from ledger.requests import Posted
from service.collector import calm_collector

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from multiprocessing.synchronize import Barrier

    import asyncpg

    from bench.server import Place
    from bench.sheets import Meeting
    from ledger.requests import Request

Batch = TypeVar("Batch")
PROCESSES: Final = 2
PATIENCE_S: Final = 60.0
ORPHANED_S: Final = 1.0
"""How often a process sees whether its parent still lives."""
BEGIN: Final = "BEGIN; SET LOCAL ROLE amanat_system"


class NotPosted(Exception):
    """A sheet of the benchmark was refused, or found to be posted already."""


class TooLate(Exception):
    """A poster was not ready when the window opened: give it a longer warm-up."""


class Window(NamedTuple):
    """What is counted: transactions that begin and end between two moments."""

    opens: float
    closes: float


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does: a connection for each share of books, the same window for all."""

    place: Place
    shares: Sequence[Sequence[int]]
    first: int
    """Which meeting of its books comes next."""
    batch: int
    hot: bool
    window: Window
    today: date

    def batches(self, share: Sequence[int]) -> Iterator[list[Meeting]]:
        """The sheets of one connection, without end."""
        if self.hot:
            return sheets.hot_batches(share[0], batch=self.batch, today=self.today)
        return sheets.rounds(share, first=self.first, batch=self.batch, today=self.today)


class Done(NamedTuple):
    """What a transaction acknowledged."""

    sheets: int
    lines: int


@dataclass(slots=True)
class Tally:
    """What a process did: all that was acknowledged, and what of it fell into the window."""

    acknowledged_sheets: int = 0
    acknowledged_lines: int = 0
    last: int = 0
    """The newest meeting that it held."""
    sheets: int = 0
    lines: int = 0
    seconds: list[float] = field(default_factory=list)
    """How long each transaction in the window took."""
    python_s: float = 0.0
    """Processor time of the process in the window."""
    backend_s: float = 0.0
    """Processor time of its PostgreSQL backends in the window."""

    def add(self, done: Done, began: float, ended: float, window: Window) -> None:
        """Count a transaction."""
        self.acknowledged_sheets += done.sheets
        self.acknowledged_lines += done.lines
        if began >= window.opens and ended <= window.closes:
            self.sheets += done.sheets
            self.lines += done.lines
            self.seconds.append(ended - began)


@contextmanager
def pool(prepare: Callable[..., None], *values: object) -> Iterator[ProcessPoolExecutor]:
    """Two processes, prepared and standing by when the block begins."""
    context = get_context("spawn")
    ready = context.Barrier(PROCESSES + 1)
    start = (ready, prepare, values)
    with ProcessPoolExecutor(PROCESSES, context, _stand_by, start) as processes:
        for _ in range(PROCESSES):  # one is begun for each call that finds none idle
            processes.submit(int)
        ready.wait(PATIENCE_S)
        yield processes


def _stand_by(ready: Barrier, prepare: Callable[..., None], values: Sequence[object]) -> None:
    end_with_parent()
    prepare(*values)
    ready.wait(PATIENCE_S)


def end_with_parent() -> None:
    """Have this process not outlive the one that began it, killed or not."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ORPHANED_S)
    os._exit(1)


def prepare() -> None:
    """With this module a poster process has loaded all that it needs, as the service has."""
    calm_collector()


def run(task: Task) -> Tally:
    """Post until the window closes; called in a process of its own."""
    return uvloop.run(_run(task))


async def _run(task: Task) -> Tally:
    if time.monotonic() >= task.window.opens:
        raise TooLate("A poster process was not ready in time. Close other programs.")
    tally = Tally()

    async def hold(connection: asyncpg.Connection, batch: Sequence[Meeting]) -> Done:
        lines = await transaction(connection, batch)
        tally.last = max(tally.last, batch[-1].nth)
        return Done(len(batch), lines)

    batches = [task.batches(share) for share in task.shares]
    await fill(task.place, batches, hold, task.window, tally)
    return tally


async def fill(
    place: Place,
    shares: Sequence[Iterator[Batch]],
    post_one: Callable[[asyncpg.Connection, Batch], Awaitable[Done]],
    window: Window,
    tally: Tally,
) -> None:
    """Post until the window closes, each share of batches by a connection of its own."""
    connections = [await server.connect(place) for _ in shares]

    async def post_share(connection: asyncpg.Connection, share: Iterator[Batch]) -> None:
        for batch in share:
            began = time.monotonic()
            if began >= window.closes:
                return
            done = await post_one(connection, batch)
            tally.add(done, began, time.monotonic(), window)

    try:
        backends = [psutil.Process(c.get_server_pid()) for c in connections]
        posted = map(post_share, connections, shares)
        await asyncio.gather(_watch_processors(backends, window, tally), *posted)
    finally:
        for connection in connections:
            await connection.close()


async def transaction(connection: asyncpg.Connection, batch: Sequence[Meeting]) -> int:
    """Post and commit a batch of sheets; how many lines were acknowledged."""
    await commit(connection, [sheets.request(meeting) for meeting in batch])
    return sum(sheets.OPENING_LINES if m.nth == 0 else sheets.LINES for m in batch)


async def commit(connection: asyncpg.Connection, requests: Sequence[Request]) -> None:
    """Post and commit what is new. Raises `NotPosted`."""
    await connection.execute(BEGIN)
    outcomes = await post(connection, requests, recorded_at=datetime.now(UTC))
    await connection.execute("COMMIT")
    for outcome in outcomes:
        if not isinstance(outcome, Posted) or outcome.replayed:
            raise NotPosted(f"A sheet was not posted: {outcome}")


async def _watch_processors(
    backends: Sequence[psutil.Process], window: Window, tally: Tally
) -> None:
    """Put the processor time of the window, ours and PostgreSQL's, into the tally."""
    await asyncio.sleep(window.opens - time.monotonic())
    python, postgres = time.process_time(), server.processor_time(backends)
    await asyncio.sleep(window.closes - time.monotonic())
    tally.python_s = time.process_time() - python
    tally.backend_s = server.processor_time(backends) - postgres
