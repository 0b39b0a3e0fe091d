"""Balances of books and nodes on any day, as known by any moment: summed from the lines.

Every figure here is a fresh, exact sum. A node's figures are those of the books under it
on that day, each with its full history; between two such books what they hold of each
other is eliminated, and shown as eliminated. Amounts are paisa, debit positive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.sql import load
from ledger.refusals import MomentUnsettled

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    import asyncpg


class Balance(NamedTuple):
    """One code of a book, over all its parties."""

    book: int
    fund: str
    code: str
    net: int


class NodeBalance(NamedTuple):
    """One code of a node; `eliminated` is the part of `net` between books under it."""

    node: int
    fund: str
    code: str
    net: int
    eliminated: int


class AccountBalance(NamedTuple):
    """One account of a book."""

    no: int
    code: str
    fund: str
    party: str
    net: int


class Turnover(NamedTuple):
    """What a node's books moved on a code in a fiscal quarter, outside each other."""

    node: int
    quarter: date
    """The first day of the quarter."""
    code: str
    reversal: bool
    debit: int
    credit: int


_SETTLED: Final = """
    SELECT $1::timestamptz < least(ledger.settled_before(),
        nullif(current_setting('amanat.settled_before', true), '')::timestamptz)
"""
_TRIAL_BALANCE: Final = load("trial_balance.sql")
_ACCOUNT_BALANCES: Final = load("account_balances.sql")
_ROLLUP: Final = load("rollup.sql")
_TURNOVER: Final = load("turnover.sql")


async def trial_balance(
    connection: asyncpg.Connection,
    on: date,
    *,
    known_by: datetime | None = None,
    books: Collection[int] | None = None,
) -> list[Balance]:
    """The balance of every fund and code of each book on a day; zeros are left in."""
    await refuse_unsettled(connection, known_by)
    rows = await connection.fetch(_TRIAL_BALANCE, on, known_by, _ids(books))
    return [Balance(*row) for row in rows]


async def account_balances(
    connection: asyncpg.Connection, book: int, on: date, *, known_by: datetime | None = None
) -> list[AccountBalance]:
    """The balance of every account of a book that has moved by a day."""
    await refuse_unsettled(connection, known_by)
    rows = await connection.fetch(_ACCOUNT_BALANCES, on, known_by, [book])
    return [AccountBalance(*row) for row in rows]


async def rollup(
    connection: asyncpg.Connection,
    on: date,
    *,
    known_by: datetime | None = None,
    nodes: Collection[int] | None = None,
) -> list[NodeBalance]:
    """The figures of nodes on a day, each the sum over the books under it."""
    await refuse_unsettled(connection, known_by)
    rows = await connection.fetch(_ROLLUP, on, known_by, _ids(nodes))
    return [NodeBalance(*row) for row in rows]


async def turnover(
    connection: asyncpg.Connection,
    on: date,
    *,
    codes: Collection[str],
    first_on: date | None = None,
    known_by: datetime | None = None,
    nodes: Collection[int] | None = None,
) -> list[Turnover]:
    """Turnover by calendar quarter up to a day, at every node that the book was under.

    A line counts where its book was under the node on its value date; lines that face
    another book under the same node on that day are left out.
    """
    await refuse_unsettled(connection, known_by)
    rows = await connection.fetch(_TURNOVER, on, known_by, _ids(nodes), sorted(codes), first_on)
    return [Turnover(*row) for row in rows]


async def refuse_unsettled(connection: asyncpg.Connection, known_by: datetime | None) -> None:
    """Raise `MomentUnsettled` unless everything posted by the moment is to be seen already.

    A reader with a snapshot says in `amanat.settled_before` what was settled before it.
    """
    if known_by is None:
        return
    if not await connection.fetchval(_SETTLED, known_by):
        raise MomentUnsettled(
            f"What is known by {known_by} is not settled. Ask for an earlier moment."
        )


def _ids(ids: Collection[int] | None) -> list[int] | None:
    return None if ids is None else sorted(ids)
