"""A report as text: CSV as the reference files have it, and JSON with named cells."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.reports.report import Cell, Table


def as_csv(table: Table) -> str:
    """The whole table as comma-separated values: a header, then a line per row, LF ends."""
    return "".join(csv_lines(table))


def csv_lines(table: Table) -> Iterator[str]:
    """The lines of `as_csv` one at a time, for a reader that takes them as they come."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in (table.columns, *table.rows):
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def as_json(table: Table, name: str) -> str:
    """The table as an object: its name, its columns, and each row by column."""
    return json.dumps(document(table, name), ensure_ascii=False)


def document(table: Table, name: str) -> dict[str, object]:
    """What `as_json` writes, before it is text."""
    return {"name": name, "columns": list(table.columns), "rows": rows_by_column(table)}


def rows_by_column(table: Table) -> list[dict[str, Cell]]:
    """Each row as a mapping of column to cell, in the order of the columns."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]
