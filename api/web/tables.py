"""Tables of statements and reports as pages show them: cells in words, and what each opens to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from markupsafe import Markup

from api.web import accounts, headings
from api.web.page import at
from ledger.calendar import BUSINESS_ZONE
from service.members import Member
from service.organisations import Organisation
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from api.web.reader import Reader
    from service.statements.statement import Total

OF_LOANS: Final = frozenset({"1300", "1310", "1320", "2200"})
"""Accounts that are kept for a loan."""
PARTIES: Final = ("party", "about", "subject", "borrower", "member", "organisation", "node", "org")
"""Columns that name somebody by their code."""
_VOUCHERS: Final = frozenset({"entry_no", "reverses"})
_PLACES: Final = frozenset({"organisation", "node", "org"})
NOTHING: Final = Markup('<span class="soft">\N{EN DASH}</span>')


class Cell(NamedTuple):
    """What stands in a cell, and what it opens to; of an amount also the paisa."""

    said: Markup | str
    to: str = ""
    paisa: int | None = None


class Group(NamedTuple):
    """Rows that lie together, and their sum, where there is one."""

    rows: list[list[Cell]]
    sums: list[Cell] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a page shows it; `apart` are totals that fit under none of its columns."""

    columns: tuple[Column, ...]
    groups: list[Group]
    total: list[Cell] | None = None
    apart: Table | None = None


@dataclass(frozen=True, slots=True)
class Shower:
    """How rows are shown: to whom, in which book, with which names and days in every link."""

    reader: Reader
    book: str
    to: Callable[..., str]
    people: dict[str, Member | Organisation]
    alone: bool
    """Whether the rows are those of one book, so that its accounts are what they are made of."""
    open: frozenset[str] = frozenset()
    """The organisations among them whose pages the reader may open."""
    first: str = ""
    """The first day of the period, as typed, where there is one: it travels to accounts."""

    def table(
        self,
        columns: tuple[Column, ...],
        rows: Sequence[Any],
        totals: Sequence[Total],
        *,
        whole: bool,
    ) -> Table:
        """Rows under their columns; sums after what they are of, where the rows are `whole`."""
        fits, rest = _fitting(columns, rows if whole else (), totals)
        groups = [
            Group(
                [[self.cell(one, row) for one in columns] for row in found],
                self._sums(columns, total) if total else None,
            )
            for found, total in _grouped(rows, fits)
        ]
        by_fund = len(groups) > 1 and fits and [*_said(fits[0])] == ["fund"]
        return Table(
            columns,
            groups,
            self._sums(columns, _all(fits)) if by_fund else None,
            self._apart(rest) if rest else None,
        )

    def cell(self, column: Column, row: Any) -> Cell:  # noqa: ANN401 - rows are of many kinds
        """A cell."""
        value = attrgetter(column.attribute)(row)
        if value is None or value == "":
            return Cell("")
        words = self.reader.words
        match column.form:
            case Form.MONEY:
                return self._amount(value)
            case Form.DAY:
                return Cell(words.short(value))
            case Form.MOMENT:
                return Cell(moment(self.reader, value))
            case Form.NUMBER | Form.PERCENT:
                return Cell(words.number(str(value)), self._leads(column.name, row, value))
            case Form.TEXT:
                return Cell(
                    self._text(column.name, row, value), self._leads(column.name, row, value)
                )

    def _amount(self, paisa: int) -> Cell:
        return Cell(self.reader.words.money(paisa, rs=False) if paisa else NOTHING, paisa=paisa)

    def _text(self, name: str, row: Any, value: str) -> Markup:  # noqa: ANN401 - as above
        words = self.reader.words
        if name == "account" and getattr(row, "code", None):
            return words.text(accounts.title(self.reader, row.code))
        if name == "account":
            return words.text(headings.cell(self.reader, "part", row.part))
        if name == "meeting":
            return words.short(date.fromisoformat(value))
        if (whose := self.people.get(value)) and name in PARTIES:
            named = words.text(self.reader.name(whose))
            return Markup("{} <span class=soft>{}</span>").format(named, words.number(value))
        if name in PARTIES or name in {"code", "loan"}:
            return words.number(value)
        said = words.text(headings.cell(self.reader, name, value))
        # What somebody typed is in whichever script.
        return Markup("<bdi>{}</bdi>").format(said) if name == "narrative" else said

    def _leads(self, name: str, row: Any, value: Any) -> str:  # noqa: ANN401 - as above
        """Where a cell leads: to what it is made of, or to whom it is about."""
        if name in _VOUCHERS:
            book = getattr(row, "organisation", self.book)
            return self.to(at("books", book, "entries", str(value)))
        if name == "account" and self.alone:
            return self._account(row)
        if name == "loan" or (name == "party" and getattr(row, "code", "") in OF_LOANS):
            return self.to(at("loans", value))
        if name in PARTIES and isinstance(self.people.get(value), Member):
            return self.to(at("members", value))
        if name in PARTIES and value in self.open:
            return self.to(at("organisations", value))
        return ""

    def _account(self, row: Any) -> str:  # noqa: ANN401 - as above
        asked = {"from": self.first}
        if number := getattr(row, "account_no", None):
            return self.to(at("books", row.organisation, "accounts", str(number)), **asked)
        if not getattr(row, "code", ""):
            return ""
        asked |= {"codes": row.code, "fund": getattr(row, "fund", "")}
        return self.to(at("books", self.book, "accounts"), **asked)

    def _sums(self, columns: Sequence[Column], total: Total) -> list[Cell]:
        """A total under the columns; what it is of stands in the first one that is free."""
        cells = []
        for column in columns:
            value = total.get(column.name)
            if isinstance(value, int):
                said = self.reader.words.money(value, rs=False)
                cells.append(Cell(said, paisa=value))
            else:
                cells.append(Cell(""))
        of = [self._text(name, None, value) for name, value in _said(total).items() if value]
        said = Markup(" \N{MIDDLE DOT} ").join([self.reader.says("Total"), *of])
        return [cells[0]._replace(said=said), *cells[1:]]

    def _apart(self, totals: Sequence[Total]) -> Table:
        names = {name: value for total in totals for name, value in total.items()}
        texts = [Column(name) for name, value in names.items() if isinstance(value, str)]
        if "code" in names:
            texts.insert(1 + [one.name for one in texts].index("code"), Column("account"))
        money = [Column(n, Form.MONEY) for n, value in names.items() if isinstance(value, int)]
        columns = (*texts, *money)
        empty = dict.fromkeys((column.name for column in columns), "")
        rows = [SimpleNamespace(**empty | {"account": "account"} | total) for total in totals]
        return self.table(columns, rows, (), whole=False)


def parties_of(rows: Iterable[Any]) -> set[str]:
    """The codes of all whom some rows name."""
    return {code for row in rows for name in PARTIES if (code := getattr(row, name, None))}


def moment(reader: Reader, value: datetime) -> Markup:
    """A moment of Karachi: 20-11-2026 14:05."""
    there = value.astimezone(BUSINESS_ZONE)
    return Markup("{} {}").format(
        reader.words.short(there.date()), reader.words.number(f"{there:%H:%M}")
    )


def _said(total: Total) -> dict[str, str]:
    """What a total is of."""
    return {name: value for name, value in total.items() if isinstance(value, str)}


def _all(totals: Sequence[Total]) -> Total:
    """The sum of totals."""
    names = [name for name, value in totals[0].items() if isinstance(value, int)]
    return {name: sum(int(total[name]) for total in totals) for name in names}


def _fitting(
    columns: Sequence[Column], rows: Sequence[Any], totals: Sequence[Total]
) -> tuple[Sequence[Total], Sequence[Total]]:
    """Totals that stand after rows that lie together and are all there, and those that do not."""
    if not totals or not rows:
        return (), totals
    names = [*_said(totals[0])]
    fits = [one for one in totals if [*_said(one)] == names]
    money = {column.name for column in columns if column.form is Form.MONEY}
    if not all(hasattr(rows[0], name) for name in names) or not (fits[0].keys() - names) <= money:
        return (), totals
    keys = [key for key, _ in groupby(rows, lambda row: [getattr(row, n) for n in names])]
    if keys != [[*_said(one).values()] for one in fits]:
        return (), totals
    return fits, [one for one in totals if one not in fits]


def _grouped(rows: Sequence[Any], totals: Sequence[Total]) -> list[tuple[list[Any], Total | None]]:
    if not totals:
        return [([*rows], None)] if rows else []
    names = [*_said(totals[0])]
    found = groupby(rows, lambda row: [getattr(row, name) for name in names])
    return [([*group], total) for (_, group), total in zip(found, totals, strict=True)]
