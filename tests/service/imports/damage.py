"""Small edits to a copy of a bundle, so that a test can say what it breaks."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from service.imports.problems import BundleRefused, Problem
from service.imports.reading import read_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Edit = Callable[[Path], None]

BUNDLES: Final = Path(__file__).parents[2] / "data"
ONE_CO: Final = BUNDLES / "one-co"
PILOT: Final = BUNDLES / "pilot"


def copied(bundle: Path, into: Path) -> Path:
    """A copy of the ten files of a bundle, without what is expected of them."""
    into.mkdir(parents=True, exist_ok=True)
    for file in bundle.glob("*.csv"):
        shutil.copy(file, into)
    return into


def cell(file: str, line: int, column: str, value: str) -> Edit:
    """Write another value into one cell; in these files a record is one line."""

    def edit(folder: Path) -> None:
        path = folder / file
        records = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        records[line - 1][records[0].index(column)] = value
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(records)
        path.write_text(text.getvalue(), encoding="utf-8")

    return edit


def added(file: str, *records: str) -> Edit:
    """Add records at the end of a file."""

    def edit(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.writelines(record + "\n" for record in records)

    return edit


def line(file: str, number: int, text: str) -> Edit:
    """Write another text for one physical line."""

    def edit(folder: Path) -> None:
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        lines[number - 1] = text
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")

    return edit


def content(file: str, change: Callable[[bytes], bytes]) -> Edit:
    """Change the bytes of a whole file."""

    def edit(folder: Path) -> None:
        path = folder / file
        path.write_bytes(change(path.read_bytes()))

    return edit


def swapped(file: str, old: bytes, new: bytes) -> Edit:
    """Change the first place where these bytes stand."""
    return content(file, lambda data: data.replace(old, new, 1))


def refused(folder: Path, edits: Iterable[Edit]) -> BundleRefused:
    """What reading says of a copy of one-co in this folder after these edits."""
    copied(ONE_CO, folder)
    for edit in edits:
        edit(folder)
    try:
        read_bundle(folder)
    except BundleRefused as refusal:
        return refusal
    message = "the bundle was read without a problem"
    raise AssertionError(message)


def warned(folder: Path, edits: Iterable[Edit]) -> tuple[Problem, ...]:
    """The warnings of a copy of one-co in this folder after these edits."""
    copied(ONE_CO, folder)
    for edit in edits:
        edit(folder)
    return read_bundle(folder).warnings


class Case(NamedTuple):
    """Edits, and the one problem that they bring."""

    edits: tuple[Edit, ...]
    file: str
    line: int
    column: str
    piece: str

    def among(self, problems: Iterable[Problem]) -> bool:
        """Whether the problem is there, at its place, with this piece in its message."""
        place = (self.file, self.line, self.column)
        return any(
            (found.file, found.line, found.column) == place and self.piece in str(found)
            for found in problems
        )


def one(file: str, number: int, column: str, value: str, piece: str) -> Case:
    """A case of one cell, refused where it stands."""
    return Case((cell(file, number, column, value),), file, number, column, piece)


def more(file: str, number: int, column: str, piece: str, *edits: Edit) -> Case:
    """A case of any edits."""
    return Case(edits, file, number, column, piece)
