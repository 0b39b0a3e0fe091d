"""People who may sign in, and what they are appointed to; administrators look after them."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import ReadBooks, Version, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Day, Name, Phone, until
from api.paging import LINKED, After, Limit, cut
from api.refusals import IfMatchMissing
from service import appointments, people, sessions
from service.access import Role
from service.appointments import Appointment
from service.people import Only, Person
from service.refusals import AlreadyExists, NotFound, OwnAppointment, VersionChanged

router = APIRouter(prefix="/people", tags=["people"])

PersonCode = Annotated[
    str,
    Field(
        pattern=people.CODE,
        description="The name to sign in with, and what entries name as actor.",
        examples=["nasreen"],
    ),
]
ETAGGED: Final[dict[str, Any]] = {
    "headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
}


class PersonContent(Asked):
    """What is kept of a person."""

    name: Name
    name_ur: Name | None = None
    phone: Phone | None = None
    organisation: Code | None = Field(
        default=None, description="Whose administrators look after the person; null: the house's."
    )

    member: Code | None = Field(
        default=None, description="Who of the members this is: nobody decides on her own loan."
    )

    def person(self, code: str) -> Person:
        """As the service knows them."""
        return Person(code, self.name, self.name_ur, self.phone, self.organisation, self.member)


class PersonAsked(PersonContent):
    """A person to register."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "nasreen",
                    "name": "Nasreen Bibi",
                    "name_ur": "نسرین بی بی",
                    "phone": "+92 300 0000101",
                    "organisation": "CO-01",
                }
            ]
        }
    )

    code: PersonCode


class PersonRevised(PersonContent):
    """What a person is to be from now on; whoever is disabled is signed out at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Nasreen Bibi",
                    "phone": "+92 300 0000102",
                    "organisation": "CO-01",
                    "disabled": False,
                }
            ]
        }
    )

    disabled: bool


class PersonAnswer(Answer):
    """One person; the telephone number is whole for administrators alone."""

    code: str
    name: str
    name_ur: str | None
    phone: str | None
    organisation: str | None
    member: str | None
    disabled_at: datetime | None
    version: int

    @classmethod
    def of(cls, found: people.Kept) -> PersonAnswer:
        """The answer for a person."""
        kept = {name: getattr(found.person, name) for name in Person.__slots__}
        return cls(**kept, disabled_at=found.disabled_at, version=found.version)


class PersonPage(Answer):
    """People in the order of their codes."""

    items: list[PersonAnswer]


class AppointmentAsked(Asked):
    """A role on an organisation, or on the whole house."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "accountant",
                    "organisation": "CO-01",
                    "below": False,
                    "from_on": "2026-07-01",
                    "to_on": "2027-07-01",
                }
            ]
        }
    )

    role: Annotated[Role, Field(strict=False)]
    organisation: Code | None = Field(description="Null: the whole house, with all below.")
    below: bool = Field(description="Whether with all that is below the organisation.")
    from_on: Day
    to_on: Day | None = Field(
        default=None,
        description="The first day it no longer holds; an auditor's appointment has one.",
    )


class EndAsked(Asked):
    """When an appointment is to end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to_on": "2026-12-31"}]})

    to_on: Day = Field(description="The first day it no longer holds: today, to end it at once.")


class AppointmentAnswer(Answer):
    """A role that somebody holds, from a day until before `to_on`."""

    id: UUID
    role: Role
    organisation: str | None
    below: bool
    from_on: date
    to_on: date | None
    version: int

    @classmethod
    def of(cls, found: appointments.Kept) -> AppointmentAnswer:
        """The answer for an appointment."""
        held = found.appointment
        return cls(
            id=found.id,
            role=held.role,
            organisation=held.organisation,
            below=held.below,
            from_on=held.from_on,
            to_on=until(held.to_on),
            version=found.version,
        )


class AppointmentList(Answer):
    """What a person is appointed to, as far as the caller may see it, oldest first."""

    items: list[AppointmentAnswer]


async def _only(
    role: Annotated[
        Role | None, Query(description="Who hold this role today, as far as the caller may see it.")
    ] = None,
    appointed_to: Annotated[
        Code | None, Query(description="Who hold a role, or this one, on this organisation today.")
    ] = None,
    organisation: Annotated[
        Code | None, Query(description="Whom the administrators of this organisation look after.")
    ] = None,
    name: Annotated[
        Name | None, Query(description="A part of the name, in English or Urdu letters.")
    ] = None,
    disabled: Annotated[
        bool | None, Query(description="Those who are disabled alone, or those who are not.")
    ] = None,
) -> Only:
    return Only(role, appointed_to, organisation, name, disabled)


@router.get("", responses={200: LINKED, **declared()})
async def list_people(
    books: ReadBooks,
    only: Annotated[Only, Depends(_only)],
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: After = "",
) -> PersonPage:
    """The people whom the caller may see, in the order of their codes."""
    found = await people.people(books, only=only, after=after, limit=limit + 1)
    page = cut(found, limit, lambda k: k.person.code, request=request, response=response)
    return PersonPage(items=[PersonAnswer.of(kept) for kept in page])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses={201: ETAGGED, **with_body(AlreadyExists, NotFound)},
)
async def register_person(
    asked: PersonAsked, books: WriteBooks, response: Response
) -> PersonAnswer:
    """Register a person, who signs in first with the code of a recovery."""
    await people.register(books, asked.person(asked.code))
    response.headers["Location"] = codes.address("people", asked.code)
    return _tagged(await people.person(books, asked.code), response)


@router.get("/{code}", responses={200: ETAGGED, **declared(NotFound)})
async def get_person(code: Code, books: ReadBooks, response: Response) -> PersonAnswer:
    """One person."""
    return _tagged(await people.person(books, code), response)


@router.put(
    "/{code}",
    responses={
        200: ETAGGED,
        **with_body(AlreadyExists, NotFound, OwnAppointment, VersionChanged, IfMatchMissing),
    },
)
async def revise_person(
    code: Code, asked: PersonRevised, version: Version, books: WriteBooks, response: Response
) -> PersonAnswer:
    """Change what is kept of a person, or disable them."""
    changed = await people.change(
        books, asked.person(code), disabled=asked.disabled, version=version
    )
    if asked.disabled:
        async with books.secrets():
            await sessions.end_all(books, code)
    return _tagged(changed, response)


@router.get("/{code}/appointments", responses=declared(NotFound))
async def list_appointments(code: Code, books: ReadBooks) -> AppointmentList:
    """What a person is appointed to, also what is over."""
    await people.person(books, code)
    found = await appointments.of_person(books, code)
    return AppointmentList(items=[AppointmentAnswer.of(kept) for kept in found])


@router.post(
    "/{code}/appointments",
    status_code=HTTPStatus.CREATED,
    responses={201: ETAGGED, **with_body(NotFound, OwnAppointment)},
)
async def appoint_person(
    code: Code, asked: AppointmentAsked, books: WriteBooks, response: Response
) -> AppointmentAnswer:
    """Appoint somebody, within what the caller administers; never oneself."""
    to_on = asked.to_on or date.max
    held = Appointment(code, asked.role, asked.organisation, asked.below, asked.from_on, to_on)
    kept = await appointments.appoint(books, held)
    response.headers["ETag"] = f'"{kept.version}"'
    return AppointmentAnswer.of(kept)


@router.put(
    "/{code}/appointments/{number}",
    responses={
        200: ETAGGED,
        **with_body(NotFound, OwnAppointment, VersionChanged, IfMatchMissing),
    },
)
async def end_appointment(
    code: Code,
    number: UUID,
    asked: EndAsked,
    version: Version,
    books: WriteBooks,
    response: Response,
) -> AppointmentAnswer:
    """Let an appointment end on a day, today at the earliest."""
    kept = await appointments.end(books, code, number, to_on=asked.to_on, version=version)
    response.headers["ETag"] = f'"{kept.version}"'
    return AppointmentAnswer.of(kept)


@router.delete("/{code}/sessions", status_code=HTTPStatus.NO_CONTENT, responses=declared(NotFound))
async def end_sessions_of_person(code: Code, books: WriteBooks) -> None:
    """Sign a person out everywhere."""
    await people.managed(books, code)
    async with books.secrets():
        await sessions.end_all(books, code)


def _tagged(found: people.Kept, response: Response) -> PersonAnswer:
    response.headers["ETag"] = f'"{found.version}"'
    return PersonAnswer.of(found)
