"""Races, committed for real: many connections at once on the same books."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from ledger.entries import EntryRef, reversal
from ledger.postgres import journal
from ledger.refusals import AlreadyReversed, FloorPassed, KeyReused, PeriodClosed
from ledger.requests import Posted
from tests.support.database import asyncpg_url
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    close_period,
    deposit,
    open_books,
    post_all,
    post_each,
    prove,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ledger.requests import Outcome, Request


@pytest.fixture
async def posters(database_url: str) -> AsyncIterator[list[asyncpg.Connection]]:
    """Sixteen connections to one database."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(16):
            connection = await asyncpg.connect(asyncpg_url(database_url))
            stack.push_async_callback(connection.close)
            opened.append(connection)
        yield opened


async def at_once(posters: list[asyncpg.Connection], *requests: Request) -> list[Outcome]:
    """Each request on a connection of its own, all at once; what became of them."""
    pairs = zip(posters, requests, strict=False)
    batches = await asyncio.gather(*(post_each(link, asked) for link, asked in pairs))
    return [outcome for (outcome,) in batches]


def kinds(outcomes: list[Outcome]) -> Counter[type]:
    """How many of each kind of outcome there are."""
    return Counter(map(type, outcomes))


async def test_of_two_withdrawals_of_one_saving_only_one_wins(
    posters: list[asyncpg.Connection],
) -> None:
    """I6: whoever comes second sees what the first took."""
    await open_books(posters[0], "CO-01")
    for _ in range(20):
        await post_all(posters[0], request(deposit(100)))
        outcomes = await at_once(posters, request(withdrawal(100)), request(withdrawal(60)))
        assert kinds(outcomes) == {Posted: 1, FloorPassed: 1}
        if isinstance(outcomes[1], Posted):
            await post_all(posters[0], request(withdrawal(40)))
    await prove(posters[0], [1])


async def test_a_back_dated_and_a_later_withdrawal_cannot_both_win(
    posters: list[asyncpg.Connection],
) -> None:
    """I6: floors are checked on every day, also against what is being posted."""
    await open_books(posters[0], "CO-01")
    for _ in range(10):
        await post_all(posters[0], request(deposit(100)))
        outcomes = await at_once(
            posters,
            request(withdrawal(100, on=DAY + timedelta(days=3))),
            request(withdrawal(100, on=DAY)),
        )
        assert kinds(outcomes) == {Posted: 1, FloorPassed: 1}
    await prove(posters[0], [1])


async def test_two_posters_of_one_key_make_one_entry(posters: list[asyncpg.Connection]) -> None:
    """I5: one posts, the others are told the same."""
    await open_books(posters[0], "CO-01")
    for n in range(1, 11):
        outcomes = await at_once(posters, *[request(deposit(5), key=f"k-{n}")] * 8)
        entry = (EntryRef(1, n),)
        assert outcomes.count(Posted(entry)) == 1
        assert outcomes.count(Posted(entry, replayed=True)) == 7
    await prove(posters[0], [1])


async def test_of_two_requests_under_one_key_one_is_refused(
    posters: list[asyncpg.Connection],
) -> None:
    """I5: the key belongs to whoever came first."""
    await open_books(posters[0], "CO-01")
    for n in range(10):
        asked = request(deposit(5), key=f"k-{n}")
        outcomes = await at_once(posters, asked, replace(asked, digest=b"x" * 32))
        assert kinds(outcomes) == {Posted: 1, KeyReused: 1}
    await prove(posters[0], [1])


async def test_transfers_both_ways_do_not_wait_for_each_other_in_a_circle(
    posters: list[asyncpg.Connection],
) -> None:
    """Heads are locked in the order of their books, whichever way the money goes."""
    await open_books(posters[0], "CO-01", "CO-02", "CO-03")
    await post_all(posters[0], *(request(deposit(10_000, book=book)) for book in (1, 2, 3)))

    async def keep_sending(link: asyncpg.Connection, giver: int, taker: int) -> None:
        for _ in range(25):
            await post_all(link, request(*transfer(1, giver=giver, taker=taker)))

    ways = [(1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1)]
    await asyncio.gather(
        *(keep_sending(link, *way) for link, way in zip(posters, ways, strict=False))
    )
    await prove(posters[0], [1, 2, 3])
    nos = await posters[0].fetch("SELECT last_no FROM ledger.book ORDER BY id")
    assert [no for (no,) in nos] == [101, 101, 101]


async def test_sixteen_posters_leave_one_chain_without_a_gap(
    posters: list[asyncpg.Connection],
) -> None:
    """I3: numbers and moments agree, whatever the clocks of the posters say."""
    await open_books(posters[0], "CO-01")

    async def keep_posting(n: int, link: asyncpg.Connection) -> None:
        for step in range(10):
            asked = [request(deposit(1, f"M-{n}")), request(deposit(1, f"M-{step}"))]
            await post_all(link, *asked, at=NOW - timedelta(seconds=n))

    await asyncio.gather(*(keep_posting(n, link) for n, link in enumerate(posters)))
    assert await posters[0].fetchval("SELECT last_no FROM ledger.book") == 16 * 10 * 2
    await prove(posters[0], [1])


async def test_an_entry_is_reversed_by_one_of_two(posters: list[asyncpg.Connection]) -> None:
    """I4: the other learns that it is reversed already."""
    await open_books(posters[0], "CO-01")
    for _ in range(10):
        (ref,) = await post_all(posters[0], request(deposit(5)))
        wrong = (await journal.entries(posters[0], [ref]))[ref]
        undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
        outcomes = await at_once(posters, request(undo), request(undo))
        assert kinds(outcomes) == {Posted: 1, AlreadyReversed: 1}
    await prove(posters[0], [1])


async def test_a_poster_and_a_closing_agree_on_who_was_first(
    posters: list[asyncpg.Connection],
) -> None:
    """I7: an entry of the period is posted before its closing, or refused."""
    await open_books(posters[0], "CO-01")
    seen = Counter[type]()
    for n in range(20):
        on = DAY - timedelta(days=100 - n)
        poster, _ = await asyncio.gather(
            post_each(posters[n % 2], request(deposit(5, on=on))),
            close_period(posters[1 - n % 2], 1, on),
        )
        seen[type(poster[0])] += 1
        (late,) = await post_each(posters[0], request(deposit(5, on=on)))
        assert isinstance(late, PeriodClosed)
    assert set(seen) <= {Posted, PeriodClosed}
    assert await posters[0].fetchval("SELECT last_no FROM ledger.book") == seen[Posted]
    await prove(posters[0], [1])


async def test_two_posters_of_a_new_fiscal_year_make_one_partition(
    posters: list[asyncpg.Connection],
) -> None:
    """Neither fails, though both find it missing."""
    await open_books(posters[0], *(f"CO-{n:02d}" for n in range(1, 9)))
    for year in range(1990, 1995):
        on = DAY.replace(year=year)
        outcomes = await at_once(
            posters, *(request(deposit(5, book=book, on=on)) for book in range(1, 9))
        )
        assert kinds(outcomes) == {Posted: 8}
    await prove(posters[0], range(1, 9))
