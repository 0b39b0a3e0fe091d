"""Files that are missing, cut off, badly saved or not the files they should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.imports.files import MEMBERS
from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from tests.service.imports.damage import (
    ONE_CO,
    Case,
    added,
    content,
    copied,
    line,
    refused,
    swapped,
)

if TYPE_CHECKING:
    from tests.service.imports.damage import Edit


def by(edit: Edit, file: str, number: int, column: str, piece: str) -> Case:
    """A case of one edit of any sort."""
    return Case((edit,), file, number, column, piece)


def _gone(file: str) -> Edit:
    return lambda folder: (folder / file).unlink()


def _folder_instead(file: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return edit


def _as_utf_16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


def _as_utf_16_without_mark(data: bytes) -> bytes:
    return data.decode().encode("utf-16-le")


LONG = "x" * (3 * 2**20)
MANY_LINES = '"a\n",' * 300_000

DAMAGE = {
    "file missing": by(_gone("loans.csv"), "loans.csv", 0, "", "there is no such file"),
    "folder for a file": by(
        _folder_instead("loans.csv"), "loans.csv", 0, "", "there is no such file"
    ),
    "file empty": by(
        content("holidays.csv", lambda _: b""), "holidays.csv", 0, "", "the file is empty"
    ),
    "column missing": by(
        content("holidays.csv", lambda _: b"on\n2026-03-23\n"),
        "holidays.csv",
        1,
        "name",
        "this column is missing",
    ),
    "column twice": by(
        line("holidays.csv", 1, "on,name,name"),
        "holidays.csv",
        1,
        "name",
        "two columns of this name",
    ),
    "column unknown": by(
        content("holidays.csv", lambda _: b"on,name,colour\n2026-03-23,Day,red\n"),
        "holidays.csv",
        1,
        "colour",
        "Take it out",
    ),
    "column mistyped": by(
        swapped("members.csv", b"household", b"Househould"),
        "members.csv",
        1,
        "Househould",
        "Call it household",
    ),
    "column with a space": by(
        swapped("members.csv", b"household,", b"household ,"),
        "members.csv",
        1,
        "household ",
        "Call it household",
    ),
    "header gone": by(
        content("holidays.csv", lambda _: b"2026-03-23,Pakistan Day\n"),
        "holidays.csv",
        1,
        "on",
        "this column is missing",
    ),
    "byte-order mark": by(
        content("members.csv", lambda data: b"\xef\xbb\xbf" + data),
        "members.csv",
        1,
        "",
        "byte-order mark",
    ),
    "UTF-16": by(content("members.csv", _as_utf_16), "members.csv", 1, "", "UTF-16"),
    "UTF-16 without a mark": by(
        content("members.csv", _as_utf_16_without_mark), "members.csv", 1, "", "UTF-16"
    ),
    "Latin-1": by(
        swapped("holidays.csv", b"Pakistan Day", "Journée".encode("latin-1")),
        "holidays.csv",
        2,
        "",
        "byte 24 of the file (0xe9) is not UTF-8",
    ),
    "header not UTF-8": by(
        swapped("holidays.csv", b"name", b"n\xffme"), "holidays.csv", 1, "", "is not UTF-8"
    ),
    "Windows line ends": by(
        content("sheets.csv", lambda data: data.replace(b"\n", b"\r\n")),
        "sheets.csv",
        1,
        "",
        "CR LF",
    ),
    "old Macintosh line ends": by(
        content("sheets.csv", lambda data: data.replace(b"\n", b"\r")),
        "sheets.csv",
        1,
        "",
        "carriage return",
    ),
    "a carriage return": by(
        swapped("events.csv", b"For loans", b"For\rloans"),
        "events.csv",
        5,
        "",
        "carriage return",
    ),
    "NUL in a text": by(
        swapped("events.csv", b"For loans", b"For\0loans"),
        "events.csv",
        5,
        "narrative",
        "control character U+0000",
    ),
    "NUL in an amount": by(
        swapped("events.csv", b"1250.50", b"1250\x0050"),
        "events.csv",
        9,
        "amount",
        "is not rupees",
    ),
    "control character in a code": by(
        swapped("events.csv", b"E-09", b"E-\x0709"),
        "events.csv",
        10,
        "code",
        "control character U+0007",
    ),
    "invisible character in a code": by(
        swapped("events.csv", b"E-09", "E-\u200e09".encode()),
        "events.csv",
        10,
        "code",
        "invisible character",
    ),
    "blank line": by(
        swapped("loans.csv", b"L-05,", b"\nL-05,"), "loans.csv", 6, "", "this line is empty"
    ),
    "blank line at the end": by(
        content("loans.csv", lambda data: data + b"\n"), "loans.csv", 11, "", "this line is empty"
    ),
    "cut off within a record": by(
        content("loans.csv", lambda data: data[:-40]), "loans.csv", 10, "", "fields instead of 13"
    ),
    "cut off within a field": by(
        content("sheet_lines.csv", lambda data: data[:-2]),
        "sheet_lines.csv",
        81,
        "",
        "it may have been cut off",
    ),
    "cut off within quotes": by(
        content("products.csv", lambda data: data[: data.index(b'flat"') + 2]),
        "products.csv",
        3,
        "",
        "never closed",
    ),
    "field missing": by(
        swapped("loans.csv", b",goats", b""), "loans.csv", 3, "", "12 fields instead of 13"
    ),
    "comma without quotes": by(
        swapped("loans.csv", b"goats", b"goats, two"), "loans.csv", 3, "", "14 fields instead of 13"
    ),
    "quote not closed": by(
        swapped("products.csv", b'flat"', b"flat"), "products.csv", 3, "", "followed by other text"
    ),
    "long line": by(
        added("holidays.csv", LONG), "holidays.csv", 4, "", "longer than 1048576 bytes"
    ),
    "long line at the end": by(
        content("holidays.csv", lambda data: data + LONG.encode()),
        "holidays.csv",
        4,
        "",
        "longer than 1048576 bytes",
    ),
    "long field": by(
        added("holidays.csv", "2026-05-01," + "x" * 70_000),
        "holidays.csv",
        4,
        "",
        "longer than 65536 characters",
    ),
    "very long field": by(
        added("holidays.csv", "2026-05-01," + "x" * 200_000),
        "holidays.csv",
        4,
        "",
        "too long to read",
    ),
    "record without end": by(
        added("holidays.csv", MANY_LINES), "holidays.csv", 4, "", "too many lines"
    ),
}


@pytest.mark.parametrize("case", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_reported_where_it_is_damaged(case: Case, tmp_path: Path) -> None:
    """The message names file, line and column, and says what is wrong."""
    problems = refused(tmp_path, case.edits).problems
    assert case.among(problems), list(map(str, problems))


ALONE = [
    "file missing",
    "file empty",
    "column missing",
    "byte-order mark",
    "UTF-16",
    "Windows line ends",
    "blank line",
    "cut off within a field",
    "header not UTF-8",
    "NUL in a text",
    "long line",
    "long field",
]


@pytest.mark.parametrize("name", ALONE)
def test_one_damage_is_one_problem(name: str, tmp_path: Path) -> None:
    """What only follows from the damage is not reported beside it."""
    assert len(refused(tmp_path, DAMAGE[name].edits).problems) == 1


def test_reading_goes_on_behind_a_long_line(tmp_path: Path) -> None:
    """The rows after it are read, and counted from the right line."""
    refusal = refused(tmp_path, [added("holidays.csv", LONG, "no day,x")])
    assert [problem.line for problem in refusal.problems] == [4, 5]


def test_reading_goes_on_with_windows_line_ends_and_a_mark(tmp_path: Path) -> None:
    """The file is refused for how it was saved, and for what is in it, at once."""
    data = b"\xef\xbb\xbfon,name\r\n2026-02-30,Day\r\n"
    problems = refused(tmp_path, [content("holidays.csv", lambda _: data)]).problems
    assert [(problem.line, problem.column) for problem in problems] == [(1, ""), (1, ""), (2, "on")]


def test_a_file_that_may_not_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights and broken disks are told apart from wrong content."""

    def broken(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(BundleRefused, match="cannot be read: Permission denied"):
        read_bundle(copied(ONE_CO, tmp_path))


def test_the_columns_of_a_file_stand_in_the_order_of_its_row() -> None:
    """Rows are built by position, so the two lists must agree."""
    assert list(MEMBERS.columns) == [name for name in MEMBERS.row.__annotations__ if name != "line"]
