"""The statement of one account: what it opened with, and every line with the balance after it.

No line holds a running balance, for back-dating would falsify it: a window works it out at
every reading. Amounts are paisa, debit positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.entries import AccountKey
from ledger.postgres.settled import refuse_unsettled

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg


class Place(NamedTuple):
    """The place of a line in a statement: by day, then as the book learned of it."""

    value_date: date
    entry_no: int
    n: int


BEFORE_ALL: Final = Place(date.min, 0, 0)


class StatementLine(NamedTuple):
    """One line; `balance` is what the account held after it."""

    value_date: date
    entry_no: int
    n: int
    narrative: str
    reference: str
    subject: str
    debit: int
    credit: int
    balance: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(*self[:3])


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of an account's lines; `opening` is the balance before the first of them."""

    no: int
    account: AccountKey
    opening: int
    lines: tuple[StatementLine, ...]


_ACCOUNT: Final = "SELECT code, fund, party FROM ledger.account WHERE book_id = $1 AND no = $2"
# What the book knew by a moment is a first stretch of its entries: numbers and moments agree.
_COUNTED: Final = """
    counted AS (
        SELECT l.value_date, l.entry_no, l.n, l.subject, l.debit, l.credit
        FROM ledger.line l
        WHERE l.book_id = $1 AND l.account_no = $2 AND ($3::timestamptz IS NULL OR l.entry_no <= (
            SELECT max(e.no) FROM ledger.entry e WHERE e.book_id = $1 AND e.posted_at <= $3))
    )
"""
_OPENING: Final = f"""
    WITH {_COUNTED}
    SELECT coalesce(sum(debit - credit), 0)::bigint FROM counted
    WHERE value_date < $4 OR (value_date, entry_no, n) <= ($5, $6, $7)
"""
_LINES: Final = f"""
    WITH {_COUNTED}
    SELECT c.value_date, c.entry_no, c.n, e.narrative, e.reference, c.subject, c.debit, c.credit,
        ($10 + sum(c.debit - c.credit) OVER (ORDER BY c.value_date, c.entry_no, c.n))::bigint
    FROM counted c
    JOIN ledger.entry e ON e.book_id = $1 AND e.no = c.entry_no
    WHERE c.value_date BETWEEN $4 AND $8 AND (c.value_date, c.entry_no, c.n) > ($5, $6, $7)
    ORDER BY c.value_date, c.entry_no, c.n LIMIT $9
"""


async def statement(
    connection: asyncpg.Connection,
    book: int,
    account_no: int,
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    known_by: datetime | None = None,
    after: Place = BEFORE_ALL,
    limit: int = 100,
) -> Statement | None:
    """The account's lines from one day to another, those after a place; None without account."""
    await refuse_unsettled(connection, known_by)
    account = await connection.fetchrow(_ACCOUNT, book, account_no)
    if account is None:
        return None
    asked = (book, account_no, known_by, first_on or date.min, *after)
    opening = await connection.fetchval(_OPENING, *asked)
    rows = await connection.fetch(_LINES, *asked, last_on or date.max, limit, opening)
    lines = tuple(StatementLine(*row) for row in rows)
    return Statement(account_no, AccountKey(*account), opening, lines)
