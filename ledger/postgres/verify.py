"""The proof: every invariant once more, from the lines, naming book, entry and account.

Nothing that posting kept is trusted here: hashes are computed anew from what is stored,
totals are summed anew, floors are walked day by day. Each check is one statement over a
stretch of books, so that memory stays small; all run in the caller's one snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    import asyncpg

BOOKS_AT_A_TIME: Final = 500


class Finding(NamedTuple):
    """Something that does not hold: where, and what."""

    book: int
    organisation: str
    entry: int | None
    account: int | None
    what: str

    def __str__(self) -> str:
        """The place, then what does not hold there."""
        place = f"book {self.book} ({self.organisation})"
        if self.entry is not None:
            place += f", entry {self.entry}"
        if self.account is not None:
            place += f", account {self.account}"
        return f"{place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven, and what was found not to hold."""

    books: int
    entries: int
    lines: int
    findings: tuple[Finding, ...]


_CHECKS: Final = tuple(
    load(f"proofs/{name}.sql")
    for name in (
        "seals",
        "chain",
        "entries",
        "totals",
        "subjects",
        "turnover",
        "rollup",
        "floors",
        "moments",
        "reversals",
        "halves",
    )
)
_TAMPERED: Final = "I3: the hash does not fit what is stored"
_PAIRED: Final = ("I4", "I8")
_OTHERS: Final = """
    SELECT e.book_id, e.no, e.counterpart_book, e.counterpart_no
    FROM unnest($1::bigint[], $2::bigint[]) AS w (book_id, no)
    JOIN ledger.entry e ON e.book_id = w.book_id AND e.no = w.no
    UNION ALL
    SELECT e.book_id, e.no, e.book_id, e.reverses
    FROM unnest($1::bigint[], $2::bigint[]) AS w (book_id, no)
    JOIN ledger.entry e ON e.book_id = w.book_id AND e.no = w.no
"""
_BOOKS: Final = """
    SELECT id, organisation FROM ledger.book
    WHERE id > $1 AND ($3::bigint[] IS NULL OR id = ANY ($3)) ORDER BY id LIMIT $2
"""
_COUNTS: Final = """
    SELECT (SELECT count(*) FROM ledger.entry WHERE book_id = ANY ($1)),
        (SELECT count(*) FROM ledger.line WHERE book_id = ANY ($1))
"""


async def verify(
    connection: asyncpg.Connection, books_asked: Collection[int] | None = None
) -> Proof:
    """Prove every book again, or some; what does not hold is found, ordered by place."""
    findings: list[Finding] = []
    books = entries = lines = 0
    async for names in _stretches(connection, books_asked):
        ids = list(names)
        for check in _CHECKS:
            rows = await connection.fetch(check, ids)
            findings += [Finding(row[0], names[row[0]], *row[1:]) for row in rows]
        ((more_entries, more_lines),) = await connection.fetch(_COUNTS, ids)
        books += len(ids)
        entries += more_entries
        lines += more_lines
    blamed = await _without_innocent(connection, findings)
    return Proof(books, entries, lines, tuple(sorted(blamed, key=_place)))


async def _without_innocent(
    connection: asyncpg.Connection, findings: list[Finding]
) -> list[Finding]:
    """Without entries that disagree with another only because the other was tampered with.

    A half of a transfer disagrees with the other half, a reversal with what it reverses.
    """
    broken = {(f.book, f.entry) for f in findings if f.what == _TAMPERED}
    paired = [f for f in findings if f.what[:2] in _PAIRED and (f.book, f.entry) not in broken]
    rows = await connection.fetch(
        _OTHERS, [finding.book for finding in paired], [finding.entry for finding in paired]
    )
    innocent = {(row[0], row[1]) for row in rows if (row[2], row[3]) in broken}
    blamed = [f for f in paired if (f.book, f.entry) not in innocent]
    return [f for f in findings if f not in paired or f in blamed]


async def _stretches(
    connection: asyncpg.Connection, asked: Collection[int] | None
) -> AsyncIterator[dict[int, str]]:
    after, only = 0, None if asked is None else sorted(asked)
    while rows := await connection.fetch(_BOOKS, after, BOOKS_AT_A_TIME, only):
        yield {row[0]: row[1] for row in rows}
        after = rows[-1][0]


def _place(finding: Finding) -> tuple[int, int, int, str]:
    return (finding.book, finding.entry or 0, finding.account or 0, finding.what)
