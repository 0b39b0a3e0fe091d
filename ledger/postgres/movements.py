"""What moved over a period, by fund and code: of one book, or of a node with all below it.

A node's opening follows the tree of the day before, its closing that of the last day, and
every line counts where its book was on the value date; the difference came or went with
organisations that moved. Each figure stands beside the part of it between two books that
count, which is eliminated. Amounts are paisa; balances are debit positive.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.entries import Kind
from ledger.postgres.rollup import MOVE, Turned, rolled, turned
from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    import asyncpg


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whose movements are asked for: a node or its book alone, over which days, known by when."""

    node: int
    alone: bool
    first_on: date
    last_on: date
    known_by: datetime | None = None
    fund: str | None = None


class Movement(NamedTuple):
    """From opening to closing: opening + debit - credit + moved = closing."""

    opening: int = 0
    debit: int = 0
    credit: int = 0
    moved: int = 0
    """What organisations that came brought, less what those that left took."""
    closing: int = 0


_DAY: Final = timedelta(days=1)


class CodeMovement(NamedTuple):
    """What moved on one code of a fund, and the part of it that is eliminated."""

    fund: str
    code: str
    whole: Movement
    eliminated: Movement

    @property
    def title(self) -> str:
        """What the code is called."""
        return CHART[self.code].name

    @property
    def consolidated(self) -> int:
        """What it holds at the end, less what is eliminated."""
        return self.whole.closing - self.eliminated.closing


class Receipt(NamedTuple):
    """What came in and went out in money for one code of a fund, and what is eliminated."""

    fund: str
    code: str
    received: int
    paid: int
    received_eliminated: int
    paid_eliminated: int


_MONEYLESS: Final = load("moneyless.sql")


async def movements(
    connection: asyncpg.Connection,
    asked: Stretch,
    *,
    codes: Collection[str] | None = None,
    without_closing_entries: bool = False,
) -> list[CodeMovement]:
    """What moved on every fund and code, or on some codes, in their order."""
    before = asked.first_on - _DAY
    sums: defaultdict[tuple[str, str], _Sums] = defaultdict(_Sums)
    for row in await _turned_over(connection, asked):
        if codes is not None and row.code not in codes:
            continue
        if without_closing_entries and row.kind == Kind.CLOSE:
            continue
        sums[row.fund, row.code].add(row, opens=row.on == before)
    return [
        CodeMovement(fund, code, Movement(*found.whole), Movement(*found.eliminated))
        for (fund, code), found in sorted(sums.items())
    ]


@dataclass(slots=True)
class _Sums:
    """The figures of two `Movement`s as they are added up."""

    whole: list[int] = field(default_factory=lambda: [0] * 5)
    eliminated: list[int] = field(default_factory=lambda: [0] * 5)

    def add(self, row: Turned, *, opens: bool) -> None:
        """Take in what was turned over until the day before, or until the last day."""
        _add(self.whole, row.kind, row.debit, row.credit, opens=opens)
        _add(self.eliminated, row.kind, row.eliminated_debit, row.eliminated_credit, opens=opens)


def _add(sums: list[int], kind: str, debit: int, credit: int, *, opens: bool) -> None:
    """What was turned over until the day before is no part of what moved."""
    sums[0 if opens else 4] += debit - credit
    sign = -1 if opens else 1
    if kind == MOVE:
        sums[3] += sign * (debit - credit)
    else:
        sums[1] += sign * debit
        sums[2] += sign * credit


async def receipts(
    connection: asyncpg.Connection, asked: Stretch, *, money: Collection[str]
) -> list[Receipt]:
    """What the money accounts were moved for, by fund and code; `money` are their codes.

    In every entry and fund that moves money the other codes say what for: a credit is a receipt,
    a debit a payment. So it is what was turned over on the other codes, less what was turned over
    in entries that move none, of which there are few. Closing entries move none.
    """
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for fund, code, *moneyless in await connection.fetch(_MONEYLESS, *_values(asked)):
        _take(sums[fund, code], moneyless, -1)
    before = asked.first_on - _DAY
    for row in await _turned_over(connection, asked):
        if row.kind in {MOVE, Kind.CLOSE} or row.code in money:
            continue
        turned_over = row.credit, row.debit, row.eliminated_credit, row.eliminated_debit
        _take(sums[row.fund, row.code], turned_over, -1 if row.on == before else 1)
    return [Receipt(*place, *found) for place, found in sorted(sums.items()) if any(found)]


def _take(sums: list[int], more: Sequence[int], sign: int) -> None:
    for n, amount in enumerate(more):
        sums[n] += sign * amount


async def _turned_over(connection: asyncpg.Connection, asked: Stretch) -> list[Turned]:
    """Until the day before, and until the last day; of the fund that is asked for."""
    days = [asked.first_on - _DAY, asked.last_on]
    read = turned if asked.alone else rolled
    rows = await read(connection, [asked.node], days, known_by=asked.known_by)
    return [row for row in rows if asked.fund in {None, row.fund}]


def _values(asked: Stretch) -> tuple[object, ...]:
    return (
        asked.node,
        asked.first_on,
        asked.last_on,
        asked.known_by,
        asked.alone,
        asked.fund,
    )
