"""What a phone sends of itself: sheets that waited on it; and what it shows without internet.

Answers here are JSON, and refusals are problems, as in `/v1`: a script reads them.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.dependencies import Key, ReadBooks, WriteBooks
from api.fields import Answer, Asked, Code, Money, Rupees
from api.v1.sheets import SheetAsked, SheetLineAnswer
from api.web import filled, refusals
from api.web.doors import to_read
from api.web.page import render
from api.web.reader import Reader
from api.web.route import router as page_router
from api.web.sheets import kinds, seen
from service import access, bookkeeping, entrance, vaults
from service.access import Right
from service.refusals import Malformed, NotFound, NotSignedIn
from service.requests import sheets as officers
from service.sheets import store

pages = page_router()
answers: Final = APIRouter(include_in_schema=False)


MOST_KNOWN: Final = 100
Asks = Annotated[str, Query(max_length=100)]
Known = Annotated[str, Field(max_length=200)]


class SheetSent(SheetAsked):
    """A sheet as it waited on a phone, and whose it is: the phone may be in others' hands."""

    code: Code
    person: Code
    box: Money | None = Field(
        default=None, description="What the box held before the meeting, as it was counted from."
    )
    knows: list[Known] = Field(
        default=[], max_length=MOST_KNOWN, description="Drafts that it may take the place of."
    )


class SpareAsked(Asked):
    """Which vault it is: the phone drew its identifier."""

    vault: Annotated[UUID, Field(strict=False)]


class SpareAnswer(Answer):
    """The key that opens the vault beside its PIN."""

    key: str = Field(description="In base64.")


class SentAnswer(Answer):
    """What became of it."""

    state: Literal["written", "asked"]
    voucher: int | None
    request: str | None


class BesideAnswer(Answer):
    """The box by the books, and the sheet of the meeting that is kept, if there is one."""

    box: Rupees
    seen: str
    lines: list[SheetLineAnswer]


@answers.post("/sheets/send")
async def send_sheet(asked: SheetSent, key: Key, books: WriteBooks) -> SentAnswer:
    """Write a sheet that was closed on a phone; the same again gives the same answer."""
    if books.actor != asked.person:
        raise NotSignedIn(f"{asked.person} sends this. Sign in as her.")
    sheet = asked.sheet(asked.code, asked.organisation)
    if key != filled.key_of(sheet):
        raise Malformed("Idempotency-Key: this is not the key that the content of the sheet makes.")
    known = {seen(sheet), *asked.knows}
    sent = await officers.send(
        books, sheet, key=key, box=asked.box, knows=lambda kept: seen(kept) in known
    )
    state: Literal["written", "asked"] = "asked" if sent.voucher is None else "written"
    return SentAnswer(state=state, voucher=sent.voucher, request=sent.request)


@answers.get("/sheets/{code}/beside")
async def beside(code: str, organisation: Asks, on: date, books: ReadBooks) -> BesideAnswer:
    """What the service has of a meeting, for a phone whose sheet of it was refused."""
    box = await bookkeeping.cash_in_hand(books, organisation, on)
    try:
        kept = (await store.load(books, code)).sheet
    except NotFound:
        return BesideAnswer(box=box, seen="", lines=[])
    await access.authorise(books, Right.READ, kept.organisation)
    lines = [
        SheetLineAnswer(member=one.member, kind=one.kind, amount=one.amount, loan=one.loan)
        for one in kept.lines
    ]
    return BesideAnswer(box=box, seen=seen(kept), lines=lines)


@answers.post("/pin/spare")
async def spare_key(asked: SpareAsked, books: WriteBooks) -> SpareAnswer:
    """The key that opens what one keeps on this phone; only for who signed in by password."""
    async with books.secrets():
        await entrance.require_password(books)
        key = await vaults.key_of(books, asked.vault)
    return SpareAnswer(key=b64encode(key).decode())


@pages.get("/waiting")
async def waiting(request: Request) -> Response:
    """Sheets that are kept on the phone: the page is filled in by the phone itself."""
    async with to_read(request) as books:
        return render(
            request,
            "waiting.html",
            caller=books.caller,
            kinds=kinds(Reader.of(request)),
            means=refusals.MEANS,
            otherwise=refusals.ELSE,
            tab="home",
        )
