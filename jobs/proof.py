"""The proof of all books and of the audit trail by night, part by part.

The steps of the job `proof`. Each part is looked at in one snapshot, beside whatever is posted
meanwhile; so what is posted between two parts is proven the next night. A finding is no
failure of the job: it is kept, and said aloud.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from jobs.stretches import Stretch
from ledger.postgres.verify import verify
from service import audit, proofs
from service.proofs import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from jobs.work import Work
    from ledger.postgres.verify import Finding, Proof
    from service.audit import BrokenLink
    from service.books import Books, WritableBooks

BOOKS: Final = "books"
TRAIL: Final = "trail"
MOST_SAID: Final = 20
"""Findings of one part that are said one by one."""

_log = structlog.get_logger()


async def prove_books(books: Books, *, stretch: Stretch) -> Work:
    """Prove the books of a stretch; keeping that is the work."""
    proof = await verify(books.ledger, range(stretch.first, stretch.last + 1))
    return partial(_keep_books, proof=proof)


async def prove_trail(books: Books, *, stretch: Stretch) -> Work:
    """Prove one share of the chains of the audit trail; keeping that is the work."""
    links, broken = await audit.prove_share(books, stretch.first)
    return partial(_keep_links, links=links, broken=broken)


async def shares_of_trail(
    books: Books,  # noqa: ARG001 - the shares are always as many
    *,
    on: date,  # noqa: ARG001 - as above
) -> list[Stretch]:
    """The chains of the audit trail in as many parts as there are shares."""
    return [Stretch(share, share) for share in range(audit.SHARES + 1)]


async def _keep_books(
    books: WritableBooks, *, on: date, run: UUID, stretch: Stretch, proof: Proof
) -> int:
    _say(on, proof.findings)
    return await proofs.keep_books(books, Part(on, BOOKS, stretch.first, run), proof)


async def _keep_links(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,
    stretch: Stretch,
    links: int,
    broken: Sequence[BrokenLink],
) -> int:
    _say(on, broken)
    return await proofs.keep_links(books, Part(on, TRAIL, stretch.first, run), links, broken)


def _say(on: date, findings: Sequence[Finding | BrokenLink]) -> None:
    for one in findings[:MOST_SAID]:
        _log.error("the proof found what does not hold", on=str(on), finding=str(one))
    if len(findings) > MOST_SAID:
        _log.error("the proof found more", on=str(on), more=len(findings) - MOST_SAID)
