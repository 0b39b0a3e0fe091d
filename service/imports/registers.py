"""Looking rows up by their code, and telling an unknown code from one that was not readable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from service.imports.kinds import EventKind
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.imports.rows import (
        EventRow,
        FederationRow,
        HolidayRow,
        LoanRow,
        MemberRow,
        NominationRow,
        OrganisationRow,
        ProductRow,
        SheetLineRow,
        SheetRow,
    )
    from service.imports.tables import Table


class Coded(Protocol):
    """A row that has a code."""

    @property
    def code(self) -> str:
        """Its name in its file."""

    @property
    def line(self) -> int:
        """Where it stands."""


CodedRow = TypeVar("CodedRow", bound=Coded)


@dataclass(frozen=True, slots=True)
class Tables:
    """The ten files as they were read."""

    organisations: Table[OrganisationRow]
    federation: Table[FederationRow]
    members: Table[MemberRow]
    nominations: Table[NominationRow]
    holidays: Table[HolidayRow]
    products: Table[ProductRow]
    loans: Table[LoanRow]
    sheets: Table[SheetRow]
    sheet_lines: Table[SheetLineRow]
    events: Table[EventRow]


@dataclass(frozen=True, slots=True)
class Register(Generic[CodedRow]):
    """The rows of one file by code; of two with one code, the first."""

    table: Table[CodedRow]
    by_code: Mapping[str, CodedRow]

    def get(self, code: str | None) -> CodedRow | None:
        """The row of this code, if it could be read."""
        return None if code is None else self.by_code.get(code)

    def may_have(self, code: str) -> bool:
        """Whether the file has this code, also on a row that was refused."""
        return code in self.by_code or code in self.table.refused or self.table.unread

    def missing(self, code: str, file: str, line: int, column: str) -> Iterator[Problem]:
        """The problem that this code, used at this place, is not in the file."""
        if self.may_have(code):
            return
        lost = self.table.first_lost
        doubt = f" This may follow from {self.table.file} line {lost}." if lost else ""
        todo = f"Correct the code, or add its row.{doubt}"
        yield Problem(file, line, column, f'"{code}" is not in {self.table.file}', todo)


@dataclass(frozen=True, slots=True)
class Known:
    """All rows, by file and by code, and what reverses what."""

    tables: Tables
    organisations: Register[OrganisationRow]
    members: Register[MemberRow]
    products: Register[ProductRow]
    loans: Register[LoanRow]
    sheets: Register[SheetRow]
    events: Register[EventRow]
    reversals: Mapping[str, EventRow]
    """By the code of what it reverses, the first reversal of it."""


def know(tables: Tables) -> Known:
    """The rows of these tables, ready to be looked up."""
    reversals: dict[str, EventRow] = {}
    for event in tables.events.rows:
        if event.kind is EventKind.REVERSAL and event.reverses is not None:
            reversals.setdefault(event.reverses, event)
    return Known(
        tables,
        register(tables.organisations),
        register(tables.members),
        register(tables.products),
        register(tables.loans),
        register(tables.sheets),
        register(tables.events),
        reversals,
    )


def register(table: Table[CodedRow]) -> Register[CodedRow]:
    """The rows of a table by code, the first of each."""
    return Register(table, {row.code: row for row in reversed(table.rows)})
