"""The ceiling: one stream of COPY into a table like the ledger's lines, and nothing else.

The sibling table has the columns, checks, indexes and partitions of `ledger.line`, and
takes the lines of the same sheets. Encoding is done beforehand where the client can, so
that only the server is measured; the fastest way is the ceiling.
"""

from __future__ import annotations

import io
import time
from datetime import date
from itertools import islice
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

from bench import server, sheets
from bench.figures import Figure, rate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    import asyncpg

    from bench.server import Place

ROUNDS: Final = 2
COLUMNS: Final = (
    "book_id",
    "entry_no",
    "account_no",
    "debit",
    "credit",
    "value_date",
    "kind",
    "n",
    "subject",
)
SCHEMA: Final = "ceiling"
PARTITIONS: Final = """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ledger.line'::regclass
"""
KIND: Final = b"normal"
DAY_ZERO: Final = date(2000, 1, 1)
HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
ROW: Final = Struct("!h iq iq iq iq iq ii i6s ii i".replace(" ", ""))


class CopiedLine(NamedTuple):
    """A row of the table, in the order of its columns."""

    book_id: int
    entry_no: int
    account_no: int
    debit: int
    credit: int
    value_date: date
    kind: str
    n: int
    subject: str


class Speed(NamedTuple):
    """How fast a copy was, and the processor time of its PostgreSQL backend."""

    lines_per_s: float
    backend_s_per_line: float


class Ceiling(NamedTuple):
    """The fastest way to copy, and how fast each was."""

    way: str
    lines: int
    speeds: dict[str, Speed]

    @property
    def lines_per_s(self) -> float:
        """The speed of the fastest way."""
        return self.speeds[self.way].lines_per_s

    def figure(self) -> Figure:
        """The row of the table."""
        others = ", ".join(
            f"{way} {speed.lines_per_s:,.0f}"
            for way, speed in self.speeds.items()
            if way != self.way
        )
        sheet_ms = self.speeds[self.way].backend_s_per_line * sheets.LINES * 1000
        return Figure(
            work=f"ceiling: single-stream COPY of {self.lines:,} lines, {self.way}",
            result=rate(self.lines_per_s, "lines"),
            ratio="100 %",
            remark=f"best of {2 * ROUNDS} before and after the engine, with COMMIT; others:"
            f" {others}; processor for {sheets.LINES} lines: PostgreSQL {sheet_ms:.2f} ms",
        )


async def measure(place: Place, books: Sequence[int], *, lines: int) -> Ceiling:
    """Copy the lines in every way; the best of some rounds of each."""
    rows = list(islice(_copied_lines(books), lines))
    async with server.connected(place) as connection:
        await _make_sibling(connection)
        speeds = {
            way: max([await _speed(connection, copy, len(rows)) for _ in range(ROUNDS)])
            for way, copy in _ways(connection, rows).items()
        }
        await connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    best = max(speeds, key=lambda way: speeds[way])
    return Ceiling(best, len(rows), speeds)


def _copied_lines(books: Sequence[int]) -> Iterator[CopiedLine]:
    """The lines of the sheets, as the ledger would keep them."""
    today = date.today()  # noqa: DTZ011 - any day will do
    for (meeting,) in sheets.rounds(books, first=0, batch=1, today=today):
        lines = sheets.lines_of(meeting)
        for n, line in enumerate(lines, start=1):
            yield CopiedLine(
                book_id=meeting.book,
                entry_no=meeting.nth + 1,
                account_no=n,
                debit=line.debit,
                credit=line.credit,
                value_date=meeting.on,
                kind="normal",
                n=n,
                subject=line.subject,
            )


async def _make_sibling(connection: asyncpg.Connection) -> None:
    await connection.execute(
        f"CREATE SCHEMA {SCHEMA};"
        f"CREATE TABLE {SCHEMA}.line (LIKE ledger.line INCLUDING ALL)"
        " PARTITION BY RANGE (value_date)"
    )
    for name, bound in await connection.fetch(PARTITIONS):
        await connection.execute(f"CREATE TABLE {SCHEMA}.{name} PARTITION OF {SCHEMA}.line {bound}")


def _ways(
    connection: asyncpg.Connection, rows: Sequence[CopiedLine]
) -> dict[str, Callable[[], Awaitable[object]]]:
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()
    binary = HEADER + b"".join(map(_encoded, rows)) + TRAILER
    return {
        "encoded as binary beforehand": lambda: connection.copy_to_table(
            "line", source=io.BytesIO(binary), schema_name=SCHEMA, columns=COLUMNS, format="binary"
        ),
        "encoded as text beforehand": lambda: connection.copy_to_table(
            "line", source=io.BytesIO(text), schema_name=SCHEMA, columns=COLUMNS, format="text"
        ),
        "asyncpg's copy_records_to_table": lambda: connection.copy_records_to_table(
            "line", records=rows, schema_name=SCHEMA, columns=COLUMNS
        ),
    }


def _encoded(row: CopiedLine) -> bytes:
    """A row in the binary format of COPY: every field behind its length."""
    subject = row.subject.encode()
    days = (row.value_date - DAY_ZERO).days
    numbers = (value for number in row[:5] for value in (8, number))
    fixed = ROW.pack(len(COLUMNS), *numbers, 4, days, len(KIND), KIND, 4, row.n, len(subject))
    return fixed + subject


async def _speed(
    connection: asyncpg.Connection, copy: Callable[[], Awaitable[object]], lines: int
) -> Speed:
    backends = [psutil.Process(connection.get_server_pid())]
    await connection.execute(f"TRUNCATE {SCHEMA}.line")
    begun, worked = time.monotonic(), server.processor_time(backends)
    await connection.execute("BEGIN")
    await copy()
    await connection.execute("COMMIT")
    taken_s = time.monotonic() - begun
    return Speed(lines / taken_s, (server.processor_time(backends) - worked) / lines)
