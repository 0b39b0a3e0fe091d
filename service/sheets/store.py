"""Sheets at rest: drafts that forgive all, closed sheets that never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.refusals import NotFound, SheetNotDraft, VersionChanged
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind, SheetState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """A sheet with its state; `entry_no` is its voucher number once it is closed."""

    sheet: Sheet
    state: SheetState
    version: int
    entry_no: int | None


_ADD = """
    INSERT INTO service.sheet
        (code, organisation, held_on, state, present, cash_counted, prepared_by, prepared_at,
            entry_no)
    VALUES (:code, :organisation, :held_on, :state, :present, :cash_counted, :actor, :now,
        :entry_no)
"""
_ADD_LINE = """
    INSERT INTO service.sheet_line (sheet, n, member, kind, loan, amount)
    VALUES (:sheet, :n, :member, :kind, :loan, :amount)
"""
_CHANGE = """
    UPDATE service.sheet SET held_on = :held_on, present = :present, cash_counted = :cash_counted,
        version = version + 1, prepared_by = :actor, prepared_at = :now
    WHERE code = :code AND state = 'draft' AND version = :version
"""
_STATE = """
    UPDATE service.sheet SET state = :state, entry_no = coalesce(:entry_no, entry_no),
        version = version + 1
    WHERE code = :code
"""
_SELECT = """
    SELECT code, organisation, held_on, present, cash_counted, state, version, entry_no
    FROM service.sheet
"""
_LINES = """
    SELECT sheet, member, kind, amount, loan FROM service.sheet_line
    WHERE sheet = ANY (:codes) ORDER BY sheet, n
"""


async def add(
    books: WritableBooks,
    sheets: Sequence[tuple[Sheet, int | None]],
) -> None:
    """Keep sheets: drafts, and closed ones with their voucher number."""
    await books.execute_many(
        _ADD,
        [
            {
                "code": sheet.code,
                "organisation": sheet.organisation,
                "held_on": sheet.held_on,
                "state": (SheetState.CLOSED if entry_no else SheetState.DRAFT).value,
                "present": list(sheet.present),
                "cash_counted": sheet.cash_counted,
                "actor": books.actor,
                "now": books.now,
                "entry_no": entry_no,
            }
            for sheet, entry_no in sheets
        ],
    )
    await _add_lines(books, [sheet for sheet, _ in sheets])


async def change(books: WritableBooks, sheet: Sheet, *, version: int) -> None:
    """Replace a draft. Raises `SheetNotDraft`, or `VersionChanged` for another version."""
    changed = await books.execute(
        _CHANGE,
        code=sheet.code,
        held_on=sheet.held_on,
        present=list(sheet.present),
        cash_counted=sheet.cash_counted,
        actor=books.actor,
        now=books.now,
        version=version,
    )
    if not changed:
        stored = await load(books, sheet.code)
        if stored.state is not SheetState.DRAFT:
            raise SheetNotDraft(f"Sheet {sheet.code} is {stored.state}. Reverse it to correct it.")
        raise VersionChanged(f"Sheet {sheet.code} was changed by somebody else. Read it again.")
    await books.execute("DELETE FROM service.sheet_line WHERE sheet = :code", code=sheet.code)
    await _add_lines(books, [sheet])


async def set_state(
    books: WritableBooks, code: str, state: SheetState, *, entry_no: int | None = None
) -> None:
    """Move a sheet on: closed with its voucher number, or reversed."""
    await books.execute(_STATE, code=code, state=state.value, entry_no=entry_no)


async def lock(books: WritableBooks, code: str) -> None:
    """Keep others from a sheet, if there is one of this code.

    A sheet is locked before its book, by everybody: whoever locked them the other way round
    could wait for ever.
    """
    await books.fetch("SELECT 1 FROM service.sheet WHERE code = :code FOR UPDATE", code=code)


async def load(books: Books, code: str, *, for_update: bool = False) -> StoredSheet:
    """One sheet; `for_update` keeps others from changing it. Raises `NotFound`."""
    lock = " FOR UPDATE" if for_update else ""
    row = await books.fetch_one(f"{_SELECT} WHERE code = :code{lock}", code=code)
    if row is None:
        raise NotFound(f"There is no sheet {code}. Check the code.")
    lines = await _lines(books, [code])
    return _stored(row, lines.get(code, []))


async def of_organisation(
    books: Books, organisation: str, *, after: str = "", limit: int = 100
) -> list[StoredSheet]:
    """The sheets of a CO in the order of their codes, those after `after`."""
    where = "WHERE organisation = :organisation AND code > :after ORDER BY code LIMIT :limit"
    rows = await books.fetch(
        f"{_SELECT} {where}", organisation=organisation, after=after, limit=limit
    )
    lines = await _lines(books, [row.code for row in rows])
    return [_stored(row, lines.get(row.code, [])) for row in rows]


async def _add_lines(books: WritableBooks, sheets: Sequence[Sheet]) -> None:
    await books.execute_many(
        _ADD_LINE,
        [
            {
                "sheet": sheet.code,
                "n": n,
                "member": line.member,
                "kind": line.kind.value,
                "loan": line.loan,
                "amount": line.amount,
            }
            for sheet in sheets
            for n, line in enumerate(sheet.lines, start=1)
        ],
    )


async def _lines(books: Books, codes: Collection[str]) -> dict[str, list[SheetLine]]:
    lines: dict[str, list[SheetLine]] = {}
    for sheet, member, kind, amount, loan in await books.fetch(_LINES, codes=list(codes)):
        line = SheetLine(member, SheetLineKind(kind), amount, loan)
        lines.setdefault(sheet, []).append(line)
    return lines


def _stored(row: tuple[object, ...], lines: list[SheetLine]) -> StoredSheet:
    code, organisation, held_on, present, counted, state, version, entry_no = row
    sheet = Sheet(code, organisation, held_on, tuple(present), counted, tuple(lines))  # type: ignore[arg-type] # as the query says
    return StoredSheet(sheet, SheetState(str(state)), version, entry_no)  # type: ignore[arg-type] # as the query says
