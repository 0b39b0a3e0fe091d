"""The page on which something is wrong with an event that no sheet wrote: it is taken back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import Request, Response

from api import codes
from api.web import filled as forms
from api.web import refusals
from api.web.accounts import title
from api.web.correcting import key_of, reason_of
from api.web.doors import to_read, written
from api.web.page import at, render
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from service import access, bookkeeping, organisations
from service.access import Right
from service.accounts import PaidBy
from service.events import store
from service.events.event import Event, EventKind
from service.requests import asking
from service.requests import store as requests
from service.requests.request import Requested

if TYPE_CHECKING:
    from datetime import date

    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks

pages = router()


@pages.get("/events/{code}/reverse")
async def reverse_page(request: Request, code: str) -> Response:
    """An event with its voucher, that is to be taken back whole."""
    async with to_read(request) as books:
        return await _page(code, request, books, {})


@pages.post("/events/{code}/reverse")
async def reverse(request: Request, code: str) -> Response:
    """Ask a second officer, or the other organisation of a transfer, to take it back."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        wrong, _ = await _recorded(books, code)
        key = key_of(sent, code)
        undone = Event(
            code=codes.derived("event", wrong.organisation, key),
            organisation=wrong.organisation,
            kind=EventKind.REVERSAL,
            happened_on=forms.day_of(sent.get("day", ""), await _usual_day(books, wrong)),
            fund=None,
            paid_by=PaidBy.NONE,
            amount=None,
            narrative=reason_of(sent),
            reverses=code,
        )
        asked = await asking.record(books, undone, key=key)
        return at("requests", asked.code) if isinstance(asked, Requested) else "/"

    return await written(request, act, partial(_page, code))


async def _recorded(books: Books, code: str) -> tuple[Event, int]:
    """An event and its voucher, for who may ask for it. Raises `NotFound`, `Forbidden`."""
    found, no = await store.load(books, code)
    await access.authorise(books, Right.PREPARE, found.organisation)
    return found, no


async def _usual_day(books: Books, wrong: Event) -> date:
    """The day on which it happened; today, where the books are closed up to it."""
    closed_to = (await bookkeeping.head(books, wrong.organisation)).closed_to
    if closed_to is None or closed_to < wrong.happened_on:
        return wrong.happened_on
    return business_date(books.now)


async def _page(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    wrong, no = await _recorded(books, code)
    reader = Reader.of(request)
    voucher = await bookkeeping.entry(books, wrong.organisation, no)
    return render(
        request,
        "undo.html",
        caller=books.caller,
        tab="members",
        event=wrong,
        voucher=voucher,
        title=lambda one: title(reader, one),
        home=await organisations.organisation(books, wrong.organisation),
        said=refusals.of_error(reader, error),
        wrong=forms.wrong_fields(error),
        key=sent.get("key") or codes.fresh(books.now),
        reason=sent.get("reason", ""),
        on=sent.get("day", ""),
        today=await _usual_day(books, wrong),
        waiting=await requests.waiting_about(books, wrong.organisation, code),
    )
