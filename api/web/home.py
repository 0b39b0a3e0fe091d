"""Home: where whoever is signed in belongs, what it has, and what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from api.web import desk, more, overview
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.meeting import meeting, sheet_code
from api.web.page import at as address
from api.web.page import at_a_desk, go, render
from api.web.places import appointed
from api.web.route import router
from ledger.calendar import business_date
from service import access, bookkeeping, organisations
from service.access import Right
from service.organisations import OrganisationKind
from service.requests import store as requests
from service.requests.store import Only

if TYPE_CHECKING:
    from api.web.desk import Days
    from service.books import Books
    from service.organisations import Organisation

pages = router()

_SAVED = frozenset({"2000", "2010"})


@pages.get("/")
async def home(request: Request, on: On = "", known: Known = "") -> Response:
    """One's own home: the CO whose books one keeps, or what else one is appointed to."""
    async with to_read(request) as books:
        found = await organisations.named(books, await appointed(books))
        cos = [one for one in found if one.kind is OrganisationKind.CO]
        if len(cos) == 1:
            return await _home_of(request, books, cos[0].code)
        if not found and at_a_desk(books.caller):
            return await more.page(request, books)  # who looks after the whole house
        if len(found) == 1:
            return await _at_a_desk(request, books, found[0], desk.days(books, on, known))
        return render(request, "places.html", caller=books.caller, places=found, tab="home")


@pages.get("/organisations/{code}")
async def organisation(request: Request, code: str, on: On = "", known: Known = "") -> Response:
    """An organisation at a glance; a CO as its own officers have it at hand."""
    async with to_read(request) as books:
        found = await organisations.organisation(books, code)
        if found.kind is OrganisationKind.CO and code in await appointed(books):
            return await _home_of(request, books, code)
        return await _at_a_desk(request, books, found, desk.days(books, on, known))


@pages.get("/organisations/{code}/on-time")
async def on_time(request: Request, code: str, on: On = "", known: Known = "") -> Response:
    """The part of an organisation's page that takes longer."""
    async with to_read(request) as books:
        found = await organisations.organisation(books, code)
        return await overview.on_time(request, books, found, desk.days(books, on, known))


async def _at_a_desk(request: Request, books: Books, at: Organisation, days: Days) -> Response:
    """An organisation with all below it; for who reads its own book alone, that book."""
    below = await access.may(books, Right.READ, at.code, below=True)
    if not below and await access.may(books, Right.READ, at.code):
        return go(days.link(address("books", at.code)))
    return await overview.page(request, books, at, days)


async def _home_of(request: Request, books: Books, code: str) -> Response:
    today = business_date(books.now)
    found = await meeting(books, code, today, sheet_code(code, today))
    balances = await bookkeeping.fund_balances(books, code, today)
    waiting = await requests.found(books, only=Only(decidable=True), after="", limit=100)
    return render(
        request,
        "home.html",
        caller=books.caller,
        tab="home",
        meeting=found,
        saved=-sum(one.net for one in balances if one.code in _SAVED),
        lent=sum(one.net for one in balances if one.code == "1300"),
        head=await bookkeeping.head(books, code),
        to_decide=len(waiting),
    )
