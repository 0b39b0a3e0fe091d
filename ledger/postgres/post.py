"""Posting: lock, read, decide, write.

The doctrine, in order:

1. Lock the head row of every book of the batch, in id order, and nothing else. Two
   posters never wait for each other in a circle, and whoever holds a head knows its
   accounts exactly: no account is ever locked.
2. Read in a *separate* statement: a lock that had to wait does not refresh the snapshot
   of its own statement. Both stand in `ledger.lock_and_read`, one round trip.
3. Decide in Python, purely (`ledger.posting`).
4. Write through the one door, `ledger.post` in PostgreSQL, which checks it all again.

Nothing is acknowledged before the caller's COMMIT.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from ledger.entries import AccountKey, EntryRef
from ledger.pledges import Pledge, Savings
from ledger.positions import Account, Head, Known, Move, NamedMove, Position
from ledger.posting import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    import asyncpg

    from ledger.requests import Decision, Outcome, Record, Request

_READ: Final = """
    SELECT * FROM ledger.lock_and_read($1, $2::text::bigint[], $3::text::text[], $4::text::text[],
        $5::text::text[], $6::text::date[], $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""

_NO_ACCOUNT: Final = ("", "")
"""Code and fund that stand for the lines that name a subject, on whatever account."""
_WRITE: Final = """
    SELECT ledger.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        $17, $18, $19, $20, $21, $22, $23::text::integer[], $24::text::integer[],
        $25::text::bigint[], $26::text::text[], $27::text::bigint[], $28::text::bigint[])
"""
"""Arrays as long as the lines go as one text each: the driver looks at every element of a list."""


async def post(
    connection: asyncpg.Connection,
    requests: Sequence[Request],
    *,
    recorded_at: datetime | Callable[[], datetime],
) -> tuple[Outcome, ...]:
    """Post a batch of requests in order; each is posted whole, replayed, or refused.

    `recorded_at` is the clock, asked once the locks are held, so that numbers and moments
    agree; or a moment already drawn. The outcomes stand in the order of the requests.
    """
    position = await _read(connection, requests)
    moment = recorded_at() if callable(recorded_at) else recorded_at
    decision = decide(position, requests, recorded_at=moment)
    if decision.records:
        await _write(connection, decision, moment)
    return decision.outcomes


async def _read(connection: asyncpg.Connection, requests: Sequence[Request]) -> Position:
    books = sorted({book for request in requests for book in request.reads.books})
    accounts = _since_by_account(requests)
    keys = {(book, r.key) for r in requests if r.key for book in r.reads.books}
    subjects = {subject for r in requests for subject in r.reads.subjects}
    reversals = {ref for r in requests for ref in r.reads.reversals}
    moves = {place for r in requests for place in r.reads.moves}
    named = {subject for r in requests for subject in r.reads.named}
    position = Position({}, {}, {subject: {} for subject in subjects})
    position.moved.update({place: [] for place in moves})
    position.named.update({subject: [] for subject in named})
    rows = await connection.fetch(
        _READ,
        books,
        _plain(book for book, _ in accounts),
        _texts([key.code for _, key in accounts]),
        _texts([key.fund for _, key in accounts]),
        _texts([key.party for _, key in accounts]),
        _plain(accounts.values()),
        *_columns(keys, 2),
        *_columns(subjects, 2),
        *_columns(reversals, 2),
        *_columns(
            chain(
                ((book, *key) for book, key in moves),
                ((book, *_NO_ACCOUNT, subject) for book, subject in named),
            ),
            4,
        ),
    )
    _fill(position, list(accounts), _fill_pledged(position, rows))
    return position


def _since_by_account(requests: Iterable[Request]) -> dict[tuple[int, AccountKey], date]:
    """The day from which each account's later days are wanted, over the whole batch."""
    since: dict[tuple[int, AccountKey], date] = {}
    for reads in sorted((r.reads for r in requests), key=lambda reads: reads.since, reverse=True):
        since.update(dict.fromkeys(reads.accounts, reads.since))
    return since


def _fill(
    position: Position, places: Sequence[tuple[int, AccountKey]], rows: Iterable[asyncpg.Record]
) -> None:
    laters: dict[int, tuple[tuple[date, int], ...]] = {}
    found: asyncpg.Record | None = None
    for row in rows:
        what, book, no, a, _, _, x, _, days, nets, _, _, digest, posted_at = row
        if what == "head":
            closed_to = days[0] if days else None
            position.heads[book] = Head(book, no, x, digest, posted_at, closed_to, a is not None)
        elif what == "accounts":
            found = row
        elif what == "later":
            laters[no] = tuple(zip(days, nets, strict=True))
        elif what == "key":
            known = position.keys.setdefault((book, a), [])
            known.append(Known(EntryRef(book, no), digest))
        elif what == "reversed":
            position.reversed.add(EntryRef(book, no))
        else:
            _fill_moves(position, row)
    if found is not None and places:
        _fill_accounts(position, places, found, laters)
    for entries in position.keys.values():
        entries.sort()


def _fill_moves(position: Position, row: asyncpg.Record) -> None:
    what, book, _, a, b, c, x, net, days, nets, *_ = row
    if what == "subject":
        position.subjects[book, a][b] = net
    elif what == "named":
        position.named[book, c].append(NamedMove(days[0], a, net))
    else:
        move = Move(days[0], nets is not None, x, net)
        position.moved[book, AccountKey(a, b, c)].append(move)


def _fill_pledged(position: Position, rows: Sequence[asyncpg.Record]) -> Sequence[asyncpg.Record]:
    """The savings of who has pledged any, first the pledges; the rows that say something else."""
    pledges: dict[tuple[int, str], list[Pledge]] = {}
    others = []
    for row in rows:
        what, book, party, days, nets = row[0], row[1], row[3], row[8], row[9]
        if what == "pledge":
            pledges.setdefault((book, party), []).append(Pledge(row[6], *days))
        elif what == "saved":
            later = tuple(zip(days or (), nets or (), strict=True))
            savings = Savings(row[7], later, tuple(pledges[book, party]))
            position.pledged[book, party] = savings
        else:
            others.append(row)
    return others


def _fill_accounts(
    position: Position,
    places: Sequence[tuple[int, AccountKey]],
    found: asyncpg.Record,
    laters: Mapping[int, tuple[tuple[date, int], ...]],
) -> None:
    """The accounts that exist, from arrays in the order in which they were asked for."""
    columns = zip(places, found["nos"], found["faces"], found["nets"], strict=True)
    for n, (place, no, faces, net) in enumerate(columns, start=1):
        if no is not None:
            position.accounts[place] = Account(no, place[1], faces, net, laters.get(n, ()))


async def _write(connection: asyncpg.Connection, decision: Decision, recorded_at: datetime) -> None:
    records = decision.records
    await connection.execute(
        _WRITE,
        recorded_at,
        *_columns((_entry_row(record) for record in records), 15),
        *_columns(_opening_rows(records), 6),
        *_line_columns(records),
    )


def _entry_row(record: Record) -> tuple[object, ...]:
    entry = record.entry
    other = entry.counterpart
    return (
        entry.ref.book,
        entry.ref.no,
        entry.value_date,
        entry.posted_at,
        entry.kind.value,
        entry.narrative,
        entry.actor,
        entry.reference,
        record.key,
        record.part,
        record.digest,
        entry.reverses,
        other and other.book,
        other and other.no,
        entry.hash,
    )


def _opening_rows(records: Iterable[Record]) -> Iterable[tuple[object, ...]]:
    for place, record in enumerate(records, start=1):
        for opening in record.openings:
            yield (place, opening.no, *opening.key, opening.faces)


def _line_columns(records: Sequence[Record]) -> Iterable[str]:
    lines = chain.from_iterable(record.lines for record in records)
    accounts, subjects, debited, credited = zip(*lines, strict=True)
    yield _plain(place for place, record in enumerate(records, start=1) for _ in record.lines)
    yield _plain(n for record in records for n in range(1, len(record.lines) + 1))
    yield _plain(accounts)
    yield _texts(subjects)
    yield _plain(debited)
    yield _plain(credited)


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows turned into one list per column, as PostgreSQL's arrays want them."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _plain(values: Iterable[int | date]) -> str:
    """An array of numbers or days, as PostgreSQL reads it."""
    return f"{{{','.join(map(str, values))}}}"


def _texts(values: Sequence[str]) -> str:
    """An array of texts, as PostgreSQL reads it: each in quotes."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(v.replace("\\", r"\\").replace('"', r"\"") for v in values)
    return f'{{"{joined}"}}' if values else "{}"
