"""Reading entries back: whole ones for reversals, pages of them for people."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final

from ledger.entries import AccountKey, Entry, EntryRef, Kind, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import asyncpg

_ENTRIES: Final = """
    SELECT e.book_id, e.no, e.value_date, e.posted_at, e.recorded_at, e.kind::text, e.narrative,
        e.actor, e.reference, e.reverses, e.counterpart_book, e.counterpart_no, e.hash
    FROM ledger.entry e
"""
_PAGE: Final = f"""
    {_ENTRIES}
    WHERE e.book_id = $1 AND e.no > $2
        AND ($4::date IS NULL OR e.value_date >= $4) AND ($5::date IS NULL OR e.value_date <= $5)
        AND ($6::text IS NULL OR e.kind = $6::ledger.kind)
        AND ($7::text IS NULL OR $7 = e.actor OR $7 = ANY (string_to_array(e.actor, ', ')))
        AND ($8::text IS NULL OR e.reference = $8)
        AND (coalesce($9::text, $10::text) IS NULL OR EXISTS (
            SELECT FROM ledger.line l
            JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
            WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
                AND a.fund = coalesce($9, a.fund) AND a.code = coalesce($10, a.code)))
    ORDER BY e.no LIMIT $3
"""
_LINES: Final = """
    SELECT l.book_id, l.entry_no, a.code, a.fund, a.party, l.debit, l.credit, l.subject,
        a.counterparty
    FROM unnest($1::bigint[], $2::bigint[], $3::date[]) AS w (book_id, no, value_date)
    JOIN ledger.line l
        ON l.book_id = w.book_id AND l.entry_no = w.no AND l.value_date = w.value_date
    JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    ORDER BY l.book_id, l.entry_no, l.n
"""


@dataclass(frozen=True, slots=True)
class Only:
    """Which entries of a book are asked for; None leaves a condition out.

    `actor` is who made an entry, alone or as one of two officers. `fund` and `code` are of one
    and the same line.
    """

    first_on: date | None = None
    last_on: date | None = None
    kind: Kind | None = None
    actor: str | None = None
    reference: str | None = None
    fund: str | None = None
    code: str | None = None


EVERY_ENTRY: Final = Only()


async def entries(
    connection: asyncpg.Connection, refs: Sequence[EntryRef]
) -> dict[EntryRef, Entry]:
    """These entries, with their lines; those that do not exist are left out."""
    wanted = set(refs)
    rows = await connection.fetch(
        f"{_ENTRIES} JOIN unnest($1::bigint[], $2::bigint[]) AS w (book_id, no)"
        " ON e.book_id = w.book_id AND e.no = w.no",
        [ref.book for ref in wanted],
        [ref.no for ref in wanted],
    )
    return {entry.ref: entry for entry in await _with_lines(connection, rows)}


async def page(
    connection: asyncpg.Connection,
    book: int,
    *,
    only: Only = EVERY_ENTRY,
    after: int = 0,
    limit: int = 100,
) -> list[Entry]:
    """Entries of a book in the order of their numbers, those after `after`."""
    rows = await connection.fetch(_PAGE, book, after, limit, *astuple(only))
    return await _with_lines(connection, rows)


async def _with_lines(
    connection: asyncpg.Connection, rows: Iterable[asyncpg.Record]
) -> list[Entry]:
    heads = list(rows)
    lines: dict[EntryRef, list[Line]] = {EntryRef(row[0], row[1]): [] for row in heads}
    columns = [[row[i] for row in heads] for i in range(3)]
    for book, no, code, fund, party, debit, credit, subject, faces in await connection.fetch(
        _LINES, *columns
    ):
        key = AccountKey(code, fund, party)
        lines[EntryRef(book, no)].append(Line(key, debit, credit, subject, faces))
    return [_entry(row, lines[EntryRef(row[0], row[1])]) for row in heads]


def _entry(row: asyncpg.Record, lines: list[Line]) -> Entry:
    book, no, day, posted_at, recorded_at, kind, narrative, actor, reference = row[:9]
    reverses, other_book, other_no, sealed = row[9:]
    return Entry(
        ref=EntryRef(book, no),
        value_date=day,
        posted_at=posted_at,
        recorded_at=recorded_at,
        kind=Kind(kind),
        narrative=narrative,
        actor=actor,
        reference=reference,
        lines=tuple(lines),
        reverses=reverses,
        counterpart=None if other_book is None else EntryRef(other_book, other_no),
        hash=sealed,
    )
