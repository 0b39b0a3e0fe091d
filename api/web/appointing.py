"""What somebody is appointed to, from when and until when."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fastapi import Request, Response

from api.web import forms, officers
from api.web.doors import to_read, written
from api.web.forms import Field, Form, Kind
from api.web.page import at as address
from api.web.people import ROLES, path
from api.web.reader import Reader
from api.web.route import router
from service import appointments, people
from service.access import Right, Role
from service.appointments import Appointment
from service.federation import FOREVER
from service.refusals import NotFound

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks

pages = router()


def _(message: str) -> str:
    return message


ROLE: Final = Field(
    "role",
    _("As what"),
    Kind.CHOICE,
    must=True,
    choices=tuple((role.value, said) for role, said in ROLES.items()),
)
BELOW: Final = Field("below", _("With all that is below it"), Kind.TICK)
ORGANISATION: Final = Field(
    "organisation",
    _("Of which organisation"),
    Kind.CODE,
    hint=_("Its code; empty: the whole house."),
)
APPOINT: Final = (
    ROLE,
    ORGANISATION,
    BELOW,
    Field("from_on", _("From"), Kind.DAY, must=True),
    Field("to_on", _("Until before"), Kind.DAY, hint=_("An auditor's post has an end.")),
)
END: Final = (Field("to_on", _("From which day it no longer holds"), Kind.DAY, must=True),)


@pages.get("/people/{code}/appoint")
async def appoint_page(request: Request, code: str) -> Response:
    """An appointment to make."""
    async with to_read(request) as books:
        return await _appoint(code, request, books, {})


@pages.post("/people/{code}/appoint")
async def appoint(request: Request, code: str) -> Response:
    """Appoint somebody, within what one administers."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        said = forms.read(APPOINT, sent)
        held = Appointment(
            code, **said | {"role": Role(said["role"]), "to_on": said["to_on"] or FOREVER}
        )
        key = officers.key(books, sent)
        await appointments.appoint(books, held, number=officers.number(books, held, key))
        return address("people", code)

    return await written(request, act, partial(_appoint, code))


@pages.get("/people/{code}/appointments/{number}")
async def end_page(request: Request, code: str, number: UUID) -> Response:
    """An appointment that is to end."""
    async with to_read(request) as books:
        return await _end(code, number, request, books, {})


@pages.post("/people/{code}/appointments/{number}")
async def end(request: Request, code: str, number: UUID) -> Response:
    """Let an appointment end on a day, today at the earliest."""

    async def act(books: WritableBooks, sent: dict[str, str]) -> str:
        to_on = forms.read(END, sent)["to_on"]
        await appointments.end(books, code, number, to_on=to_on, version=officers.version(sent))
        return address("people", code)

    async def done(books: Books, sent: dict[str, str]) -> str | None:
        kept = await appointments.of_person(books, code)
        ended = {one.appointment.to_on for one in kept if one.id == number}
        return address("people", code) if forms.read(END, sent)["to_on"] in ended else None

    return await written(request, act, partial(_end, code, number), done)


async def _appoint(
    code: str, request: Request, books: Books, sent: dict[str, str], error: Refusal | None = None
) -> Response:
    await officers.refuse_others(books, Right.ADMINISTER)
    found = await people.person(books, code)
    reader = Reader.of(request)
    return await officers.form_page(
        request,
        books,
        Form(
            address("people", code, "appoint"),
            APPOINT,
            reader.says(_("Appoint")),
            carried={"key": officers.key(books, sent)},
            suggested={"organisation": await officers.suggested(books)},
        ),
        title=reader.says(_("Appoint")),
        path=path(reader, found),
        word="people",
        sent=sent,
        error=error,
    )


async def _end(
    code: str,
    number: UUID,
    request: Request,
    books: Books,
    sent: dict[str, str],
    error: Refusal | None = None,
) -> Response:
    await officers.refuse_others(books, Right.ADMINISTER)
    found = await people.person(books, code)
    kept = [one for one in await appointments.of_person(books, code) if one.id == number]
    if not kept:
        raise NotFound(f"{code} has no such appointment. Read them again.")
    held, reader = kept[0].appointment, Reader.of(request)
    where: Any = held.organisation or reader.says(_("the whole house"))
    now = forms.kept(END, held)
    return await officers.form_page(
        request,
        books,
        Form(
            address("people", code, "appointments", str(number)),
            END,
            reader.says(_("End it")),
            carried={"version": str(kept[0].version)},
        ),
        title=reader.says(_("End an appointment")),
        about=reader.words.text(f"{reader.says(ROLES[held.role])} · {where}"),
        path=path(reader, found),
        word="people",
        sent=sent or now,
        now=now,
        error=error,
    )
