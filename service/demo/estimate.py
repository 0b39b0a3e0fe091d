"""What a demo will take on the disk, before a row of it is written.

Rows are counted by the model below, of which every number was measured on demos of 5,550
COs over two years; bytes are those of a row with its indexes, as PostgreSQL 18 left them
(`pg_total_relation_size` by rows). `docs` are silent on neither: see the tests.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from service.demo.shape import MOST_SHEETS, Shape
from service.demo.trouble import DemoDoesNotFit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import asyncpg


class Rows(NamedTuple):
    """How many rows a CO has in a table: in any case, a year, and a sheet; and their bytes."""

    once: float
    a_year: float
    a_sheet: float
    bytes: float


MODEL: Final[Mapping[str, Rows]] = {
    "line": Rows(once=10, a_year=6, a_sheet=25.5, bytes=195),
    "entry": Rows(once=0.2, a_year=4, a_sheet=1.35, bytes=330),
    "account": Rows(once=30, a_year=8, a_sheet=0, bytes=265),
    "turnover": Rows(once=2, a_year=8, a_sheet=6, bytes=176),
    "member": Rows(once=18, a_year=0, a_sheet=0, bytes=235),
    "loan": Rows(once=0, a_year=2.4, a_sheet=0, bytes=400),
    "instalment": Rows(once=0, a_year=29, a_sheet=0, bytes=135),
    "subject": Rows(once=0, a_year=2.2, a_sheet=0, bytes=160),
    "organisations": Rows(once=1.05, a_year=0, a_sheet=0, bytes=1500),
}
ROLLUP_BYTES_A_NODE_YEAR: Final = 1_500_000
WAL_BYTES: Final = 4 * 1024**3
"""What the log may keep at a time (`max_wal_size`)."""
LINES_A_SECOND: Final = 200_000
LEFT_FREE: Final = 0.25


class Estimate(NamedTuple):
    """What a shape comes to."""

    lines: int
    bytes: int
    seconds: float


def estimate(shape: Shape) -> Estimate:
    """Lines, bytes and time of a shape."""
    total = 0.0
    for rows in MODEL.values():
        total += rows.bytes * _rows(rows, shape)
    nodes = 1 + len(shape.rsps) + len(shape.used) + shape.lsos + shape.vos
    total += nodes * shape.years * ROLLUP_BYTES_A_NODE_YEAR
    lines = int(_rows(MODEL["line"], shape))
    return Estimate(lines, int(total), lines / LINES_A_SECOND)


def _rows(rows: Rows, shape: Shape) -> float:
    of_a_co = rows.once + shape.years * (rows.a_year + shape.sheets * rows.a_sheet)
    return shape.cos * of_a_co


async def free_bytes(connection: asyncpg.Connection) -> int | None:
    """What is free on the disk of the database, where that is on this machine."""
    directory = await connection.fetchval("SHOW data_directory")
    local = await connection.fetchval("SELECT inet_server_addr() IS NULL") or (
        await connection.fetchval("SELECT inet_server_addr() <<= '127.0.0.0/8'")
    )
    if not local:
        return None
    path = Path(directory)
    while not os.access(path, os.X_OK) and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def chosen(
    free: int | None, *, cos: int, years: int, seed: int, last_month: date, sheets: int | None
) -> Shape:
    """The shape with the most sheets a year that leave a quarter of the free disk free.

    Or with those asked for, where they fit. Raises `DemoDoesNotFit`.
    """
    shapes = [Shape(cos, years, seed, n, last_month) for n in range(MOST_SHEETS, 0, -1)]
    if free is None:
        if sheets is None:
            raise DemoDoesNotFit(
                "The database is on another machine, whose free disk is not known here. "
                "Say how many sheets a year: --sheets 12."
            )
        return shapes[MOST_SHEETS - sheets]
    room = (1 - LEFT_FREE) * free
    asked = shapes if sheets is None else [shapes[MOST_SHEETS - sheets]]
    for shape in asked:
        if estimate(shape).bytes <= room:
            return shape
    least = estimate(asked[-1]).bytes
    raise DemoDoesNotFit(
        f"{cos:,} COs over {years} years with {asked[-1].sheets} sheets a year take about "
        f"{gib(least)}, and of the {gib(free)} that are free a quarter is to stay free. "
        "Ask for fewer COs or years, or for fewer --sheets, or find a larger disk."
    )


def gib(count: float) -> str:
    """Bytes for people."""
    return f"{count / 1024**3:,.1f} GiB"
