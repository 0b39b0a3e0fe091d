"""One cell: text in, a typed value out, or a sentence for what is wrong with it.

Each reader takes the text of a cell and raises `CellRefused` where it is not what its
column holds. `optional` lets an empty cell be None.
"""

from __future__ import annotations

import re
import sys
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from ledger.money import MoneyMalformed, parse_rupees
from service.imports.kinds import PaidBy, Repayment
from service.imports.problems import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

    Cell = Callable[[str], object]

Value = TypeVar("Value")

MOST_CODE_CHARACTERS: Final = 100
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_DECIMAL = re.compile(r"\d{1,6}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_CNIC = re.compile(r"\d{5}-\d{7}-\d", re.ASCII)
_PHONE = re.compile(r"\+92 3\d{2} \d{7}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Control characters other than tab and line feed, which a quoted text may hold."""


class CellRefused(Exception):
    """The text of a cell is not what its column holds."""

    def __init__(self, what: str, todo: str) -> None:
        self.what: Final = what
        self.todo: Final = todo
        super().__init__(what, todo)


def optional(read: Callable[[str], Value]) -> Callable[[str], Value | None]:
    """The same reader, for a column that may be empty."""
    return lambda text: read(text) if text else None


def text(cell: str) -> str:
    """Any text but none, kept as it is."""
    if not cell:
        raise CellRefused("this is empty", "Fill it in.")
    if control := _CONTROL.search(cell):
        name = f"U+{ord(control[0]):04X}"
        raise CellRefused(
            f"{shown(cell)} holds the control character {name}", "Type the text again without it."
        )
    return cell


def code(cell: str) -> str:
    """A code: visible characters, without spaces at either end."""
    if cell.isalnum() or cell.replace("-", "").isalnum():
        return _short(sys.intern(cell))
    text(cell)
    if not cell.isprintable():
        raise CellRefused(f"{shown(cell)} holds an invisible character", "Type the code again.")
    if cell.strip() != cell:
        raise CellRefused(f"{shown(cell)} begins or ends with a space", "Take the space away.")
    if cell in {".", ".."}:
        raise CellRefused(f"{shown(cell)} leads elsewhere in an address", "Choose another code.")
    return _short(sys.intern(cell))


def _short(cell: str) -> str:
    if len(cell) > MOST_CODE_CHARACTERS:
        raise CellRefused(
            f"{shown(cell)} is longer than {MOST_CODE_CHARACTERS} characters", "Shorten the code."
        )
    return cell


def spaceless_code(cell: str) -> str:
    """A code that may stand in a list separated by spaces."""
    if " " in code(cell):
        raise CellRefused(f"{shown(cell)} holds a space", "Write the code without spaces.")
    return cell


def codes(cell: str) -> tuple[str, ...]:
    """Codes separated by spaces; none at all is a list too."""
    return tuple(code(part) for part in cell.split(" ") if part)


def money(cell: str) -> int:
    """Paisa of an amount that may be negative or zero."""
    try:
        return parse_rupees(cell)
    except MoneyMalformed:
        raise CellRefused(
            f"{shown(cell)} is not rupees with at most two decimals",
            "Write it without separators, such as 1250.00.",
        ) from None


def amount(cell: str) -> int:
    """Paisa of an amount above zero."""
    paisa = money(cell)
    if paisa <= 0:
        raise CellRefused(
            f"{shown(cell)} is not above zero", "Leave the row out or write what really moved."
        )
    return paisa


def percent(cell: str) -> Fraction:
    """An exact rate in percent, not negative."""
    if not _DECIMAL.fullmatch(cell):
        raise CellRefused(
            f"{shown(cell)} is not a plain decimal of zero or more", "Write it such as 19.5."
        )
    return Fraction(cell)


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds, both allowed."""

    def read(cell: str) -> int:
        if not _WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
            raise CellRefused(
                f"{shown(cell)} is not a whole number from {least} to {most}",
                "Write it in digits, such as 12.",
            )
        return int(cell)

    return read


def day(cell: str) -> date:
    """A real day, written 2026-03-31."""
    if not _DATE.fullmatch(cell):
        raise CellRefused(f"{shown(cell)} is not a date", "Write year-month-day: 2026-03-31.")
    try:
        return _within_reach(date.fromisoformat(cell), cell)
    except ValueError:
        raise CellRefused(
            f"{shown(cell)} is a day that does not exist", "Correct the month or the day."
        ) from None


def moment(cell: str) -> datetime:
    """An aware moment, written 2026-03-31T18:30:00+05:00; any offset is understood."""
    match = _MOMENT.fullmatch(cell)
    if match is None:
        raise CellRefused(
            f"{shown(cell)} is not a moment", "Write it such as 2026-03-31T18:30:00+05:00."
        )
    if match[2] is None:
        raise CellRefused(
            f"{shown(cell)} does not say its offset from UTC", "Write +05:00 behind the time."
        )
    try:
        return _within_reach(datetime.fromisoformat(cell), cell)
    except ValueError:
        raise CellRefused(
            f"{shown(cell)} is a moment that does not exist", "Correct the day or the time."
        ) from None


Day = TypeVar("Day", date, datetime)


def _within_reach(value: Day, cell: str) -> Day:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise CellRefused(
            f"{shown(cell)} does not lie in the years {FIRST_YEAR} to {LAST_YEAR}",
            "Correct the year.",
        )
    return value


def choice(allowed: Iterable[StrEnum]) -> Callable[[str], StrEnum]:
    """A reader of one word out of a closed list."""
    words = {str(word): word for word in allowed}

    def read(cell: str) -> StrEnum:
        if (word := words.get(cell)) is None:
            what = f"{shown(cell)} is not one of the words for this" if cell else "this is empty"
            raise CellRefused(what, f"Write one of: {', '.join(words)}.")
        return word

    return read


def repayment(cell: str) -> StrEnum:
    """How principal comes back: `seasonal` is a word of the format, but not yet usable."""
    if cell == Repayment.SEASONAL:
        raise CellRefused(
            '"seasonal" is reserved: its dates and shares have no columns yet',
            "Use another kind of repayment, such as bullet.",
        )
    return _usable_repayment(cell)


def cnic(cell: str) -> str:
    """A national identity number, 00000-0000000-0."""
    if not _CNIC.fullmatch(cell):
        raise CellRefused(
            f"{shown(cell)} is not a CNIC",
            "Write 13 digits as 00000-0000000-0, or leave it empty.",
        )
    return cell


def phone(cell: str) -> str:
    """A mobile number, +92 3xx xxxxxxx."""
    if not _PHONE.fullmatch(cell):
        raise CellRefused(
            f"{shown(cell)} is not a mobile number",
            "Write it such as +92 300 0000001, or leave it empty.",
        )
    return cell


def paid_by(cell: str) -> StrEnum:
    """Through which account money went; an empty cell means `none`."""
    return _paid_by(cell) if cell else PaidBy.NONE


_paid_by: Final = choice(PaidBy)
_usable_repayment: Final = choice(kind for kind in Repayment if kind is not Repayment.SEASONAL)
