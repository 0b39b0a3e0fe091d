"""Balances of books and nodes on any day, as known by any moment.

A node's figures are those of the books under it on that day, each with its full history;
between two such books what they hold of each other is eliminated, and shown as eliminated.
Amounts are paisa, debit positive.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.rollup import rolled, turned
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import load

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


@dataclass(frozen=True, slots=True)
class AccountsAsked:
    """Which accounts of a book: of some codes, of a fund, those that hold something; and a page."""

    codes: tuple[str, ...] | None = None
    fund: str | None = None
    held: bool = False
    after: int | None = None
    """The number of the last account of the page before."""
    limit: int | None = None


ALL_ACCOUNTS: Final = AccountsAsked()
_ACCOUNT_BALANCES: Final = load("account_balances.sql")
TURNOVER: Final = "SELECT * FROM ledger.turned_in_quarters($1, $2, $3, $4, $5)"
"""Turnover by calendar quarter up to a day, at every node that a book was under.

Asked with nodes (or null for all), day, known by, codes, first day; gives node_id, quarter (its
first day), code, reversal, debit, credit. A line counts where its book was under the node on its
value date; lines that face another book under the same node on that day are left out."""


async def trial_balance(
    connection: asyncpg.Connection,
    on: date,
    *,
    known_by: datetime | None = None,
    books: Collection[int] | None = None,
) -> list[Balance]:
    """The balance of every fund and code of each book on a day; zeros are left in."""
    nets: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for row in await turned(connection, books, [on], known_by=known_by):
        nets[row.place, row.fund, row.code] += row.net
    return [Balance(*place, net) for place, net in nets.items()]


async def account_balances(
    connection: asyncpg.Connection,
    book: int,
    on: date,
    *,
    known_by: datetime | None = None,
    asked: AccountsAsked = ALL_ACCOUNTS,
) -> list[AccountBalance]:
    """The balance of every account of a book that has moved by a day, or of some, by code."""
    await refuse_unsettled(connection, known_by)
    codes = None if asked.codes is None else list(asked.codes)
    only = (codes, asked.fund, asked.held, asked.after, asked.limit)
    rows = await connection.fetch(_ACCOUNT_BALANCES, on, known_by, [book], *only)
    return [AccountBalance(*row) for row in rows]


async def rollup(
    connection: asyncpg.Connection,
    on: date,
    *,
    known_by: datetime | None = None,
    nodes: Collection[int] | None = None,
    gender: str | None = None,
) -> list[NodeBalance]:
    """The figures of nodes on a day, each the sum over the books under it; zeros are left in.

    With `gender` the sum over the books of women's, men's or mixed groups alone.
    """
    nets: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in await rolled(connection, nodes, [on], known_by=known_by):
        if gender not in {None, row.gender}:
            continue
        sums = nets[row.place, row.fund, row.code]
        sums[0] += row.net
        sums[1] += row.eliminated
    return [NodeBalance(*place, *sums) for place, sums in nets.items()]
