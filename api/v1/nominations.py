"""Whom organisations nominate upward."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api.dependencies import ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Day, until
from service import access, nominations
from service.access import Right
from service.federation import FOREVER
from service.nominations import Nomination, Office
from service.refusals import AlreadyExists, NotFound

router = APIRouter(prefix="/organisations/{code}", tags=["members"])


class NominationAsked(Asked):
    """A member whom her organisation sends to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"member": "M-0001", "role": "treasurer", "from_on": "2026-06-01"}]
        }
    )

    member: Code
    role: Annotated[Office, Field(strict=False)] = Field(
        description="The office held in the organisation that nominates."
    )
    from_on: Day
    to_on: Day | None = Field(default=None, description="The first day it no longer holds.")


class NominationEnded(Asked):
    """Which nomination ends, and on which day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "member": "M-0001",
                    "role": "treasurer",
                    "from_on": "2026-06-01",
                    "to_on": "2026-06-30",
                }
            ]
        }
    )

    member: Code
    role: Annotated[Office, Field(strict=False)]
    from_on: Day
    to_on: Day = Field(description="The first day it no longer holds.")


class NominationAnswer(Answer):
    """A member who is nominated to an organisation, from a day until before `to_on`."""

    member: str
    organisation: str
    role: Office
    from_on: date
    to_on: date | None

    @classmethod
    def of(cls, found: Nomination) -> NominationAnswer:
        """The answer for a nomination."""
        return cls(**{**asdict(found), "to_on": until(found.to_on)})


class NominationList(Answer):
    """Who is nominated to an organisation, oldest first."""

    items: list[NominationAnswer]


@router.get("/nominations", responses=declared(NotFound))
async def list_nominations(code: Code, books: ReadBooks) -> NominationList:
    """Who is nominated to an organisation."""
    await access.authorise(books, Right.READ, code)
    found = await nominations.nominations(books, code)
    return NominationList(items=[NominationAnswer.of(nomination) for nomination in found])


@router.post(
    "/nominations",
    status_code=HTTPStatus.CREATED,
    responses=with_body(AlreadyExists, NotFound),
)
async def nominate_member(
    code: Code, asked: NominationAsked, books: WriteBooks
) -> NominationAnswer:
    """Nominate a member upward: to the organisation that the one who nominates belongs to."""
    to_on = asked.to_on or FOREVER
    nomination = Nomination(asked.member, code, asked.role, asked.from_on, to_on)
    await nominations.nominate_one(books, nomination)
    return NominationAnswer.of(nomination)


@router.post(
    "/nominations/end",
    responses=with_body(NotFound),
)
async def end_nomination(code: Code, asked: NominationEnded, books: WriteBooks) -> NominationAnswer:
    """End a nomination: from `to_on` it no longer holds; it never lasts longer."""
    nomination = Nomination(asked.member, code, asked.role, asked.from_on, asked.to_on)
    await nominations.end(books, nomination)
    return NominationAnswer.of(nomination)
