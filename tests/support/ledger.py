"""Builders and proofs for tests of the engine: lines, drafts, requests, and whole books.

Amounts are paisa. Money of a test is of the fund "general" unless it says otherwise, and
happens on `DAY` unless it says otherwise; the clock stands at `NOW`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import asyncpg

from ledger.chart import CHART
from ledger.entries import AccountKey, Draft, Entry, EntryRef, Kind, Line
from ledger.positions import Head, Position, Reads
from ledger.postgres import journal
from ledger.postgres.post import post
from ledger.posting import decide
from ledger.refusals import Refusal
from ledger.requests import Posted, Request
from ledger.sealing import Opening, SealedLine, genesis, seal
from tests.support.database import asyncpg_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence

    from ledger.requests import Outcome

T = TypeVar("T")
DAY: Final = date(2026, 2, 10)
NOW: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)
TODAY: Final = date(2026, 3, 1)
FUND: Final = "general"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TURNED_OVER: Final = """
    WITH lines AS (
        SELECT a.fund, a.code, a.counterparty, l.kind, l.value_date, l.debit, l.credit
        FROM ledger.line l JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE l.book_id = $1
    ), kept AS (
        SELECT fund, code, counterparty, kind, value_date, debit, credit
        FROM ledger.delta WHERE book_id = $1
        UNION ALL
        SELECT fund, code, nullif(counterparty, 0), kind, day, debit, credit
        FROM ledger.turnover WHERE book_id = $1
    )
    SELECT fund, code, counterparty, kind, value_date, sum(debit), sum(credit)
    FROM lines GROUP BY 1, 2, 3, 4, 5
    EXCEPT
    SELECT fund, code, counterparty, kind, value_date, sum(debit), sum(credit)
    FROM kept GROUP BY 1, 2, 3, 4, 5
"""
_APPLICATION: Final = "BEGIN; SET LOCAL ROLE amanat_system"


def account(code: str, party: str = "", fund: str = FUND) -> AccountKey:
    """The key of an account."""
    return AccountKey(code, fund, party)


def debit(
    code: str,
    amount: int,
    party: str = "",
    *,
    fund: str = FUND,
    subject: str = "",
    faces: int | None = None,
) -> Line:
    """A line that debits an account."""
    return Line(account(code, party, fund), debit=amount, subject=subject, faces=faces)


def credit(
    code: str,
    amount: int,
    party: str = "",
    *,
    fund: str = FUND,
    subject: str = "",
    faces: int | None = None,
) -> Line:
    """A line that credits an account."""
    return Line(account(code, party, fund), credit=amount, subject=subject, faces=faces)


def draft(
    *lines: Line,
    book: int = 1,
    on: date = DAY,
    narrative: str = "Meeting",
    kind: Kind = Kind.NORMAL,
    reverses: Entry | None = None,
    counterpart: int | None = None,
) -> Draft:
    """An entry that asks to be posted."""
    return Draft(
        book=book,
        value_date=on,
        narrative=narrative,
        actor="treasurer",
        lines=lines,
        reference="",
        kind=kind,
        reverses=reverses,
        counterpart=counterpart,
    )


def deposit(amount: int, party: str = "M-1", *, book: int = 1, on: date = DAY) -> Draft:
    """A member saves: cash in, savings up."""
    return draft(debit("1000", amount), credit("2000", amount, party), book=book, on=on)


def withdrawal(amount: int, party: str = "M-1", *, book: int = 1, on: date = DAY) -> Draft:
    """A member takes savings out: savings down, cash out."""
    return draft(debit("2000", amount, party), credit("1000", amount), book=book, on=on)


def transfer(
    amount: int, *, giver: int, taker: int, on: date = DAY, first: int = 0
) -> tuple[Draft, Draft]:
    """One book places a deposit with another; the halves stand at `first` and after it."""
    gives = draft(
        debit("1200", amount, f"B-{taker}", faces=taker),
        credit("1000", amount),
        book=giver,
        on=on,
        counterpart=first + 1,
    )
    takes = draft(
        debit("1000", amount),
        credit("2100", amount, f"B-{giver}", faces=giver),
        book=taker,
        on=on,
        counterpart=first,
    )
    return gives, takes


def request(
    *drafts: Draft,
    then: Sequence[Draft] = (),
    key: str = "",
    digest: bytes = bytes(32),
    posted_at: datetime | None = None,
) -> Request:
    """A request for these drafts, which reads all that they need."""
    both = (*drafts, *then)
    return Request(
        reads=Reads(
            books=frozenset(draft.book for draft in both),
            accounts=frozenset(
                (draft.book, line.account) for draft in both for line in draft.lines
            ),
            reversals=frozenset(draft.reverses.ref for draft in both if draft.reverses),
            since=min((draft.value_date for draft in both), default=DAY),
        ),
        draft=lambda _: drafts,
        then=(lambda _: then) if then else None,
        key=key,
        digest=digest,
        posted_at=posted_at,
    )


def empty_books(*books: int, closed_to: date | None = None) -> Position:
    """The position of books that hold nothing yet."""
    return Position({book: _empty_head(book, closed_to) for book in books}, {})


def _empty_head(book: int, closed_to: date | None) -> Head:
    return Head(book, 0, 0, genesis(f"CO-{book:02d}", "PKR"), None, closed_to)


def posted_entry(position: Position, one: Draft, *, at: datetime = NOW) -> Entry:
    """Post a draft onto a position; the entry that it became."""
    decision = decide(position, [request(one)], recorded_at=at)
    (outcome,) = decision.outcomes
    if isinstance(outcome, Refusal):
        raise outcome
    (record,) = decision.records
    return record.entry


@asynccontextmanager
async def application(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A transaction as the application's role, committed for real at its end."""
    await connection.execute(_APPLICATION)
    try:
        yield connection
    except BaseException:
        await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


async def open_books(connection: asyncpg.Connection, *organisations: str) -> list[int]:
    """Open a book for each organisation; their numbers."""
    async with application(connection):
        rows = await connection.fetch("SELECT * FROM ledger.open_books($1)", organisations)
    return [row["id"] for row in rows]


async def post_each(
    connection: asyncpg.Connection, *requests: Request, at: datetime = NOW
) -> tuple[Outcome, ...]:
    """Post a batch as the application, and commit; what became of each request."""
    async with application(connection):
        return await post(connection, requests, recorded_at=at)


async def post_all(
    connection: asyncpg.Connection, *requests: Request, at: datetime = NOW
) -> list[EntryRef]:
    """Post a batch of which nothing may be refused; the entries that it made."""
    refs: list[EntryRef] = []
    for outcome in await post_each(connection, *requests, at=at):
        if not isinstance(outcome, Posted):
            raise outcome
        refs += outcome.refs
    return refs


async def close_period(connection: asyncpg.Connection, book: int, up_to: date) -> None:
    """Close a book up to a day, as the application."""
    async with application(connection):
        await connection.execute(
            "SELECT ledger.close_period($1, $2, 'auditor', 'year end', $3)", book, up_to, NOW
        )


async def fingerprint(connection: asyncpg.Connection) -> dict[str, tuple[int, str]]:
    """The number of rows of every table of the ledger, and a hash over all they say."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'ledger'::regnamespace"
        " AND relkind IN ('r', 'p')"
    )
    found = {}
    for (table,) in tables:
        (row,) = await connection.fetch(
            f"SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
            f" FROM ledger.{table} t"
        )
        found[table] = (row[0], row[1])
    return found


async def prove(connection: asyncpg.Connection, books: Iterable[int]) -> None:
    """Assert of whole books, from their lines alone, what the engine promises (I1 to I8)."""
    for book in books:
        await _prove_chain(connection, book)
        await _prove_totals(connection, book)
        await _prove_floors(connection, book)


async def _prove_chain(connection: asyncpg.Connection, book: int) -> None:
    (head,) = await connection.fetch("SELECT * FROM ledger.book WHERE id = $1", book)
    rows = await connection.fetch("SELECT * FROM ledger.entry WHERE book_id = $1 ORDER BY no", book)
    assert [row["no"] for row in rows] == list(range(1, head["last_no"] + 1))
    entries = await journal.entries(connection, [EntryRef(book, row["no"]) for row in rows])
    numbers, openings = await _accounts(connection, book)
    last, moment = genesis(head["organisation"], head["currency"]), _EPOCH
    for row in rows:
        entry = entries[EntryRef(book, row["no"])]
        assert row["prev_hash"] == last
        assert row["posted_at"] > moment
        last, moment = entry.hash, row["posted_at"]
        assert last == _seal_of(row, entry, openings.get(row["no"], []), numbers)
        _prove_entry(entry, entries)
    assert head["head_hash"] == last
    assert head["last_posted_at"] == (moment if rows else None)
    assert sorted(numbers.values()) == list(range(1, head["last_account"] + 1))


async def _accounts(
    connection: asyncpg.Connection, book: int
) -> tuple[dict[AccountKey, int], dict[int, list[Opening]]]:
    """The number of every account of a book, and what each of its entries opened."""
    numbers: dict[AccountKey, int] = {}
    openings: dict[int, list[Opening]] = {}
    for no, faces, opened_in, *key in await connection.fetch(
        "SELECT no, counterparty, opened_in, code, fund, party FROM ledger.account"
        " WHERE book_id = $1 ORDER BY no",
        book,
    ):
        numbers[AccountKey(*key)] = no
        openings.setdefault(opened_in, []).append(Opening(no, AccountKey(*key), faces))
    return numbers, openings


def _seal_of(
    row: asyncpg.Record, entry: Entry, openings: list[Opening], numbers: dict[AccountKey, int]
) -> bytes:
    lines = [SealedLine(numbers[o.account], o.subject, o.debit, o.credit) for o in entry.lines]
    return seal(
        ref=entry.ref,
        value_date=entry.value_date,
        posted_at=entry.posted_at,
        recorded_at=entry.recorded_at,
        kind=entry.kind.value,
        narrative=entry.narrative,
        actor=entry.actor,
        reference=entry.reference,
        key=row["key"],
        part=row["part"],
        digest=row["request_digest"],
        reverses=entry.reverses,
        counterpart=entry.counterpart,
        openings=openings,
        lines=lines,
        prev_hash=row["prev_hash"],
    )


def _prove_entry(entry: Entry, entries: dict[EntryRef, Entry]) -> None:
    assert entry.lines
    for fund in {line.account.fund for line in entry.lines}:
        assert sum(o.debit - o.credit for o in entry.lines if o.account.fund == fund) == 0
    assert entry.value_date <= (entry.posted_at + timedelta(hours=5)).date()
    if entry.reverses is not None:
        assert entry.lines == entries[EntryRef(entry.ref.book, entry.reverses)].mirrored()


async def _prove_totals(connection: asyncpg.Connection, book: int) -> None:
    assert not await connection.fetch(
        "SELECT a.no FROM ledger.account a LEFT JOIN ledger.line l"
        " ON l.book_id = a.book_id AND l.account_no = a.no WHERE a.book_id = $1"
        " GROUP BY a.no, a.debit, a.credit, a.last_on"
        " HAVING (a.debit, a.credit, a.last_on) IS DISTINCT FROM"
        " (sum(l.debit), sum(l.credit), max(l.value_date))",
        book,
    )
    assert not await connection.fetch(_TURNED_OVER, book)


async def _prove_floors(connection: asyncpg.Connection, book: int) -> None:
    running: dict[int, int] = {}
    for no, code, net in await connection.fetch(
        "SELECT a.no, a.code, sum(l.debit - l.credit)::bigint FROM ledger.line l"
        " JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no"
        " WHERE l.book_id = $1 GROUP BY a.no, a.code, l.value_date ORDER BY l.value_date",
        book,
    ):
        running[no] = running.get(no, 0) + CHART[code].sign * net
        assert running[no] >= 0 or not CHART[code].floored


class Desk:
    """A connection that plain functions may use: Hypothesis runs no coroutines."""

    def __init__(self, url: str) -> None:
        """Connect to the database at `url`, as the owner."""
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.connection: asyncpg.Connection = self.run(asyncpg.connect(asyncpg_url(url)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work on the connection's loop to its end."""
        return self._runner.run(work)

    def close(self) -> None:
        """Leave the database."""
        self.run(self.connection.close())
        self._runner.close()
