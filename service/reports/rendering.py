"""A report: CSV as the reference files have it, JSON with named cells, and a workbook."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

from ledger.calendar import BUSINESS_ZONE
from service.tables.columns import Column, Form
from service.tables.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from service.reports.report import Cell, Query, Table

_MONEY: Final = (
    "balance", "charge", "compulsory", "consolidated", "credit", "debit", "denominator",
    "due_charge", "due_principal", "eliminated", "amount", "numerator", "outstanding_principal",
    "overdue_charge", "overdue_principal", "paid_charge", "paid_principal", "principal", "total",
    "voluntary",
)  # fmt: skip
FORMS: Final = {
    **dict.fromkeys(_MONEY, Form.MONEY),
    **dict.fromkeys(("as_of", "due_on", "on"), Form.DAY),
    **dict.fromkeys(("days", "days_past_due", "n"), Form.NUMBER),
    "known_by": Form.MOMENT,
}
"""What the columns of reports hold, by their names; a name that is not here: text."""


def columns(table: Table) -> list[Column]:
    """The columns with what they hold."""
    return [Column(name, FORMS.get(name, Form.TEXT)) for name in table.columns]


async def rows(table: Table) -> AsyncIterator[tuple[Cell, ...]]:
    """The rows one at a time, as what writes them down takes them."""
    for row in table.rows:
        yield row


def workbook(table: Table, name: str, query: Query, *, made_at: datetime) -> Workbook:
    """The workbook that the rows of a report go into, with what was asked above them."""
    days = ", ".join(day.isoformat() for day in query.as_of)
    head = {
        "report": name,
        "node": query.node,
        "as_of": days or None,
        "known_by": query.known_by and query.known_by.astimezone(BUSINESS_ZONE).isoformat(),
        "made_at": made_at.astimezone(BUSINESS_ZONE).isoformat(),
    }
    return Workbook(columns(table), head, name=name, made_at=made_at)


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
