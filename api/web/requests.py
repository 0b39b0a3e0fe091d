"""Pages of requests: what waits, what one asked, and one of them whole, to decide on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response

from api.credentials import DEVICE_COOKIE
from api.dependencies import visit
from api.serving import serving
from api.web import differences, refusals, second
from api.web.doors import form, to_read, to_write, written
from api.web.filled import prose
from api.web.page import at, go, render
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from ledger.entries import EntryRef
from ledger.refusals import Refusal
from service import bookkeeping, organisations, people
from service.entrance import Entrance
from service.refusals import Malformed
from service.requests import actions, store
from service.requests.request import Requested, RequestState
from service.requests.store import Only

if TYPE_CHECKING:
    from service.bookkeeping import Voucher
    from service.books import Books, WritableBooks

pages = router()

MOST: Final = 100
NEWEST: Final = 20
APPROVED: Final = "Approved"
"""What whoever approves is kept to have said, where she says nothing."""


@pages.get("/requests")
async def requests_page(request: Request) -> Response:
    """What waits for whoever is signed in, and what she asked, the newest first."""
    async with to_read(request) as books:
        mine = Only(asked_by=books.actor)
        asked = await store.found(books, only=mine, after="", limit=NEWEST, newest=True)
        return render(
            request,
            "requests.html",
            caller=books.caller,
            tab="requests",
            waiting=await store.found(books, only=Only(decidable=True), after="", limit=MOST),
            asked=asked,
            most=MOST,
            newest=NEWEST,
            zone=BUSINESS_ZONE,
            about_of=differences.about_of,
            title_of=lambda one: differences.title_of(Reader.of(request), one),
            states=states(Reader.of(request)),
        )


@pages.get("/requests/{code}")
async def request_page(request: Request, code: str) -> Response:
    """One request: why, who, when; what was and will be; what will be written."""
    async with to_read(request) as books:
        return await _page(code, request, books, {})


@pages.post("/requests/{code}/decide")
async def decide(request: Request, code: str) -> Response:
    """Approve or refuse, as whoever is signed in."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        await decided(books, code, sent)
        return at("requests", code)

    return await written(request, act, partial(_page, code))


@pages.post("/requests/{code}/here")
async def decide_here(request: Request, code: str) -> Response:
    """Approve or refuse as another person of this phone, who shows her PIN for this alone."""
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            await store.load(books, code)
            second.refuse_same(books, sent.get("name", ""))
        async with second.officer(request, sent) as hers:
            await decided(hers, code, sent)
    except Refusal as error:
        async with to_read(request) as books:
            return await _page(code, request, books, sent, error)
    return go(at("requests", code))


@pages.post("/requests/{code}/withdraw")
async def withdraw(request: Request, code: str) -> Response:
    """Take back what one asked oneself."""

    async def act(books: WritableBooks, _sent: dict[str, str]) -> str:
        await actions.withdraw(books, code)
        return at("requests", code)

    return await written(request, act, partial(_page, code))


async def decided(books: WritableBooks, code: str, sent: dict[str, str]) -> None:
    """Decide as a form says. Raises `Malformed`, and what `actions` refuses."""
    reason = prose(sent, "reason")
    if sent.get("decision") == "approve":
        await actions.approve(books, code, reason=reason or APPROVED)
    elif not reason:
        raise Malformed("reason: say why it is refused.")
    else:
        await actions.reject(books, code, reason=reason)


async def may_decide(books: Books, asked: Requested) -> bool:
    """Whether whoever is signed in may decide on a request that waits."""
    if asked.state is not RequestState.WAITING:
        return False
    try:
        await actions.refuse_decider(books, asked)
    except Refusal:
        return False
    return True


async def _page(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    asked = await store.load(books, code)
    reader = Reader.of(request)
    here = await _people_here(request)
    officers = [one for one in (asked.asked_by, asked.decided_by) if one]
    homes = [one for one in (asked.wish.organisation, asked.wish.decider) if one]
    return render(
        request,
        "request.html",
        caller=books.caller,
        tab="requests",
        asked=asked,
        mine=asked.asked_by == books.actor,
        zone=BUSINESS_ZONE,
        homes={one.code: one for one in await organisations.named(books, homes)},
        title=differences.title_of(reader, asked),
        about_of=differences.about_of,
        approved=APPROVED,
        states=states(reader),
        shown=await differences.shown(books, reader, asked),
        may_decide=await may_decide(books, asked),
        here_too=[one for one in here if one.code != books.actor],
        people={one.code: one for one in [*here, *await people.named(books, officers)]},
        vouchers=await _vouchers(books, asked),
        sent={"name": "", "reason": "", **sent},
        said=refusals.of_error(reader, error),
    )


async def _people_here(request: Request) -> list[Any]:
    """Who has a PIN on this phone."""
    with_ = serving(request)
    door = Entrance(with_.engine, with_.hasher, await visit(request))
    return list(await door.people_here(request.cookies.get(DEVICE_COOKIE)))


async def _vouchers(books: Books, asked: Requested) -> list[Voucher]:
    """What an approval wrote."""
    made = (asked.outcome or {"entries": []})["entries"]
    refs = [EntryRef(book, no) for book, no in made]
    async with books.whole_house():  # both halves of a transfer are shown to both sides
        return list((await bookkeeping.vouchers_by_ref(books, refs)).values()) if refs else []


def states(reader: Reader) -> dict[RequestState, tuple[str, str]]:
    """What a state is called, and the chip in which it stands."""

    def _(message: str) -> str:
        return reader.says(message)

    return {
        RequestState.WAITING: ("wait", _("Waiting")),
        RequestState.APPROVED: ("ok", _("Approved")),
        RequestState.REJECTED: ("late", _("Refused")),
        RequestState.WITHDRAWN: ("wait", _("Taken back")),
    }
