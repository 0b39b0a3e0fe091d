"""The heads of books: where each ends, up to which day it is closed, and closing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from ledger.calendar import business_date
from ledger.refusals import BookUnknown, DatedInFuture, PeriodClosed

if TYPE_CHECKING:
    from datetime import date, datetime


class BookHead(NamedTuple):
    """The end of a book, as anyone may read it without a lock."""

    book: int
    last_no: int
    head_hash: bytes
    last_posted_at: datetime | None
    closed_to: date | None


_HEAD: Final = """
    SELECT id, last_no, head_hash, last_posted_at, closed_to FROM ledger.book WHERE id = $1
"""
_HEAD_KNOWN: Final = """
    SELECT b.id, k.last_no, coalesce(e.hash, f.prev_hash, b.head_hash), e.posted_at, b.closed_to
    FROM ledger.book b JOIN ledger.known($2, ARRAY [$1]::bigint[]) AS k ON k.book_id = b.id
    LEFT JOIN ledger.entry e ON e.book_id = b.id AND e.no = k.last_no
    LEFT JOIN ledger.entry f ON f.book_id = b.id AND f.no = 1
    WHERE b.id = $1
"""
_REFUSED: Final = "AM007"
"""The state that the door raises where a book cannot be closed so."""


async def head(
    connection: asyncpg.Connection, book: int, *, known_by: datetime | None = None
) -> BookHead:
    """The end of a book, or the one that it had by a moment. Raises `BookUnknown`."""
    if known_by is None:
        row = await connection.fetchrow(_HEAD, book)
    else:
        row = await connection.fetchrow(_HEAD_KNOWN, book, known_by)
    if row is None:
        raise BookUnknown(f"There is no book {book}.")
    return BookHead(*row)


async def close_period(
    connection: asyncpg.Connection,
    book: int,
    closed_to: date,
    *,
    actor: str,
    reason: str,
    at: datetime,
) -> None:
    """Close a book up to and with a day that is over; it is never opened again.

    Raises `DatedInFuture` for a day that is not over, `PeriodClosed` where the book is
    closed so far already.
    """
    if closed_to >= (today := business_date(at)):
        raise DatedInFuture(f"{closed_to} is not over on {today}. Close up to an earlier day.")
    before = (await head(connection, book)).closed_to
    if before is not None and closed_to <= before:
        raise PeriodClosed(f"The book is closed up to {before} already. Choose a later day.")
    sql = "SELECT ledger.close_period($1, $2, $3, $4, $5)"
    try:
        await connection.execute(sql, book, closed_to, actor, reason, at)
    except asyncpg.PostgresError as error:
        if error.sqlstate != _REFUSED:
            raise
        raise PeriodClosed(f"The book cannot be closed up to {closed_to}. Read it again.") from None
