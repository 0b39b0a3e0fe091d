"""What a report is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from service.books import Books

Cell: TypeAlias = str | int
"""Text, a date as ISO text, an amount as rupees with two decimals, or a count."""


@dataclass(frozen=True, slots=True)
class Query:
    """The days asked for, the moment by which it was known, and the organisation.

    Without `known_by` all that is posted counts. `node` narrows a report to one
    organisation, or, where it lists books, members or loans, to those under it.
    """

    as_of: tuple[date, ...] = ()
    known_by: datetime | None = None
    node: str | None = None

    @property
    def last(self) -> date:
        """The last day asked for; the end of time where none is."""
        return max(self.as_of, default=date.max)


@dataclass(frozen=True, slots=True)
class Table:
    """A report: its columns, and its rows in the order of their keys."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """A report by name; `dated` ones need at least one day."""

    name: str
    title: str
    dated: bool
    make: Callable[[Books, Query], Awaitable[Table]]
