"""The proof of the books: on one core and on two, all of them or stretches at random."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import TYPE_CHECKING, Final

from bench.national.readings import reading
from bench.national.rows import Row, Target
from bench.national.site import execute
from ledger.postgres.verify import Proof, verify, verify_at_once

if TYPE_CHECKING:
    from collections.abc import Collection

    import asyncpg

    from bench.national.site import Site

LINES_A_SECOND: Final = 500_000
ALL_UP_TO: Final = 1_000_000
"""Members; of more only a sample is proven here: `amanat verify` proves them all."""
STRETCH: Final = 1000
STRETCHES: Final = 30


class DoesNotHold(Exception):
    """What was posted does not prove."""


def measure(site: Site) -> list[Row]:
    """Prove alone, then two at once. Raises `DoesNotHold`."""
    sample = None if site.members <= ALL_UP_TO else _sample(site)
    (alone, alone_s), (both, both_s) = asyncio.run(_measure(site, sample))
    found = [*alone.findings, *both.findings]
    if found:
        raise DoesNotHold("; ".join(map(str, found[:10])))
    what = "all books" if sample is None else f"{len(sample):,} COs at random"
    return [
        _row("proof of the books, one process", alone, alone_s, what, target=LINES_A_SECOND),
        _row("proof of the books, two processes", both, both_s, what, target=2 * LINES_A_SECOND),
    ]


def _row(work: str, proof: Proof, seconds: float, what: str, *, target: float) -> Row:
    return Row(
        work,
        proof.lines / seconds,
        "lines/s",
        Target(target),
        remark=f"{what}: {proof.lines:,} lines of {proof.entries:,} entries in {seconds:.1f} s",
    )


def _sample(site: Site) -> list[int]:
    first, last = site.shape.co_book, site.shape.books
    starts = Random("proof").sample(range(first, last, STRETCH), STRETCHES)  # noqa: S311 - no secret
    return sorted(book for start in starts for book in range(start, min(start + STRETCH, last)))


async def _measure(
    site: Site, sample: list[int] | None
) -> tuple[tuple[Proof, float], tuple[Proof, float]]:
    await asyncio.to_thread(execute, site.place, "VACUUM ANALYZE")
    async with reading(site.place) as one, reading(site.place) as other:
        begun = time.monotonic()
        alone = await verify(one, sample)
        alone_s = time.monotonic() - begun
        begun = time.monotonic()
        both = await _at_once(one, other, sample)
        return (alone, alone_s), (both, time.monotonic() - begun)


async def _at_once(
    one: asyncpg.Connection, other: asyncpg.Connection, sample: Collection[int] | None
) -> Proof:
    if sample is None:
        return await verify_at_once([one, other])
    books = sorted(sample)
    half = len(books) // 2
    parts = await asyncio.gather(verify(one, books[:half]), verify(other, books[half:]))
    return parts[0] + parts[1]
