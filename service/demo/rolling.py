"""The roll-up of a demo, some nodes at a time, once all books are written.

The tables are vacuumed and analysed before, for plans are made of millions of rows here.
Each stretch of nodes is a transaction; what was cut off goes on after the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.postgres import bulk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import asyncpg

    from service.demo.shape import Shape

_WRITTEN: Final = (
    "ledger.book", "ledger.account", "ledger.entry", "ledger.line", "ledger.subject",
    "ledger.turnover", "ledger.under", "service.place", "service.organisation",
    "service.membership", "service.member", "service.product", "service.loan",
    "service.instalment",
)  # fmt: skip
_VOS_AT_A_TIME: Final = 200
_LSOS_AT_A_TIME: Final = 50
_NETWORKS_AT_A_TIME: Final = 5
_WORK_MEM: Final = "SET LOCAL work_mem = '128MB'"
_WAITING: Final = """
    INSERT INTO demo.rolled SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING RETURNING node_id
"""


async def roll_up(connection: asyncpg.Connection, shape: Shape, summed_until: date) -> None:
    """Make the roll-up of every node that has none yet; months and years up to a day."""
    for table in _WRITTEN:
        await connection.execute(f"VACUUM (ANALYZE) {table}")
    await connection.execute("UPDATE ledger.summed SET until = $1", summed_until)
    for nodes in _stretches(shape):
        async with connection.transaction():
            await connection.execute(_WORK_MEM)
            rows = await connection.fetch(_WAITING, list(nodes))
            await bulk.roll_up(connection, [row[0] for row in rows])
    await connection.execute("VACUUM (ANALYZE) ledger.rollup")


def _stretches(shape: Shape) -> Iterator[range]:
    """The nodes that have others below them, a stretch for each transaction."""
    yield from _cut(range(shape.vo_book, shape.co_book), _VOS_AT_A_TIME)
    yield from _cut(range(shape.lso_book, shape.vo_book), _LSOS_AT_A_TIME)
    yield from _cut(range(shape.network_book, shape.lso_book), _NETWORKS_AT_A_TIME)
    yield from _cut(range(1, shape.network_book), 1)


def _cut(nodes: range, at_a_time: int) -> Iterator[range]:
    for place in range(0, len(nodes), at_a_time):
        yield nodes[place : place + at_a_time]
