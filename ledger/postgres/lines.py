"""Lines of books with the balance after each: pages of them, or all of them as they come.

No line holds a running balance, for back-dating would falsify it: a window works it out at
every reading, over the lines asked for. Amounts are paisa, balances debit positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.postgres.settled import refuse_unsettled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date, datetime

    import asyncpg

PARTS: Final = ("opening", "line", "closing")
LINE: Final = PARTS.index("line")
AT_A_TIME: Final = 500
"""Rows that wait in memory while the reader takes them."""


class LinePlace(NamedTuple):
    """The place of a row among the lines asked for, in whichever order."""

    account_no: int
    stage: int
    value_date: date
    entry_no: int
    n: int


@dataclass(frozen=True, slots=True)
class LinesAsked:
    """Which lines, and how: those of some codes, of a fund, of an account, about somebody.

    `about` pairs a code, or None for any, with a party or subject. With `ends` an opening and
    a closing row stand for each account that holds anything or moved. Rows come by day, or
    account by account.
    """

    books: tuple[int, ...]
    first_on: date
    last_on: date
    known_by: datetime | None = None
    fund: str | None = None
    codes: tuple[str, ...] | None = None
    about: tuple[tuple[str | None, str], ...] | None = None
    account_no: int | None = None
    ends: bool = True
    by_account: bool = False
    after: LinePlace | None = None
    limit: int | None = None


class BookLine(NamedTuple):
    """A line, or what an account opened or closed with; `balance` is what it held then."""

    book: int
    account_no: int
    stage: int
    value_date: date
    entry_no: int
    n: int
    code: str
    fund: str
    party: str
    subject: str
    debit: int
    credit: int
    balance: int
    kind: str | None
    narrative: str | None
    reference: str | None
    organisation: str

    @property
    def place(self) -> LinePlace:
        """Where it stands."""
        return LinePlace(*self[1:6])

    @property
    def part(self) -> str:
        """Whether it is an opening, a line or a closing."""
        return PARTS[self.stage]

    @property
    def voucher(self) -> int | None:
        """The number of its entry; an opening or closing has none."""
        return self.entry_no if self.stage == LINE else None

    @property
    def place_in_voucher(self) -> int | None:
        """Its place in the entry; an opening or closing has none."""
        return self.n if self.stage == LINE else None

    @property
    def about(self) -> str:
        """The member, loan or organisation that it is about, where it is about one."""
        return self.party or self.subject

    @property
    def title(self) -> str:
        """What its code is called."""
        return CHART[self.code].name

    @property
    def held(self) -> int:
        """The balance on the side that the code has by nature: what is saved, what is owed."""
        return self.balance * CHART[self.code].sign


class LinesTotal(NamedTuple):
    """What the lines asked for amount to, by fund and code."""

    fund: str
    code: str
    opening: int
    debit: int
    credit: int
    closing: int


# Accounts are chosen first, once: looked up line by line they would cost ten times the rest.
_ASKED: Final = """
    accounts AS MATERIALIZED (
        SELECT a.book_id, a.no, a.code, a.fund, a.party, w.parties,
            $8 IS NULL OR a.party = ANY (w.parties) AS whole
        FROM ledger.account a
        LEFT JOIN LATERAL (
            SELECT array_agg(w.party) AS parties
            FROM unnest($9::text[], $8::text[]) AS w (code, party)
            WHERE coalesce(w.code, a.code) = a.code) AS w ON true
        WHERE a.book_id = ANY ($1::bigint[]) AND ($5::text IS NULL OR a.fund = $5)
            AND ($6::text[] IS NULL OR a.code = ANY ($6)) AND ($7::bigint IS NULL OR a.no = $7)
            AND ($8 IS NULL OR w.parties IS NOT NULL)
    ), asked AS (
        SELECT l.book_id, l.account_no, l.value_date, l.entry_no, l.n, a.code, a.fund, a.party,
            l.subject, l.debit, l.credit
        FROM ledger.known($4, $1) AS k
        JOIN ledger.line l
            ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $3
        JOIN accounts a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE a.whole OR l.subject = ANY (a.parties)
    )
"""
_TOTALS: Final = f"""
    WITH {_ASKED}
    SELECT fund, code, coalesce(sum(debit - credit) FILTER (WHERE value_date < $2), 0)::bigint,
        coalesce(sum(debit) FILTER (WHERE value_date >= $2), 0)::bigint,
        coalesce(sum(credit) FILTER (WHERE value_date >= $2), 0)::bigint,
        sum(debit - credit)::bigint
    FROM asked GROUP BY fund, code ORDER BY fund, code
"""
_LINES: Final = f"""
    WITH {_ASKED}, held AS (
        SELECT asked.*, sum(debit - credit)
            OVER (PARTITION BY book_id, account_no ORDER BY value_date, entry_no, n) AS balance
        FROM asked
    ), ends AS (
        SELECT book_id, account_no, code, fund, party, sum(debit - credit) AS closing,
            coalesce(sum(debit - credit) FILTER (WHERE value_date < $2), 0) AS opening
        FROM held WHERE $10::boolean GROUP BY book_id, account_no, code, fund, party
        HAVING bool_or(value_date >= $2) OR sum(debit - credit) <> 0
    ), rows AS (
        SELECT book_id, account_no, 1 AS stage, value_date, entry_no, n, code, fund, party,
            subject, debit, credit, balance
        FROM held WHERE value_date >= $2
        UNION ALL
        SELECT book_id, account_no, 0, $2, 0, 0, code, fund, party, '', 0, 0, opening FROM ends
        UNION ALL
        SELECT book_id, account_no, 2, $3, 0, 0, code, fund, party, '', 0, 0, closing FROM ends
    ), after AS (
        SELECT ARRAY [a.code, a.fund, a.party] AS account
        FROM ledger.account a WHERE a.book_id = ANY ($1) AND a.no = $12::bigint
    ), placed AS (
        SELECT r.*, ARRAY [r.code, r.fund, r.party] AS account,
            CASE WHEN $11::boolean THEN ARRAY [r.code, r.fund, r.party] ELSE '{{}}' END AS first_by
        FROM rows r
    ), page AS (
        SELECT p.*
        FROM placed p LEFT JOIN after ON true
        WHERE $12 IS NULL
            OR (p.first_by, p.stage, p.value_date, p.book_id, p.entry_no, p.n, p.account)
            > (CASE WHEN $11 THEN after.account ELSE '{{}}' END, $13::integer, $14::date,
                p.book_id, $15::bigint, $16::integer, after.account)
        ORDER BY p.first_by, p.stage, p.value_date, p.book_id, p.entry_no, p.n, p.account
        LIMIT $17::bigint
    )
    SELECT p.book_id, p.account_no, p.stage, p.value_date, p.entry_no, p.n, p.code, p.fund,
        p.party, p.subject, p.debit, p.credit, p.balance::bigint, e.kind::text, e.narrative,
        e.reference, b.organisation
    FROM page p
    JOIN ledger.book b ON b.id = p.book_id
    LEFT JOIN ledger.entry e ON p.stage = 1 AND e.book_id = p.book_id AND e.no = p.entry_no
    ORDER BY p.first_by, p.stage, p.value_date, p.book_id, p.entry_no, p.n, p.account
"""


async def lines(connection: asyncpg.Connection, asked: LinesAsked) -> AsyncIterator[BookLine]:
    """The rows asked for as the server gives them, few of them in memory at any time.

    A page, with `after` and `limit`, is one of a single book.
    """
    await refuse_unsettled(connection, asked.known_by)
    after = asked.after or (None,) * len(LinePlace._fields)
    values = (*_values(asked), asked.ends, asked.by_account, *after, asked.limit)
    async for row in connection.cursor(_LINES, *values, prefetch=AT_A_TIME):
        yield BookLine(*row)


async def totals(connection: asyncpg.Connection, asked: LinesAsked) -> list[LinesTotal]:
    """What all the lines asked for amount to, on whichever page."""
    await refuse_unsettled(connection, asked.known_by)
    return [LinesTotal(*row) for row in await connection.fetch(_TOTALS, *_values(asked))]


def _values(asked: LinesAsked) -> tuple[object, ...]:
    return (
        list(asked.books),
        asked.first_on,
        asked.last_on,
        asked.known_by,
        asked.fund,
        None if asked.codes is None else list(asked.codes),
        asked.account_no,
        None if asked.about is None else [party for _, party in asked.about],
        None if asked.about is None else [code for code, _ in asked.about],
    )
