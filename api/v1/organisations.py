"""Organisations and whom they belong to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import (
    ETAGGED,
    AsOfDay,
    Key,
    ReadBooks,
    Version,
    WriteBooks,
    etag,
)
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Day, Name, Prose, until
from api.paging import LINKED, After, Limit, cut
from api.refusals import IfMatchMissing
from api.v1.requests import WAITING, waiting
from ledger.calendar import business_date
from ledger.refusals import KeyReused
from service import federation, organisations
from service.federation import Membership
from service.geography import Place
from service.organisations import Organisation, OrganisationGender, OrganisationKind
from service.refusals import AlreadyExists, FederationContradicts, NotFound, VersionChanged
from service.requests import asking

router = APIRouter(prefix="/organisations", tags=["organisations"])


class PlaceFields(Asked):
    """Where an organisation lies; empty from the level at which it covers more than one."""

    province: Name | None = None
    district: Name | None = None
    tehsil: Name | None = None
    union_council: Name | None = None
    village: Name | None = None


class ParentAsked(Asked):
    """The organisation that a new one belongs to."""

    organisation: Code
    from_on: Day | None = Field(default=None, description="Without it: the day it was formed.")


class OrganisationAsked(Asked):
    """An organisation to register; its book is opened with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "CO-02",
                    "kind": "CO",
                    "name": "Women's organisation of the upper mohalla",
                    "gender": "women",
                    "formed_on": "2026-06-15",
                    "parent": {"organisation": "VO-01", "from_on": "2026-06-20"},
                }
            ]
        }
    )

    code: Code
    kind: Annotated[OrganisationKind, Field(strict=False)]
    name: Name
    formed_on: Day
    name_ur: Name | None = None
    gender: Annotated[OrganisationGender | None, Field(strict=False)] = None
    place: PlaceFields = PlaceFields()
    parent: ParentAsked | None = None

    def organisation(self) -> Organisation:
        """As the service knows it."""
        return Organisation(
            code=self.code,
            kind=self.kind,
            name=self.name,
            formed_on=self.formed_on,
            name_ur=self.name_ur,
            gender=self.gender,
            place=Place(**self.place.model_dump()),
        )


class AmendmentAsked(Asked):
    """What an organisation is called, whose group it is and where; its code and tier stay."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Women's organisation of the mohalla", "gender": "women"}]
        }
    )

    name: Name
    name_ur: Name | None = None
    gender: Annotated[OrganisationGender | None, Field(strict=False)] = None
    place: PlaceFields = PlaceFields()


class PlaceAnswer(Answer):
    """Where an organisation lies."""

    province: str | None
    district: str | None
    tehsil: str | None
    union_council: str | None
    village: str | None


class OrganisationAnswer(Answer):
    """One organisation."""

    code: str
    kind: OrganisationKind
    name: str
    name_ur: str | None
    gender: OrganisationGender | None
    formed_on: date
    place: PlaceAnswer

    @classmethod
    def of(cls, found: Organisation) -> OrganisationAnswer:
        """The answer for an organisation."""
        return cls(**_fields(found))


class OrganisationWithParent(OrganisationAnswer):
    """One organisation, with the one it belongs to on a day."""

    as_of: date
    parent: str | None


class OrganisationPage(Answer):
    """Organisations in the order of their codes."""

    items: list[OrganisationAnswer]


class MoveAsked(Asked):
    """From a day on an organisation belongs to another, or to nobody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"to": "LSO-01", "on": "2026-06-25", "reason": "The VO was dissolved"}]
        }
    )

    to: Code | None = Field(description="The new parent; null for none.")
    on: Day
    reason: Prose


class MembershipAnswer(Answer):
    """An organisation belongs to a parent from a day on, until the day before `to_on`."""

    organisation: str
    parent: str
    from_on: date
    to_on: date | None

    @classmethod
    def of(cls, found: Membership) -> MembershipAnswer:
        """The answer for a membership."""
        return cls(
            organisation=found.organisation,
            parent=found.parent,
            from_on=found.from_on,
            to_on=until(found.to_on),
        )


class MembershipList(Answer):
    """All memberships of an organisation, oldest first."""

    items: list[MembershipAnswer]


def _fields(found: Organisation) -> dict[str, Any]:
    return {
        "code": found.code,
        "kind": found.kind,
        "name": found.name,
        "name_ur": found.name_ur,
        "gender": found.gender,
        "formed_on": found.formed_on,
        "place": found.place._asdict(),
    }


@router.get("", responses={200: LINKED, **declared(NotFound)})
async def list_organisations(
    books: ReadBooks,
    request: Request,
    response: Response,
    kind: Annotated[OrganisationKind | None, Query(description="Of this tier alone.")] = None,
    under: Annotated[Code | None, Query(description="This one, and all below it.")] = None,
    parent: Annotated[Code | None, Query(description="Those that belong to it directly.")] = None,
    as_of: AsOfDay = None,
    limit: Limit = 100,
    after: After = "",
) -> OrganisationPage:
    """The organisations open to whoever asks, in the order of their codes."""
    found = await organisations.organisations(
        books, kind=kind, under=under, parent=parent, on=as_of, after=after, limit=limit + 1
    )
    page = cut(found, limit, lambda o: o.code, request=request, response=response)
    return OrganisationPage(items=[OrganisationAnswer.of(o) for o in page])


@router.post("", status_code=HTTPStatus.CREATED, responses=with_body(AlreadyExists, NotFound))
async def register_organisation(
    asked: OrganisationAsked, books: WriteBooks, response: Response
) -> OrganisationAnswer:
    """Register an organisation, open its book, and let it join its parent."""
    await federation.found(
        books,
        asked.organisation(),
        parent=asked.parent.organisation if asked.parent else None,
        from_on=asked.parent.from_on if asked.parent else None,
    )
    response.headers["Location"] = codes.address("organisations", asked.code)
    return OrganisationAnswer.of(await organisations.organisation(books, asked.code))


@router.get("/{code}", responses={200: ETAGGED, **declared(NotFound)})
async def get_organisation(
    code: Code, books: ReadBooks, response: Response, as_of: AsOfDay = None
) -> OrganisationWithParent:
    """One organisation, with the one it belongs to on a day."""
    day = as_of or business_date(books.now)
    found = await organisations.organisation(books, code)
    response.headers["ETag"] = etag(found.version)
    parent = await federation.parent_of(books, code, day)
    return OrganisationWithParent(**_fields(found), as_of=day, parent=parent)


@router.put(
    "/{code}", responses={200: ETAGGED, **with_body(NotFound, VersionChanged, IfMatchMissing)}
)
async def amend_organisation(
    code: Code, version: Version, asked: AmendmentAsked, books: WriteBooks, response: Response
) -> OrganisationAnswer:
    """Change what an organisation is called, whose group it is and where."""
    found = await organisations.organisation(books, code)
    amended = replace(
        found,
        name=asked.name,
        name_ur=asked.name_ur,
        gender=asked.gender,
        place=Place(**asked.place.model_dump()),
        version=version,
    )
    changed = await organisations.amend(books, amended)
    response.headers["ETag"] = etag(changed.version)
    return OrganisationAnswer.of(changed)


@router.get("/{code}/memberships", responses=declared(NotFound))
async def list_memberships(code: Code, books: ReadBooks) -> MembershipList:
    """Whom the organisation belonged to and belongs to."""
    await organisations.book_of(books, code)
    found = await federation.memberships(books, code)
    return MembershipList(items=[MembershipAnswer.of(membership) for membership in found])


@router.post(
    "/{code}/moves",
    status_code=HTTPStatus.CREATED,
    response_model=MembershipList,
    responses={**WAITING, **with_body(NotFound, FederationContradicts, KeyReused)},
)
async def move_organisation(
    code: Code, asked: MoveAsked, key: Key, books: WriteBooks
) -> MembershipList | Response:
    """Move an organisation to another parent from a day on; its balances go along.

    Where the new parent belongs to another federation, that one decides.
    """
    waits = await asking.move(books, code, to=asked.to, on=asked.on, reason=asked.reason, key=key)
    if waits is not None:
        return await waiting(books, waits)
    found = await federation.memberships(books, code)
    return MembershipList(items=[MembershipAnswer.of(membership) for membership in found])
