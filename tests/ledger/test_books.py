"""The heads of books, and closing a period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from ledger.postgres import books, journal
from ledger.postgres.books import BookHead
from ledger.refusals import BookUnknown, DatedInFuture, PeriodClosed, Refusal
from ledger.sealing import genesis
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    application,
    deposit,
    fingerprint,
    open_books,
    post_all,
    request,
)

if TYPE_CHECKING:
    from datetime import datetime

CLOSED: Final = date(2025, 12, 31)


async def close(
    connection: asyncpg.Connection, closed_to: date, *, book: int = 1, at: datetime = NOW
) -> None:
    """Close a book, as the application, and commit."""
    async with application(connection):
        await books.close_period(
            connection, book, closed_to, actor="auditor", reason="year end", at=at
        )


async def test_a_head_is_the_end_of_its_book(connection: asyncpg.Connection) -> None:
    """Its last number, hash and moment, and how far it is closed."""
    await open_books(connection, "CO-01")
    beginning = genesis("CO-01", "PKR")
    assert await books.head(connection, 1) == BookHead(1, 0, beginning, None, None)
    (ref,) = await post_all(connection, request(deposit(5)))
    await close(connection, CLOSED)
    entry = (await journal.entries(connection, [ref]))[ref]
    assert await books.head(connection, 1) == BookHead(1, 1, entry.hash, NOW, CLOSED)


async def test_a_book_that_is_not_there_has_no_head(connection: asyncpg.Connection) -> None:
    """And cannot be closed."""
    with pytest.raises(BookUnknown):
        await books.head(connection, 9)
    with pytest.raises(BookUnknown):
        await close(connection, CLOSED, book=9)


@pytest.mark.parametrize(
    ("closed_to", "refusal"),
    [
        (TODAY, DatedInFuture),
        (TODAY + timedelta(days=1), DatedInFuture),
        (CLOSED, PeriodClosed),
        (CLOSED - timedelta(days=1), PeriodClosed),
    ],
)
async def test_a_book_is_closed_forwards_and_over_days_that_are_past(
    connection: asyncpg.Connection, closed_to: date, refusal: type[Refusal]
) -> None:
    """A refused closing changes nothing."""
    await open_books(connection, "CO-01")
    await close(connection, CLOSED)
    before = await fingerprint(connection)
    with pytest.raises(refusal):
        await close(connection, closed_to)
    assert await fingerprint(connection) == before
    await close(connection, TODAY - timedelta(days=1))


async def test_what_the_door_refuses_is_a_refusal(connection: asyncpg.Connection) -> None:
    """A clock far ahead of PostgreSQL's would close days that are not over."""
    await open_books(connection, "CO-01")
    with pytest.raises(PeriodClosed, match="Read it again"):
        await close(connection, DAY, at=NOW.replace(year=2199))


async def test_whoever_closes_says_who_and_why(connection: asyncpg.Connection) -> None:
    """I9: what is not a matter of days fails loudly."""
    await open_books(connection, "CO-01")
    with pytest.raises(asyncpg.CheckViolationError):
        await books.close_period(connection, 1, CLOSED, actor="auditor", reason="", at=NOW)
