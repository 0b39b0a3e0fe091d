"""What every page at a desk has: the days that rule it, and the words in its bar.

*As on* is the day whose figures are shown, *as known* the day at whose close they were known.
Both travel in every link, so that what a figure opens to is what it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

from fastapi import Query

from api.web import page as pages
from api.web.filled import day_of
from api.web.places import appointed
from api.web.reader import Reader
from api.web.words import typed
from ledger.calendar import business_date, end_of_day
from service import access, organisations
from service.access import Right, Role
from service.refusals import Malformed
from service.requests import store as requests
from service.requests.store import Only

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from service.books import Books
    from service.organisations import Organisation

On = Annotated[str, Query(max_length=20, description="The day whose figures are shown.")]
Known = Annotated[str, Query(max_length=20, description="The day at whose close they were known.")]
Day = Annotated[str, Query(max_length=20)]
Code = Annotated[str, Query(max_length=100)]

_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_COUNTED: Final = 100


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a page was asked for."""

    today: date
    on: date
    known: date | None = None
    """At whose close; None: all that is known now."""

    @property
    def known_by(self) -> datetime | None:
        """The last moment that counts."""
        return None if self.known is None else end_of_day(self.known) - _MICROSECOND

    def link(self, path: str, **asked: object) -> str:
        """An address with these days in it, and what else it asks for."""
        told: dict[str, object] = dict(asked)
        if self.on != self.today:
            told["on"] = typed(self.on)
        if self.known is not None:
            told["known"] = typed(self.known)
        return address(path, **told)


def address(path: str, **asked: object) -> str:
    """An address with what it asks for; what is empty is not asked."""
    told = {name: str(value) for name, value in asked.items() if value not in {None, ""}}
    return f"{path}?{urlencode(told)}" if told else path


def days(books: Books, on: str, known: str) -> Days:
    """The days asked for; without any it is today, as known now. Raises `Malformed`."""
    today = business_date(books.now)
    found = Days(today, day_of(on, today), day_of(known, today) if known.strip() else None)
    if found.on > today:
        raise Malformed(f"on: {typed(found.on)} is still to come. Choose an earlier day.")
    if found.known is not None and found.known >= today:
        return Days(today, found.on)
    return found


OF_ALL_BELOW: Final = frozenset({"overview", "loans", "mobilisation"})
"""Pages of an organisation with all below it, which not everybody who reads its book may see."""


class Word(NamedTuple):
    """A word in the bar, and where it leads."""

    key: str
    to: str
    said: str


async def place(books: Books, at: str) -> Organisation:
    """The organisation that a page is about: the one asked for, or where one is at home.

    Raises `NotFound`, `Malformed` where one is at home nowhere.
    """
    if at:
        return await organisations.organisation(books, at)
    codes = await appointed(books)
    if not codes:
        raise Malformed("at: say of which organisation, such as ?at=LSO-01.")
    return await organisations.organisation(books, codes[0])


async def render(
    request: Request,
    books: Books,
    template: str,
    *,
    at: Organisation | None = None,
    days: Days | None = None,
    word: str = "",
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    """A page at a desk, about an organisation, as on its days. `word` is where it is in the bar.

    Without an organisation it is about the house, or where one is at home; without days, today's.
    """
    codes = await appointed(books)
    if at is None and codes:
        at = await organisations.organisation(books, codes[0])
    days = days or Days(business_date(books.now), business_date(books.now))
    waiting = await requests.found(books, only=Only(decidable=True), after="", limit=_MOST_COUNTED)
    roles = {Role(one) for one in (books.caller.roles if books.caller else ())}
    bar = _bar(Reader.of(request), roles, at, days.link, house=not codes)
    if at is not None and not await access.may(books, Right.READ, at.code, below=True):
        bar = [one for one in bar if one.key not in OF_ALL_BELOW]
    return pages.render(
        request,
        template,
        caller=books.caller,
        at=at,
        days=days,
        to=days.link,
        word=word,
        bar=bar,
        waiting=waiting,
        roles=roles,
        **shown,
    )


async def own(books: Books) -> Organisation | None:
    """Where one is at home; None for whoever looks after the whole house."""
    codes = await appointed(books)
    return await organisations.organisation(books, codes[0]) if codes else None


def _bar(
    reader: Reader,
    roles: set[Role],
    at: Organisation | None,
    to: Callable[..., str],
    *,
    house: bool,
) -> list[Word]:
    """Six words at most: what most of one's work is, by the role one has, on the house or less."""

    def _(message: str) -> str:
        return reader.says(message)

    def overview(of: Organisation) -> Word:
        return Word("overview", to(pages.at("organisations", of.code)), _("Overview"))

    asked = Word("requests", "/requests", _("Requests"))
    if Role.ADMINISTRATOR in roles:
        of_house = [
            Word("imports", "/imports", _("Imports")),
            Word("jobs", "/jobs", _("Jobs")),
        ]
        return [
            Word("organisations", "/organisations", _("Organisations")),
            Word("people", "/people", _("People")),
            Word("products", "/products", _("Lending rules")),
            *(of_house if house else ()),
            asked,
        ]
    if Role.FIELD_OFFICER in roles:
        return [
            *([overview(at)] if at else ()),
            Word("organisations", "/organisations", _("Organisations")),
            Word("members", "/members", _("Members")),
            Word("nominations", "/nominations", _("Nominations")),
            Word("moves", "/moves", _("Moves")),
            asked,
        ]
    if at is None:
        return [asked]
    statements = Word("statements", to(pages.at("books", at.code)), _("Statements"))
    if Role.AUDITOR in roles:
        return [
            overview(at),
            statements,
            Word("findings", to(pages.at("books", at.code, "findings")), _("Findings")),
            Word("audit", to("/audit", at=at.code), _("Audit trail")),
            Word("pack", to("/packs/new", at=at.code), _("Auditor pack")),
        ]
    return [
        overview(at),
        Word("loans", to("/loans", at=at.code), _("Loans")),
        Word("funds", to("/funds", at=at.code), _("Funds")),
        Word("mobilisation", to("/mobilisation", at=at.code), _("Mobilisation")),
        statements,
        asked,
    ]
