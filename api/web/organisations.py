"""Organisations at a desk: the list, what each is and whom it belonged to, one form, a move."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.doors import to_read, written
from api.web.forms import Field, Form, Kind
from api.web.page import at as address
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import business_date
from ledger.refusals import Refusal
from service import access, federation, organisations
from service.access import Right
from service.geography import Place
from service.organisations import Organisation, OrganisationGender, OrganisationKind
from service.requests import store as requests

if TYPE_CHECKING:
    from service.books import Books, WritableBooks

pages = router()

Code = Annotated[str, Query(max_length=100)]
Words = Annotated[str, Query(max_length=100)]


def _(message: str) -> str:
    return message


KINDS: Final = {
    OrganisationKind.CO: _("CO, of a neighbourhood"),
    OrganisationKind.VO: _("VO, of a village"),
    OrganisationKind.LSO: _("LSO, of a union council"),
    OrganisationKind.NETWORK: _("Network of LSOs"),
    OrganisationKind.RSP: _("RSP"),
    OrganisationKind.RSPN: _("RSPN"),
}
GENDERS: Final = {
    OrganisationGender.WOMEN: _("Women"),
    OrganisationGender.MEN: _("Men"),
    OrganisationGender.MIXED: _("Women and men"),
}
_NAMES: Final = (
    Field("name", _("Name"), must=True),
    Field("name_ur", _("Name in Urdu"), rtl=True),
    Field(
        "gender",
        _("Whose group"),
        Kind.CHOICE,
        choices=tuple((k.value, v) for k, v in GENDERS.items()),
    ),
)
NEW: Final = (
    Field("code", _("Code"), Kind.CODE, must=True, hint=_("It stays for ever.")),
    Field(
        "kind",
        _("Tier"),
        Kind.CHOICE,
        must=True,
        choices=tuple((k.value, v) for k, v in KINDS.items()),
    ),
    *_NAMES,
    Field("formed_on", _("Formed on"), Kind.DAY, must=True),
    Field("parent", _("It belongs to"), Kind.CODE, hint=_("The code of the VO, LSO or network.")),
)
AMEND: Final = (
    *_NAMES,
    Field("district", _("District")),
    Field("tehsil", _("Tehsil")),
    Field("union_council", _("Union council")),
    Field("village", _("Village")),
)


@pages.get("/organisations")
async def list_page(
    request: Request, q: Words = "", kind: Words = "", under: Code = "", after: Code = ""
) -> Response:
    """The organisations that one sees, by name, code, tier, or under one of them."""
    async with to_read(request) as books:
        await officers.refuse_others(books)
        tier = OrganisationKind(kind) if kind in set(OrganisationKind) else None
        found = await organisations.organisations(
            books,
            kind=tier,
            under=under or None,
            name=q.strip() or None,
            after=after,
            limit=officers.PAGE + 1,
        )
        shown = found[: officers.PAGE]
        today = business_date(books.now)
        parents = await federation.parents_of(books, [one.code for one in shown], today)
        asked = {"q": q, "kind": tier and tier.value, "under": under}
        more = len(found) > officers.PAGE
        return await desk.render(
            request,
            books,
            "organisations.html",
            word="organisations",
            found=shown,
            parents=parents,
            q=q,
            kind=tier,
            under=under,
            kinds=_kinds(Reader.of(request)),
            next=desk.address("/organisations", **asked, after=shown[-1].code) if more else "",
            may_add=await access.homes(books, Right.REGISTER) != [],
        )


@pages.get("/organisations/new")
async def new_page(request: Request, parent: Code = "") -> Response:
    """An organisation to register."""
    async with to_read(request) as books:
        return await _new(request, books, {"parent": parent, "kind": "CO"})


@pages.post("/organisations/new")
async def register(request: Request) -> Response:
    """Register an organisation, open its book, let it join whom it belongs to."""
    return await written(request, _register, _new, _registered)


async def _register(books: WritableBooks, sent: dict[str, str]) -> str:
    said = forms.read(NEW, sent)
    parent, made = said.pop("parent"), _organisation(said)
    await federation.found(books, made, parent=parent, from_on=None)
    return officers.about(made.code)


async def _registered(books: Books, sent: dict[str, str]) -> str | None:
    """The page of an organisation that is registered as a form asks; None where it is not."""
    said = forms.read(NEW, sent)
    code, on = said["code"], said["formed_on"]
    kept = await organisations.organisation(books, code)
    same = forms.says(kept, said) and await federation.parent_of(books, code, on) == said["parent"]
    return officers.about(code) if same else None


@pages.get("/organisations/{code}/about")
async def about_page(request: Request, code: str) -> Response:
    """What an organisation is, whom it belonged to, and what may be done with it."""
    async with to_read(request) as books:
        await officers.refuse_others(books)
        found = await organisations.organisation(books, code)
        history = await federation.memberships(books, code)
        today = business_date(books.now)
        named = await organisations.named(books, {one.parent for one in history})
        below = await organisations.organisations(books, parent=code, limit=officers.PAGE)
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "organisation.html",
            word="organisations",
            found=found,
            history=[*reversed(history)],
            named={one.code: one for one in named},
            below=below,
            today=today,
            kinds=_kinds(reader),
            genders={one.value: reader.says(said) for one, said in GENDERS.items()},
            may=[right for right in Right if await access.may(books, right, code)],
            about_it=await requests.waiting_about(books, code, code),
        )


@pages.get("/organisations/{code}/edit")
async def edit_page(request: Request, code: str) -> Response:
    """What an organisation is called, whose group it is and where, to be changed."""
    async with to_read(request) as books:
        return await _edit(code, request, books, {})


@pages.post("/organisations/{code}/edit")
async def amend(request: Request, code: str) -> Response:
    """Change what an organisation is called, whose group it is and where."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        found = await organisations.organisation(books, code)
        amended = _amended(found, sent)
        await organisations.amend(books, replace(amended, version=officers.version(sent)))
        return officers.about(code)

    async def done(books: Books, sent: dict[str, str]) -> str | None:
        found = await organisations.organisation(books, code)
        return officers.about(code) if found == _amended(found, sent) else None

    return await written(request, act, partial(_edit, code), done)


_PLACE: Final = ("district", "tehsil", "union_council", "village")


def _amended(found: Organisation, sent: dict[str, str]) -> Organisation:
    """An organisation as a form has it."""
    said = forms.read(AMEND, sent)
    place = Place(found.place.province, **{one: said.pop(one) for one in _PLACE})
    return replace(found, **_gendered(said), place=place)


def _gendered(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"gender": said["gender"] and OrganisationGender(said["gender"])}


def _organisation(said: dict[str, Any]) -> Organisation:
    return Organisation(**_gendered(said | {"kind": OrganisationKind(said["kind"])}))


def _kinds(reader: Reader) -> dict[str, str]:
    return {one.value: reader.says(said) for one, said in KINDS.items()}


async def _new(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    await officers.refuse_others(books, Right.REGISTER)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form(
            "/organisations/new",
            NEW,
            reader.says(_("Register")),
            suggested={"parent": await officers.suggested(books)},
        ),
        title=reader.says(_("A new organisation")),
        path=[("/organisations", reader.says(_("Organisations")))],
        word="organisations",
        sent=sent,
        error=error,
    )


async def _edit(
    code: str,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    found = await organisations.organisation(books, code)
    await access.authorise(books, Right.REGISTER, code)
    reader = Reader.of(request)
    now = forms.kept(AMEND, found) | {one: getattr(found.place, one) or "" for one in _PLACE}
    return await officers.form_page(
        request,
        books,
        Form(
            address("organisations", code, "edit"),
            AMEND,
            reader.says(_("Keep")),
            carried={"version": str(found.version)},
        ),
        title=reader.says(_("Change what is kept")),
        path=path(reader, found),
        word="organisations",
        aim=found,
        sent=sent or now,
        error=error,
        now=now,
    )


def path(reader: Reader, found: Organisation) -> list[tuple[str, Any]]:
    """The way to the page that says what an organisation is."""
    return [
        ("/organisations", reader.says(_("Organisations"))),
        (officers.about(found.code), reader.words.text(reader.name(found))),
    ]
