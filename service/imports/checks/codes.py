"""Codes and moments that may occur only once, and the size of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.money import MOST_PAISA
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.imports.registers import Coded, Known
    from service.imports.tables import Table


def codes_used_twice(known: Known) -> Iterator[Problem]:
    """A code is unique within its file; sheets and events share one set."""
    tables = known.tables
    yield from _repeated(tables.organisations)
    yield from _repeated(tables.members)
    yield from _repeated(tables.products)
    yield from _repeated(tables.loans)
    yield from _repeated(tables.sheets, tables.events)


def _repeated(*tables: Table[Coded]) -> Iterator[Problem]:
    first: dict[str, tuple[str, int]] = {}
    for table in tables:
        for row in table.rows:
            place = first.setdefault(row.code, (table.file, row.line))
            if place != (table.file, row.line):
                what = f'"{row.code}" is the code of {place[0]} line {place[1]} already'
                yield Problem(table.file, row.line, "code", what, "Give each row its own code.")


def moments_used_twice(known: Known) -> Iterator[Problem]:
    """A posting moment occurs once over sheets and events: it gives them their order."""
    first: dict[datetime, tuple[str, int]] = {}
    for file, line, moment in _moments(known):
        place = first.setdefault(moment, (file, line))
        if place != (file, line):
            what = f"{moment.isoformat()} is the moment of {place[0]} line {place[1]} already"
            todo = "Give each sheet and event a moment of its own, if only a second apart."
            yield Problem(file, line, "posted_at", what, todo)


def _moments(known: Known) -> Iterator[tuple[str, int, datetime]]:
    for sheet in known.tables.sheets.rows:
        yield known.tables.sheets.file, sheet.line, sheet.posted_at
    for event in known.tables.events.rows:
        yield known.tables.events.file, event.line, event.posted_at


def amounts_beyond_reach(known: Known) -> Iterator[Problem]:
    """All amounts together stay within what an account can hold."""
    total = 0
    for file, line, column, amount in _amounts(known):
        total += amount
        if total > MOST_PAISA:
            what = "with this amount, the bundle moves more money than an account can hold"
            yield Problem(file, line, column, what, "Look for an amount that is far too large.")
            return


def _amounts(known: Known) -> Iterator[tuple[str, int, str, int]]:
    tables = known.tables
    for sheet in tables.sheets.rows:
        yield tables.sheets.file, sheet.line, "cash_counted", abs(sheet.cash_counted)
    for line in tables.sheet_lines.rows:
        yield tables.sheet_lines.file, line.line, "amount", line.amount
    for event in tables.events.rows:
        yield tables.events.file, event.line, "amount", event.amount or 0
