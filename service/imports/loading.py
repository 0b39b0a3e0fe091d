"""Loads a bundle: registers, then every sheet and event in the order it was posted.

All in the one transaction of the caller's `Books`: a bundle is loaded whole or not at
all. What the books refuse becomes a problem with file, line and column, like any other;
loading goes on behind it to find the rest, and then nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.refusals import Refusal
from service.imports import registering
from service.imports.documents import Document, documents
from service.imports.known import refuse_known
from service.imports.posting import Poster
from service.imports.problems import MOST_PROBLEMS, BundleRefused, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from service.books import Books, WritableBooks
    from service.imports.rows import Bundle

BATCH: Final = 64
"""Documents posted at a time."""
_SETTLED: Final = "SET CONSTRAINTS service.refuse_orphan IMMEDIATE"
"""Whoever imports need not register: who may, is asked while the house itself loads."""
_NOTED_WHOLE: Final = "SELECT set_config('amanat.action', 'import', true)"
"""To the audit trail a bundle is one change, known by its digest."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('service.imports'))"
"""One import at a time: a second one waits, and then sees what the first has loaded."""


class LoadedBundle(NamedTuple):
    """A bundle that was loaded, when and by whom."""

    name: str
    digest: str
    entries: int
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: how many entries it posted; none where the bundle was loaded before."""

    entries: int
    again: bool = False


async def load(
    books: WritableBooks,
    bundle: Bundle,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Loaded:
    """Load a bundle. The same bundle a second time changes nothing.

    `progress` is told how many of the documents are done. Raises `BundleRefused` with every
    problem; the caller's transaction must then be rolled back.
    """
    await books.fetch(_LOCK)
    await books.fetch(_NOTED_WHOLE)
    sql = "SELECT entries FROM service.bundle WHERE digest = :digest"
    if await books.fetch_one(sql, digest=bundle.digest) is not None:
        return Loaded(0, again=True)
    await refuse_known(books, bundle)
    await registering.register(books, bundle)
    entries = await _post(books, bundle, progress)
    await books.execute(_SETTLED)
    await books.fetch("SELECT service.refresh_statistics()")
    await books.execute(
        "INSERT INTO service.bundle (digest, name, imported_at, imported_by, entries)"
        " VALUES (:digest, :name, :now, :actor, :entries)",
        digest=bundle.digest,
        name=bundle.name,
        now=books.now,
        actor=books.actor,
        entries=entries,
    )
    return Loaded(entries)


async def tried(books: WritableBooks, bundle: Bundle) -> Loaded:
    """Load a bundle and keep nothing of it. Raises `BundleRefused`."""
    await books.ledger.execute("SAVEPOINT trial")
    done = await load(books, bundle)
    await books.ledger.execute("ROLLBACK TO SAVEPOINT trial")
    return done


async def loaded(books: Books) -> list[LoadedBundle]:
    """The bundles that were loaded, oldest first."""
    rows = await books.fetch(
        "SELECT name, digest, entries, imported_at, imported_by FROM service.bundle"
        " ORDER BY imported_at, digest"
    )
    return [LoadedBundle(*row) for row in rows]


async def _post(
    books: WritableBooks, bundle: Bundle, progress: Callable[[int, int], None] | None
) -> int:
    poster = await Poster.of(books, bundle)
    problems: list[Problem] = []
    waiting: list[Document] = []
    ordered = documents(bundle)
    done = 0
    for document in [*ordered, None]:
        if document is None or len(waiting) == BATCH or document.reverses in _codes(waiting):
            for posted, outcome in await poster.post(waiting):
                if isinstance(outcome, Refusal) and len(problems) < MOST_PROBLEMS:
                    problems.append(_problem(posted, outcome, problems))
            done += len(waiting)
            waiting = []
            if progress is not None:
                progress(done, len(ordered))
        if document is not None:
            waiting.append(document)
    if problems:
        raise BundleRefused(problems, cut_short=len(problems) == MOST_PROBLEMS)
    await poster.keep_documents()
    return poster.entries


def _codes(waiting: list[Document]) -> set[str | None]:
    return {document.code for document in waiting}


def _problem(document: Document, refusal: Refusal, before: list[Problem]) -> Problem:
    file, line, column = document.place(refusal.about)
    what, _, todo = str(refusal).partition(". ")
    todo = todo or "Correct this row, or the rows that it builds on."
    if before:
        first = before[0]
        todo += f" This may follow from {first.file} line {first.line}."
    return Problem(file, line, column, what.rstrip("."), todo)
