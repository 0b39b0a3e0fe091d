"""The page of all else: on a phone what is not of every day, at a desk all that one may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi import Request, Response

from api.web import desk, officers
from api.web.doors import to_read
from api.web.page import at as address
from api.web.page import at_a_desk, render
from api.web.reader import Reader
from api.web.route import router
from service import access
from service.access import Right
from service.requests import store
from service.requests.store import Only

if TYPE_CHECKING:
    from service.books import Books
    from service.organisations import Organisation

pages = router()

MOST_COUNTED = 100


class Item(NamedTuple):
    """Something to do, and where."""

    to: str
    icon: str
    said: str
    sub: str = ""


@pages.get("/more")
async def more_page(request: Request) -> Response:
    """What is not of every day; at a desk, all that one's roles may do."""
    async with to_read(request) as books:
        return await page(request, books)


async def page(request: Request, books: Books) -> Response:
    """The page as whoever is signed in has it."""
    if at_a_desk(books.caller):
        reader = Reader.of(request)
        groups = await _groups(reader, books, await desk.own(books))
        return await desk.render(request, books, "all.html", word="more", groups=groups)
    waiting = await store.found(books, only=Only(decidable=True), after="", limit=MOST_COUNTED)
    return render(request, "more.html", caller=books.caller, tab="more", waiting=len(waiting))


async def _groups(
    reader: Reader, books: Books, at: Organisation | None
) -> list[tuple[str, list[Item]]]:
    """All that one may do, in groups; a group of nothing is left out."""

    def _(message: str) -> str:
        return reader.says(message)

    house = await officers.may_house(books, Right.ADMINISTER)
    registers = await access.homes(books, Right.REGISTER) != []
    administers = await access.homes(books, Right.ADMINISTER) != []
    recovers = await access.homes(books, Right.RECOVER) != []
    reads = at is not None and await access.may(books, Right.READ, at.code)
    figures = _figures(reader, at) if at and reads else []
    groups = [
        (_("Figures"), figures),
        (
            _("Organisations and members"),
            [
                *_if(
                    registers or administers,
                    Item("/organisations", "home", _("Organisations")),
                    Item("/moves", "send", _("Moves"), _("Who belongs elsewhere than before")),
                ),
                *_if(
                    registers,
                    Item("/organisations/new", "plus", _("Register an organisation")),
                    Item("/members", "people", _("Members")),
                ),
                *_if(registers and reads, Item("/nominations", "person", _("Nominations"))),
            ],
        ),
        (
            _("People and machines"),
            [
                *_if(administers or recovers, Item("/people", "people", _("People"))),
                *_if(administers, Item("/keys", "lock", _("Keys of machines"))),
            ],
        ),
        (
            _("The house"),
            [
                *_if(
                    registers or administers,
                    Item("/products", "loan", _("Lending rules")),
                    Item("/settings", "day", _("Holidays")),
                ),
                *_if(
                    house,
                    Item("/imports", "file", _("Imports")),
                    Item("/jobs", "clock", _("Jobs")),
                    Item("/audit?house=1", "book", _("Audit trail")),
                ),
            ],
        ),
        (
            _("For yourself"),
            [
                Item(
                    "/requests", "ask", _("Requests"), _("What you asked, and what waits for you")
                ),
                Item(
                    "/practice",
                    "pen",
                    _("Practice"),
                    _("A meeting of made-up people. Nothing is written."),
                ),
                Item(
                    "/pin/new",
                    "lock",
                    _("A PIN for this phone"),
                    _("Sign in with your password first."),
                ),
                Item(
                    "/phones",
                    "shield",
                    _("Where you are signed in"),
                    _("A phone is lost, or is lent to you no more"),
                ),
            ],
        ),
    ]
    return [(said, items) for said, items in groups if items]


def _if(may: bool, *items: Item) -> tuple[Item, ...]:  # noqa: FBT001 - it reads as a sentence
    return items if may else ()


def _figures(reader: Reader, at: Organisation) -> list[Item]:
    def _(message: str) -> str:
        return reader.says(message)

    return [
        Item(address("organisations", at.code), "notes", _("Overview")),
        Item(desk.address("/loans", at=at.code), "loan", _("Loans")),
        Item(desk.address("/funds", at=at.code), "box", _("Funds")),
        Item(desk.address("/mobilisation", at=at.code), "pot", _("Mobilisation")),
        Item(address("books", at.code), "book", _("Statements")),
    ]
