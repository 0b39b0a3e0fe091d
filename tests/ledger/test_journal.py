"""Reading entries back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ledger.entries import EntryRef, Kind, reversal
from ledger.postgres import journal
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    deposit,
    open_books,
    post_all,
    request,
    transfer,
)

if TYPE_CHECKING:
    import asyncpg


async def test_entries_come_back_as_they_were_posted(connection: asyncpg.Connection) -> None:
    """With their lines in order, their counterparts, and what they reverse."""
    await open_books(connection, "CO-01", "CO-02")
    gives, takes = transfer(100, giver=1, taker=2)
    await post_all(connection, request(deposit(100, "M-2")))
    refs = await post_all(connection, request(deposit(500)), request(gives, takes))
    found = await journal.entries(connection, refs)
    assert list(map(found.__getitem__, refs)) == list(found.values())
    plain, gave, took = (found[ref] for ref in refs)
    assert [one.lines for one in (plain, gave, took)] == [
        *[deposit(500).lines, gives.lines, takes.lines]
    ]
    assert (gave.counterpart, took.counterpart, plain.counterpart) == (took.ref, gave.ref, None)
    assert (plain.kind, plain.value_date, plain.recorded_at) == (Kind.NORMAL, DAY, NOW)
    undo = reversal(plain, value_date=TODAY, actor="treasurer", narrative="Wrong")
    (ref,) = await post_all(connection, request(undo))
    undone = (await journal.entries(connection, [ref]))[ref]
    assert (undone.kind, undone.reverses, undone.lines) == (Kind.REVERSAL, 2, plain.mirrored())


async def test_entries_that_do_not_exist_are_left_out(connection: asyncpg.Connection) -> None:
    """And nothing is asked of the database for nothing."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(5)))
    refs = [EntryRef(1, 2), EntryRef(2, 1), EntryRef(1, 1), EntryRef(1, 0)]
    assert list(await journal.entries(connection, refs)) == [EntryRef(1, 1)]
    assert await journal.entries(connection, []) == {}


async def test_an_entry_asked_for_twice_has_its_lines_once(
    connection: asyncpg.Connection,
) -> None:
    """Two sheets may name one entry."""
    await open_books(connection, "CO-01")
    (ref,) = await post_all(connection, request(deposit(5)))
    assert (await journal.entries(connection, [ref, ref]))[ref].lines == deposit(5).lines


async def test_pages_follow_the_numbers_of_a_book(connection: asyncpg.Connection) -> None:
    """Each begins after the last number of the one before; days narrow it down."""
    await open_books(connection, "CO-01", "CO-02")
    days = [date(2026, 1, day) for day in (5, 3, 9, 7, 3)]
    await post_all(connection, *(request(deposit(1 + n, on=on)) for n, on in enumerate(days)))
    await post_all(connection, request(deposit(5, book=2)))

    async def numbers(
        after: int = 0,
        limit: int = 100,
        *,
        first_on: date | None = None,
        last_on: date | None = None,
    ) -> list[int]:
        only = journal.Only(first_on, last_on)
        found = await journal.page(connection, 1, only=only, after=after, limit=limit)
        assert all(len(entry.lines) == 2 for entry in found)
        return [entry.ref.no for entry in found]

    assert await numbers() == [1, 2, 3, 4, 5]
    assert await numbers(limit=2) == [1, 2]
    assert await numbers(after=2, limit=2) == [3, 4]
    assert await numbers(after=5) == []
    assert await numbers(first_on=date(2026, 1, 5)) == [1, 3, 4]
    assert await numbers(last_on=date(2026, 1, 5)) == [1, 2, 5]
    assert await numbers(first_on=date(2026, 1, 3), last_on=date(2026, 1, 3)) == [2, 5]
    assert await numbers(first_on=date(2026, 1, 3), after=2, limit=1) == [3]
