"""Balances of books and nodes on any day, as known by any moment: summed from the lines.

Every figure here is a fresh, exact sum. A node's figures are those of the books under it
on that day, each with its full history; between two such books what they hold of each
other is eliminated, and shown as eliminated. Amounts are paisa, debit positive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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


# Which lines count: value date, and the moment by which the book knew of them. A book's
# numbers and its moments rise together, so what it knew is a first stretch of its entries.
_KNOWN: Final = """
    known AS MATERIALIZED (
        SELECT b.id AS book_id, CASE WHEN $2::timestamptz IS NULL THEN b.last_no ELSE coalesce(
            (SELECT max(e.no) FROM ledger.entry e WHERE e.book_id = b.id AND e.posted_at <= $2), 0)
            END AS last_no
        FROM ledger.book b
        WHERE $3::bigint[] IS NULL OR b.id = ANY ($3)
    )
"""
_SUMS: Final = f"""
    {_KNOWN}, sums AS (
        SELECT a.book_id, a.fund, a.code, a.counterparty, sum(l.debit - l.credit) AS net
        FROM known k
        JOIN ledger.line l ON l.book_id = k.book_id AND l.entry_no <= k.last_no
            AND l.value_date <= $1
        JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
        GROUP BY a.book_id, a.fund, a.code, a.counterparty
    )
"""
_TRIAL_BALANCE: Final = f"""
    WITH {_SUMS}
    SELECT book_id, fund, code, sum(net)::bigint
    FROM sums GROUP BY book_id, fund, code ORDER BY book_id, fund, code
"""
_ACCOUNTS: Final = f"""
    WITH {_KNOWN}
    SELECT a.no, a.code, a.fund, a.party, coalesce(sum(l.debit - l.credit), 0)::bigint
    FROM known k
    JOIN ledger.account a ON a.book_id = k.book_id
    JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no
        AND l.entry_no <= k.last_no AND l.value_date <= $1
    GROUP BY a.no, a.code, a.fund, a.party
    ORDER BY a.code, a.fund, a.party
"""
_ROLLUP: Final = f"""
    WITH {_SUMS}
    SELECT u.node_id, s.fund, s.code, sum(s.net)::bigint,
        coalesce(sum(s.net) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint
    FROM sums s
    JOIN ledger.under u ON u.book_id = s.book_id AND u.from_on <= $1 AND u.to_on > $1
    LEFT JOIN ledger.under o ON o.book_id = s.counterparty AND o.node_id = u.node_id
        AND o.from_on <= $1 AND o.to_on > $1
    WHERE $4::bigint[] IS NULL OR u.node_id = ANY ($4)
    GROUP BY u.node_id, s.fund, s.code ORDER BY u.node_id, s.fund, s.code
"""
_TURNOVER: Final = f"""
    WITH {_KNOWN}, moved AS (
        SELECT a.book_id, a.code, a.counterparty, l.value_date, l.kind = 'reversal' AS reversal,
            sum(l.debit) AS debit, sum(l.credit) AS credit
        FROM known k
        JOIN ledger.line l ON l.book_id = k.book_id AND l.entry_no <= k.last_no
            AND l.value_date <= $1 AND l.kind <> 'close'
        JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE a.code = ANY ($5) AND ($6::date IS NULL OR l.value_date >= $6)
        GROUP BY a.book_id, a.code, a.counterparty, l.value_date, l.kind = 'reversal'
    )
    SELECT u.node_id, date_trunc('quarter', m.value_date)::date, m.code, m.reversal,
        sum(m.debit)::bigint, sum(m.credit)::bigint
    FROM moved m
    JOIN ledger.under u ON u.book_id = m.book_id
        AND u.from_on <= m.value_date AND u.to_on > m.value_date
    LEFT JOIN ledger.under o ON o.book_id = m.counterparty AND o.node_id = u.node_id
        AND o.from_on <= m.value_date AND o.to_on > m.value_date
    WHERE o.book_id IS NULL AND ($4::bigint[] IS NULL OR u.node_id = ANY ($4))
    GROUP BY u.node_id, date_trunc('quarter', m.value_date), m.code, m.reversal
    ORDER BY 1, 2, 3, 4
"""


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
    rows = await connection.fetch(_ACCOUNTS, on, known_by, [book])
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
    rows = await connection.fetch(_ROLLUP, on, known_by, None, _ids(nodes))
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
    rows = await connection.fetch(
        _TURNOVER, on, known_by, None, _ids(nodes), sorted(codes), first_on
    )
    return [Turnover(*row) for row in rows]


async def refuse_unsettled(connection: asyncpg.Connection, known_by: datetime | None) -> None:
    """Raise `MomentUnsettled` unless everything posted by the moment is to be seen already."""
    if known_by is None:
        return
    settled = await connection.fetchval("SELECT ledger.settled_before()")
    if known_by >= settled:
        raise MomentUnsettled(
            f"What is known by {known_by} is not settled. Ask for an earlier one."
        )


def _ids(ids: Collection[int] | None) -> list[int] | None:
    return None if ids is None else sorted(ids)
