"""Posting, folding, moving and reading at once: every snapshot shows the fresh sum."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Final

import asyncpg

from ledger.postgres import balances
from ledger.postgres.rollup import fold
from ledger.postgres.verify import verify
from tests.support.database import asyncpg_url
from tests.support.federation import TIERS, Model, place
from tests.support.ledger import application, deposit, open_books, post_each, request, transfer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

FIRST: Final = date(2024, 5, 20)
DAYS: Final = 600
EVERYTHING: Final = 10**6
POSTINGS: Final = 40
_STANDS: Final = """
    SELECT a.fund, a.code, sum(l.debit - l.credit)::bigint
    FROM ledger.under AS u
    JOIN ledger.line AS l ON l.book_id = u.book_id AND l.value_date <= $2
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE u.node_id = $1 AND u.from_on <= $2 AND u.to_on > $2
    GROUP BY a.fund, a.code HAVING sum(l.debit - l.credit) <> 0 ORDER BY a.fund, a.code
"""
_TERMINATE: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'folder' ORDER BY random() LIMIT 1
"""
KILLED: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What a connection raises whose backend is gone."""


@asynccontextmanager
async def connected(url: str, name: str = "") -> AsyncIterator[asyncpg.Connection]:
    """A connection of this name; dropped at the end, for it may be dead."""
    link = await asyncpg.connect(url, server_settings={"application_name": name})
    try:
        yield link
    finally:
        link.terminate()
        await asyncio.sleep(0)


@dataclass
class Play:
    """Everybody at once, until all is posted."""

    url: str
    model: Model
    random: Random
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def day(self) -> date:
        """Any day."""
        return FIRST + timedelta(days=self.random.randrange(DAYS))

    async def post(self, books: Sequence[int]) -> None:
        """Members save, and some of it is passed on to another book."""
        async with connected(self.url) as link:
            for n in range(POSTINGS):
                one, other = self.random.sample(books, 2)
                on = self.day()
                passed_on = transfer(5, giver=one, taker=other, on=on, first=1)
                await post_each(link, request(deposit(n + 5, book=one, on=on), *passed_on))

    async def post_all(self) -> None:
        """Three post side by side."""
        books = self.model.books
        await asyncio.gather(*(self.post(share) for share in (books[:3], books[3:6], books[6:])))
        self.ended.set()

    async def fold(self) -> int:
        """Fold, and begin again when killed; how often that was."""
        killed = 0
        while not self.ended.is_set():
            try:
                async with connected(self.url, "folder") as link:
                    while not self.ended.is_set():
                        async with application(link):
                            await fold(link, self.random.choice([1, 7, 1000]))
                        await asyncio.sleep(0.005)
            except KILLED:
                killed += 1
        return killed

    async def kill(self) -> None:
        """Kill whoever folds, wherever it is."""
        async with connected(self.url) as link:
            while not self.ended.is_set():
                await asyncio.sleep(0.05)
                await link.execute(_TERMINATE)

    async def move(self) -> None:
        """Books move below others, from any day."""
        books = self.model.books
        async with connected(self.url) as link:
            while not self.ended.is_set():
                n = self.random.randrange(6)
                above = TIERS[1] if n < len(TIERS[0]) else TIERS[2]
                self.model.move(books[n], books[self.random.choice(above)], self.day())
                await place(link, self.model)
                await asyncio.sleep(0.01)

    async def read(self) -> int:
        """Compare, each time in one snapshot; how often that was."""
        seen = 0
        async with connected(self.url) as link:
            while not self.ended.is_set():
                node, on = self.random.choice(self.model.books), self.day()
                async with link.transaction(isolation="repeatable_read", readonly=True):
                    stands = await balances.rollup(link, on, nodes=[node])
                    fresh = await link.fetch(_STANDS, node, on)
                nets = [(b.fund, b.code, b.net) for b in stands if b.net]
                assert nets == [tuple(row) for row in fresh]
                seen += 1
        return seen


async def test_every_snapshot_shows_the_fresh_sum(database_url: str) -> None:
    """Though organisations move meanwhile, and folders are killed in the midst of it."""
    url = asyncpg_url(database_url)
    random = Random(11)  # noqa: S311 - a fixed history, not a secret
    async with connected(url) as owner:
        model = Model(await open_books(owner, *(f"B-{n}" for n in range(9))))
        for tier, above in pairwise(TIERS):
            for n in tier:
                model.move(model.books[n], model.books[random.choice(above)], FIRST)
        await place(owner, model)
        play = Play(url, model, random)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(play.post_all())
            folders = [tasks.create_task(play.fold()) for _ in range(2)]
            tasks.create_task(play.kill())
            tasks.create_task(play.move())
            readers = [tasks.create_task(play.read()) for _ in range(2)]
        assert sum(task.result() for task in folders) > 0
        assert sum(task.result() for task in readers) > 0
        assert (await verify(owner)).findings == ()
        async with application(owner):
            await fold(owner, EVERYTHING)
        assert (await verify(owner)).findings == ()
