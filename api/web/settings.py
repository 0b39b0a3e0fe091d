"""Holidays of the house, and what one officer of an organisation may do alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response

from api.web import forms, officers
from api.web.doors import to_read, written
from api.web.forms import Field, Form, Kind, whole
from api.web.organisations import path
from api.web.page import at as address
from api.web.reader import Reader
from api.web.route import router
from ledger.money import rupees
from service import access, limits, organisations
from service.access import Right
from service.limits import Limits
from service.loans import holidays
from service.refusals import VersionChanged
from service.requests import asking

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks

pages = router()


def _(message: str) -> str:
    return message


MOST_DAYS_BACK: Final = 36_500
HOLIDAY: Final = (
    Field("day", _("Day"), Kind.DAY, must=True),
    Field("name", _("What it is called"), must=True),
)
LIMITS: Final = (
    Field(
        "back_dated_days",
        _("One officer alone goes back so many days"),
        Kind.WHOLE,
        reads=whole(0, MOST_DAYS_BACK),
        hint=_("Empty: as far as she likes."),
    ),
    Field(
        "withdrawal",
        _("One officer alone pays out at one meeting, to a member"),
        Kind.AMOUNT,
        hint=_("Empty: as much as is asked."),
    ),
    Field("reason", _("By which resolution"), Kind.PROSE, must=True),
)


@pages.get("/settings")
async def holidays_page(request: Request) -> Response:
    """Days that due dates move off."""
    async with to_read(request) as books:
        return await _holidays(request, books, {})


@pages.post("/settings")
async def add_holiday(request: Request) -> Response:
    """Add a holiday; due dates that are fixed already stay."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        await access.authorise_house(books, Right.ADMINISTER)
        said = forms.read(HOLIDAY, sent)
        await holidays.add(books, [(said["day"], said["name"])])
        return "/settings"

    return await written(request, act, _holidays)


@pages.get("/organisations/{code}/limits")
async def limits_page(request: Request, code: str) -> Response:
    """What one officer of an organisation may do alone."""
    async with to_read(request) as books:
        return await _limits(code, request, books, {})


@pages.post("/organisations/{code}/limits")
async def ask_limits(request: Request, code: str) -> Response:
    """Ask a second officer that the limits be others, as the meeting resolved."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        said = forms.read(LIMITS, sent)
        if sent.get("were") != _said(await limits.limits(books, code)):
            raise VersionChanged(f"The limits of {code} were changed. Look at them again.")
        to, key = Limits(said["back_dated_days"], said["withdrawal"]), officers.key(books, sent)
        asked = await asking.set_limits(books, code, to, reason=said["reason"], key=key)
        return address("requests", asked.code)

    return await written(request, act, partial(_limits, code))


def _said(found: Limits) -> str:
    return f"{found.back_dated_days}/{found.withdrawal}"


async def _holidays(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    await officers.refuse_others(books)
    found = await holidays.holidays(books)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form("/settings", HOLIDAY, reader.says(_("Add it")), icon="plus"),
        title=reader.says(_("Holidays")),
        about=reader.says(_("Due dates of loans that are paid out later move off these days")),
        path=[("/products", reader.says(_("Lending rules")))],
        word="products",
        template="holidays.html",
        sent=sent,
        error=error,
        found=[*reversed(found)],
        may=await officers.may_house(books, Right.ADMINISTER),
    )


async def _limits(
    code: str, request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    home = await organisations.organisation(books, code)
    found = await limits.limits(books, code)
    reader = Reader.of(request)
    now = {name: value for name, value in _typed(found).items() if value}
    return await officers.form_page(
        request,
        books,
        Form(
            address("organisations", code, "limits"),
            LIMITS,
            reader.says(_("Ask the second officer")),
            carried={
                "were": _said(found),
                "key": officers.key(books, sent),
            },
            icon="ask",
        ),
        title=reader.says(_("Limits")),
        about=reader.words.text(f"{reader.name(home)} · {code}"),
        path=path(reader, home),
        word="organisations",
        template="limits.html",
        sent=sent or now,
        now=_typed(found),
        error=error,
        found=found,
        may=await access.may(books, Right.PREPARE, code),
    )


def _typed(found: Limits) -> dict[str, str]:
    days = found.back_dated_days
    return {
        "back_dated_days": "" if days is None else str(days),
        "withdrawal": "" if found.withdrawal is None else rupees(found.withdrawal),
    }
