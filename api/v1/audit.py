"""The audit trail, link by link, with what it takes to compute every hash again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import FirstOn, LastOn, ReadBooks
from api.errors import declared
from api.fields import Answer, Code, Cursor, PostedAt
from api.paging import LINKED, AfterNo, Limit, cut
from service import audit
from service.audit import About, Link, Only
from service.refusals import NotFound

router = APIRouter(tags=["audit"])

Row = dict[str, Any]


class ChangeAnswer(Answer):
    """What a transaction did to a table, or what an auditor was about to read."""

    table: str | None = None
    change: Literal["inserted", "updated", "deleted", "truncated"] | None = None
    before: list[Row] | None = Field(
        default=None, description="The rows before; amounts are whole paisa."
    )
    after: list[Row] | None = Field(
        default=None, description="The rows after; amounts are whole paisa."
    )
    read: str | None = Field(default=None, description="The address that an auditor asked for.")


class LinkAnswer(Answer):
    """One link: who did what, when, from where."""

    no: int = Field(description="Numbers have no gaps.")
    at: PostedAt
    actor: str
    source: str = Field(description="The address, and the session or key; empty: the house itself.")
    action: str = Field(description="The operation of this API, or what the house did.")
    changes: list[ChangeAnswer]
    sealed: str = Field(description="The changes as the text that the hash covers.")
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, link: Link) -> LinkAnswer:
        """The answer for a link."""
        return cls(
            no=link.no,
            at=link.at,
            actor=link.actor,
            source=link.source,
            action=link.action,
            changes=[ChangeAnswer(**change) for change in link.changes],
            sealed=link.sealed,
            prev_hash=link.prev_hash.hex(),
            hash=link.hash.hex(),
        )


class TrailPage(Answer):
    """Links of one chain in the order of their numbers."""

    about: About
    code: str
    items: list[LinkAnswer]

    @classmethod
    def of(cls, about: About, code: str, links: Sequence[Link]) -> TrailPage:
        """The answer for links."""
        return cls(about=about, code=code, items=[LinkAnswer.of(link) for link in links])


Name = Annotated[Cursor | None, Query()]


async def _only(
    first_on: FirstOn = None, last_on: LastOn = None, actor: Name = None, action: Name = None
) -> Only:
    return Only(first_on, last_on, actor, action)


Asked = Annotated[Only, Depends(_only)]


@router.get("/organisations/{code}/audit-trail", responses={200: LINKED, **declared(NotFound)})
async def list_audit_trail(
    code: Code,
    books: ReadBooks,
    only: Asked,
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: AfterNo = 0,
) -> TrailPage:
    """Every change of an organisation, its members and its documents: before and after."""
    found = await audit.of_organisation(books, code, after=after, limit=limit + 1, only=only)
    page = cut(found, limit, lambda link: link.no, request=request, response=response)
    return TrailPage.of(About.ORGANISATION, code, page)


@router.get("/people/{code}/audit-trail", responses={200: LINKED, **declared(NotFound)})
async def list_audit_trail_of_person(
    code: Code,
    books: ReadBooks,
    only: Asked,
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: AfterNo = 0,
) -> TrailPage:
    """What a person's appointments and sign-ins were, and what they read as an auditor."""
    found = await audit.of_person(books, code, after=after, limit=limit + 1, only=only)
    page = cut(found, limit, lambda link: link.no, request=request, response=response)
    return TrailPage.of(About.PERSON, code, page)


@router.get("/audit-trail", responses={200: LINKED, **declared()})
async def list_audit_trail_of_house(
    books: ReadBooks,
    only: Asked,
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: AfterNo = 0,
) -> TrailPage:
    """Every change that concerns the whole house: products, holidays, imports."""
    found = await audit.of_house(books, after=after, limit=limit + 1, only=only)
    page = cut(found, limit, lambda link: link.no, request=request, response=response)
    return TrailPage.of(About.HOUSE, "", page)
