"""Workbooks as tests read them: head, columns, rows and totals, apart."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook

from service.tables.columns import Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.tables.columns import Column


@dataclass(frozen=True, slots=True)
class Read:
    """The first sheet of a workbook, with cells as text has them; empty ones are empty text."""

    head: dict[str, str]
    columns: list[str]
    rows: list[list[str]]
    totals: list[dict[str, str]]


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of every sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def read(content: bytes, columns: Sequence[Column]) -> Read:
    """A workbook of one sheet whose columns are these. An amount that is no number is none."""
    (rows,) = sheets(content).values()
    begins = next(n for n, row in enumerate(rows) if not any(row))
    head = {str(label): _text(value) for label, value, *_ in rows[:begins]}
    names, *below = rows[begins + 1 :]
    ends = next((n for n, row in enumerate(below) if not any(cell != "" for cell in row)), None)
    forms = [column.form for column in columns]
    cells = [
        [_cell(cell, form) for cell, form in zip(row, forms, strict=False)] for row in below[:ends]
    ]
    totals: list[dict[str, str]] = []
    if ends is not None:
        label, *sums = below[ends + 1 :]
        assert label[0] == "totals"
        more = {place: name for place, name in enumerate(label) if place and name}
        placed = dict(enumerate(map(str, names[: len(columns)]))) | more
        kinds = dict(enumerate(forms))
        totals = [
            {placed[n]: _cell(cell, kinds.get(n)) for n, cell in enumerate(row) if cell != ""}
            for row in sums
        ]
    return Read(head, list(map(str, names[: len(columns)])), cells, totals)


def _cell(cell: object, form: Form | None) -> str:
    """A cell as text; in a column that only totals have it is an amount or a text."""
    if cell == "":
        return ""
    if form is None:
        form = Form.MONEY if isinstance(cell, float) else Form.TEXT
    if form in {Form.MONEY, Form.PERCENT}:
        assert isinstance(cell, float), cell
        return str(Decimal(repr(cell)).quantize(Decimal("0.01")))
    if form is Form.NUMBER:
        assert isinstance(cell, float), cell
        return str(int(cell))
    if form is Form.DAY:
        assert isinstance(cell, date), cell
    return _text(cell)


def _text(cell: object) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)
