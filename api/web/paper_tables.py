"""Tables of papers: rows under columns whose widths, paper and type are settled beforehand.

A table of thousands of cells is laid out many times quicker in columns of a fixed width, and
cells of plain text. So a cell runs in one direction as a whole, and whatever has digits in a
cell that runs from right to left is isolated by characters rather than by elements.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from api.web import accounts, headings
from api.web.words import typed
from ledger.calendar import BUSINESS_ZONE
from ledger.money import PAISA_PER_RUPEE
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from api.web.reader import Reader
    from service.statements.statement import Total

_WITH_DIGITS: Final = re.compile(r"[A-Za-z0-9+./:_-]*[0-9][A-Za-z0-9+./:_-]*")
_ISOLATED: Final = "\N{LEFT-TO-RIGHT ISOLATE}\\g<0>\N{POP DIRECTIONAL ISOLATE}"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_STRONG: Final = _RIGHT_TO_LEFT | {"L"}

EM_OF_CHARACTER: Final = 0.6
EM_OF_PADDING: Final = 0.9
LONGEST_WORD: Final = 14
"""Characters of a word that is not broken."""
_COMFORT: Final = 30
"""Characters of a line of text that is read with ease."""


class Paper(NamedTuple):
    """A size of paper, what of its width is printed on, in points, and types to try on it."""

    size: str
    width_pt: float
    types_pt: tuple[float, ...]


PAPERS: Final = (
    Paper("A4", 516, (9, 8)),
    Paper("A4 landscape", 762, (9, 8, 7)),
    Paper("A3 landscape", 1110, (8.5, 7.5, 6.5)),
    Paper("594mm 420mm", 1600, (7, 6, 5)),  # A2 across: for more columns than any statement has
)
LEAST_TYPE_PT: Final = 4.0


class Cell(NamedTuple):
    """What stands in a cell, and which way it runs."""

    said: str
    direction: str = "ltr"


class Row(NamedTuple):
    """A row of a table; a sum has one line above it and two below."""

    cells: list[Cell]
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: column names and forms, rows, and how it comes onto paper."""

    columns: tuple[Column, ...]
    rows: list[Row]
    size: str
    type_pt: float
    widths: list[float]
    """Of each column, in a hundred of the whole."""


def table(
    reader: Reader,
    also: Reader,
    columns: Sequence[Column],
    rows: Sequence[Any],
    totals: Iterable[Total] = (),
) -> Table:
    """Rows of a statement under its columns, with sums after what they are of.

    `also` reads the other language that heads stand in.
    """
    shows = [_shower(reader, column) for column in columns]
    shown = [Row([show(row) for show in shows]) for row in rows]
    sums = _sums(reader, columns, totals)
    every = _with_sums(rows, shown, sums)
    heads = [(headings.column(reader, c.name), headings.column(also, c.name)) for c in columns]
    size, type_pt, widths = _laid_out(columns, heads, every)
    return Table(tuple(columns), every, size, type_pt, widths)


def totals_apart(columns: Sequence[Column], totals: Sequence[Total]) -> tuple[Column, ...]:
    """The columns of totals that fit under no column of the statement; none where they do."""
    money = {column.name for column in columns if column.form is Form.MONEY}
    if not totals or all(n in money for n, v in totals[0].items() if isinstance(v, int)):
        return ()
    found = []
    for name, value in totals[0].items():
        found.append(Column(name, Form.MONEY if isinstance(value, int) else Form.TEXT))
        if name == "code":
            found.append(Column("account"))
    return tuple(found)


class TotalRow:
    """A total as a row of a table of its own."""

    def __init__(self, total: Total) -> None:
        for name, value in total.items():
            setattr(self, name, value)
        self.account = str(total.get("code", ""))


def direction_of(said: str) -> str:
    """Which way a text runs: that of its first letter."""
    for letter in said:
        found = unicodedata.bidirectional(letter)
        if found in _STRONG:
            return "rtl" if found in _RIGHT_TO_LEFT else "ltr"
    return "ltr"


def text_cell(said: str) -> Cell:
    """A cell of text."""
    runs = direction_of(said)
    return Cell(_WITH_DIGITS.sub(_ISOLATED, said) if runs == "rtl" else said, runs)


def money_text(reader: Reader, paisa: int) -> str:
    """An amount as a column of a paper has it, whose head says Rs."""
    rupees, part = divmod(abs(paisa), PAISA_PER_RUPEE)
    sign = "\N{MINUS SIGN}" if paisa < 0 else ""
    return f"{sign}{reader.words.grouped(rupees)}.{part:02d}"


def _shower(reader: Reader, column: Column) -> Callable[[Any], Cell]:
    get = attrgetter(column.attribute)
    if column.name == "account":  # by its code, in words of the reader
        return lambda row: text_cell(
            accounts.title(reader, row.code) if row.code else reader.says(get(row))
        )
    if column.form is Form.MONEY:
        return lambda row: _or_nothing(get(row), lambda value: money_text(reader, value))
    if column.form is Form.DAY:
        return lambda row: _or_nothing(get(row), typed)
    if column.form is Form.MOMENT:
        return lambda row: _or_nothing(get(row), moment_text)
    if column.form in {Form.NUMBER, Form.PERCENT}:
        return lambda row: _or_nothing(get(row), str)
    return lambda row: text_cell(headings.cell(reader, column.name, str(get(row) or "")))


def moment_text(moment: Any) -> str:  # noqa: ANN401 - a moment, which is also a date
    """A moment of Karachi: 20-11-2026 14:05."""
    there = moment.astimezone(BUSINESS_ZONE)
    return f"{typed(there)} {there:%H:%M}"


def _or_nothing(value: Any, say: Callable[[Any], str]) -> Cell:  # noqa: ANN401 - what a row has
    return Cell("" if value is None else say(value))


class _Sum(NamedTuple):
    by: dict[str, str]
    row: Row


def _sums(reader: Reader, columns: Sequence[Column], totals: Iterable[Total]) -> list[_Sum]:
    return [_sum(reader, columns, total) for total in totals]


def _sum(reader: Reader, columns: Sequence[Column], total: Total) -> _Sum:
    by = {name: value for name, value in total.items() if isinstance(value, str)}
    cells = []
    for column in columns:
        value = total.get(column.name)
        if isinstance(value, int):
            cells.append(Cell(money_text(reader, value)))
        else:
            cells.append(text_cell(headings.cell(reader, column.name, value or "")))
    empty = [n for n, c in enumerate(columns) if c.form is Form.TEXT and not cells[n].said]
    if empty:
        cells[empty[-1]] = text_cell(reader.says("Total"))
    return _Sum(by, Row(cells, is_sum=True))


def _with_sums(rows: Sequence[Any], shown: list[Row], sums: list[_Sum]) -> list[Row]:
    """Each sum after the rows that it is of; all at the end where those do not lie together."""
    names = list(sums[0].by) if sums else []
    alike = all(list(one.by) == names for one in sums)
    if not names or not alike or not rows or not all(hasattr(rows[0], name) for name in names):
        return [*shown, *(one.row for one in sums)]
    pairs = zip(rows, shown, strict=True)
    groups = [
        (key, [row for _, row in found])
        for key, found in groupby(pairs, lambda pair: [str(getattr(pair[0], n)) for n in names])
    ]
    by = {tuple(one.by.values()): one.row for one in sums}
    if len(groups) != len(by) or any(tuple(key) not in by for key, _ in groups):
        return [*shown, *(one.row for one in sums)]
    return [row for key, found in groups for row in (*found, by[tuple(key)])]


def _laid_out(
    columns: Sequence[Column], heads: Sequence[tuple[str, str]], rows: Sequence[Row]
) -> tuple[str, float, list[float]]:
    """The smallest paper with the largest type that holds a table, and how wide columns are."""
    least, wanted = [], []
    for place, column in enumerate(columns):
        said = [row.cells[place].said for row in rows]
        head = max(map(_longest_word, heads[place]))
        if column.form is Form.TEXT:
            least.append(max(head, *map(_longest_word, said), 3))
            longest = max(map(len, said), default=0)
            wanted.append(max(least[-1], min(longest, _COMFORT)))
        else:
            least.append(max(head, *map(len, said), 3))
            wanted.append(least[-1])
    size, type_pt, widths = _fitted([_em(n) for n in least], [_em(n) for n in wanted])
    whole = sum(widths)
    return size, type_pt, [round(100 * width / whole, 2) for width in widths]


def _fitted(least: list[float], wanted: list[float]) -> tuple[str, float, list[float]]:
    for paper in PAPERS:
        for type_pt in paper.types_pt:
            if sum(wanted) * type_pt <= paper.width_pt:
                return paper.size, type_pt, wanted
        narrower = [(one + other) / 2 for one, other in zip(least, wanted, strict=True)]
        if sum(narrower) * paper.types_pt[-1] <= paper.width_pt:
            return paper.size, paper.types_pt[-1], narrower
    last = PAPERS[-1]
    fitting = min(last.types_pt[-1], last.width_pt / sum(least))
    return last.size, max(LEAST_TYPE_PT, round(fitting, 1)), least


def _em(characters: int) -> float:
    return characters * EM_OF_CHARACTER + EM_OF_PADDING


def _longest_word(said: str) -> int:
    return min(LONGEST_WORD, max(map(len, said.split()), default=0))
