"""Members of COs, and their savings."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import (
    ETAGGED,
    AsOf,
    AsOfDay,
    KnownBy,
    MaybeKey,
    ReadBooks,
    Version,
    WriteBooks,
    days,
    etag,
)
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Day, Name, Phone, Prose, Rupees
from api.paging import LINKED, After, Limit, cut
from api.refusals import IfMatchMissing
from api.v1.requests import WAITING, waiting
from ledger.refusals import MomentUnsettled
from service import access, members, savings
from service.access import Right
from service.members import Gender, Member, MemberState, Only
from service.refusals import AlreadyExists, NotFound, RequestWaits, VersionChanged
from service.requests import asking
from service.requests.request import Requested

router = APIRouter(tags=["members"])

Cnic = Annotated[str, Field(pattern=r"^[0-9]{5}-[0-9]{7}-[0-9]$", examples=["10000-0000001-2"])]


class MemberFields(Asked):
    """What is known of a member."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Nasreen Bibi",
                    "gender": "female",
                    "joined_on": "2026-06-01",
                    "psc": 21,
                    "psc_on": "2026-06-01",
                }
            ]
        }
    )

    name: Name
    gender: Annotated[Gender, Field(strict=False)]
    joined_on: Day
    name_ur: Name | None = None
    father_or_husband: Name | None = None
    cnic: Cnic | None = None
    phone: Phone | None = None
    household: Code | None = None
    psc: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="The poverty score."
    )
    psc_on: Day | None = Field(default=None, description="The day of its survey.")
    left_on: Day | None = Field(default=None, description="The last day of membership.")


class MemberAmended(MemberFields):
    """What is known of a member from now on."""

    reason: Prose | None = Field(default=None, description="Why she leaves, where she does.")


class MemberAsked(MemberFields):
    """A member to register."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "M-0101",
                    "organisation": "CO-01",
                    "name": "Nasreen Bibi",
                    "gender": "female",
                    "cnic": "10000-0000101-2",
                    "phone": "+92 300 0000101",
                    "psc": 19,
                    "psc_on": "2025-06-01",
                    "joined_on": "2026-06-01",
                }
            ]
        }
    )

    code: Code
    organisation: Code = Field(description="The CO.")

    def member(self) -> Member:
        """As the service knows her."""
        return Member(**dict(self))


class MemberAnswer(Answer):
    """One member."""

    code: str
    organisation: str
    name: str
    gender: Gender
    joined_on: date
    name_ur: str | None
    father_or_husband: str | None
    cnic: str | None
    phone: str | None
    household: str | None
    psc: int | None
    psc_on: date | None
    left_on: date | None
    warnings: list[str] = Field(description="What is odd, but may well be so.")

    @classmethod
    def of(cls, found: Member, *, whole: bool) -> MemberAnswer:
        """The answer for a member; identity and telephone number are masked unless `whole`."""
        shown = asdict(found if whole else members.masked(found))
        shown.pop("version")
        return cls(**shown, warnings=members.doubts(found))


class MemberPage(Answer):
    """Members in the order of their codes."""

    items: list[MemberAnswer]


class SavingsAnswer(Answer):
    """What a member has saved on a day."""

    as_of: date
    compulsory: Rupees
    voluntary: Rupees
    pledged: Rupees = Field(description="What of both together is pledged.")
    free: Rupees = Field(description="What is not pledged.")


class SavingsList(Answer):
    """What a member has saved on each of the days asked for."""

    member: str
    items: list[SavingsAnswer]


async def _only(
    state: Annotated[
        MemberState | None,
        Query(description="Those who belong to it on the day, or those who left before."),
    ] = None,
    as_of: AsOfDay = None,
    gender: Annotated[Gender | None, Query(description="Women alone, or men.")] = None,
    name: Annotated[
        Name | None, Query(description="A part of the name, in English or Urdu letters.")
    ] = None,
) -> Only:
    return Only(state, as_of, gender, name)


@router.get("/organisations/{code}/members", responses={200: LINKED, **declared(NotFound)})
async def list_members(
    code: Code,
    books: ReadBooks,
    only: Annotated[Only, Depends(_only)],
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: After = "",
) -> MemberPage:
    """The members of a CO in the order of their codes."""
    await access.authorise(books, Right.READ, code)
    found = await members.members(books, code, only=only, after=after, limit=limit + 1)
    page = cut(found, limit, lambda m: m.code, request=request, response=response)
    whole = await access.may(books, Right.IDENTIFY, code)
    return MemberPage(items=[MemberAnswer.of(member, whole=whole) for member in page])


@router.post(
    "/members", status_code=HTTPStatus.CREATED, responses=with_body(AlreadyExists, NotFound)
)
async def register_member(
    asked: MemberAsked, books: WriteBooks, response: Response
) -> MemberAnswer:
    """Register a member of a CO; what is odd comes back as warnings."""
    member = asked.member()
    await members.admit(books, member)
    response.headers["Location"] = codes.address("members", member.code)
    return MemberAnswer.of(member, whole=True)


@router.get("/members/{code}", responses={200: ETAGGED, **declared(NotFound)})
async def get_member(code: Code, books: ReadBooks, response: Response) -> MemberAnswer:
    """One member; identity and telephone number are masked for who need not know them."""
    found = await members.member(books, code)
    await access.authorise(books, Right.READ, found.organisation)
    whole = await access.may(books, Right.IDENTIFY, found.organisation)
    response.headers["ETag"] = etag(found.version)
    return MemberAnswer.of(found, whole=whole)


@router.put(
    "/members/{code}",
    response_model=MemberAnswer,
    responses={
        200: ETAGGED,
        **WAITING,
        **with_body(NotFound, VersionChanged, IfMatchMissing, RequestWaits),
    },
)
async def amend_member(
    code: Code,
    version: Version,
    asked: MemberAmended,
    books: WriteBooks,
    response: Response,
    key: MaybeKey = None,
) -> MemberAnswer | Response:
    """Change what is known of a member; her code and her CO stay.

    That she leaves, or comes back, waits for another officer. Without a key of its own it is
    asked once for a version of hers: after a refusal, ask again under another key.
    """
    found = await members.member(books, code)
    said = dict(asked)
    reason = said.pop("reason") or "The member leaves"
    amended = replace(found, **said, version=version)
    key = key or f"exit/{code}/{version}/{amended.left_on}"
    changed = await asking.amend_member(books, amended, reason=reason, key=key)
    if isinstance(changed, Requested):
        return await waiting(books, changed)
    response.headers["ETag"] = etag(changed.version)
    return MemberAnswer.of(changed, whole=True)


@router.get("/members/{code}/savings", responses=declared(NotFound, MomentUnsettled))
async def get_member_savings(
    code: Code,
    books: ReadBooks,
    as_of: AsOf = (),
    known_by: KnownBy = None,
) -> SavingsList:
    """What a member has saved, compulsory and voluntary, and what of it is pledged."""
    found = [
        (
            day,
            await savings.of_member(books, code, day, known_by=known_by),
            await savings.pledged(books, code, day, known_by=known_by),
        )
        for day in days(books, as_of)
    ]
    items = [
        SavingsAnswer(
            as_of=day,
            compulsory=saved.compulsory,
            voluntary=saved.voluntary,
            pledged=pledged,
            free=saved.compulsory + saved.voluntary - pledged,
        )
        for day, saved, pledged in found
    ]
    return SavingsList(member=code, items=items)
