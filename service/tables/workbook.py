"""A table as a workbook (XLSX): amounts are numbers to the paisa, days are days, text is text.

Rows go to the disk as they come, so memory stays what it is however many there are; the work
is done in a thread. An amount is written as its own decimal digits and passes no binary float
here; beyond the fifteen digits that every spreadsheet keeps it is written as text. Nothing is
a formula or a link. Where a sheet is full the rows go on in the next one.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any, Final, Self

import xlsxwriter

from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from types import TracebackType
    from typing import BinaryIO

    from service.tables.columns import Cells

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_048_576
"""As many rows has a sheet."""
AT_A_TIME: Final = 500
"""Rows that are handed over to the thread at once."""
_MOST_DIGITS: Final = 15
_HEAD_DAYS: Final = frozenset({"first_on", "last_on", "as_of"})
_AMOUNT: Final = re.compile(r"-?\d+\.\d\d", re.ASCII)
_ISO_DAY: Final = len("2026-06-30")
_WIDTHS: Final = {
    Form.NUMBER: 9,
    Form.DAY: 12,
    Form.MOMENT: 34,
    Form.MONEY: 18,
    Form.TEXT: 20,
    Form.PERCENT: 9,
}
_PATTERNS: Final = {Form.MONEY: "#,##0.00", Form.DAY: "yyyy-mm-dd", Form.PERCENT: "0.00"}


class Workbook:
    """A workbook to which rows are handed, and which is had as a file when all are there.

    A context: leaving it removes whatever is on the disk.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        head: Mapping[str, object],
        *,
        name: str,
        made_at: datetime,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.name = name
        self._columns, self._head, self._most_rows = columns, head, most_rows
        self._made_at = made_at
        self._kept = ExitStack()
        self._waiting: list[Cells] = []

    async def __aenter__(self) -> Self:
        folder = self._kept.enter_context(TemporaryDirectory(prefix="amanat-"))
        self._file: BinaryIO = TemporaryFile()  # noqa: SIM115 - the next line closes it
        self._kept.enter_context(self._file)
        self._book = xlsxwriter.Workbook(
            self._file, {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        )
        self._kept.callback(self._close_rows)
        self._book.set_properties({"created": self._made_at.replace(tzinfo=None)})
        self._formats = {form: self._format(form) for form in Form}
        self._sums = {form: self._format(form, bold=True, top=1) for form in Form}
        self._bold = self._book.add_format({"bold": True})
        self._sheets = 0
        self._begin_sheet()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._kept.close()

    def _close_rows(self) -> None:
        """Let go of the rows on the disk, also of a workbook that is not finished."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()

    async def take(self, row: Cells) -> None:
        """Write a row: the cells of the columns, as text has them."""
        self._waiting.append(row)
        if len(self._waiting) == AT_A_TIME:
            await self._write_waiting()

    async def filled(
        self, rows: AsyncIterator[Cells], totals: Sequence[Mapping[str, object]] = ()
    ) -> BinaryIO:
        """Take all rows and be finished."""
        async for row in rows:
            await self.take(row)
        return await self.finished(totals)

    async def finished(self, totals: Sequence[Mapping[str, object]] = ()) -> BinaryIO:
        """The file, from its beginning, with the totals beneath the rows: values, no formulas."""
        await self._write_waiting()
        await asyncio.to_thread(self._finish, totals)
        return self._file

    async def _write_waiting(self) -> None:
        rows, self._waiting = self._waiting, []
        await asyncio.to_thread(self._write_rows, rows)

    def _write_rows(self, rows: Sequence[Cells]) -> None:
        for row in rows:
            self._make_room(1)
            for place, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
                self._write(place, column.form, cell, self._formats)
            self._row += 1

    def _finish(self, totals: Sequence[Mapping[str, object]]) -> None:
        if totals:
            self._write_totals(totals)
        self._book.close()
        self._file.seek(0)

    def _write_totals(self, totals: Sequence[Mapping[str, object]]) -> None:
        """Each sum beneath its column; what has none stands to the right, named."""
        places = {column.name: place for place, column in enumerate(self._columns)}
        forms = {column.name: column.form for column in self._columns}
        more = [name for name in totals[0] if name not in places]
        self._make_room(len(totals) + 2)
        self._row += 1
        self._text(0, "totals", self._bold)
        for name in more:
            sums = _AMOUNT.fullmatch(str(totals[0][name]))
            places[name], forms[name] = len(places), Form.MONEY if sums else Form.TEXT
            self._text(places[name], name, self._bold)
        for total in totals:
            self._row += 1
            for name in sorted(total, key=places.__getitem__):
                self._write(places[name], forms[name], total[name], self._sums)

    def _make_room(self, rows: int) -> None:
        if self._row + rows > self._most_rows:
            self._begin_sheet()

    def _begin_sheet(self) -> None:
        """Begin a sheet: in the first one the head, then the names of the columns, which stay."""
        self._sheets += 1
        name = self.name if self._sheets == 1 else f"{self.name} {self._sheets}"
        self._sheet: Any = self._book.add_worksheet(name)
        self._row = 0
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, _WIDTHS[column.form])
        if self._sheets == 1:
            self._write_head()
        for place, column in enumerate(self._columns):
            self._text(place, column.name, self._bold)
        self._row += 1
        self._sheet.freeze_panes(self._row, 0)

    def _write_head(self) -> None:
        for label, value in self._head.items():
            if value is None:
                continue
            self._text(0, label, self._bold)
            one_day = label in _HEAD_DAYS and len(str(value)) == _ISO_DAY
            form = Form.DAY if one_day else Form.TEXT
            self._write(1, form, value, self._formats)
            self._row += 1
        self._row += 1

    def _write(self, place: int, form: Form, cell: object, formats: Mapping[Form, Any]) -> None:
        if cell is None or cell == "":
            return
        if (
            form in {Form.MONEY, Form.PERCENT}
            and len((amount := Decimal(str(cell))).as_tuple().digits) <= _MOST_DIGITS
        ):
            self._sheet.write_number(self._row, place, amount, formats[form])
        elif form is Form.NUMBER and isinstance(cell, int):
            self._sheet.write_number(self._row, place, cell, formats[form])
        elif form is Form.DAY:
            self._sheet.write_datetime(
                self._row, place, date.fromisoformat(str(cell)), formats[form]
            )
        else:
            self._text(place, str(cell), formats[Form.TEXT])

    def _text(self, place: int, text: str, format_: object) -> None:
        """Text as it is; what does not fit into a cell is never left out unsaid."""
        if self._sheet.write_string(self._row, place, text, format_):
            raise ValueError(f"A cell of {self.name} holds no text of {len(text)} characters.")

    def _format(self, form: Form, **more: object) -> object:
        return self._book.add_format({"num_format": _PATTERNS.get(form, "General"), **more})
