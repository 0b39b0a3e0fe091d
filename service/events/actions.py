"""Recording an event: one entry in each book that it touches, all posted or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.requests import Posted, Request
from service import access, federation, guarantees, members, organisations
from service.access import Right
from service.digests import digest
from service.events import drafting, store
from service.events.drafting import Setting
from service.events.event import IGG_KINDS, TRANSFERS, Event, EventKind, refuse_malformed
from service.loans import contracts
from service.refusals import Malformed
from service.sheets import actions as sheet_actions
from service.sheets import store as sheets
from service.sheets.sheet import SheetState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.entries import Draft
    from ledger.positions import Position
    from service.books import WritableBooks
    from service.loans.contracts import Loan


async def record(books: WritableBooks, event: Event, *, key: str) -> Posted:
    """Post an event; the same key again gives the first answer.

    A reversal undoes a sheet or an event in every book. Raises `Malformed`, `NotFound`,
    `AlreadyExists`, and whatever the books refuse.
    """
    refuse_malformed(event)
    taken = await sheet_actions.taken(books, event.code)
    setting = await _setting(books, event)
    loans, paid_out = _paid_out(event, setting)
    standing = await guarantees.standing(books, loans, paid_out, event.happened_on)

    def draft(position: Position) -> Sequence[Draft]:
        sheet_actions.refuse_taken(taken)
        guarantees.refuse_too_few_guarantors(loans, standing)
        return drafting.drafts(event, setting, position, actor=books.actor)

    posted = await books.post(
        Request(
            reads=drafting.reads(event, setting),
            draft=draft,
            key=key,
            digest=digest("record event", event),
        )
    )
    if not posted.replayed:
        await store.add(books, [(event, posted.refs[0].no)])
        await _mark_reversed(books, event)
    return posted


def _paid_out(event: Event, setting: Setting) -> tuple[dict[str, Loan], list[str]]:
    """The loan of an event, where it has one, and its code where the event pays it out."""
    loans = {} if setting.loan is None else {setting.loan.code: setting.loan}
    return loans, list(loans) if event.kind is EventKind.ORGANISATION_LOAN_DISBURSED else []


async def _setting(books: WritableBooks, event: Event) -> Setting:
    book = await access.authorise(books, Right.PREPARE, event.organisation)
    if event.kind is EventKind.REVERSAL:
        await sheets.lock(books, event.reverses or "")
        undoes = await store.entries_of(books, event.reverses or "")
        if book not in {entry.ref.book for entry in undoes}:
            raise Malformed(f"organisation: {event.reverses} is not in its book.")
        return Setting(book, undoes=store.own_first(undoes, book))
    if event.kind in IGG_KINDS:
        await members.organisations_of(books, [event.counterparty or ""])
    other_book = None
    if event.kind in TRANSFERS:
        other_book = await organisations.book_of(books, event.counterparty or "")
    loan = event.loan
    if loan and event.kind is EventKind.ORGANISATION_LOAN_DISBURSED:
        await contracts.set_paid_out(books, [loan], event.happened_on)
    return Setting(
        book=book,
        other_book=other_book,
        loan=(await contracts.loans(books, [loan]))[loan] if loan else None,
        parent=await federation.parent_of(books, event.organisation, event.happened_on),
    )


async def _mark_reversed(books: WritableBooks, event: Event) -> None:
    if event.reverses is not None:
        await sheets.set_state(books, event.reverses, SheetState.REVERSED, was={SheetState.CLOSED})
