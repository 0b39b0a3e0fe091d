"""One file as a table of typed rows, with what could not be read of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Generic, TypeVar

from service.imports.cells import CellRefused
from service.imports.problems import Findings, Problem
from service.imports.records import Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from service.imports.files import File
    from service.imports.lines import Lines

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Table(Generic[Row_co]):
    """The rows of one file, and what is known of those that could not be read.

    `refused` gives the line of each code whose row was refused; `first_lost` is the first
    line that was refused and whose code cannot be told; `unread` says that the file has no
    rows at all because it is missing or its header is wrong.
    """

    file: str
    rows: tuple[Row_co, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    first_lost: int | None = None
    unread: bool = False

    def doubt(self) -> str:
        """A sentence for problems that may only follow from a row that was refused."""
        refused = [*self.refused.values(), *([] if self.first_lost is None else [self.first_lost])]
        if not refused:
            return ""
        return f" This may follow from {self.file} line {min(refused)}, which could not be read."


def read_table(lines: Lines, file: File[Row], findings: Findings) -> Table[Row]:
    """All rows of a file; whatever is wrong goes to `findings`, and reading goes on."""
    stream = records(lines, file.name, findings)
    header = next(stream, None)
    if header is None:
        findings.refuse([_empty(file)])
        return Table(file.name, unread=True)
    problems = list(_header_problems(header, file)) if header.sound else []
    findings.refuse(problems)
    if not header.sound or not set(file.columns) <= set(header.fields) or _repeats(header):
        return Table(file.name, unread=True)
    return _Builder(file, header.fields, findings).build(stream)


def _empty(file: File[Row]) -> Problem:
    columns = ",".join(file.columns)
    return Problem(
        file.name, 0, "", "the file is empty", f"Write the column names first: {columns}."
    )


def _repeats(header: Record) -> list[str]:
    return [name for name, times in Counter(header.fields).items() if times > 1]


def _header_problems(header: Record, file: File[Row]) -> Iterator[Problem]:
    """Columns that are there twice, are unknown, or are missing."""
    missing = [name for name in file.columns if name not in header.fields]
    unknown = [name for name in dict.fromkeys(header.fields) if name not in file.columns]
    for name in _repeats(header):
        yield Problem(
            file.name, header.line, name, "there are two columns of this name", "Keep one of them."
        )
    for name in unknown:
        meant = get_close_matches(name.strip().lower(), missing, n=1)
        todo = f"Call it {meant[0]}." if meant else "Take it out, or correct its name."
        what = f"{name!a} is no column of this file"
        yield Problem(file.name, header.line, name if name.isprintable() else "", what, todo)
    for name in missing:
        yield Problem(
            file.name,
            header.line,
            name,
            "this column is missing",
            "Add it, with empty fields where there is nothing to say.",
        )


class _Builder(Generic[Row]):
    """Makes rows of records, by the positions that the header gives to the columns."""

    def __init__(self, file: File[Row], header: Sequence[str], findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._width = len(header)
        self._plan = [(name, header.index(name), read) for name, read in file.columns.items()]
        self._code_at = header.index("code") if _has_codes(file) else None
        self._refused: dict[str, int] = {}
        self._first_lost: int | None = None

    def build(self, stream: Iterator[Record]) -> Table[Row]:
        """The table, once the stream of records is read to its end."""
        rows = [row for record in stream if (row := self._row(record)) is not None]
        return Table(self._file.name, tuple(rows), self._refused, self._first_lost)

    def _row(self, record: Record) -> Row | None:
        if not record.sound:
            problems = []
        elif len(record.fields) != self._width:
            problems = [self._miscounted(record)]
        else:
            values, problems = self._values(record)
            if not problems:
                return self._file.row(*values, record.line)
        self._findings.refuse(problems)
        self._lose(record)
        return None

    def _values(self, record: Record) -> tuple[list[object], list[Problem]]:
        values: list[object] = []
        problems: list[Problem] = []
        for column, position, read in self._plan:
            try:
                values.append(read(record.fields[position]))
            except CellRefused as refused:
                problems.append(
                    Problem(self._file.name, record.line, column, refused.what, refused.todo)
                )
        return values, problems

    def _miscounted(self, record: Record) -> Problem:
        what = f"there are {len(record.fields)} fields instead of {self._width}"
        todo = "Put quotes around a field that holds a comma, or restore what is missing."
        return Problem(self._file.name, record.line, "", what, todo)

    def _lose(self, record: Record) -> None:
        """Remember which row is missing from here on."""
        if (code := self._code_of(record)) is not None:
            self._refused.setdefault(code, record.line)
        elif self._first_lost is None:
            self._first_lost = record.line

    def _code_of(self, record: Record) -> str | None:
        if self._code_at is None or self._code_at >= len(record.fields):
            return None
        code = record.fields[self._code_at]
        return code if code and "\ufffd" not in code else None


def _has_codes(file: File[Row]) -> bool:
    """Whether the rows of a file are named by a code (in federation.csv it names another's)."""
    return "code" in file.columns and "parent" not in file.columns
