"""A federation in plain Python: every line in a list, and every parent that a book ever had."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.postgres.rollup import MOVE
from tests.support.ledger import application

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncpg

    from ledger.entries import Line

NEVER: Final = date(9999, 12, 31)
LONG_AGO: Final = date(1900, 1, 1)
TIERS: Final = ((0, 1, 2, 3), (4, 5), (6, 7), (8,))
"""Four COs, two VOs, two LSOs, a network, as places in the books of a run."""


class Known(NamedTuple):
    """A line, and when the book learned of it."""

    book: int
    on: date
    kind: str
    posted_at: datetime
    line: Line


class Stay(NamedTuple):
    """A book is under a node during [from_on, to_on)."""

    book: int
    node: int
    from_on: date
    to_on: date


@dataclass
class Model:
    """All lines in a list, and every parent that a book ever had."""

    books: list[int]
    lines: list[Known] = field(default_factory=list)
    parents: dict[int, list[tuple[int, date, date]]] = field(default_factory=dict)
    genders: dict[int, str] = field(default_factory=dict)

    def move(self, book: int, to: int | None, on: date) -> None:
        """From a day on a book belongs to another, whatever was recorded for later."""
        kept = [(p, f, min(t, on)) for p, f, t in self.parents.get(book, ()) if f < on]
        self.parents[book] = kept if to is None else [*kept, (to, on, NEVER)]

    def stays(self) -> list[Stay]:
        """The closure of the tree, stretches that touch joined."""
        found: list[Stay] = []
        for book in self.books:
            found.append(Stay(book, book, LONG_AGO, NEVER))
            above: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
            self._climb(book, LONG_AGO, NEVER, above)
            found += [Stay(book, n, *one) for n, many in above.items() for one in _joined(many)]
        return found

    def _climb(
        self, book: int, since: date, until: date, above: defaultdict[int, list[tuple[date, date]]]
    ) -> None:
        for parent, from_on, to_on in self.parents.get(book, ()):
            first, end = max(since, from_on), min(until, to_on)
            if first < end:
                above[parent].append((first, end))
                self._climb(parent, first, end, above)

    def rolled(self, node: int, on: date, known_by: datetime | None) -> dict[Any, list[int]]:
        """What the node turned over, by fund, code, kind and gender."""
        sums: defaultdict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0] * 4)
        at: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
        for stay in self.stays():
            if stay.node == node:
                at[stay.book].append((stay.from_on, stay.to_on))
        for one in self.lines:
            if known_by is not None and one.posted_at > known_by:
                continue
            both = [
                (max(a, c), min(b, d)) for a, b in at[one.book] for c, d in at[one.line.faces or 0]
            ]
            for column, stretches in ((0, at[one.book]), (2, both)):
                for first, end in stretches:
                    for day, kind, sign in _counted(one, first, end):
                        if day <= on:
                            key = (*one.line.account[1::-1], kind, self.genders.get(one.book, ""))
                            sums[key][column] += sign * one.line.debit
                            sums[key][column + 1] += sign * one.line.credit
        return {key: figures for key, figures in sums.items() if any(figures)}

    def balances(self, node: int, on: date) -> dict[Any, list[int]]:
        """What stands there on the day: of the books that are there, each with all it has."""
        there = {s.book for s in self.stays() if s.node == node and s.from_on <= on < s.to_on}
        sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for one in self.lines:
            if one.book in there and one.on <= on:
                net = one.line.debit - one.line.credit
                figures = sums[one.line.account.fund, one.line.account.code]
                figures[0] += net
                figures[1] += net if one.line.faces in there else 0
        return {key: figures for key, figures in sums.items() if any(figures)}


def _joined(stretches: list[tuple[date, date]]) -> list[tuple[date, date]]:
    whole: list[tuple[date, date]] = []
    for first, end in sorted(stretches):
        if whole and first <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((first, end))
    return whole


def _counted(one: Known, first: date, end: date) -> Iterator[tuple[date, str, int]]:
    """When and as what a line counts at a node where its book is from one day until another."""
    if one.on < end and first < end:
        yield max(one.on, first), MOVE if one.on < first else one.kind, 1
        if end < NEVER:
            yield end, MOVE, -1


async def place(connection: asyncpg.Connection, model: Model) -> None:
    """Bring the ledger's closure to that of the model."""
    columns = [list(column) for column in zip(*model.stays(), strict=True)]
    async with application(connection):
        await connection.execute(
            "SELECT ledger.place_books($1, $2, $3, $4, $5)", model.books, *columns
        )
