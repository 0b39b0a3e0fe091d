"""The proof of all books and of the audit trail, from the command line or by night."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.postgres.verify import Finding, Proof, verify_at_once
from service import audit
from service.books import read_beside, read_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.audit import BrokenLink


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven of the books and of the audit trail, and what does not hold."""

    books: Proof
    links: int
    broken: tuple[BrokenLink, ...]

    @property
    def findings(self) -> tuple[Finding | BrokenLink, ...]:
        """Everything that does not hold: of the books, then of the trail."""
        return (*self.books.findings, *self.broken)


async def proof(
    engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime], processes: int = 1
) -> Proven:
    """Prove every book and every link again, in one snapshot, while posting goes on.

    Args:
        engine: Where the books are.
        actor: Who asks.
        clock: What time it is.
        processes: How many of PostgreSQL share the work, as many as its cores at most.
    """
    async with AsyncExitStack() as open_books:
        books = await open_books.enter_async_context(read_books(engine, actor=actor, now=clock()))
        beside = [
            await open_books.enter_async_context(read_beside(engine, books))
            for _ in range(1, processes)
        ]
        found = await verify_at_once([each.ledger for each in (books, *beside)])
        return Proven(found, await audit.count(books), tuple(await audit.broken(books)))


def said(found: Proven) -> str:
    """What was proven, in a sentence."""
    of = found.books
    looked_at = f"{of.books} books, {of.entries} entries and {of.lines} lines"
    trail = f"{found.links} link{'' if found.links == 1 else 's'} of the audit trail"
    if not found.findings:
        return f"All holds: {looked_at} proven, and {trail}."
    return f"{len(found.findings)} things do not hold, of {looked_at} looked at, and {trail}."
