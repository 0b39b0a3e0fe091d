"""By how much the same reads take longer at the largest size than at the one before, in turn.

The speed of a machine swings from minute to minute by more than there is to see. So both sizes
stand on one server, and every read of the one is followed by the same read of the other.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Final

import uvloop

from bench.national import readings, statements
from bench.national.rows import Row, Target, short, shown
from ledger.postgres.balances import rollup, trial_balance
from ledger.postgres.statements import statement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import asyncpg

    from bench.national.site import Site

    _Reads = Sequence[Callable[[], Awaitable[object]]]

NAME: Final = "in turn"
GROWS_AT_MOST: Final = 20.0
NODES_OF_A_TIER: Final = 20
READS: Final = 1000


@dataclass(frozen=True, slots=True)
class _Side:
    """One size, in one snapshot."""

    site: Site
    connection: asyncpg.Connection
    accounts: Sequence[statements.Account]

    def rollups(self) -> Mapping[str, _Reads]:
        """Some nodes of every tier, today."""
        tiers = readings.nodes(self.site.shape, NODES_OF_A_TIER)
        return {
            f"roll-up of {tier}": [partial(self._rollup, node) for node in nodes]
            for tier, nodes in tiers.items()
        }

    def papers(self) -> Mapping[str, _Reads]:
        """Statements of members, and trial balances of their books."""
        return {
            "member statement over all years": [partial(self._statement, a) for a in self.accounts],
            "trial balance of a book": [partial(self._trial, a) for a in self.accounts],
        }

    async def _rollup(self, node: int) -> object:
        return await rollup(self.connection, datetime.now(UTC).date(), nodes=[node])

    async def _statement(self, one: statements.Account) -> object:
        return await statement(self.connection, one.book, one.no, limit=statements.MOST_LINES)

    async def _trial(self, one: statements.Account) -> object:
        return await trial_balance(self.connection, datetime.now(UTC).date(), books=[one.book])


def measure(before: Site, largest: Site) -> list[Row]:
    """Statements, trial balances, and roll-ups of every tier, with nothing and much waiting."""
    return uvloop.run(_measure(before, largest))


async def _measure(before: Site, largest: Site) -> list[Row]:
    both = (before, largest)
    for site in both:
        await readings.folded(site.url)
    async with AsyncExitStack() as stack:
        sides = [await _side(stack, site) for site in both]
        rows = await _in_turn(sides, _Side.papers, "")
        rows += await _in_turn(sides, _Side.rollups, ", nothing waiting")
    for site in both:
        await readings.left_waiting(site)
    async with AsyncExitStack() as stack:
        sides = [await _side(stack, site) for site in both]
        rows += await _in_turn(sides, _Side.rollups, f", about {readings.WAITING:,} waiting")
    for site in both:
        await readings.folded(site.url)
    return rows


async def _side(stack: AsyncExitStack, site: Site) -> _Side:
    connection = await stack.enter_async_context(readings.reading(site.place))
    return _Side(site, connection, await statements.accounts_of(site))


async def _in_turn(
    sides: Sequence[_Side], reads_of: Callable[[_Side], Mapping[str, _Reads]], state: str
) -> list[Row]:
    sizes = " to ".join(short(side.site.members) for side in sides)
    smaller, larger = (reads_of(side) for side in sides)
    rows = []
    for work, reads in smaller.items():
        low, high = (median(taken) * 1000 for taken in await _timed(reads, larger[work]))
        rows.append(
            Row(
                f"{work}{state}: takes longer, from {sizes} in turn, by",
                100 * (high / low - 1),
                "%",
                Target(GROWS_AT_MOST, at_most=True),
                remark=f"medians of {READS:,} reads: {shown(low)} and {shown(high)} ms",
            )
        )
    return rows


async def _timed(*sides: _Reads) -> list[list[float]]:
    """How long each side's reads took, one of each in turn; what they need was fetched before."""
    taken: list[list[float]] = [[] for _ in sides]
    for reads in sides:
        for read in reads:
            await read()
    for n in range(READS):
        for reads, seconds in zip(sides, taken, strict=True):
            begun = time.perf_counter()
            await reads[n % len(reads)]()
            seconds.append(time.perf_counter() - begun)
    return taken
