"""The nightly proof as it is kept: what was proven part by part, and all that did not hold.

A proof is of the moment at which it was made. What it found is kept for ever, as nobody can
find it again once it is put right; what was proven is kept as long as other results.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from ledger.postgres.verify import Finding
from service.audit import About, BrokenLink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ledger.postgres.verify import Proof
    from service.books import Books, WritableBooks

MOST_KEPT: Final = 1000
"""Findings of one part that are kept one by one; all are counted."""
BOOK: Final = "book"
_PART: Final = """
    INSERT INTO service.proof_part (business_date, step, first, books, entries, lines, links,
        findings, proven_at, run)
    VALUES (:on, :step, :first, :books, :entries, :lines, :links, :findings, :now, :run)
"""
_FINDING: Final = """
    INSERT INTO service.proof_finding (business_date, about, code, book_id, no, account_no, what,
        run)
    VALUES (:on, :about, :code, :book, :no, :account, :what, :run)
"""
_FOUND: Final = """
    SELECT f.n, f.business_date, f.about, f.code, f.book_id, f.no, f.account_no, f.what
    FROM service.proof_finding f
    WHERE f.n > :after AND f.business_date
        BETWEEN coalesce(CAST(:on AS date), (
            SELECT max(r.business_date) FROM service.job_run r
            WHERE r.job = 'proof' AND r.finished_at IS NOT NULL), '-infinity')
        AND coalesce(CAST(:on AS date), 'infinity')
    ORDER BY f.n LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a night's proof: of which day and step, what it begins with, in which run."""

    on: date
    step: str
    first: int
    run: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where something does not hold: in a book, or in somebody's audit trail."""

    about: str
    """`book`, or whose trail: `organisation`, `person` or `house`."""
    code: str
    """The organisation's or person's; empty for the house."""
    book: int | None
    no: int | None
    """The entry or link."""
    account: int | None
    what: str

    def __str__(self) -> str:
        """The place, then what does not hold there."""
        if self.about == BOOK:
            return str(Finding(self.book or 0, self.code, self.no, self.account, self.what))
        return str(BrokenLink(About(self.about), self.code, self.no or 0, self.what))


@dataclass(frozen=True, slots=True)
class Found:
    """What a night's proof has found, by its number."""

    n: int
    on: date
    place: Place


async def keep_books(books: WritableBooks, part: Part, proof: Proof) -> int:
    """Keep what was proven of some books, and what does not hold; how many rows that makes."""
    counted = {"books": proof.books, "entries": proof.entries, "lines": proof.lines, "links": 0}
    return await _keep(books, part, counted, [_in_book(one) for one in proof.findings])


async def keep_links(
    books: WritableBooks, part: Part, links: int, broken: Sequence[BrokenLink]
) -> int:
    """Keep the same of some chains of the audit trail."""
    counted = {"books": 0, "entries": 0, "lines": 0, "links": links}
    return await _keep(books, part, counted, [_in_trail(one) for one in broken])


async def found(books: Books, *, on: date | None, after: int, limit: int) -> list[Found]:
    """What the proof of a night found, in order; for the house itself.

    Without a night the newest that is whole, and what has been found since.
    """
    rows = await books.fetch(_FOUND, on=on, after=after, limit=limit)
    return [Found(row[0], row[1], Place(*row[2:])) for row in rows]


async def _keep(
    books: WritableBooks, part: Part, counted: dict[str, int], places: Sequence[Place]
) -> int:
    await books.execute(_PART, **asdict(part), **counted, findings=len(places), now=books.now)
    kept = places[:MOST_KEPT]
    said = {"on": part.on, "run": part.run}
    await books.execute_many(_FINDING, [asdict(place) | said for place in kept])
    return 1 + len(kept)


def _in_book(one: Finding) -> Place:
    return Place(BOOK, one.organisation, one.book, one.entry, one.account, one.what)


def _in_trail(one: BrokenLink) -> Place:
    return Place(one.about.value, one.code, None, one.no, None, one.what)
