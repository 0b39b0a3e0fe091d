"""Reversals: of something known, once, and not before it; and loans paid out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.imports.kinds import EventKind, SheetLineKind
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from service.imports.registers import Known
    from service.imports.rows import EventRow, SheetRow


def reversals(known: Known) -> Iterator[Problem]:
    """Everything that the files show about whether a reversal may be posted."""
    for event in known.tables.events.rows:
        if event.kind is not EventKind.REVERSAL or event.reverses is None:
            continue
        problems = [*_unknown(known, event), *_repeated(known, event)]
        sheet, other = known.sheets.get(event.reverses), known.events.get(event.reverses)
        if sheet is not None:
            problems += _against(event, sheet, sheet.held_on, {sheet.co})
        elif other is not None:
            books = {other.org, other.counterparty}
            problems += [*_of_reversal(other), *_against(event, other, other.on, books)]
        for column, what, todo in problems:
            yield Problem(known.tables.events.file, event.line, column, what, todo)


def _unknown(known: Known, event: EventRow) -> Iterator[tuple[str, str, str]]:
    code = event.reverses or ""
    if known.sheets.may_have(code) or known.events.may_have(code):
        return
    doubt = known.tables.sheets.doubt() or known.tables.events.doubt()
    what = f'"{code}" is neither in sheets.csv nor in events.csv'
    yield "reverses", what, f"Correct the code of what is reversed.{doubt}"


def _repeated(known: Known, event: EventRow) -> Iterator[tuple[str, str, str]]:
    first = known.reversals[event.reverses or ""]
    if first.line != event.line:
        what = f'"{event.reverses}" is reversed by {first.code} (line {first.line}) already'
        yield "reverses", what, "Take one of the two out."


def _of_reversal(other: EventRow) -> Iterator[tuple[str, str, str]]:
    if other.kind is EventKind.REVERSAL:
        what = f'"{other.code}" is itself a reversal'
        yield "reverses", what, "Enter again what was right, instead of reversing the reversal."


def _against(
    event: EventRow, what_for: SheetRow | EventRow, happened_on: date, books: set[str | None]
) -> Iterator[tuple[str, str, str]]:
    code = what_for.code
    if event.on < happened_on:
        what = f'{event.on} lies before {happened_on}, the day of "{code}"'
        yield "on", what, "Write the same day or a later one."
    if event.posted_at < what_for.posted_at:
        what = f'"{code}" is posted only later, at {what_for.posted_at.isoformat()}'
        yield "posted_at", what, "Write a moment after that of what is reversed."
    if event.org not in books:
        what = f'"{event.org}" has no part in "{code}"'
        yield "org", what, "Write the organisation of what is reversed."


def loans_paid_out_twice(known: Known) -> Iterator[Problem]:
    """A loan is paid out once: of two disbursements, one is reversed by some event.

    A meeting that was entered twice pays a loan out twice until one of its sheets is
    reversed, so the order of the reversal does not matter here.
    """
    standing: dict[str, tuple[str, int]] = {}
    for file, column, line, loan in _standing_disbursements(known):
        place = standing.setdefault(loan, (file, line))
        if place != (file, line):
            what = f'"{loan}" is paid out by {place[0]} line {place[1]} already'
            todo = f"Take one out, or reverse it.{known.tables.events.doubt()}"
            yield Problem(file, line, column, what, todo)


def _standing_disbursements(known: Known) -> Iterator[tuple[str, str, int, str]]:
    """File, column, line and loan of every disbursement that nothing reverses."""
    sheet_lines, events = known.tables.sheet_lines, known.tables.events
    for line in sheet_lines.rows:
        pays_out = line.kind is SheetLineKind.DISBURSEMENT and line.sheet not in known.reversals
        if pays_out and line.loan is not None:
            yield sheet_lines.file, "loan", line.line, line.loan
    for event in events.rows:
        kind = EventKind.ORGANISATION_LOAN_DISBURSED
        pays_out = event.kind is kind and event.code not in known.reversals
        if pays_out and event.loan is not None:
            yield events.file, "loan", event.line, event.loan
