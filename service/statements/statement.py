"""What a statement is, what it is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum, auto
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ledger.calendar import BUSINESS_ZONE
from ledger.money import rupees
from ledger.postgres.movements import Stretch
from service.tables.columns import Cell, Column, Form
from service.tables.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from ledger.postgres.lines import LinePlace
    from service.books import Books
    from service.tables.columns import Cells

Total: TypeAlias = dict[str, str | int]
"""A sum: texts say of what, integers are paisa."""


class Dated(Enum):
    """Which days a statement asks for."""

    PERIOD = auto()
    DAY = auto()
    NEVER = auto()


class Narrowing(StrEnum):
    """What may narrow a statement, by the name of the field that says so."""

    FUND = "fund"
    CODE = "code"
    PARTY = "party"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of a statement; what is None was left out."""

    first_on: date | None = None
    last_on: date | None = None
    as_of: date | None = None
    known_by: datetime | None = None
    consolidated: bool = False
    fund: str | None = None
    code: str | None = None
    party: str | None = None
    account: int | None = None
    after: LinePlace | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked, for one book: every day settled, and nothing that the statement has not."""

    book: int
    organisation: str
    first_on: date
    last_on: date
    asked: Asked

    @property
    def stretch(self) -> Stretch:
        """The same for movements."""
        return Stretch(
            self.book,
            alone=not self.asked.consolidated,
            first_on=self.first_on,
            last_on=self.last_on,
            known_by=self.asked.known_by,
            fund=self.asked.fund,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a statement as they come, and what the whole of it amounts to."""

    rows: AsyncIterator[Any]
    totals: Sequence[Total] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement by name; only one with `node_columns` is consolidated for a node."""

    name: str
    title: str
    make: Callable[[Books, Scope], Awaitable[Content]]
    columns: tuple[Column, ...]
    node_columns: tuple[Column, ...] = ()
    dated: Dated = Dated.PERIOD
    narrowed_by: frozenset[Narrowing] = frozenset()
    paged: bool = False
    fund: str | None = None
    """The one it is of, unless another is asked for; None: all."""


@dataclass(frozen=True, slots=True)
class Made:
    """A statement made: its head, its columns, its rows as they come, and its totals."""

    head: dict[str, Cell | bool]
    columns: tuple[Column, ...]
    content: Content

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    def cells(self) -> Callable[[Any], tuple[Cell, ...]]:
        """What shows a row as the columns have it."""
        shown = [(attrgetter(c.attribute), _SHOWN[c.form]) for c in self.columns]
        return lambda row: tuple(show(get(row)) for get, show in shown)

    async def table_rows(self) -> AsyncIterator[Cells]:
        """Its rows as they come, as the columns have them."""
        show = self.cells()
        async for row in self.content.rows:
            yield show(row)

    def workbook(self, *, made_at: datetime) -> Workbook:
        """The workbook that its rows go into."""
        name = str(self.head["statement"])
        return Workbook(self.columns, self.head, name=name, made_at=made_at)

    @property
    def totals(self) -> list[dict[str, str]]:
        """The totals, with amounts as rupees."""
        return [
            {name: rupees(value) if isinstance(value, int) else value for name, value in t.items()}
            for t in self.content.totals
        ]


async def each(rows: Iterable[Any]) -> AsyncIterator[Any]:
    """Rows that are all there already, as they would come."""
    for row in rows:
        yield row


def summed(rows: Iterable[Any], columns: Iterable[Column], *by: str) -> list[Total]:
    """The sum of every column of money, over the rows that agree in some others."""
    money = {c.name: attrgetter(c.attribute) for c in columns if c.form is Form.MONEY}
    sums: dict[tuple[str, ...], Total] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in by)
        so_far = sums.get(key) or dict(zip(by, key, strict=True)) | dict.fromkeys(money, 0)
        sums[key] = so_far | {name: so_far[name] + get(row) for name, get in money.items()}
    return list(sums.values())


def as_text(day: date) -> str:
    """A day as ISO text; a moment as that of Karachi."""
    if isinstance(day, datetime):
        return day.astimezone(BUSINESS_ZONE).isoformat()
    return day.isoformat()


def _as_it_is(value: Cell) -> Cell:
    return value


def _as_money(paisa: int | None) -> Cell:
    return None if paisa is None else rupees(paisa)


def _as_text(day: date | None) -> Cell:
    return None if day is None else as_text(day)


_SHOWN: Final[dict[Form, Callable[[Any], Cell]]] = {
    Form.TEXT: _as_it_is,
    Form.NUMBER: _as_it_is,
    Form.DAY: _as_text,
    Form.MOMENT: _as_text,
    Form.MONEY: _as_money,
    Form.PERCENT: _as_it_is,
}
