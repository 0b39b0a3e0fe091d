"""The roll-up of a demo, some nodes at a time, once all books are written.

The tables are vacuumed and analysed before, for plans are made of millions of rows here.
Each stretch of nodes is a transaction; what was cut off goes on after the last one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.postgres import bulk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import date

    import asyncpg

    from service.demo.shape import Shape

_WRITTEN: Final = (
    "ledger.book", "ledger.account", "ledger.entry", "ledger.line", "ledger.subject",
    "ledger.turnover", "ledger.under", "service.place", "service.organisation",
    "service.membership", "service.member", "service.product", "service.loan",
    "service.instalment",
)  # fmt: skip
_BELOW_AT_A_TIME: Final = 5_000
"""About as many books lie directly below the nodes that are rolled up in one go."""
_WORK_MEM: Final = "SET LOCAL work_mem = '128MB'"
_WAITING: Final = """
    INSERT INTO demo.rolled SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING RETURNING node_id
"""


@dataclass(frozen=True, slots=True)
class _Tier:
    """The nodes of a tier, and the books directly below them, all of the next."""

    nodes: range
    below: range

    def stretches(self) -> Iterator[range]:
        """The nodes, some at a time."""
        some = max(1, _BELOW_AT_A_TIME * len(self.nodes) // max(1, len(self.below)))
        for place in range(0, len(self.nodes), some):
            yield self.nodes[place : place + some]


async def roll_up(
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    shape: Shape,
    summed_until: date,
    *,
    processes: int,
) -> None:
    """Make the roll-up of every node that has none yet; months and years up to a day.

    Tier by tier from the lowest, for each builds on what lies beneath it; within a tier some
    connections share the nodes.
    """
    connections = [await connect() for _ in range(processes)]
    try:
        for table in _WRITTEN:
            await connections[0].execute(f"VACUUM (ANALYZE) {table}")
        await connections[0].execute("UPDATE ledger.summed SET until = $1", summed_until)
        for tier in _tiers(shape):
            waiting = tier.stretches()
            await asyncio.gather(*(_share(one, waiting, tier.below) for one in connections))
            await connections[0].execute("ANALYZE ledger.rollup")
        await connections[0].execute("VACUUM (ANALYZE) ledger.rollup")
    finally:
        for connection in connections:
            await connection.close()


async def _share(connection: asyncpg.Connection, waiting: Iterator[range], below: range) -> None:
    for nodes in waiting:
        async with connection.transaction():
            await connection.execute(_WORK_MEM)
            rows = await connection.fetch(_WAITING, list(nodes))
            await bulk.roll_up(connection, [row[0] for row in rows], (below[0], below[-1]))


def _tiers(shape: Shape) -> Iterator[_Tier]:
    """Every tier that has others below it, the lowest first."""
    firsts = (1, 2, shape.network_book, shape.lso_book, shape.vo_book, shape.co_book)
    ranges = [range(*pair) for pair in pairwise((*firsts, shape.co_book + shape.cos))]
    for nodes, below in reversed(list(pairwise(ranges))):
        yield _Tier(nodes, below)
