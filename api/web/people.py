"""People at a desk: who may sign in, what they are appointed to, and a way back in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, forms, officers
from api.web.doors import form, to_read, to_write, written
from api.web.forms import Field, Form, Kind
from api.web.page import at as address
from api.web.page import go
from api.web.reader import Reader
from api.web.refusals import of_error
from api.web.registering import PHONE
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE, business_date
from ledger.refusals import Refusal
from service import access, appointments, organisations, people, recoveries, sessions
from service.access import Right, Role
from service.people import Only, Person
from service.refusals import Forbidden, NotFound, VersionChanged

if TYPE_CHECKING:
    from service.books import Books, WritableBooks
    from service.people import Kept
    from service.recoveries import Recovery

pages = router()

Code = Annotated[str, Query(max_length=100)]
Words = Annotated[str, Query(max_length=100)]


def _(message: str) -> str:
    return message


ROLES: Final = {
    Role.ACCOUNTANT: _("Accountant"),
    Role.PRESIDENT: _("President"),
    Role.MANAGER: _("Manager"),
    Role.TREASURER: _("Treasurer"),
    Role.FIELD_OFFICER: _("Field officer"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}
_KEPT: Final = (
    Field("name", _("Name"), must=True),
    Field("name_ur", _("Name in Urdu"), rtl=True),
    PHONE,
    Field(
        "organisation",
        _("Whose administrators look after this person"),
        Kind.CODE,
        hint=_("Its code; empty: those of the whole house."),
    ),
    Field(
        "member",
        _("Which member this is"),
        Kind.CODE,
        hint=_("Nobody decides on money of her own."),
    ),
)
NEW: Final = (
    Field("code", _("Name to sign in with"), Kind.CODE, must=True, hint=_("It stays for ever.")),
    *_KEPT,
)
EDIT: Final = (*_KEPT, Field("disabled", _("May no longer sign in"), Kind.TICK))


@pages.get("/people")
async def list_page(
    request: Request, q: Words = "", at: Code = "", role: Words = "", after: Code = ""
) -> Response:
    """The people whom one sees, by name, role, or organisation."""
    async with to_read(request) as books:
        await officers.refuse_others(books, Right.ADMINISTER, Right.RECOVER)
        only = Only(
            role=Role(role) if role in set(Role) else None,
            appointed_to=at or None,
            name=q.strip() or None,
        )
        found = await people.people(books, only=only, after=after, limit=officers.PAGE + 1)
        shown = found[: officers.PAGE]
        asked = {"q": q, "at": at, "role": only.role and only.role.value}
        more = len(found) > officers.PAGE
        return await desk.render(
            request,
            books,
            "people.html",
            word="people",
            found=shown,
            q=q,
            of=at,
            role=only.role,
            titles=roles(Reader.of(request)),
            next=desk.address("/people", **asked, after=shown[-1].person.code) if more else "",
            may_add=await access.homes(books, Right.ADMINISTER) != [],
        )


@pages.get("/people/new")
async def new_page(request: Request) -> Response:
    """Somebody to register."""
    async with to_read(request) as books:
        home = await desk.own(books)
        return await _new(request, books, {"organisation": home.code if home else ""})


@pages.post("/people/new")
async def register(request: Request) -> Response:
    """Register somebody, who signs in first with a code that an officer gives."""
    return await written(request, _register, _new, _registered)


async def _register(books: WritableBooks, sent: dict[str, str]) -> str:
    made = Person(**forms.read(NEW, sent))
    await people.register(books, made)
    return address("people", made.code)


async def _registered(books: Books, sent: dict[str, str]) -> str | None:
    """The page of somebody who is registered as a form asks; None where that is not so."""
    made = Person(**forms.read(NEW, sent))
    kept = (await people.person(books, made.code)).person
    return address("people", made.code) if kept == made else None


@pages.get("/people/{code}")
async def person_page(request: Request, code: str) -> Response:
    """One person: what is kept, what she is appointed to, what may be done."""
    async with to_read(request) as books:
        return await _person(request, books, code)


@pages.get("/people/{code}/edit")
async def edit_page(request: Request, code: str) -> Response:
    """What is kept of a person, to be changed."""
    async with to_read(request) as books:
        return await _edit(code, request, books, {})


@pages.post("/people/{code}/edit")
async def edit(request: Request, code: str) -> Response:
    """Change what is kept of a person; whoever is disabled is signed out at once."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        said = forms.read(EDIT, sent)
        disabled = said.pop("disabled")
        await people.change(
            books, Person(code, **said), disabled=disabled, version=officers.version(sent)
        )
        if disabled:
            await _sign_out(books, code)
        return address("people", code)

    async def done(books: Books, sent: dict[str, str]) -> str | None:
        said, kept = forms.read(EDIT, sent), await people.person(books, code)
        same = said.pop("disabled") == (kept.disabled_at is not None)
        return address("people", code) if same and kept.person == Person(code, **said) else None

    return await written(request, act, partial(_edit, code), done)


@pages.get("/people/{code}/sign-out")
@pages.get("/people/{code}/recovery")
async def back(code: str) -> Response:
    """To the person: what a form's answer has as its address is asked for again, too."""
    return go(address("people", code))


@pages.post("/people/{code}/sign-out")
async def sign_out(request: Request, code: str) -> Response:
    """Sign a person out everywhere."""
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            await people.managed(books, code)
            await _sign_out(books, code)
    except Refusal as error:
        async with to_read(request) as books:
            return await _person(request, books, code, error=error)
    async with to_read(request) as books:
        return await _person(request, books, code, signed_out=True)


@pages.post("/people/{code}/recovery")
async def give_code(request: Request, code: str) -> Response:
    """Give somebody a code to choose a new password with; the page shows it once.

    A form that was sent before gives no other: the page says so, without the code.
    """
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            given = await recoveries.give(books, code, as_stood=sent.get("stood"))
    except VersionChanged:
        async with to_read(request) as books:
            return await _person(request, books, code, given_before=True)
    except Refusal as error:
        async with to_read(request) as books:
            return await _person(request, books, code, error=error)
    async with to_read(request) as books:
        return await _person(request, books, code, given=given)


async def _sign_out(books: WritableBooks, code: str) -> None:
    async with books.secrets():
        await sessions.end_all(books, code)


def roles(reader: Reader) -> dict[str, str]:
    """What each role is called."""
    return {role.value: reader.says(said) for role, said in ROLES.items()}


async def _manages(books: Books, found: Kept) -> bool:
    try:
        await people.authorise_home(books, found.person.organisation)
    except (Forbidden, NotFound):
        return False
    return True


async def _person(
    request: Request,
    books: Books,
    code: str,
    *,
    error: Refusal | None = None,
    given: Recovery | None = None,
    given_before: bool = False,
    signed_out: bool = False,
) -> Response:
    await officers.refuse_others(books, Right.ADMINISTER, Right.RECOVER)
    found = await people.person(books, code)
    held = await appointments.of_person(books, code)
    homes = {one.appointment.organisation for one in held} | {found.person.organisation}
    named = await organisations.named(books, {home for home in homes if home})
    reader = Reader.of(request)
    return await desk.render(
        request,
        books,
        "person.html",
        word="people",
        found=found,
        person=found.person,
        held=[*reversed(held)],
        named={one.code: one for one in named},
        titles=roles(reader),
        today=business_date(books.now),
        zone=BUSINESS_ZONE,
        manages=await _manages(books, found),
        himself=code == books.actor,
        appoints=code != books.actor and await access.homes(books, Right.ADMINISTER) != [],
        given=given,
        given_before=given_before,
        stood=await recoveries.standing(books, code),
        signed_out=signed_out,
        said=of_error(reader, error),
    )


async def _new(
    request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    await officers.refuse_others(books, Right.ADMINISTER)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form(
            "/people/new",
            NEW,
            reader.says(_("Register")),
            suggested={"organisation": await officers.suggested(books)},
        ),
        title=reader.says(_("A new person")),
        path=path(reader),
        word="people",
        sent=sent,
        error=error,
    )


async def _edit(
    code: str, request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    found = await people.managed(books, code)
    reader = Reader.of(request)
    now = forms.kept(_KEPT, found.person) | {"disabled": "on" if found.disabled_at else ""}
    return await officers.form_page(
        request,
        books,
        Form(
            address("people", code, "edit"),
            EDIT,
            reader.says(_("Keep")),
            carried={"version": str(found.version)},
            suggested={"organisation": await officers.suggested(books)},
        ),
        title=reader.says(_("Change what is kept")),
        path=path(reader, found),
        word="people",
        sent=sent or now,
        now=now,
        error=error,
    )


def path(reader: Reader, found: Kept | None = None) -> list[tuple[str, Any]]:
    """The way to the page of a person, or to the list of all."""
    way: list[tuple[str, Any]] = [("/people", reader.says(_("People")))]
    if found is not None:
        to = address("people", found.person.code)
        way.append((to, reader.words.text(reader.name(found.person))))
    return way
