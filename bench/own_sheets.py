"""Sheets of books that are there already: each member saves on every account that they have."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

import uvloop

from bench import posters
from bench.posters import Done, Tally
from ledger.entries import AccountKey, Draft, Line
from ledger.positions import Reads
from ledger.requests import Request
from service.accounts import OWN, cash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    async def save(connection: asyncpg.Connection, batch: tuple[Sequence[Saver], str]) -> Done:
        some, run = batch
        return Done(len(some), await posted(connection, some, run, task.today))

    tally = Tally()
    batches = [_batches(task, share) for share in task.shares]
    await posters.fill(task.place, batches, save, task.window, tally)
    return tally


def _batches(task: Task, share: Sequence[Saver]) -> Iterator[tuple[Sequence[Saver], str]]:
    """The sheets of a share, round by round without end; none of none."""
    for nth in count() if share else ():
        for start in range(0, len(share), task.batch):
            yield share[start : start + task.batch], f"{task.run}-{nth}"


async def posted(
    connection: asyncpg.Connection, batch: Sequence[Saver], run: str, today: date
) -> int:
    """Post and commit a batch of sheets; how many lines they have."""
    await posters.commit(connection, [_request(saver, run, today) for saver in batch])
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
