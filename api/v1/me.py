"""Whoever asks: who they are, what is open to them, their password and their PIN."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.dependencies import Proven, ReadBooks, SignedIn, Visiting
from api.errors import declared, with_body
from api.fields import Answer, Asked
from api.serving import With
from api.v1.people import AppointmentAnswer
from api.v1.sessions import DeviceCookie, DeviceSecret, Pin, Secret
from ledger.calendar import business_date
from service import appointments, entrance, passwords
from service.access import Right
from service.books import write_books_for
from service.refusals import (
    DeviceUnknown,
    Forbidden,
    PasswordWeak,
    PinWeak,
    SignInRefused,
    TooManyAttempts,
)

router = APIRouter(prefix="/me", tags=["sign-in"])

NewPassword = Annotated[
    str,
    Field(
        min_length=passwords.FEWEST,
        max_length=passwords.MOST,
        description="Not easily guessed: no common word, no name of one's own.",
    ),
]


class OpenAnswer(Answer):
    """What a right opens: organisations with all below them, organisations alone."""

    right: Right
    whole_house: bool
    below: list[str] = Field(description="With all that is below them.")
    alone: list[str]


class Me(Answer):
    """Who asks, by which session or with which scopes, and what is open to them."""

    person: str
    name: str
    roles: list[str]
    session: UUID | None
    csrf_token: str | None = Field(description="The session's, to be sent as X-CSRF-Token.")
    scopes: list[str] | None = Field(description="Of a machine; null for people.")
    appointments: list[AppointmentAnswer] = Field(description="Those that hold today.")
    open: list[OpenAnswer]


class PasswordAsked(Asked):
    """The password so far, and a new one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "password": "monsoon kettle verandah",
                    "new_password": "apricot ladder september",
                }
            ]
        }
    )

    password: Secret
    new_password: NewPassword


class PinAsked(Asked):
    """A PIN of six digits for this device."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pin": "480713"}]})

    pin: Pin
    device: DeviceSecret | None = Field(
        default=None, description="The device's secret, where it is not sent as cookie."
    )


@router.get("", responses=declared())
async def get_me(books: ReadBooks) -> Me:
    """Who asks, and what is open to them."""
    caller = books.caller
    if caller is None:
        raise Forbidden("Nobody asks.")
    held = await appointments.of_person(books, caller.person)
    return Me(
        person=caller.person,
        name=caller.name,
        roles=sorted(caller.roles),
        session=caller.session,
        csrf_token=caller.csrf,
        scopes=None if caller.scopes is None else sorted(caller.scopes),
        appointments=[AppointmentAnswer.of(k) for k in held if _holds(k, business_date(books.now))],
        open=[
            OpenAnswer(right=o.right, whole_house=o.whole_house, below=o.below, alone=o.alone)
            for o in await appointments.opened(books)
        ],
    )


@router.put(
    "/password",
    status_code=HTTPStatus.NO_CONTENT,
    responses=with_body(PasswordWeak, SignInRefused, TooManyAttempts),
)
async def change_password(
    asked: PasswordAsked, caller: SignedIn, visit: Visiting, with_: With
) -> None:
    """Choose a new password; every other session ends."""
    if caller.session is None:
        raise Forbidden("A machine has no password. Rotate its secret instead.")
    door = entrance.Entrance(with_.engine, with_.hasher, visit)
    await door.change_password(caller, current=asked.password, new=asked.new_password)


@router.put("/pin", status_code=HTTPStatus.NO_CONTENT, responses=with_body(PinWeak, DeviceUnknown))
async def set_pin(
    asked: PinAsked,
    caller: SignedIn,
    proof: Proven,
    visit: Visiting,
    with_: With,
    device: DeviceCookie = None,
) -> None:
    """Set the caller's PIN on this device, in a session that was begun with the password."""
    passwords.refuse_weak_pin(asked.pin)
    if caller.session is None:
        raise Forbidden("A machine has no PIN.")
    hashed = await with_.hasher.hash(asked.pin)
    async with write_books_for(with_.engine, proof, visit, clock=with_.clock) as books:
        await entrance.set_pin(books, asked.device or device, hashed)


def _holds(kept: appointments.Kept, today: date) -> bool:
    return kept.appointment.from_on <= today < kept.appointment.to_on
