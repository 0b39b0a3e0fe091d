"""Pledging savings and releasing them: lock the head, read what is free, decide, write.

The head row is what posters lock too (`ledger.postgres.post`), so nobody withdraws while
something is being pledged. PostgreSQL checks it all again at its own doors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from ledger.money import rupees
from ledger.refusals import DatedInFuture, SavingsPledged

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    import asyncpg

_LOCK: Final = """
    SELECT FROM ledger.lock_and_read($1, '{}', '{}', '{}', '{}', '{}',
        '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
"""
_FREE: Final = "SELECT ledger.free_savings($1, $2, $3)"
_PLEDGE: Final = "SELECT ledger.pledge_savings($1, $2, $3, $4, $5, $6)"
_RELEASE: Final = "SELECT ledger.release_pledge($1, $2, $3, $4)"


async def lock(connection: asyncpg.Connection, books: Collection[int]) -> None:
    """Keep some books from posters, all at once and in order, until the transaction ends."""
    await connection.execute(_LOCK, sorted(set(books)))


async def pledge(
    connection: asyncpg.Connection,
    *,
    book: int,
    party: str,
    subject: str,
    amount: int,
    from_on: date,
    recorded_at: datetime,
) -> int:
    """Pledge so much, in paisa, of what a party has saved; the number of the pledge in its book.

    Raises `SavingsPledged` where less is free on its day or any later one, `DatedInFuture`.
    """
    await lock(connection, [book])
    _refuse_future(from_on, recorded_at)
    free = await connection.fetchval(_FREE, book, party, from_on)
    if amount > free:
        raise SavingsPledged(
            f"Rs {rupees(max(free, 0))} of what {party} has saved are free from {from_on} on, not "
            f"Rs {rupees(amount)}. Pledge no more than that, or from a later day."
        )
    made = await connection.fetchval(_PLEDGE, book, party, subject, amount, from_on, recorded_at)
    return int(made)


async def release(
    connection: asyncpg.Connection, *, book: int, no: int, on: date, recorded_at: datetime
) -> None:
    """Release a pledge from a day on, on which it holds no longer. Raises `DatedInFuture`."""
    await lock(connection, [book])
    _refuse_future(on, recorded_at)
    await connection.execute(_RELEASE, book, no, on, recorded_at)


def _refuse_future(day: date, moment: datetime) -> None:
    if day > (today := business_date(moment)):
        raise DatedInFuture(f"{day} is after {today}. Wait for the day, or correct it.")
