"""Who belongs to whom: one parent on a day, and never a circle."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from service.imports.registers import Known
    from service.imports.rows import FederationRow


def federation_codes(known: Known) -> Iterator[Problem]:
    """Both organisations of a row exist."""
    file = known.tables.federation.file
    for row in known.tables.federation.rows:
        yield from known.organisations.missing(row.code, file, row.line, "code")
        yield from known.organisations.missing(row.parent, file, row.line, "parent")


def empty_periods(known: Known) -> Iterator[Problem]:
    """A period holds on one day at least."""
    for table in (known.tables.federation, known.tables.nominations):
        for row in table.rows:
            if row.to_on is not None and row.to_on <= row.from_on:
                what = f"the period from {row.from_on} to {row.to_on} holds on no day"
                todo = '"to" is the first day on which it no longer holds: write a later day.'
                yield Problem(table.file, row.line, "to", what, todo)


def two_parents(known: Known) -> Iterator[Problem]:
    """On any day an organisation has one parent or none."""
    for rows in _by_child(known).values():
        longest: FederationRow | None = None
        for row in sorted(rows, key=lambda row: (row.from_on, row.line)):
            if longest is not None and row.from_on < _end(longest):
                what = (
                    f"on {row.from_on} {row.code} still belongs to {longest.parent}"
                    f" (line {longest.line})"
                )
                todo = 'End the old row with "to" on the day on which the new one begins.'
                yield Problem(known.tables.federation.file, row.line, "from", what, todo)
            if longest is None or _end(row) > _end(longest):
                longest = row


def circles(known: Known) -> Iterator[Problem]:
    """Nobody belongs to itself, on no day, directly or over others.

    A circle is whole from the day on which its last row begins, so it is enough to climb
    from each row on its own first day.
    """
    by_child = _by_child(known)
    for rows in by_child.values():
        for row in rows:
            if row.code in ancestors(by_child, row.parent, row.from_on):
                what = f"on {row.from_on} {row.code} belongs to itself"
                if row.parent != row.code:
                    what += f", by way of {row.parent}"
                yield Problem(
                    known.tables.federation.file, row.line, "parent", what, "Correct the parent."
                )


def ancestors(by_child: Mapping[str, Sequence[FederationRow]], code: str, on: date) -> set[str]:
    """An organisation and all that it belongs to on a day."""
    seen: set[str] = set()
    todo = [code]
    while todo:
        if (here := todo.pop()) not in seen:
            seen.add(here)
            todo += parents_on(by_child.get(here, ()), on)
    return seen


def parents_on(rows: Iterable[FederationRow], on: date) -> list[str]:
    """The parents that these rows of one organisation name on a day: one or none, if sound."""
    return [row.parent for row in rows if row.from_on <= on < _end(row)]


def _by_child(known: Known) -> dict[str, list[FederationRow]]:
    by_child: dict[str, list[FederationRow]] = defaultdict(list)
    for row in known.tables.federation.rows:
        if row.from_on < _end(row):
            by_child[row.code].append(row)
    return dict(by_child)


def _end(row: FederationRow) -> date:
    return date.max if row.to_on is None else row.to_on
