"""Sheets at rest: drafts that forgive all, closed sheets that never change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

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
    INSERT INTO service.sheet (code, organisation, held_on, state, present, cash_counted, lines,
        prepared_by, prepared_at, entry_no)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_CHANGE = """
    UPDATE service.sheet SET held_on = :held_on, present = :present, cash_counted = :cash_counted,
        lines = CAST(:lines AS jsonb), version = version + 1, prepared_by = :actor,
        prepared_at = :now
    WHERE code = :code AND state = 'draft' AND version = :version
"""
_STATE = """
    UPDATE service.sheet SET state = :state, entry_no = coalesce(:entry_no, entry_no),
        version = version + 1
    WHERE code = :code AND state = ANY (:was)
"""
_SELECT = """
    SELECT code, organisation, held_on, present, cash_counted, lines, state, version, entry_no
    FROM service.sheet
"""
_LATEST = """
    SELECT s.code, s.organisation, s.held_on, s.present, s.cash_counted, s.lines,
        CASE WHEN s.entry_no IS NULL THEN s.state WHEN r.no IS NULL THEN 'closed'
            ELSE 'reversed' END AS state,
        s.version, s.entry_no
    FROM service.sheet AS s
    JOIN service.book_number AS b ON b.code = s.organisation
    LEFT JOIN ledger.entry AS e ON e.book_id = b.book_id AND e.no = s.entry_no
    LEFT JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.reverses = e.no
        AND r.value_date <= :on AND r.posted_at <= coalesce(:known_by, r.posted_at)
    WHERE s.organisation = :organisation AND s.held_on <= :on
        AND (CAST(:known_by AS timestamptz) IS NULL OR e.posted_at <= :known_by)
    ORDER BY s.held_on DESC, s.code DESC LIMIT :limit
"""
_LOCK = "SELECT 1 FROM service.sheet WHERE code = ANY (:codes) ORDER BY code FOR UPDATE"
_HOLD_MEETING = "SELECT pg_advisory_xact_lock(hashtext('service.meeting'), hashtext(:meeting))"
_WITHDRAWN_BESIDE = """
    SELECT l ->> 0, sum(CAST(l ->> 2 AS bigint))
    FROM service.sheet s CROSS JOIN jsonb_array_elements(s.lines) AS l
    WHERE s.organisation = :organisation AND s.held_on = :on AND s.code <> :code
        AND s.state = 'closed' AND l ->> 1 = 'withdrawal' AND l ->> 0 = ANY (:members)
    GROUP BY 1
"""


async def add(
    books: WritableBooks,
    sheets: Sequence[tuple[Sheet, int | None]],
) -> None:
    """Keep sheets: drafts, and closed ones with their voucher number."""
    rows = [
        (
            sheet.code,
            sheet.organisation,
            sheet.held_on,
            (SheetState.CLOSED if entry_no else SheetState.DRAFT).value,
            sheet.present,
            sheet.cash_counted,
            _plain(sheet.lines),
            books.actor,
            books.now,
            entry_no,
        )
        for sheet, entry_no in sheets
    ]
    if len(rows) == 1:
        await books.ledger.execute(_ADD, *rows[0])
    else:
        await books.ledger.executemany(_ADD, rows)


async def change(books: WritableBooks, sheet: Sheet, *, version: int) -> None:
    """Replace a draft. Raises `SheetNotDraft`, or `VersionChanged` for another version."""
    changed = await books.execute(
        _CHANGE,
        code=sheet.code,
        held_on=sheet.held_on,
        present=list(sheet.present),
        cash_counted=sheet.cash_counted,
        lines=_plain(sheet.lines),
        actor=books.actor,
        now=books.now,
        version=version,
    )
    if not changed:
        stored = await load(books, sheet.code)
        if stored.state is not SheetState.DRAFT:
            raise SheetNotDraft(f"Sheet {sheet.code} is {stored.state}. Reverse it to correct it.")
        raise VersionChanged(f"Sheet {sheet.code} was changed by somebody else. Read it again.")


async def set_state(
    books: WritableBooks,
    code: str,
    state: SheetState,
    *,
    was: Collection[SheetState],
    entry_no: int | None = None,
) -> None:
    """Move a sheet on from one of these states; one that is in another stays as it is."""
    await books.execute(_STATE, code=code, state=state.value, was=sorted(was), entry_no=entry_no)


async def withdrawn_beside(
    books: Books, sheet: Sheet, members: Sequence[str]
) -> list[tuple[str, int]]:
    """What members withdrew by other closed sheets of the same meeting, in paisa.

    Whoever asks holds the meeting: another sheet of it with withdrawals waits for this one.
    """
    meeting = f"{sheet.organisation} {sheet.held_on}"
    await books.fetch(_HOLD_MEETING, meeting=meeting)
    rows = await books.fetch(
        _WITHDRAWN_BESIDE,
        organisation=sheet.organisation,
        on=sheet.held_on,
        code=sheet.code,
        members=list(members),
    )
    return [(row[0], int(row[1])) for row in rows]


async def lock(books: WritableBooks, *codes: str) -> None:
    """Keep others from sheets, as far as there are any of these codes.

    A sheet is locked before its meeting and its book, by everybody: whoever locked them the
    other way round could wait for ever.
    """
    await books.fetch(_LOCK, codes=list(codes))


async def load(books: Books, code: str, *, for_update: bool = False) -> StoredSheet:
    """One sheet; `for_update` keeps others from changing it. Raises `NotFound`."""
    lock = " FOR UPDATE" if for_update else ""
    row = await books.fetch_one(f"{_SELECT} WHERE code = :code{lock}", code=code)
    if row is None:
        raise NotFound(f"There is no sheet {code}. Check the code.")
    return _stored(row)


async def states(books: Books, codes: Collection[str]) -> dict[str, SheetState]:
    """Where the sheets are that there are of these codes."""
    sql = "SELECT code, state FROM service.sheet WHERE code = ANY (:codes)"
    rows = await books.fetch(sql, codes=sorted(set(codes)))
    return {row[0]: SheetState(row[1]) for row in rows}


async def of_organisation(
    books: Books,
    organisation: str,
    *,
    state: SheetState | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
    after: str = "",
    limit: int = 100,
) -> list[StoredSheet]:
    """The sheets of a CO in the order of their codes, those after `after`."""
    rows = await books.fetch(
        f"{_SELECT} WHERE organisation = :organisation AND code > :after"
        " AND (CAST(:state AS text) IS NULL OR state = :state)"
        " AND held_on BETWEEN :first_on AND :last_on ORDER BY code LIMIT :limit",
        organisation=organisation,
        state=state and state.value,
        first_on=first_on or date.min,
        last_on=last_on or date.max,
        after=after,
        limit=limit,
    )
    return [_stored(row) for row in rows]


async def latest(
    books: Books, organisation: str, on: date, *, known_by: datetime | None = None, limit: int
) -> list[StoredSheet]:
    """The sheets of a CO that were held by a day, the newest first, in the state they were in then.

    With `known_by` those that were written by that moment.
    """
    rows = await books.fetch(
        _LATEST, organisation=organisation, on=on, known_by=known_by, limit=limit
    )
    return [_stored(row) for row in rows]


def _plain(lines: Sequence[SheetLine]) -> str:
    """Lines as they are kept: member, kind, amount in paisa, loan."""
    return json.dumps([[line.member, line.kind, line.amount, line.loan] for line in lines])


def _stored(row: Any) -> StoredSheet:  # noqa: ANN401 - a row is as wide as its query
    sheet = Sheet(
        code=row.code,
        organisation=row.organisation,
        held_on=row.held_on,
        present=tuple(row.present),
        cash_counted=row.cash_counted,
        lines=tuple(SheetLine(m, SheetLineKind(kind), a, loan) for m, kind, a, loan in row.lines),
    )
    return StoredSheet(sheet, SheetState(row.state), row.version, row.entry_no)
