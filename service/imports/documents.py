"""A bundle's sheets and events, in the order in which the books learned of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.events.event import Event
from service.sheets.sheet import Sheet, SheetLine

if TYPE_CHECKING:
    from datetime import datetime

    from service.imports.rows import Bundle, EventRow, SheetLineRow, SheetRow


@dataclass(frozen=True, slots=True)
class Document:
    """One sheet or event, with the rows that it was made from."""

    content: Sheet | Event
    posted_at: datetime
    row: SheetRow | EventRow
    lines: tuple[SheetLineRow, ...] = ()

    @property
    def code(self) -> str:
        """Its code, unique over sheets and events."""
        return self.content.code

    @property
    def reverses(self) -> str | None:
        """The code of what a reversal undoes."""
        return self.content.reverses if isinstance(self.content, Event) else None

    def place(self, about: object) -> tuple[str, int, str]:
        """File, line and column of a part of it: one of its lines, or the whole."""
        if isinstance(self.content, Event):
            return "events.csv", self.row.line, ""
        for line, row in zip(self.content.lines, self.lines, strict=True):
            if line is about:
                return "sheet_lines.csv", row.line, "amount"
        return "sheets.csv", self.row.line, ""


def documents(bundle: Bundle) -> list[Document]:
    """All sheets and events by the moment of their posting."""
    lines: defaultdict[str, list[SheetLineRow]] = defaultdict(list)
    for row in bundle.sheet_lines:
        lines[row.sheet].append(row)
    found = [_sheet(row, lines[row.code]) for row in bundle.sheets]
    found += [_event(row) for row in bundle.events]
    return sorted(found, key=lambda document: document.posted_at)


def _sheet(row: SheetRow, lines: list[SheetLineRow]) -> Document:
    sheet = Sheet(
        code=row.code,
        organisation=row.co,
        held_on=row.held_on,
        present=row.present,
        cash_counted=row.cash_counted,
        lines=tuple(SheetLine(ln.member, ln.kind, ln.amount, ln.loan) for ln in lines),
    )
    return Document(sheet, row.posted_at, row, tuple(lines))


def _event(row: EventRow) -> Document:
    event = Event(
        code=row.code,
        organisation=row.org,
        kind=row.kind,
        happened_on=row.on,
        fund=row.fund,
        paid_by=row.paid_by,
        amount=row.amount,
        counterparty=row.counterparty,
        loan=row.loan,
        narrative=row.narrative or "",
        resolution=row.resolution,
        reverses=row.reverses,
    )
    return Document(event, row.posted_at, row)
