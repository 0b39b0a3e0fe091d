"""Pages of a meeting: its sheet, the count of the cash, and what everybody gets in hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import Query, Request, Response

from api.web import filled as forms
from api.web import refusals
from api.web.counting import NOTES, counted_of
from api.web.doors import fields, to_read, to_write
from api.web.filled import Filled
from api.web.meeting import BROUGHT, Meeting, cash_of, meeting, sheet_code
from api.web.page import at, go, render, today
from api.web.reader import Reader
from api.web.route import router
from ledger.refusals import Refusal
from service import bookkeeping, members, organisations
from service.books import Books, WritableBooks
from service.loans import contracts
from service.refusals import BoxChanged, NotFound, RequestDecided, VersionChanged
from service.requests import sheets as officers
from service.requests.request import Requested, RequestState
from service.sheets import actions, store
from service.sheets.sheet import OPEN_STATES, Sheet, SheetLineKind, SheetState
from service.sheets.store import StoredSheet

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.members import Member

pages = router()

_NOT_APPROVED: Final = frozenset({RequestState.REJECTED, RequestState.WITHDRAWN})
Code = Annotated[str, Query(max_length=100)]
NthOfDay = Annotated[int, Query(ge=1, le=9)]


@pages.get("/sheets/new")
async def new_sheet(
    request: Request, organisation: Code, on: Code = "", nth: NthOfDay = 1
) -> Response:
    """The sheet of a meeting, with what is due filled in; its draft, where one is kept."""
    async with to_read(request) as books:
        held_on = forms.day_of(on, today(request))
        code = sheet_code(organisation, held_on, nth)
        kept = await _kept(books, code)
        if kept is not None and kept.state not in OPEN_STATES:
            return go(at("sheets", code))
        found = await meeting(books, organisation, held_on, code)
        draft = Filled.of_sheet(kept.sheet) if kept else None
        known = seen(kept.sheet) if kept else ""
        return _sheet(request, books, found, nth, filled=draft, known=known)


@pages.post("/sheets/new")
async def keep_sheet(request: Request) -> Response:
    """Keep what is filled in as a draft, and go on to count the cash."""
    sent = await fields(request)
    by_name = dict(sent)
    filled = Filled.of(sent)
    organisation, nth = by_name.get("organisation", ""), _nth(by_name.get("nth", ""))
    held_on = today(request)
    try:
        held_on = forms.day_of(by_name.get("on", ""), held_on)
        code = sheet_code(organisation, held_on, nth)
        async with to_write(request, by_name) as books:
            found = await meeting(books, organisation, held_on, code)
            sheet = forms.sheet_of(filled, found, counted=None)
            await _keep(books, sheet, knows={by_name.get("seen", "")})
    except Refusal as error:
        async with to_read(request) as books:
            code = sheet_code(organisation, held_on, nth)
            found = await meeting(books, organisation, held_on, code)
            known = by_name.get("seen", "")
            other = await _unseen(books, code, known)
            known = other.seen if other else known
            return _sheet(
                request, books, found, nth, filled=filled, known=known, other=other, error=error
            )
    return go(at("sheets", code, "count"))


@pages.get("/sheets/{code}")
async def one_sheet(request: Request, code: str) -> Response:
    """A sheet that is written: who brought and took what; of a draft, its form."""
    async with to_read(request) as books:
        kept = await store.load(books, code)
        if kept.state in OPEN_STATES:
            return go(at("sheets", code, "count"))
        return render(
            request, "receipts.html", caller=books.caller, **await written(request, books, kept)
        )


@pages.get("/sheets/{code}/count")
async def count_page(request: Request, code: str) -> Response:
    """What should be in the box, and the notes to count."""
    async with to_read(request) as books:
        kept = await store.load(books, code)
        if kept.state not in OPEN_STATES:
            return go(at("sheets", code, "receipts"))
        return await _count(request, books, kept)


@pages.post("/sheets/{code}/count")
async def close_sheet(request: Request, code: str) -> Response:
    """Close the meeting: all of it is written, or nothing; and only what was shown."""
    sent = dict(await fields(request))
    try:
        async with to_write(request, sent) as books:
            kept = await store.load(books, code)
            _refuse_unseen(kept.sheet, sent)
            differs = await _differs(books, kept.sheet, sent)
            if str(differs) != sent.get("differs", "0"):
                return await _count(request, books, kept, sent=sent, differs=differs)
            await _close(books, kept, differs)
    except Refusal as error:
        async with to_read(request) as books:
            kept = await store.load(books, code)
            return await _count(request, books, kept, sent=sent, error=error)
    return go(at("sheets", code, "receipts"))


@pages.get("/sheets/{code}/receipts")
async def receipts(request: Request, code: str) -> Response:
    """The voucher number, and a receipt for each member, to print or to share."""
    async with to_read(request) as books:
        kept = await store.load(books, code)
        if kept.state is SheetState.DRAFT:  # it is nowhere yet: neither written nor asked for
            return go(at("sheets", code, "count"))
        return render(
            request, "receipts.html", caller=books.caller, **await written(request, books, kept)
        )


def _refuse_unseen(sheet: Sheet, sent: dict[str, str]) -> None:
    """Raise `VersionChanged` where a count is of another sheet than the one that is kept."""
    if sent.get("sheet") not in {None, seen(sheet)}:
        raise VersionChanged(f"Sheet {sheet.code} was changed meanwhile. This is how it is now.")


def seen(sheet: Sheet) -> str:
    """What a count is of, and what a draft is known by: all that a sheet says but its count."""
    return forms.key_of(replace(sheet, cash_counted=None))


async def _differs(books: Books, sheet: Sheet, sent: dict[str, str]) -> int:
    """What is counted beyond what should be there, in paisa. Raises `Malformed`, `BoxChanged`."""
    box = await bookkeeping.cash_in_hand(books, sheet.organisation, sheet.held_on)
    if sent.get("exactly") is not None:
        _refuse_another_box(box, sent)
        sent["differs"] = "0"
        return 0
    taken, given = cash_of(sheet, await _lent(books, sheet))
    return counted_of(sent) - box - (taken - given)


def _refuse_another_box(box: int, sent: dict[str, str]) -> None:
    """Raise `BoxChanged` where it is exactly what a page showed that is not so any more."""
    if sent.get("box") not in {None, str(box)}:
        raise BoxChanged("Money has moved since this page was opened. This is how it is now.")


async def _close(books: WritableBooks, kept: StoredSheet, differs: int) -> None:
    """Close a sheet as it was read. Raises `RequestDecided` where it was not approved before."""
    taken, given = cash_of(kept.sheet, await _lent(books, kept.sheet))
    sheet = replace(kept.sheet, cash_counted=taken - given + differs)
    if kept.state is SheetState.DRAFT and sheet != kept.sheet:
        kept = await actions.revise(books, sheet, version=kept.version)
    done = await officers.close(books, sheet.code, key=forms.key_of(sheet), version=kept.version)
    if isinstance(done, Requested) and done.state in _NOT_APPROVED:
        raise RequestDecided(f"Request {done.code} is {done.state}. Change the sheet to ask anew.")


def _nth(said: str) -> int:
    return int(said) if said in set("123456789") else 1


async def _kept(books: Books, code: str) -> StoredSheet | None:
    try:
        return await store.load(books, code)
    except NotFound:
        return None


class Other(NamedTuple):
    """A draft that somebody kept meanwhile, to be read before it is replaced."""

    seen: str
    sheet: Sheet
    members: dict[str, Member]


async def _unseen(books: Books, code: str, known: str) -> Other | None:
    """The draft that is kept, unless it is the one that is known."""
    kept = await _kept(books, code)
    if kept is None or kept.state is not SheetState.DRAFT or seen(kept.sheet) == known:
        return None
    codes = {line.member for line in kept.sheet.lines}
    found = {one.code: one for one in await members.named(books, codes)}
    return Other(seen(kept.sheet), kept.sheet, found)


async def _keep(books: WritableBooks, sheet: Sheet, *, knows: Collection[str]) -> None:
    """Keep a draft, in place of one that was seen. Raises `SheetNotDraft`, `VersionChanged`."""
    kept = await _kept(books, sheet.code)
    if kept is None:
        await actions.prepare(books, sheet)
        return
    if kept.state is SheetState.DRAFT and seen(kept.sheet) not in {*knows, seen(sheet)}:
        raise VersionChanged(f"Another draft of {sheet.code} was kept meanwhile.")
    await actions.revise(books, sheet, version=kept.version)


def _sheet(
    request: Request,
    books: Books,
    found: Meeting,
    nth: int,
    *,
    filled: Filled | None,
    known: str,
    other: Other | None = None,
    error: Refusal | None = None,
) -> Response:
    """`known` is the draft that the form goes on from; `other` one that it would replace."""
    reader = Reader.of(request)
    return render(
        request,
        "sheet.html",
        caller=books.caller,
        meeting=found,
        nth=nth,
        filled=filled,
        known=known,
        other=other,
        wrong=forms.wrong_fields(error),
        said=refusals.of_error(reader, error),
        **shown(reader),
    )


def shown(reader: Reader) -> dict[str, Any]:
    """What every page of a meeting shows its figures with."""
    return {
        "kinds": kinds(reader),
        "brought": BROUGHT,
        "kind": SheetLineKind,
        "notes": NOTES,
        "name_of": forms.name_of,
        "shown": forms.shown,
        "opened": lambda wrong, member: any(one.startswith(f"a:{member}:") for one in wrong),
    }


async def _count(
    request: Request,
    books: Books,
    kept: StoredSheet,
    *,
    sent: dict[str, str] | None = None,
    differs: int = 0,
    error: Refusal | None = None,
) -> Response:
    reader = Reader.of(request)
    sheet = kept.sheet
    taken, given = cash_of(sheet, await _lent(books, sheet))
    return render(
        request,
        "count.html",
        caller=books.caller,
        sheet=sheet,
        home=await organisations.organisation(books, sheet.organisation),
        taken=taken,
        given=given,
        box=await bookkeeping.cash_in_hand(books, sheet.organisation, sheet.held_on),
        sent=sent or {},
        seen=seen(sheet),
        differs=differs,
        wrong=forms.wrong_fields(error),
        said=refusals.of_error(reader, error),
        **shown(reader),
    )


async def written(request: Request, books: Books, kept: StoredSheet) -> dict[str, Any]:
    """A sheet with the names of whom it is about, and how it stands."""
    sheet = kept.sheet
    codes = {line.member for line in sheet.lines} | set(sheet.present)
    lent = await _lent(books, sheet)
    taken, given = cash_of(sheet, lent)
    return {
        "sheet": sheet,
        "state": kept.state,
        "voucher": kept.entry_no,
        "home": await organisations.organisation(books, sheet.organisation),
        "members": {one.code: one for one in await members.named(books, codes)},
        "loans": lent,
        "taken": taken,
        "given": given,
        "over": (sheet.cash_counted or 0) - (taken - given),
        "kinds": kinds(Reader.of(request)),
        "out": {SheetLineKind.WITHDRAWAL, SheetLineKind.DISBURSEMENT},
    }


async def _lent(books: Books, sheet: Sheet) -> dict[str, Any]:
    codes = {line.loan for line in sheet.lines if line.loan}
    return await contracts.loans(books, codes) if codes else {}


def kinds(reader: Reader) -> dict[SheetLineKind, str]:
    """What each kind of line is called."""

    def _(message: str) -> str:
        return reader.says(message)

    return {
        SheetLineKind.SAVING_COMPULSORY: _("Regular saving"),
        SheetLineKind.SAVING_VOLUNTARY: _("Extra saving"),
        SheetLineKind.MEMBERSHIP_FEE: _("Fee"),
        SheetLineKind.FINE: _("Fine"),
        SheetLineKind.DONATION: _("Local donation"),
        SheetLineKind.REPAYMENT: _("Loan"),
        SheetLineKind.WITHDRAWAL: _("Savings withdrawn"),
        SheetLineKind.DISBURSEMENT: _("Loan given"),
    }
