"""Reading statements in tests: rows by column, amounts in paisa; and the reference files."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from ledger.money import parse_rupees
from service.statements import registry
from service.statements.statement import Asked
from tests.service.imports.damage import BUNDLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from service.books import Books
    from service.statements.statement import Made, Total
    from service.tables.columns import Cell

ALL_TIME: Final = date(2020, 7, 1)
"""Before the first entry of any bundle."""
EXPECTED: Final = {name: BUNDLES / name / "expected" for name in ("one-co", "pilot")}


@dataclass(frozen=True, slots=True)
class Read:
    """A statement read to its end."""

    head: dict[str, Cell | bool]
    rows: list[dict[str, Any]]
    totals: list[Total]

    def sums(self, amount: str, *by: str) -> dict[tuple[str, ...], int]:
        """The sum of a column of money over the rows that agree in others, without zeros."""
        return sums(self.rows, amount, *by)

    def part(self, name: str, amount: str = "amount") -> dict[str, int]:
        """What a part of a statement comes to in each fund."""
        rows = [row for row in self.rows if row["part"] == name]
        return {fund: total for (fund,), total in sums(rows, amount, "fund").items()}


def sums(rows: Iterable[dict[str, Any]], amount: str, *by: str) -> dict[tuple[str, ...], int]:
    """The sum of a column over the rows that agree in others, without zeros."""
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        found[tuple(row[name] for name in by)] += row[amount]
    return {key: total for key, total in found.items() if total}


async def read(books: Books, organisation: str, name: str, **asked: Any) -> Read:  # noqa: ANN401 - the fields of Asked
    """A statement of an organisation."""
    return await whole(await registry.of_organisation(books, organisation, name, Asked(**asked)))


async def passbook(books: Books, member: str, **asked: Any) -> Read:  # noqa: ANN401 - the fields of Asked
    """The passbook of a member."""
    return await whole(await registry.passbook(books, member, Asked(**asked)))


async def whole(made: Made) -> Read:
    """All of a statement, as its columns show it, but amounts in paisa."""
    shown = {column.name: attrgetter(column.attribute) for column in made.columns}
    rows = [{name: get(row) for name, get in shown.items()} async for row in made.content.rows]
    return Read(made.head, rows, list(made.content.totals))


async def organisations(books: Books) -> list[str]:
    """The codes of all organisations."""
    return [row[0] for row in await books.fetch("SELECT code FROM service.organisation")]


def records(path: Path) -> list[dict[str, str]]:
    """The rows of a reference file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def paisa(row: dict[str, str]) -> int:
    """The balance of a row of a reference file, debit positive."""
    return parse_rupees(row["debit"]) - parse_rupees(row["credit"])
