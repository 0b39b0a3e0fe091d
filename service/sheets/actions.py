"""What people do with a sheet: prepare it, revise it, close it.

Closing posts all of it as one entry, or nothing. A closed sheet never changes: it is
corrected by a reversal (`service.events.corrections`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ledger.requests import Posted, Request
from service import access, guarantees, members, organisations
from service.access import Right
from service.digests import digest
from service.loans import contracts
from service.organisations import OrganisationKind
from service.refusals import AlreadyExists, Malformed, SheetNotDraft, SheetNotSubmitted
from service.sheets import drafting, store
from service.sheets.sheet import LOAN_KINDS, OPEN_STATES, Sheet, SheetLineKind, SheetState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.entries import Draft
    from ledger.positions import Position
    from service.books import Books, WritableBooks
    from service.sheets.store import StoredSheet


_TAKEN = "SELECT service.codes_taken(:codes)"


async def prepare(books: WritableBooks, sheet: Sheet) -> StoredSheet:
    """Keep a new draft. Raises what `refuse_malformed` does, `NotFound`, `AlreadyExists`."""
    await access.authorise(books, Right.PREPARE, sheet.organisation)
    await refuse_malformed(books, sheet)
    refuse_taken(await taken(books, sheet.code))
    await store.add(books, [(sheet, None)])
    return await store.load(books, sheet.code)


async def revise(books: WritableBooks, sheet: Sheet, *, version: int) -> StoredSheet:
    """Replace a draft of that version. Raises `VersionChanged` or `SheetNotDraft`."""
    stored = await load_to_change(books, sheet.code)
    await refuse_malformed(books, replace(sheet, organisation=stored.sheet.organisation))
    await store.change(books, sheet, version=version)
    return await store.load(books, sheet.code)


async def close(books: WritableBooks, code: str, *, key: str) -> tuple[StoredSheet, Posted]:
    """Post a draft whole; the same key again gives the first answer.

    Raises `SheetNotDraft`, and whatever the lines or the books refuse.
    """
    stored = await load_to_change(books, code)
    book = await organisations.book_of(books, stored.sheet.organisation)
    refuse = partial(_refuse_closed, stored)
    posted = await post(books, stored.sheet, book, key=key, refuse=refuse)
    if not posted.replayed:
        no = posted.refs[0].no
        await store.set_state(books, code, SheetState.CLOSED, was=OPEN_STATES, entry_no=no)
    return await store.load(books, code), posted


async def submit(books: WritableBooks, code: str) -> StoredSheet:
    """Call a draft complete: it is closed as it stands. Raises `SheetNotDraft`."""
    stored = await load_to_change(books, code)
    if stored.state is not SheetState.DRAFT:
        raise SheetNotDraft(f"Sheet {code} is {stored.state} already.")
    await store.set_state(books, code, SheetState.SUBMITTED, was={SheetState.DRAFT})
    return await store.load(books, code)


async def recall(books: WritableBooks, code: str) -> StoredSheet:
    """Take a submitted sheet back to change it. Raises `SheetNotSubmitted`."""
    stored = await load_to_change(books, code)
    if stored.state is not SheetState.SUBMITTED:
        raise SheetNotSubmitted(f"Sheet {code} is {stored.state}.")
    await store.set_state(books, code, SheetState.DRAFT, was={SheetState.SUBMITTED})
    return await store.load(books, code)


async def load_to_change(books: WritableBooks, code: str) -> StoredSheet:
    """A sheet, kept from others. Raises `NotFound`, or `Forbidden` for who only reads it."""
    stored = await store.load(books, code)
    await access.authorise(books, Right.PREPARE, stored.sheet.organisation)
    return await store.load(books, code, for_update=True)


async def post(
    books: WritableBooks, sheet: Sheet, book: int, *, key: str, refuse: Callable[[], None]
) -> Posted:
    """Post a sheet as one entry of its organisation's book.

    `refuse` may raise for what stands in the way; it is not asked where the key gives its
    first answer again.
    """
    lent = [line.loan for line in sheet.lines if line.loan]
    if lent:
        await contracts.set_paid_out(books, paid_out(sheet), sheet.held_on)
    loans = await contracts.loans(books, lent) if lent else {}
    standing = await guarantees.standing(books, loans, paid_out(sheet), sheet.held_on)

    def draft(position: Position) -> Sequence[Draft]:
        refuse()
        guarantees.refuse_too_few_guarantors(loans, standing)
        return [drafting.draft(sheet, book, loans, position, actor=books.actor)]

    return await books.post(
        Request(
            reads=drafting.reads(sheet, book, loans),
            draft=draft,
            key=key,
            digest=digest("close sheet", sheet),
        )
    )


def _refuse_closed(stored: StoredSheet) -> None:
    if stored.state not in OPEN_STATES:
        code = stored.sheet.code
        raise SheetNotDraft(f"Sheet {code} is {stored.state}. Reverse it to correct it.")


async def taken(books: Books, *codes: str) -> list[str]:
    """Those of these codes that a sheet or an event has: they share one set of codes.

    Those that none has are held until the end of the transaction: nobody else takes them.
    """
    return [row[0] for row in await books.fetch(_TAKEN, codes=list(codes))]


def refuse_taken(codes: Sequence[str]) -> None:
    """Raise `AlreadyExists` where there is any."""
    if codes:
        raise AlreadyExists(f"There is a sheet or event {codes[0]} already. Choose another code.")


def paid_out(sheet: Sheet) -> list[str]:
    """The loans that a sheet pays out."""
    kind = SheetLineKind.DISBURSEMENT
    return [line.loan for line in sheet.lines if line.kind is kind and line.loan]


async def refuse_malformed(books: Books, sheet: Sheet) -> None:
    """Raise `Malformed`, `MemberOfAnother` or `NotFound` for a sheet that cannot be meant."""
    home = await organisations.organisation(books, sheet.organisation)
    refuse_contradictions(sheet, home.kind)
    people = {line.member for line in sheet.lines} | set(sheet.present)
    members.refuse_strangers(await members.organisations_of(books, people), home.code)
    if lent := [line.loan for line in sheet.lines if line.loan]:
        await contracts.loans(books, lent)


def refuse_contradictions(sheet: Sheet, kind: OrganisationKind) -> None:
    """Raise `Malformed` for a sheet that contradicts itself, whatever the books hold."""
    if kind is not OrganisationKind.CO:
        raise Malformed(f"organisation: {sheet.organisation} is a {kind}; only a CO has meetings.")
    seen = set()
    for line in sheet.lines:
        if line.amount <= 0:
            raise Malformed(f"amount: {line.member}'s {line.kind} must be above zero.")
        if (line.loan is not None) != (line.kind in LOAN_KINDS):
            raise Malformed(
                f"loan: a {line.kind} names a loan only where it repays or pays one out."
            )
        if (what := (line.member, line.kind, line.loan)) in seen:
            raise Malformed(f"lines: {line.member} has two lines {line.kind}. Add them up.")
        seen.add(what)
