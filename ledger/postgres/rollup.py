"""The roll-up: what books turned over up to a day, alone or with all that is below a node.

Posting leaves deltas, folding takes them into `ledger.turnover` and `ledger.rollup`; a reader
adds what waits, in the one snapshot of its statement. So every figure is that of a fresh sum
over all lines, whenever it is asked for and whatever is being folded. Amounts are paisa.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    import asyncpg


MOVE: Final = "move"
"""Beside the kinds of entries."""


class Turned(NamedTuple):
    """What a book or node turned over up to a day on one code, by kind and gender.

    The kind `MOVE` is what organisations brought when they came, negative what those that
    left took. The eliminated part lies between two books under the node.
    """

    place: int
    on: date
    fund: str
    code: str
    kind: str
    gender: str
    debit: int
    credit: int
    eliminated_debit: int
    eliminated_credit: int

    @property
    def net(self) -> int:
        """Debit less credit."""
        return self.debit - self.credit

    @property
    def eliminated(self) -> int:
        """Debit less credit of what is eliminated."""
        return self.eliminated_debit - self.eliminated_credit


_ROLLED: Final = "SELECT * FROM ledger.rolled($1, $2, $3)"
_TURNED: Final = load("turned.sql")


async def rolled(
    connection: asyncpg.Connection,
    nodes: Collection[int] | None,
    days: Collection[date],
    *,
    known_by: datetime | None = None,
) -> list[Turned]:
    """What nodes with all below them turned over up to each of some days; None is all nodes."""
    await refuse_unsettled(connection, known_by)
    ids = None if nodes is None else sorted(nodes)
    rows = await connection.fetch(_ROLLED, ids, sorted(days), known_by)
    return [Turned(*row) for row in rows]


async def turned(
    connection: asyncpg.Connection,
    books: Collection[int] | None,
    days: Collection[date],
    *,
    known_by: datetime | None = None,
) -> list[Turned]:
    """What books by themselves turned over up to each of some days; None is all books."""
    await refuse_unsettled(connection, known_by)
    ids = None if books is None else sorted(books)
    rows = await connection.fetch(_TURNED, ids, sorted(days), known_by)
    return [Turned(*row) for row in rows]


async def sum_up(connection: asyncpg.Connection, until: date) -> int:
    """Sum the roll-up's days up to months and fiscal years, as far as the first of a month.

    Reading a node then costs the months that have gone by and the days since; what is dated
    before that day costs folding three rows in place of one. How many rows it took.
    """
    return int(await connection.fetchval("SELECT ledger.sum_up($1)", until))


async def fold(connection: asyncpg.Connection, most: int) -> int:
    """Take as many deltas into the roll-up, in the caller's transaction; how many there were."""
    return int(await connection.fetchval("SELECT ledger.fold($1)", most))
