"""Rows as comma-separated values, of which a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEGINS_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for the beginning of a formula, also in its wide forms."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Lines:
    """Rows as lines, one at a time: LF ends; nothing is an empty cell.

    Text that a spreadsheet would take for a formula has an apostrophe before it, as OWASP
    advises; numbers have none.
    """

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\n")

    def line(self, row: Iterable[object]) -> str:
        """A row as a line."""
        self._writer.writerow(map(_inert, row))
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text


def _inert(cell: object) -> object:
    """A cell that no spreadsheet runs."""
    if not isinstance(cell, str) or not _BEGINS_FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
