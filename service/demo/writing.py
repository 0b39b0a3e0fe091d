"""Writes a demo into empty books, block by block; what was cut off goes on where it was.

A block is some units, written in one transaction from their first month to their last, all
its books a month at a time: so a table holds a block's months one after the other, and in
each month book by book. Two pages on from one meeting of a book is no other meeting of it,
as in books that are kept for years; a block of the national shape has 20,000 books.

What is under way stands in the schema `demo`, which is gone once all is done. Triggers and
foreign keys do not fire (`session_replication_role`): what they keep is kept by what writes,
and the trail gets one link for the whole instead of one for each row.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, BinaryIO, Final

from ledger.postgres import bulk
from ledger.postgres.bulk import Texts
from service.demo import federation, registers
from service.demo.shape import Shape
from service.demo.trouble import BooksNotEmpty
from service.demo.unit import Unit

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
    from datetime import datetime

    import asyncpg

MOST_UNITS_OF_A_BLOCK: Final = 44
BLOCKS_AT_LEAST: Final = 4
_SCHEMA_OF: Final = {
    **dict.fromkeys(bulk.COLUMNS, "ledger"),
    "under": "ledger",
    **dict.fromkeys(registers.COLUMNS, "service"),
}
_COLUMNS: Final = {
    **{table: columns.split() for table, columns in bulk.COLUMNS.items()},
    **{table: columns.split() for table, columns in registers.COLUMNS.items()},
    "under": ["book_id", "node_id", "from_on", "to_on"],
}
_FIRST_MONTH_OF_A_YEAR: Final = 7
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('service.demo'))"
_BEGIN: Final = """
    CREATE SCHEMA demo;
    CREATE TABLE demo.plan (shape jsonb NOT NULL, block integer NOT NULL);
    CREATE TABLE demo.part (block integer PRIMARY KEY);
    CREATE TABLE demo.rolled (node_id bigint PRIMARY KEY);
"""
_NUMBER_ON: Final = """
    SELECT setval(pg_get_serial_sequence('ledger.book', 'id'), (SELECT max(id) FROM ledger.book)),
        setval(pg_get_serial_sequence('service.place', 'id'), (SELECT max(id) FROM service.place))
"""
_ACTOR: Final = "demo generate"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is under way: a shape, and how many units a block has."""

    shape: Shape
    units_of_a_block: int

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.shape.units // self.units_of_a_block)

    def units_in(self, block: int) -> range:
        """The units of a block."""
        first = block * self.units_of_a_block
        return range(first, min(first + self.units_of_a_block, self.shape.units))


def planned(shape: Shape) -> Plan:
    """The plan of a shape: blocks as large as memory likes, and some for each process."""
    fair = -(-shape.units // BLOCKS_AT_LEAST)
    return Plan(shape, min(fair, MOST_UNITS_OF_A_BLOCK))


async def under_way(connection: asyncpg.Connection) -> Plan | None:
    """The plan that was begun here and is not done. Raises `BooksNotEmpty` for other books."""
    if not await _begun(connection):
        if await connection.fetchval("SELECT EXISTS (SELECT FROM ledger.book)"):
            raise BooksNotEmpty(
                "There are books in this database. A demo is written into a new one: "
                "name one with AMANAT_DATABASE_URL, or a new AMANAT_DATA_DIR."
            )
        return None
    ((shape, block),) = await connection.fetch("SELECT shape, block FROM demo.plan")
    given = json.loads(shape)
    last_month = date.fromisoformat(given.pop("last_month"))
    return Plan(Shape(**given, last_month=last_month), block)


async def _begun(connection: asyncpg.Connection) -> bool:
    return await connection.fetchval("SELECT to_regclass('demo.plan')") is not None


async def begin(connection: asyncpg.Connection, plan: Plan) -> None:
    """Write down the plan, and everything above the LSOs. Raises `BooksNotEmpty`."""
    shape = plan.shape
    said = {
        "cos": shape.cos,
        "years": shape.years,
        "seed": shape.seed,
        "sheets": shape.sheets,
        "last_month": shape.last_month.isoformat(),
    }
    async with connection.transaction():
        await connection.execute(_LOCK)
        if await under_way(connection) is not None:
            return
        await connection.execute(_BEGIN)
        await connection.execute(
            "INSERT INTO demo.plan VALUES ($1, $2)", json.dumps(said), plan.units_of_a_block
        )
        for year in sorted({_fiscal_year(month) for month in shape.months[:-24]}):
            await connection.execute("SELECT ledger.make_partition($1)", year)
        await _quieten(connection)
        ties = federation.top(shape)
        texts = Texts()
        registers.of_top(shape, ties, texts)
        for book, code in ties.codes.items():
            bulk.BulkBook(book, code).give_end(texts)
        await _copy_all(connection, [texts])


async def waiting(connection: asyncpg.Connection, plan: Plan) -> list[int]:
    """The blocks that are not written yet."""
    rows = await connection.fetch("SELECT block FROM demo.part")
    return sorted(set(range(plan.blocks)) - {row[0] for row in rows})


async def write_block(
    connection: asyncpg.Connection, plan: Plan, block: int, tell: Callable[[int], None]
) -> None:
    """Write one block, whole or not at all; nothing, where another has written it.

    `tell` gets the number of lines after each month.
    """
    shape = plan.shape
    async with connection.transaction():
        sql = "INSERT INTO demo.part VALUES ($1) ON CONFLICT DO NOTHING RETURNING block"
        if await connection.fetchval(sql, block) is None:
            return
        await _quieten(connection)
        above = federation.top(shape)
        units = [Unit(shape, unit, above) for unit in plan.units_in(block)]
        streams = [unit.rounds() for unit in units]
        done = 0
        for month in [*shape.rounds, None]:
            given = [next(stream) for stream in streams] if month is None else []
            if month is not None:
                table = f"line_fy{_fiscal_year(shape.months[month])}"
                columns = _COLUMNS["line"]
                lines = _lines(streams, given)
                await _copy(connection, "ledger", table, columns, lines)
            await _copy_all(connection, given)
            total = sum(unit.lines for unit in units)
            tell(total - done)
            done = total


async def _lines(streams: Sequence[Iterator[Texts]], given: list[Texts]) -> AsyncIterator[bytes]:
    """The lines of a month as they are made; the other rows are put aside."""
    for stream in streams:
        texts = next(stream)
        given.append(texts)
        yield texts.taken("line")


async def finish(connection: asyncpg.Connection, plan: Plan, now: datetime) -> None:
    """Say in the trail that all this was made up."""
    async with connection.transaction():
        await connection.execute(_LOCK)
        if not await _begun(connection):
            return
        await connection.execute(_NUMBER_ON)
        await _sign(connection, plan.shape, now)
        await connection.execute("DROP SCHEMA demo CASCADE")


async def _sign(connection: asyncpg.Connection, shape: Shape, now: datetime) -> None:
    settings = {"actor": _ACTOR, "now": now.isoformat(), "source": _ACTOR, "action": _ACTOR}
    for name, value in settings.items():
        await connection.execute("SELECT set_config($1, $2, true)", f"amanat.{name}", value)
    name = f"demo of {shape.cos} COs, {shape.years} years, seed {shape.seed}"
    await connection.execute(
        "INSERT INTO service.bundle (digest, name, imported_at, imported_by, entries)"
        " SELECT $1, $1, $2, $3, (SELECT sum(last_no) FROM ledger.book)",
        name, now, _ACTOR,
    )  # fmt: skip


async def _quieten(connection: asyncpg.Connection) -> None:
    await connection.execute("SET LOCAL session_replication_role = replica")


async def _copy_all(connection: asyncpg.Connection, given: Sequence[Texts]) -> None:
    """The rows of some units, table by table."""
    tables = dict.fromkeys(table for texts in given for table in texts.rows)
    for table in tables:
        rows = b"".join(texts.taken(table) for texts in given)
        if rows:
            source = io.BytesIO(rows)
            await _copy(connection, _SCHEMA_OF[table], table, _COLUMNS[table], source)


async def _copy(
    connection: asyncpg.Connection,
    schema: str,
    table: str,
    columns: Sequence[str],
    source: BinaryIO | AsyncIterable[bytes],
) -> None:
    await connection.copy_to_table(
        table, schema_name=schema, columns=columns, source=source, format="text"
    )


def _fiscal_year(month: date) -> int:
    return month.year + (month.month >= _FIRST_MONTH_OF_A_YEAR)
