"""Correcting a closed sheet: its reversal and the right sheet, as one posting.

The reversal has a value date of its own, not before the sheet's; the right sheet keeps the
day of the meeting. Floors are checked after both, so that a correction never fails for
the moment in between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.requests import Posted, Request
from service import guarantees, organisations
from service.accounts import PaidBy
from service.digests import digest
from service.events import drafting as events
from service.events import store as events_store
from service.events.actions import record
from service.events.event import Event, EventKind
from service.events.setting import Setting
from service.loans import contracts
from service.refusals import SheetNotClosed
from service.sheets import actions, drafting, store
from service.sheets.sheet import OPEN_STATES, Sheet, SheetState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ledger.entries import Draft
    from ledger.positions import Position, Reads
    from service.books import WritableBooks


async def correct_sheet(
    books: WritableBooks,
    wrong: str,
    right: Sheet,
    *,
    on: date,
    reason: str,
    resolution: str | None,
    key: str,
) -> Posted:
    """Reverse a closed sheet on `on` and post the right one, together or not at all.

    The same key again gives the first answer. Raises `SheetNotClosed`, and whatever the
    right sheet or the books refuse.
    """
    code = f"{right.code}/reversal"
    taken = await actions.taken(books, right.code, code)
    stored = await actions.load_to_change(books, wrong)
    right = replace(right, organisation=stored.sheet.organisation)
    await actions.refuse_malformed(books, right)
    if stored.state in OPEN_STATES:
        raise SheetNotClosed(f"Sheet {wrong} is a draft. Change it instead.")
    undo = _undoing(stored.sheet, code=code, on=on, reason=reason, resolution=resolution)
    book = await organisations.book_of(books, right.organisation)
    setting = Setting(book, undoes=await events_store.entries_of(books, wrong))
    await contracts.set_paid_out(books, actions.paid_out(right), right.held_on)
    loans = await contracts.loans(books, [line.loan for line in right.lines if line.loan])
    anew = set(actions.paid_out(right)) - set(actions.paid_out(stored.sheet))
    standing = await guarantees.standing(books, loans, anew, right.held_on)
    actor = books.actor

    def undoing(position: Position) -> Sequence[Draft]:
        actions.refuse_taken(taken)
        guarantees.refuse_too_few_guarantors(loans, standing)
        return events.drafts(undo, setting, position, actor=actor)

    posted = await books.post(
        Request(
            reads=_both(events.reads(undo, setting), drafting.reads(right, book, loans)),
            draft=undoing,
            then=lambda position: [drafting.draft(right, book, loans, position, actor=actor)],
            key=key,
            digest=digest("correct sheet", right, undo=undo),
        )
    )
    if not posted.replayed:
        reversal, replacement = posted.refs
        await events_store.add(books, [(undo, reversal.no)])
        await store.set_state(books, wrong, SheetState.REVERSED, was={SheetState.CLOSED})
        await store.add(books, [(right, replacement.no)])
    return posted


async def reverse_sheet(
    books: WritableBooks,
    wrong: str,
    *,
    code: str,
    on: date,
    reason: str,
    resolution: str | None,
    key: str,
) -> Posted:
    """Reverse a closed sheet on `on`, by an event of this code, and put nothing in its place.

    The same key again gives the first answer. Raises `SheetNotClosed`, and whatever the
    books refuse.
    """
    stored = await actions.load_to_change(books, wrong)
    if stored.state in OPEN_STATES:
        raise SheetNotClosed(f"Sheet {wrong} is a draft. Change it instead.")
    undo = _undoing(stored.sheet, code=code, on=on, reason=reason, resolution=resolution)
    return await record(books, undo, key=key)


def _undoing(wrong: Sheet, *, code: str, on: date, reason: str, resolution: str | None) -> Event:
    return Event(
        code=code,
        organisation=wrong.organisation,
        kind=EventKind.REVERSAL,
        happened_on=on,
        fund=None,
        paid_by=PaidBy.NONE,
        amount=None,
        narrative=reason,
        resolution=resolution,
        reverses=wrong.code,
    )


def _both(one: Reads, other: Reads) -> Reads:
    """What two drafts ask the books, together."""
    return replace(
        one,
        books=one.books | other.books,
        accounts=one.accounts | other.accounts,
        moves=one.moves | other.moves,
        subjects=one.subjects | other.subjects,
        named=one.named | other.named,
        since=min(one.since, other.since),
    )
