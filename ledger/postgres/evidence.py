"""What an auditor looks for first: what was reversed, and whether any number is missing.

Both are worked out from the entries at every reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import load

if TYPE_CHECKING:
    from datetime import date, datetime

    import asyncpg


class Reversal(NamedTuple):
    """A reversal, the entry that it undid, and how much that was in one fund."""

    no: int
    value_date: date
    posted_at: datetime
    actor: str
    narrative: str
    reference: str
    reverses: int
    reversed_value_date: date
    reversed_posted_at: datetime
    reversed_actor: str
    reversed_reference: str
    fund: str
    amount: int


class NumberGap(NamedTuple):
    """Numbers that no entry has, or an entry that was posted no later than the one before."""

    what: str
    first_no: int
    last_no: int
    posted_before: datetime | None
    posted_at: datetime | None


_REVERSALS: Final = load("reversals.sql")
_NUMBER_GAPS: Final = load("number_gaps.sql")


async def reversals(
    connection: asyncpg.Connection,
    book: int,
    first_on: date,
    last_on: date,
    *,
    known_by: datetime | None = None,
    fund: str | None = None,
) -> list[Reversal]:
    """The reversals of a book, by their own value date and number, and by fund."""
    await refuse_unsettled(connection, known_by)
    rows = await connection.fetch(_REVERSALS, book, first_on, last_on, known_by, fund)
    return [Reversal(*row) for row in rows]


async def number_gaps(
    connection: asyncpg.Connection, book: int, *, known_by: datetime | None = None
) -> list[NumberGap]:
    """Where the numbers or moments of a book do not go on; nowhere in a sound one."""
    await refuse_unsettled(connection, known_by)
    return [NumberGap(*row) for row in await connection.fetch(_NUMBER_GAPS, book, known_by)]
