"""A folder of ten files in, a `Bundle` or every problem out."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from service.imports import files
from service.imports.checks import check
from service.imports.lines import FileUnreadable, Lines
from service.imports.problems import BundleRefused, EnoughProblems, Findings, Problem
from service.imports.registers import Tables, know
from service.imports.rows import Bundle
from service.imports.tables import Table, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from service.imports.files import File

Row = TypeVar("Row")


def read_bundle(folder: Path) -> Bundle:
    """The bundle in this folder, understood and found free of problems.

    Raises `BundleRefused` with every problem that the files show, or with the first
    thousand. Reads nothing but the ten files, and each of them once.
    """
    findings = Findings()
    reader = _Reader(folder, findings)
    try:
        tables = reader.tables()
        check(know(tables), findings)
    except EnoughProblems:
        raise BundleRefused(findings.problems, cut_short=True) from None
    if findings.problems:
        raise BundleRefused(findings.problems)
    return _bundle(folder, reader.digest(), tables, findings)


def _bundle(folder: Path, digest: str, tables: Tables, findings: Findings) -> Bundle:
    return Bundle(
        name=folder.resolve().name,
        path=folder,
        digest=digest,
        organisations=tables.organisations.rows,
        federation=tables.federation.rows,
        members=tables.members.rows,
        nominations=tables.nominations.rows,
        holidays=tables.holidays.rows,
        products=tables.products.rows,
        loans=tables.loans.rows,
        sheets=tables.sheets.rows,
        sheet_lines=tables.sheet_lines.rows,
        events=tables.events.rows,
        warnings=tuple(sorted(findings.warnings)),
    )


class _Reader:
    """Reads the files one after the other, and gathers what the digest is made of."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings
        self._contents = sha256()

    def tables(self) -> Tables:
        """All ten files, in the order of the digest."""
        if not self._folder.is_dir():
            what, todo = "there is no such folder", "Name the folder that holds the ten files."
            raise BundleRefused([Problem(str(self._folder), 0, "", what, todo)])
        return Tables(
            organisations=self._table(files.ORGANISATIONS),
            federation=self._table(files.FEDERATION),
            members=self._table(files.MEMBERS),
            nominations=self._table(files.NOMINATIONS),
            holidays=self._table(files.HOLIDAYS),
            products=self._table(files.PRODUCTS),
            loans=self._table(files.LOANS),
            sheets=self._table(files.SHEETS),
            sheet_lines=self._table(files.SHEET_LINES),
            events=self._table(files.EVENTS),
        )

    def digest(self) -> str:
        """SHA-256 over name, length and SHA-256 of each file; sound once all are read."""
        return self._contents.hexdigest()

    def _table(self, file: File[Row]) -> Table[Row]:
        path = self._folder / file.name
        if not path.is_file():
            return self._unread(file, "there is no such file", "Add it, if only with its header.")
        try:
            with path.open("rb") as stream:
                lines = Lines(stream, file.name, self._findings)
                table = read_table(lines, file, self._findings)
        except OSError as error:
            reason = error.strerror or "the system gives no reason"
            return self._unread(
                file, f"it cannot be read: {reason}", "Check the file and its rights."
            )
        except FileUnreadable:
            return Table(file.name, unread=True)
        self._contents.update(f"{file.name} {lines.length} {lines.digest}\n".encode())
        return table

    def _unread(self, file: File[Row], what: str, todo: str) -> Table[Row]:
        self._findings.refuse([Problem(file.name, 0, "", what, todo)])
        return Table(file.name, unread=True)
