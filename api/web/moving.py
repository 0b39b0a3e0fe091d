"""Moves of organisations: what follows of one before it is done, and which there were."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.doors import form, to_read, to_write
from api.web.forms import Field, Form, Kind
from api.web.organisations import path
from api.web.page import at as address
from api.web.page import go
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from ledger.refusals import Refusal
from service import access, federation, organisations, overview
from service.access import Right
from service.federation import FOREVER
from service.refusals import Malformed
from service.requests import asking
from service.requests import store as requests

if TYPE_CHECKING:
    from service.books import Books

pages = router()

After = Annotated[str, Query(max_length=120)]


def _(message: str) -> str:
    return message


MOVE: Final = (
    Field(
        "to",
        _("To which organisation"),
        Kind.CODE,
        hint=_("Its code; where this stays empty, it belongs to nobody."),
    ),
    Field("on", _("From which day"), Kind.DAY, must=True),
    Field("reason", _("Why"), Kind.PROSE, must=True),
)


@pages.get("/organisations/{code}/move")
async def move_page(request: Request, code: str) -> Response:
    """An organisation to be moved, to whom and from which day."""
    async with to_read(request) as books:
        return await _move(request, books, code, {"on": ""})


@pages.post("/organisations/{code}/move")
async def move(request: Request, code: str) -> Response:
    """Say what will follow of a move; or move, or ask the one that takes it in."""
    sent = await form(request)
    try:
        if sent.get("do") != "move":
            async with to_read(request) as books:
                said = forms.read(MOVE, sent)
                await _refuse_to_itself(books, code, said)
                return await _move(request, books, code, sent, seen=said)
        async with to_write(request, sent) as books:
            said = forms.read(MOVE, sent)
            asked = await asking.move(books, code, **said, key=officers.key(books, sent))
    except Refusal as error:
        async with to_read(request) as books:
            return await _move(request, books, code, sent, error=error)
    return go(address("requests", asked.code) if asked else officers.about(code))


async def _refuse_to_itself(books: Books, code: str, said: dict[str, Any]) -> None:
    """Look up what a move names, as who asks sees it. Raises `NotFound`."""
    if said["to"] is not None:
        await organisations.organisation(books, said["to"])
    await access.authorise(books, Right.REGISTER, code)


async def _move(
    request: Request,
    books: Books,
    code: str,
    sent: dict[str, str],
    *,
    error: Refusal | None = None,
    seen: dict[str, Any] | None = None,
) -> Response:
    found = await organisations.organisation(books, code)
    await access.authorise(books, Right.REGISTER, code)
    reader = Reader.of(request)
    today = business_date(books.now)
    on = min(seen["on"], today) if seen else today
    old = await federation.parent_of(books, code, seen["on"] if seen else today)
    goes = None
    if seen and await access.may(books, Right.READ, code, below=True):
        goes = (await overview.of_organisation(books, code, on)).whole.figures
    homes = await organisations.named(books, {one for one in (old, seen and seen["to"]) if one})
    return await officers.form_page(
        request,
        books,
        Form(
            address("organisations", code, "move"),
            MOVE,
            reader.says(_("See what follows")),
            carried={"key": officers.key(books, sent)},
            suggested={"to": await officers.suggested(books)},
            icon="find",
        ),
        title=reader.says(_("Move it")),
        path=path(reader, found),
        word="organisations",
        template="move.html",
        aim=found,
        sent=sent,
        error=error,
        seen=seen,
        old=old,
        figures_on=on,
        goes=goes,
        homes={one.code: one for one in homes},
        about_it=await requests.waiting_about(books, code, code),
    )


@pages.get("/moves")
async def moves_page(request: Request, after: After = "") -> Response:
    """Which organisations moved, the newest first."""
    async with to_read(request) as books:
        await officers.refuse_others(books)
        day, _dot, code = after.partition(".")
        before = (_day(day), code) if after else (FOREVER, "")
        found = await federation.moves(books, before=before, limit=officers.PAGE + 1)
        shown = found[: officers.PAGE]
        named = chain.from_iterable((one.organisation, one.old, one.new) for one in shown)
        homes = await organisations.named(books, {code for code in named if code})
        last = shown[-1] if len(found) > officers.PAGE else None
        return await desk.render(
            request,
            books,
            "moves.html",
            word="moves",
            found=shown,
            homes={one.code: one for one in homes},
            next=desk.address("/moves", after=f"{last.on}.{last.organisation}") if last else "",
        )


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise Malformed("after: follow the link to the next page.") from error
