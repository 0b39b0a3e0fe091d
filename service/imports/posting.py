"""Posts a bundle's documents batch by batch, as the books learned of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.refusals import Refusal
from ledger.requests import Posted, Request
from service import federation, organisations
from service.events import drafting as events_drafting
from service.events import store as events_store
from service.events.event import Event, EventKind
from service.events.setting import Setting
from service.loans import contracts
from service.refusals import NotFound
from service.sheets import drafting as sheets_drafting
from service.sheets import store as sheets_store
from service.sheets.sheet import Sheet, SheetState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ledger.entries import Entry, EntryRef
    from ledger.requests import Outcome
    from service.books import WritableBooks
    from service.federation import Membership
    from service.imports.documents import Document
    from service.imports.rows import Bundle
    from service.loans.contracts import Loan


@dataclass(slots=True)
class Poster:
    """What posting a bundle needs at hand, and the vouchers that it has made so far."""

    books: WritableBooks
    numbers: Mapping[str, int]
    """The number of every organisation's book by code."""
    loans: Mapping[str, Loan]
    memberships: Mapping[str, list[Membership]]
    vouchers: dict[str, EntryRef] = field(default_factory=dict)
    posted: list[Document] = field(default_factory=list)
    entries: int = 0

    @classmethod
    async def of(cls, books: WritableBooks, bundle: Bundle) -> Poster:
        """A poster for a bundle whose registers are written down."""
        codes = [organisation.code for organisation in bundle.organisations]
        memberships: dict[str, list[Membership]] = {}
        for membership in await federation.memberships(books):
            memberships.setdefault(membership.organisation, []).append(membership)
        return cls(
            books,
            await organisations.books_of(books, codes),
            await contracts.loans(books, [loan.code for loan in bundle.loans]),
            memberships,
        )

    async def post(self, batch: Sequence[Document]) -> list[tuple[Document, Outcome]]:
        """Post a batch in order; what became of each document."""
        requests: list[Request] = []
        asked: list[Document] = []
        outcomes: list[tuple[Document, Outcome]] = []
        for document in batch:
            try:
                requests.append(await self._request(document))
                asked.append(document)
            except Refusal as refusal:
                outcomes.append((document, refusal))
        done = await self.books.post_each(requests)
        outcomes += zip(asked, done, strict=True)
        for document, outcome in outcomes:
            if isinstance(outcome, Posted):
                self.vouchers[document.code] = outcome.refs[0]
                self.entries += len(outcome.refs)
                self.posted.append(document)
        return outcomes

    async def keep_documents(self) -> None:
        """Keep the sheets and events beside the entries that they made."""
        sheets, events = [], []
        for document in self.posted:
            no = self.vouchers[document.code].no
            if isinstance(document.content, Sheet):
                sheets.append((document.content, no))
            else:
                events.append((document.content, no))
        await sheets_store.add(self.books, sheets)
        await events_store.add(self.books, events)
        undone = {event.reverses for event, _ in events} & {sheet.code for sheet, _ in sheets}
        for code in sorted(filter(None, undone)):
            await sheets_store.set_state(
                self.books, code, SheetState.REVERSED, was={SheetState.CLOSED}
            )

    async def _request(self, document: Document) -> Request:
        if isinstance(document.content, Sheet):
            return self._sheet_request(document.content, document)
        return await self._event_request(document.content, document)

    def _sheet_request(self, sheet: Sheet, document: Document) -> Request:
        book, loans, actor = self.numbers[sheet.organisation], self.loans, self.books.actor
        return Request(
            reads=sheets_drafting.reads(sheet, book, loans),
            draft=lambda position: [
                sheets_drafting.draft(sheet, book, loans, position, actor=actor, history=True)
            ],
            posted_at=document.posted_at,
        )

    async def _event_request(self, event: Event, document: Document) -> Request:
        setting = Setting(
            book=self.numbers[event.organisation],
            other_book=self.numbers.get(event.counterparty or ""),
            loan=self.loans[event.loan] if event.loan else None,
            parent=self._parent(event.organisation, event.happened_on),
            history=True,
        )
        if event.kind is EventKind.REVERSAL:
            undoes = events_store.own_first(await self._undone(event), setting.book)
            setting = Setting(setting.book, undoes=undoes)
        actor = self.books.actor
        return Request(
            reads=events_drafting.reads(event, setting),
            draft=lambda position: events_drafting.drafts(event, setting, position, actor=actor),
            posted_at=document.posted_at,
        )

    async def _undone(self, event: Event) -> tuple[Entry, ...]:
        voucher = self.vouchers.get(event.reverses or "")
        if voucher is None:
            raise NotFound(f"{event.reverses} was refused, so it cannot be reversed. Correct it.")
        return await events_store.with_counterparts(self.books, voucher)

    def _parent(self, organisation: str, on: date) -> str | None:
        for membership in self.memberships.get(organisation, ()):
            if membership.from_on <= on < membership.to_on:
                return membership.parent
        return None
