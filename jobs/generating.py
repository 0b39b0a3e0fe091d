"""`amanat demo generate`: some processes write the blocks of a demo; the progress of it."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg
import structlog
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import make_url

from jobs.days import summed_until
from ledger.calendar import business_date
from service.demo import estimate, rolling, writing
from service.demo.estimate import gib
from service.demo.trouble import DemoDiffers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from datetime import date, datetime
    from multiprocessing.sharedctypes import Synchronized

    from rich.console import Console

    from service.demo.shape import Shape
    from service.demo.writing import Plan

_POLL_S: Final = 0.5
_LINE_EVERY_S: Final = 15.0
_ORPHANED_S: Final = 1.0
_log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; without `sheets`, as many a year as fit on the disk."""

    cos: int
    years: int
    seed: int
    sheets: int | None = None
    processes: int = 2


class Made(NamedTuple):
    """What was made, and how fast its lines were written."""

    shape: Shape
    lines: int
    seconds: float


def generate(url: str, asked: Asked, *, clock: Callable[[], datetime], console: Console) -> Made:
    """Write a demo, or what is missing of it. Raises what `service.demo.trouble` has."""
    plan = asyncio.run(_plan(url, asked, clock(), console))
    begun = time.monotonic()
    lines = _write(url, plan, asked.processes, console)
    taken = time.monotonic() - begun
    console.print("Rolling up, and telling the planner.", highlight=False)
    asyncio.run(_finish(url, plan, asked.processes, clock()))
    return Made(plan.shape, lines, taken)


def said(made: Made) -> str:
    """What was made, in a sentence."""
    rate = made.lines / made.seconds if made.seconds else 0
    return (
        f"{made.shape.cos:,} COs met {made.shape.sheets} times a year for {made.shape.years} "
        f"years: {made.lines:,} lines written now, {rate:,.0f} a second."
    )


async def connect(url: str) -> asyncpg.Connection:
    """A connection of the driver's own, as whoever owns the database."""
    bare = make_url(url)
    query = dict(bare.query)
    if "ssl" in query:
        query["sslmode"] = query.pop("ssl")
    plain = bare.set(drivername="postgresql", query=query)
    return await asyncpg.connect(plain.render_as_string(hide_password=False))


async def _plan(url: str, asked: Asked, now: datetime, console: Console) -> Plan:
    connection = await connect(url)
    try:
        plan = await writing.under_way(connection)
        if plan is not None:
            _refuse_another(plan.shape, asked)
            console.print("Going on with what was begun.", highlight=False)
            return plan
        free = await estimate.free_bytes(connection)
        shape = estimate.chosen(
            free,
            cos=asked.cos,
            years=asked.years,
            seed=asked.seed,
            last_month=_month_before(business_date(now)),
            sheets=asked.sheets,
        )
        _tell_choice(shape, free, asked, console)
        await writing.begin(connection, writing.planned(shape))
        plan = await writing.under_way(connection)
        if plan is None:
            raise DemoDiffers("The demo was finished by another process meanwhile.")
        return plan
    finally:
        await connection.close()


def _refuse_another(shape: Shape, asked: Asked) -> None:
    begun = (shape.cos, shape.years, shape.seed, shape.sheets)
    if begun != (asked.cos, asked.years, asked.seed, asked.sheets or shape.sheets):
        raise DemoDiffers(
            "Another demo was begun in this database. Go on with it: amanat demo generate "
            f"--cos {shape.cos} --years {shape.years} --seed {shape.seed} --sheets {shape.sheets}"
        )


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _tell_choice(shape: Shape, free: int | None, asked: Asked, console: Console) -> None:
    expected = estimate.estimate(shape)
    why = "as asked" if asked.sheets else "the most that leaves a quarter of the free disk free"
    room = "an unknown" if free is None else gib(free)
    console.print(
        f"{shape.sheets} sheets a year, {why}: about {expected.lines:,} lines and "
        f"{gib(expected.bytes)} of {room} free; {timedelta(seconds=int(expected.seconds))} "
        "to write them.",
        highlight=False,
        soft_wrap=True,
    )


async def _finish(url: str, plan: Plan, processes: int, now: datetime) -> None:
    until = summed_until(business_date(now))
    await rolling.roll_up(lambda: connect(url), plan.shape, until, processes=processes)
    connection = await connect(url)
    try:
        await writing.finish(connection, plan, now)
    finally:
        await connection.close()


def _write(url: str, plan: Plan, processes: int, console: Console) -> int:
    """Have all blocks written that wait; how many lines that were."""
    blocks = asyncio.run(_waiting(url, plan))
    if not blocks:
        return 0
    context = get_context("spawn")
    counter: Synchronized[int] = context.Value("q", 0)
    expected = estimate.estimate(plan.shape).lines * len(blocks) // plan.blocks
    start = (counter, os.getpid())
    with (
        ProcessPoolExecutor(min(processes, len(blocks)), context, _stand_by, start) as pool,
        _progress(expected, console) as tell,
    ):
        running = {pool.submit(_write_block, url, plan, block) for block in blocks}
        while running:
            done, running = wait(running, _POLL_S, FIRST_COMPLETED)
            _raise_first(done, running)
            tell(counter.value)
    return counter.value


def _raise_first(done: set[Future[None]], running: set[Future[None]]) -> None:
    """What went wrong in one stops all."""
    for future in done:
        if future.exception() is not None:
            for other in running:
                other.cancel()
        future.result()


async def _waiting(url: str, plan: Plan) -> list[int]:
    connection = await connect(url)
    try:
        return await writing.waiting(connection, plan)
    finally:
        await connection.close()


_counter: Synchronized[int]


def _stand_by(counter: Synchronized[int], parent: int) -> None:
    """Prepare a process: it counts for its parent, and does not outlive it."""
    global _counter  # noqa: PLW0603 - what a process of the pool is born with
    _counter = counter
    gc.disable()  # nothing that is made here goes round in circles
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ORPHANED_S)
    os._exit(1)


def _write_block(url: str, plan: Plan, block: int) -> None:
    asyncio.run(_write_one(url, plan, block))


async def _write_one(url: str, plan: Plan, block: int) -> None:
    connection = await connect(url)
    try:
        await writing.write_block(connection, plan, block, _count)
    finally:
        await connection.close()


def _count(lines: int) -> None:
    with _counter.get_lock():
        _counter.value += lines


@contextmanager
def _progress(expected: int, console: Console) -> Iterator[Callable[[int], None]]:
    if not console.is_terminal:
        yield _in_lines(expected)
        return
    columns = (
        TextColumn("{task.completed:,.0f} lines, {task.fields[rate]:,.0f} a second"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=expected, rate=0)
        yield lambda lines: progress.update(
            task, completed=lines, rate=lines / (time.monotonic() - begun)
        )


def _in_lines(expected: int) -> Callable[[int], None]:
    begun = told = time.monotonic()

    def tell(lines: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _LINE_EVERY_S or not lines:
            return
        told = now
        rate = lines / (now - begun)
        left = max(expected - lines, 0) / rate
        _log.info("demo", lines=lines, lines_per_s=round(rate), seconds_left=round(left))

    return tell
