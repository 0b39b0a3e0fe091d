"""Sheets of books that are there already: each member saves on every account that they have."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil
import uvloop

from bench import posters, server
from ledger.entries import AccountKey, Draft, Line
from ledger.positions import Reads
from ledger.postgres.post import post
from ledger.requests import Posted, Request
from service.accounts import OWN, cash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import asyncpg

    from bench.posters import Window
    from bench.server import Place

MOST_LINES: Final = 31
SAVED_PAISA: Final = 5_000
_SAVERS: Final = """
    SELECT a.book_id, array_agg(a.code || ' ' || a.party ORDER BY a.no)
    FROM unnest($1::bigint[]) AS b (book_id)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.account AS x
        WHERE x.book_id = b.book_id AND x.code IN ('2000', '2010') AND x.fund = 'own'
        ORDER BY x.no LIMIT $2
    ) AS a
    GROUP BY a.book_id
"""


class Saver(NamedTuple):
    """A book, and the savings accounts of its members."""

    book: int
    accounts: tuple[AccountKey, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does: a connection for each share of savers, the same window for all."""

    place: Place
    shares: Sequence[Sequence[Saver]]
    batch: int
    window: Window
    today: date
    run: str


@dataclass(slots=True)
class Tally:
    """What fell into the window."""

    lines: int = 0
    sheets: int = 0
    seconds: list[float] = field(default_factory=list)
    python_s: float = 0.0
    """Processor time of the process."""
    backend_s: float = 0.0
    """Processor time of its PostgreSQL backends."""
    ever: int = 0
    """How many sheets were posted, in the window and before it."""


async def savers(connection: asyncpg.Connection, books: Sequence[int]) -> list[Saver]:
    """The savings accounts of some books."""
    found = []
    for book, accounts in await connection.fetch(_SAVERS, list(books), MOST_LINES - 1):
        keys = tuple(AccountKey(code, OWN, party) for code, party in map(str.split, accounts))
        found.append(Saver(book, keys))
    return found


def run(task: Task) -> Tally:
    """Post until the window closes; called in a process of its own."""
    return uvloop.run(_run(task))


async def _run(task: Task) -> Tally:
    tally = Tally()
    connections = [await server.connect(task.place) for _ in task.shares]
    try:
        backends = [psutil.Process(connection.get_server_pid()) for connection in connections]
        await asyncio.gather(
            posters.watch_processors(backends, task.window, tally),
            *(
                _post_until_closed(connection, share, task, tally)
                for connection, share in zip(connections, task.shares, strict=True)
            ),
        )
    finally:
        for connection in connections:
            await connection.close()
    return tally


async def _post_until_closed(
    connection: asyncpg.Connection, share: Sequence[Saver], task: Task, tally: Tally
) -> None:
    nth = 0
    while True:
        for start in range(0, len(share), task.batch):
            begun = time.monotonic()
            if begun >= task.window.closes:
                return
            batch = share[start : start + task.batch]
            lines = await posted(connection, batch, f"{task.run}-{nth}", task.today)
            ended = time.monotonic()
            tally.ever += len(batch)
            if begun >= task.window.opens and ended <= task.window.closes:
                tally.lines += lines
                tally.sheets += len(batch)
                tally.seconds.append(ended - begun)
        nth += 1


async def posted(
    connection: asyncpg.Connection, batch: Sequence[Saver], run: str, today: date
) -> int:
    """Post and commit a batch of sheets; how many lines they have."""
    requests = [_request(saver, run, today) for saver in batch]
    await connection.execute(posters.BEGIN)
    outcomes = await post(connection, requests, recorded_at=datetime.now(UTC))
    await connection.execute("COMMIT")
    for outcome in outcomes:
        if not isinstance(outcome, Posted) or outcome.replayed:
            raise posters.NotPosted(f"A sheet was not posted: {outcome}")
    return sum(len(saver.accounts) + 1 for saver in batch)


def _request(saver: Saver, run: str, today: date) -> Request:
    lines = (
        Line(cash(), debit=SAVED_PAISA * len(saver.accounts)),
        *(Line(account, credit=SAVED_PAISA) for account in saver.accounts),
    )
    key = f"sheet-{run}-{saver.book}"
    reads = Reads(
        books=frozenset([saver.book]),
        accounts=frozenset((saver.book, line.account) for line in lines),
        since=today,
    )
    draft = Draft(
        book=saver.book,
        value_date=today,
        narrative=f"Meeting of {today}",
        actor="treasurer",
        lines=lines,
        reference=key,
    )
    return Request(
        reads=reads, draft=lambda _: [draft], key=key, digest=sha256(key.encode()).digest()
    )
