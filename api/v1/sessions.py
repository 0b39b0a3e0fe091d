"""Signing in and out: sessions of people."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import ConfigDict, Field

from api.credentials import DEVICE_COOKIE, OPEN, give_session, take_session
from api.dependencies import ReadBooks, Visiting, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Name
from api.serving import With
from service import sessions
from service.entrance import Entrance
from service.passwords import MOST
from service.refusals import (
    Malformed,
    NotFound,
    SignInRefused,
    TooManyAttempts,
)
from service.sessions import ProvenBy, Session

router = APIRouter(prefix="/sessions", tags=["sign-in"])

Secret = Annotated[str, Field(min_length=1, max_length=MOST)]
Pin = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
DeviceSecret = Annotated[str, Field(min_length=1, max_length=100)]
DeviceCookie = Annotated[
    str | None,
    Cookie(alias=DEVICE_COOKIE, max_length=100, description="The secret of this device."),
]


class SignIn(Asked):
    """Who one is, by code or telephone number; and what proves it: a password or a PIN."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "shazia", "password": "monsoon kettle verandah"}]}
    )

    name: Name
    password: Secret | None = None
    pin: Pin | None = Field(default=None, description="Good on the device where it was set.")
    device: DeviceSecret | None = Field(
        default=None, description="The device's secret, where it is not sent as cookie."
    )


class SessionBegun(Answer):
    """A session that has begun; its token is in the cookie alone."""

    session: UUID
    person: str
    csrf_token: str = Field(
        description="To be sent as X-CSRF-Token with whatever changes something."
    )
    expires_at: datetime


class SessionAnswer(Answer):
    """A session that lives."""

    id: UUID
    current: bool
    proven_by: ProvenBy
    device: UUID | None
    source: str = Field(description="The address it was begun from.")
    agent: str = Field(description="What the browser called itself.")
    started_at: datetime
    used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, found: Session, current: UUID | None) -> SessionAnswer:
        """The answer for a session."""
        kept = {name: getattr(found, name) for name in Session.__slots__}
        return cls(**kept, current=found.id == current)


class SessionList(Answer):
    """The caller's sessions, oldest first."""

    items: list[SessionAnswer]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=with_body(SignInRefused, TooManyAttempts),
    openapi_extra=OPEN,
)
async def sign_in(
    asked: SignIn,
    request: Request,
    response: Response,
    visit: Visiting,
    with_: With,
    device: DeviceCookie = None,
) -> SessionBegun:
    """Sign in with a password, or with a PIN on its device; twelve hours, idle for two at most."""
    agent = request.headers.get("User-Agent", "")
    entrance = Entrance(with_.engine, with_.hasher, visit, agent)
    held = asked.device or device
    if asked.password is not None and asked.pin is None:
        begun = await entrance.by_password(asked.name, asked.password, device=held)
    elif asked.pin is not None and asked.password is None:
        begun = await entrance.by_pin(asked.name, asked.pin, device=held)
    else:
        raise Malformed("password: send a password or a PIN, one of them.")
    give_session(request, response, begun.token)
    return SessionBegun(
        session=begun.id, person=begun.person, csrf_token=begun.csrf, expires_at=begun.expires_at
    )


@router.get("", responses=declared())
async def list_sessions(books: ReadBooks) -> SessionList:
    """Where the caller is signed in."""
    current = books.caller.session if books.caller else None
    async with books.secrets():
        found = await sessions.living(books, books.actor)
    return SessionList(items=[SessionAnswer.of(session, current) for session in found])


@router.delete("", status_code=HTTPStatus.NO_CONTENT, responses=declared())
async def end_other_sessions(books: WriteBooks) -> None:
    """Sign out everywhere but here."""
    current = books.caller.session if books.caller else None
    async with books.secrets():
        await sessions.end_all(books, books.actor, but=current)


@router.delete("/{number}", status_code=HTTPStatus.NO_CONTENT, responses=declared(NotFound))
async def end_session(
    number: UUID, books: WriteBooks, request: Request, response: Response
) -> None:
    """End one session of the caller's; the one that asks, to sign out."""
    async with books.secrets():
        await sessions.end(books, books.actor, number)
    if books.caller is not None and number == books.caller.session:
        take_session(request, response)
