"""What a demo will take on the disk, before a row of it is written.

Rows are counted by a model, straight in years and sheets, whose numbers were read off demos
of 555 COs over two years with 2 and with 12 sheets a year. Bytes are those of a row with all
its indexes: `pg_total_relation_size` by rows, of 5,550 COs over two years with 12 sheets, on
PostgreSQL 18. A test compares the whole with what a thousand COs really take.
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
    "line": Rows(once=18, a_year=2.8, a_sheet=26.5, bytes=196),
    "entry": Rows(once=1, a_year=2.3, a_sheet=1.46, bytes=287),
    "account": Rows(once=27, a_year=2.5, a_sheet=0.74, bytes=260),
    "turnover": Rows(once=1, a_year=1.7, a_sheet=6.0, bytes=171),
    "member": Rows(once=18, a_year=0, a_sheet=0, bytes=170),
    "loan": Rows(once=0, a_year=1.2, a_sheet=0.104, bytes=220),
    "instalment": Rows(once=0, a_year=14.0, a_sheet=1.25, bytes=133),
    "subject": Rows(once=0, a_year=0.9, a_sheet=0.08, bytes=162),
    "organisation, membership, book, place, under": Rows(1, 0, 0, bytes=1700),
}
"""By table, for a CO with its part of those above it."""
ROLLUP_BYTES: Final = 230
ROLLUP_SUMMED: Final = 1.3
"""Rows of days, months and years for each row of a day."""
ROLLUP_ROWS_OF_A_MONTH: Final = {"VO": 121, "LSO": 471, "above": 985}
"""By how many days, codes, kinds and genders a node has in a month in which all meet."""
LINES_A_SECOND: Final = 70_000
"""Two processes on two cores that others worked on too: 68,000 and 63,000 with 5,550 COs."""
LEFT_FREE: Final = 0.25


class Estimate(NamedTuple):
    """What a shape comes to."""

    lines: int
    bytes: int
    seconds: float


def estimate(shape: Shape) -> Estimate:
    """Lines, bytes and time of a shape."""
    rows = {table: _rows(model, shape) for table, model in MODEL.items()}
    stored = sum(MODEL[table].bytes * count for table, count in rows.items())
    stored += _rollup_rows(shape) * ROLLUP_BYTES
    return Estimate(int(rows["line"]), int(stored), rows["line"] / LINES_A_SECOND)


def _rollup_rows(shape: Shape) -> float:
    of_a_month = ROLLUP_ROWS_OF_A_MONTH
    rows = shape.vos * of_a_month["VO"] + shape.lsos * of_a_month["LSO"]
    for nodes in (len(shape.used), len(shape.rsps), 1):
        rows += min(nodes * of_a_month["above"], shape.lsos * of_a_month["LSO"])
    return rows * len(shape.rounds) * ROLLUP_SUMMED


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
