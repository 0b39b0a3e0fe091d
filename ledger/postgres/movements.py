"""What moved over a period, by fund and code: of one book, or of a node with all below it.

A node's opening follows the tree of the day before, its closing that of the last day, and
every line counts where its book was on the value date; the difference came or went with
organisations that moved. Each figure stands beside the part of it between two books that
count, which is eliminated. Amounts are paisa; balances are debit positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.postgres.balances import refuse_unsettled
from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import Collection
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


NOTHING: Final = Movement()


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


class Receipt(NamedTuple):
    """What came in and went out in money for one code of a fund, and what is eliminated."""

    fund: str
    code: str
    received: int
    paid: int
    received_eliminated: int
    paid_eliminated: int


_MOVEMENTS: Final = load("movements.sql")
_RECEIPTS: Final = load("receipts.sql")


async def movements(
    connection: asyncpg.Connection,
    asked: Stretch,
    *,
    codes: Collection[str] | None = None,
    without_closing_entries: bool = False,
) -> list[CodeMovement]:
    """What moved on every fund and code, or on some codes, in their order."""
    await refuse_unsettled(connection, asked.known_by)
    codes = None if codes is None else sorted(codes)
    rows = await connection.fetch(_MOVEMENTS, *_values(asked), codes, without_closing_entries)
    parts = {(row[0], row[1], row[2]): Movement(*row[3:]) for row in rows}
    return [
        CodeMovement(fund, code, whole, parts.get((True, fund, code), NOTHING))
        for (eliminated, fund, code), whole in parts.items()
        if not eliminated
    ]


async def receipts(
    connection: asyncpg.Connection, asked: Stretch, *, money: Collection[str]
) -> list[Receipt]:
    """What the money accounts were moved for, by fund and code; `money` are their codes."""
    await refuse_unsettled(connection, asked.known_by)
    rows = await connection.fetch(_RECEIPTS, *_values(asked), sorted(money))
    return [Receipt(*row) for row in rows]


def _values(asked: Stretch) -> tuple[object, ...]:
    return (
        asked.node,
        asked.first_on,
        asked.last_on,
        asked.known_by,
        asked.alone,
        asked.fund,
    )
