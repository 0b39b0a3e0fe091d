"""The proof: every invariant once more, from the lines, naming book, entry and account.

Nothing that posting kept is trusted here: hashes are computed anew from what is stored,
totals are summed anew, floors are walked day by day. Books are proven a stretch at a time,
so that memory stays small, and all in one snapshot. What concerns every line is first asked
of a stretch as a whole (`proofs/whole/`), in two walks through its lines that answer with
yes or no; only after a no are its books looked at closely, by the statements that say what
does not hold and where. Roll-ups are proven from what lies directly below them, which is proven
too; where it is not, because only some books are asked for, from all books below.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import asyncpg

BOOKS_AT_A_TIME: Final = 1000
ENTRIES_AT_A_TIME: Final = 2000
"""More would be slower: what a stretch is grouped into should fit the processor's cache."""


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

    def __add__(self, other: Proof) -> Proof:
        """What both have proven and found."""
        return Proof(
            self.books + other.books,
            self.entries + other.entries,
            self.lines + other.lines,
            self.findings + other.findings,
        )


def _loaded(*names: str) -> tuple[str, ...]:
    return tuple(load(f"proofs/{name}.sql") for name in names)


_ENTRIES: Final = load("proofs/whole/entries.sql")
_AS_A_WHOLE: Final = _loaded("whole/sums", "whole/funds", "whole/floors", "whole/halves")
"""In this order: each relies on those before."""
_CLOSELY: Final = _loaded("seals", "entries", "totals", "turnover", "floors", "halves")
_ALWAYS: Final = _loaded(
    "chain", "closings", "subjects", "moneyless", "tree", "moments", "reversals", "pledges"
)
_FROM_BELOW, _AFRESH = _loaded("rollup", "afresh")
_NOT_THE_SUM: Final = "I2: its roll-up is not the sum of the books below it"
_NOT_ASKED: Final = """
    SELECT book_id FROM ledger.under WHERE node_id = ANY ($1)
    EXCEPT SELECT unnest($1::bigint[]) LIMIT 1
"""
_ABOVE: Final = """
    SELECT DISTINCT node_id FROM ledger.under
    WHERE node_id = ANY ($1) AND book_id = ANY ($1) AND book_id <> node_id
"""
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
_STRETCHES: Final = """
    SELECT min(id), max(id)
    FROM (
        SELECT id, div(sum(greatest(last_no, $3)) OVER (ORDER BY id) - 1, $2::bigint) AS stretch
        FROM ledger.book WHERE $1::bigint[] IS NULL OR id = ANY ($1)
    ) AS b
    GROUP BY stretch ORDER BY 1
"""
_BOOKS: Final = """
    SELECT id, organisation FROM ledger.book
    WHERE id BETWEEN $1 AND $2 AND ($3::bigint[] IS NULL OR id = ANY ($3))
"""
_PLANNED: Final = """
    SELECT set_config('work_mem', '32MB', true), set_config('random_page_cost', '1.1', true),
        set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),
        set_config('max_parallel_workers_per_gather', '0', true)
"""
"""Lines are walked in the order of their key rather than sorted, and a plan is made once rather
than for each stretch, whatever the server is set to; until the transaction ends."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Stretches of books, from one book until another, that nobody has begun to prove."""

    stretches: deque[tuple[int, int]]
    only: list[int] | None
    rollup: str
    """The statement that proves roll-ups."""


async def verify(
    connection: asyncpg.Connection, books_asked: Collection[int] | None = None
) -> Proof:
    """Prove every book again, or some; what does not hold is found, ordered by place.

    All in the caller's transaction, which keeps our settings for memory and plans.
    """
    work = await _work(connection, books_asked)
    return await _together(connection, [await _share(connection, work)])


async def verify_at_once(connections: Sequence[asyncpg.Connection]) -> Proof:
    """Prove every book again on several connections, whose transactions share a snapshot."""
    work = await _work(connections[0], None)
    async with asyncio.TaskGroup() as group:
        shares = [group.create_task(_share(connection, work)) for connection in connections]
    return await _together(connections[0], [share.result() for share in shares])


async def _work(connection: asyncpg.Connection, asked: Collection[int] | None) -> _Work:
    only = None if asked is None else sorted(asked)
    least = ENTRIES_AT_A_TIME // BOOKS_AT_A_TIME  # what a book counts for at least
    rows = await connection.fetch(_STRETCHES, only, ENTRIES_AT_A_TIME, least)
    afresh = only is not None and await connection.fetch(_NOT_ASKED, only)
    stretches = deque((row[0], row[1]) for row in rows)
    return _Work(stretches, only, _AFRESH if afresh else _FROM_BELOW)


async def _share(connection: asyncpg.Connection, work: _Work) -> Proof:
    """Prove one stretch after another, as long as there are any."""
    await connection.execute(_PLANNED)
    proof = Proof(0, 0, 0, ())
    while work.stretches:
        rows = await connection.fetch(_BOOKS, *work.stretches.popleft(), work.only)
        proof += await _stretch(connection, {row[0]: row[1] for row in rows}, work.rollup)
    return proof


async def _stretch(connection: asyncpg.Connection, names: dict[int, str], rollup: str) -> Proof:
    ids = list(names)
    ((holds, entries, lines),) = await connection.fetch(_ENTRIES, ids)
    for check in _AS_A_WHOLE:
        holds = holds and await connection.fetchval(check, ids)
    findings: list[Finding] = []
    for check in (*(() if holds else _CLOSELY), *_ALWAYS, rollup):
        rows = await connection.fetch(check, ids)
        findings += [Finding(row[0], names[row[0]], *row[1:]) for row in rows]
    return Proof(len(ids), entries, lines, tuple(findings))


async def _together(connection: asyncpg.Connection, shares: Sequence[Proof]) -> Proof:
    proof = sum(shares, Proof(0, 0, 0, ()))
    blamed = await _without_innocent(connection, list(proof.findings))
    blamed = await _without_right_sums(connection, blamed)
    return replace(proof, findings=tuple(sorted(blamed, key=_place)))


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


async def _without_right_sums(
    connection: asyncpg.Connection, findings: list[Finding]
) -> list[Finding]:
    """Without nodes that disagree with one below them only because that one is wrong.

    Such a node is still the sum of its books, all of which are read to see that.
    """
    wrong = [finding.book for finding in findings if finding.what == _NOT_THE_SUM]
    above = [row[0] for row in await connection.fetch(_ABOVE, wrong)]
    if not above:
        return findings
    right = set(above) - {row[0] for row in await connection.fetch(_AFRESH, above)}
    return [f for f in findings if f.what != _NOT_THE_SUM or f.book not in right]


def _place(finding: Finding) -> tuple[int, int, int, str]:
    return (finding.book, finding.entry or 0, finding.account or 0, finding.what)
