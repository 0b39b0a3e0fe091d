"""Recovery: an officer above gives a one-time code, and the person chooses a new password."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from api.credentials import OPEN
from api.dependencies import Visiting, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Name
from api.serving import With
from api.v1.me import NewPassword
from service import recoveries
from service.entrance import Entrance
from service.refusals import (
    NotFound,
    OwnAppointment,
    PasswordWeak,
    SignInRefused,
    TooManyAttempts,
)

router = APIRouter(tags=["sign-in"])


class RecoveryAnswer(Answer):
    """A code to choose a new password with, once, within a day; it is not shown again."""

    person: str
    code: str
    expires_at: datetime


class RecoveryAsked(Asked):
    """Who one is, the code that an officer gave, and a new password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "nasreen",
                    "code": "K7QMT-2WXBP-9HTPC-4DRNA",
                    "new_password": "monsoon kettle verandah",
                }
            ]
        }
    )

    name: Name
    code: Annotated[str, Field(min_length=1, max_length=100)]
    new_password: NewPassword


@router.post(
    "/people/{code}/recovery",
    status_code=HTTPStatus.CREATED,
    responses=declared(NotFound, OwnAppointment),
)
async def give_recovery(code: Code, books: WriteBooks, response: Response) -> RecoveryAnswer:
    """Give somebody a code to choose a new password with, as an officer above them."""
    given = await recoveries.give(books, code)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryAnswer(person=given.person, code=given.code, expires_at=given.expires_at)


@router.post(
    "/recoveries",
    status_code=HTTPStatus.NO_CONTENT,
    responses=with_body(SignInRefused, TooManyAttempts, PasswordWeak),
    openapi_extra=OPEN,
)
async def recover(asked: RecoveryAsked, visit: Visiting, with_: With) -> None:
    """Choose a new password with a code; every session ends, and every PIN is forgotten."""
    entrance = Entrance(with_.engine, with_.hasher, visit)
    await entrance.recover(asked.name, asked.code, new=asked.new_password)
