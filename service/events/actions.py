"""Recording an event: one entry in each book that it touches, all posted or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.requests import Posted, Request
from service import guarantees
from service.digests import digest
from service.events import drafting, leaving, preparing, store
from service.events.event import Event, EventKind, refuse_malformed
from service.sheets import actions as sheet_actions
from service.sheets import store as sheets
from service.sheets.sheet import SheetState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.entries import Draft
    from ledger.positions import Position
    from service.books import WritableBooks
    from service.events.setting import Setting
    from service.loans.contracts import Loan

_PAYS_OUT = frozenset({EventKind.ORGANISATION_LOAN_DISBURSED, EventKind.REFINANCE})


async def record(books: WritableBooks, event: Event, *, key: str) -> Posted:
    """Post an event; the same key again gives the first answer.

    A reversal undoes a sheet or an event in every book. Raises `Malformed`, `NotFound`,
    `AlreadyExists`, and whatever the books refuse.
    """
    refuse_malformed(event)
    taken = await sheet_actions.taken(books, event.code)
    setting = await preparing.prepare(books, event)
    loans, paid_out = _paid_out(event, setting)
    standing = await guarantees.standing(books, loans, paid_out, event.happened_on)

    if event.kind is EventKind.SETTLEMENT:
        hers = [loan.code for loan in setting.loans]
        await guarantees.let_go_own(books, event.counterparty or "", hers, event.happened_on)

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
        if event.kind is EventKind.SETTLEMENT:
            await leaving.left(books, event)
    return posted


def _paid_out(event: Event, setting: Setting) -> tuple[dict[str, Loan], list[str]]:
    """The loan of an event, where it has one, and its code where the event pays it out."""
    loans = {} if setting.loan is None else {setting.loan.code: setting.loan}
    return loans, list(loans) if event.kind in _PAYS_OUT else []


async def _mark_reversed(books: WritableBooks, event: Event) -> None:
    if event.reverses is not None:
        await sheets.set_state(books, event.reverses, SheetState.REVERSED, was={SheetState.CLOSED})
        await leaving.returned(books, event.reverses)
