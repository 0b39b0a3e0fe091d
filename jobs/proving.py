"""The proof of all books, from the command line or by night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.postgres.verify import Proof, verify
from service.books import read_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine


async def proof(engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime]) -> Proof:
    """Prove every book again, in one snapshot, while posting goes on."""
    async with read_books(engine, actor=actor, now=clock()) as books:
        return await verify(books.ledger)


def said(found: Proof) -> str:
    """What was proven, in a sentence."""
    proven = f"{found.books} books, {found.entries} entries and {found.lines} lines"
    if not found.findings:
        return f"All holds: {proven} proven."
    return f"{len(found.findings)} things do not hold, of {proven} looked at."
