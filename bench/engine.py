"""The engine beside COPY: sheets one by one, in batches, and all on one hot book.

Everything is on: the door's checks, the seal, floors, deltas, keys, durable commits.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import posters, server, sheets
from bench.figures import NOTHING, Figure, Latency, percent, rate
from bench.posters import Task, Window
from ledger.calendar import business_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor
    from datetime import date

    import asyncpg

    from bench.posters import Tally
    from bench.server import Place

OPENED_AT_A_TIME: Final = 64
START_UP_S: Final = 1.0
"""How long a poster process may take to connect before its warm-up begins."""
HOT_BOOKS: Final = 2
TWO_PROCESSES_FROM: Final = 4
"""With fewer connections one process drives them."""


class Pace(NamedTuple):
    """How long posters warm up, and how long they are measured."""

    warm_up_s: float
    window_s: float


@dataclass(frozen=True, slots=True)
class Load:
    """One way of posting, and the target that DESIGN gives for it."""

    work: str
    connections: int
    batch: int = 1
    hot: int | None = None
    """Which of the hot books; None for sheets of all the other books."""
    target_lines: int | None = None
    target_entries: int | None = None

    @property
    def processes(self) -> int:
        """How many processes drive the connections."""
        return 2 if self.connections >= TWO_PROCESSES_FROM else 1

    @property
    def target(self) -> str:
        """The target as the table says it."""
        if self.target_lines is not None:
            return f"≥ {self.target_lines:,} lines/s"
        return NOTHING if self.target_entries is None else f"≥ {self.target_entries:,} entries/s"


LOADS: Final = (
    Load("engine, one sheet a transaction, 1 connection", 1),
    Load("engine, one sheet a transaction, 4 connections", 4),
    Load("engine, one sheet a transaction, 8 connections", 8, target_lines=45_000),
    Load("engine, batches of 64 sheets, 4 connections", 4, batch=64, target_lines=100_000),
    Load("engine, one hot book, single", 1, hot=0, target_entries=850),
    Load("engine, one hot book, batches of 64", 1, batch=64, hot=1, target_entries=3_000),
)


@dataclass(slots=True)
class Engine:
    """The books of the run, and what was acknowledged of them so far."""

    place: Place
    books: list[int]
    hot: list[int]
    today: date
    acknowledged_lines: int = 0
    next_meeting: int = 1
    """The first meeting that no load has held yet; days move forward from load to load."""

    @property
    def accounts(self) -> int:
        """How many accounts the books have."""
        return (len(self.books) + len(self.hot)) * sheets.ACCOUNTS

    def tasks(self, load: Load, window: Window) -> Iterator[Task]:
        """What each process does; no two connections share a book."""
        books = self.books if load.hot is None else [self.hot[load.hot]]
        shares = [books[n :: load.connections] for n in range(load.connections)]
        for n in range(load.processes):
            yield Task(
                place=self.place,
                shares=shares[n :: load.processes],
                first=self.next_meeting,
                batch=load.batch,
                hot=load.hot is not None,
                window=window,
                today=self.today,
            )

    def record(self, load: Load, tallies: Sequence[Tally]) -> None:
        """Take in what a load has posted."""
        self.acknowledged_lines += sum(tally.acknowledged_lines for tally in tallies)
        if load.hot is None:
            self.next_meeting = max(tally.last for tally in tallies) + 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What the processes of a load did together in their window."""

    load: Load
    window_s: float
    tallies: Sequence[Tally]

    @property
    def sheets(self) -> int:
        """How many sheets were posted in the window."""
        return sum(tally.sheets for tally in self.tallies)

    @property
    def lines_per_s(self) -> float:
        """Lines a second, on the wall clock."""
        return self.sheets * sheets.LINES / self.window_s

    def figure(self, copy_lines_per_s: float) -> Figure:
        """The row of the table."""
        entries_per_s = self.sheets / self.window_s
        latency = Latency.of([s for tally in self.tallies for s in tally.seconds])
        python_s = sum(tally.python_s for tally in self.tallies)
        backend_s = sum(tally.backend_s for tally in self.tallies)
        return Figure(
            work=self.load.work,
            target=self.load.target,
            result=f"{rate(self.lines_per_s, 'lines')}, {rate(entries_per_s, 'entries')}",
            beside=f"COPY {rate(copy_lines_per_s, 'lines')}",
            ratio=percent(self.lines_per_s, copy_lines_per_s),
            remark=f"{latency}; processor a sheet: Python {self._each_ms(python_s):.2f} ms,"
            f" PostgreSQL {self._each_ms(backend_s):.2f} ms",
        )

    def _each_ms(self, seconds: float) -> float:
        return seconds * 1000 / max(self.sheets, 1)


async def opened(place: Place, books: int) -> Engine:
    """Books with all their accounts, each opened by its first sheet. Not timed."""
    async with server.connected(place) as connection:
        engine = await _opened(connection, place, books)
        await connection.execute("ANALYZE")
    return engine


async def _opened(connection: asyncpg.Connection, place: Place, books: int) -> Engine:
    names = [f"CO-{n:06}" for n in range(books + HOT_BOOKS)]
    rows = await connection.fetch("SELECT id FROM ledger.open_books($1)", names)
    ids = sorted(row["id"] for row in rows)
    today = business_date(datetime.now(UTC))
    engine = Engine(place, ids[HOT_BOOKS:], ids[:HOT_BOOKS], today)
    first_sheets = sheets.rounds(ids, first=0, batch=1, today=today)
    meetings = [next(first_sheets)[0] for _ in ids]
    for start in range(0, len(meetings), OPENED_AT_A_TIME):
        batch = meetings[start : start + OPENED_AT_A_TIME]
        engine.acknowledged_lines += await posters.transaction(connection, batch)
    return engine


def measure(engine: Engine, load: Load, pace: Pace, processes: ProcessPoolExecutor) -> Measured:
    """Post one way for the length of a window."""
    opens = time.monotonic() + START_UP_S + pace.warm_up_s
    window = Window(opens, opens + pace.window_s)
    tallies = list(processes.map(posters.run, engine.tasks(load, window)))
    engine.record(load, tallies)
    return Measured(load, pace.window_s, tallies)
