"""The audit trail, link by link, with what it takes to compute every hash again.

As JSON in pages; as CSV and NDJSON whole, streamed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import FirstOn, KnownBy, LastOn, StreamedBooks
from api.errors import declared
from api.fields import Answer, Code, Cursor, PostedAt
from api.paging import LINKED, AfterNo, Limit, cut
from api.streaming import STREAMS, Format, Formatted, as_csv, as_ndjson, refuse_pages
from ledger.refusals import MomentUnsettled
from service import audit
from service.audit import About, Link, Only
from service.books import Books
from service.refusals import NotFound
from service.statements.statement import as_text
from service.tables.columns import Cells

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
    first_on: FirstOn = None,
    last_on: LastOn = None,
    actor: Name = None,
    action: Name = None,
    known_by: KnownBy = None,
) -> Only:
    return Only(first_on, last_on, actor, action, known_by)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which links are asked for, on which page, and how they are written."""

    only: Only
    format: Format
    after: int
    limit: int


async def _asked(
    format: Formatted,  # noqa: A002 - the parameter's name
    only: Annotated[Only, Depends(_only)],
    limit: Limit = 100,
    after: AfterNo = 0,
) -> Asked:
    return Asked(only, format, after, limit)


Trail = Annotated[Asked, Depends(_asked, scope="request")]
TRAIL: Final[dict[str, Any]] = {"model": TrailPage, "content": STREAMS}


@router.get(
    "/organisations/{code}/audit-trail",
    response_model=TrailPage,
    responses={200: TRAIL | LINKED, **declared(NotFound, MomentUnsettled)},
)
async def list_audit_trail(
    code: Code, asked: Trail, books: StreamedBooks, request: Request, response: Response
) -> TrailPage | Response:
    """Every change of an organisation, its members and its documents: before and after."""
    return await _trail(books, About.ORGANISATION, code, asked, request, response)


@router.get(
    "/people/{code}/audit-trail",
    response_model=TrailPage,
    responses={200: TRAIL | LINKED, **declared(NotFound, MomentUnsettled)},
)
async def list_audit_trail_of_person(
    code: Code, asked: Trail, books: StreamedBooks, request: Request, response: Response
) -> TrailPage | Response:
    """What a person's appointments and sign-ins were, and what they read as an auditor."""
    return await _trail(books, About.PERSON, code, asked, request, response)


@router.get(
    "/audit-trail",
    response_model=TrailPage,
    responses={200: TRAIL | LINKED, **declared(MomentUnsettled)},
)
async def list_audit_trail_of_house(
    asked: Trail, books: StreamedBooks, request: Request, response: Response
) -> TrailPage | Response:
    """Every change that concerns the whole house: products, holidays, imports."""
    return await _trail(books, About.HOUSE, "", asked, request, response)


async def _trail(
    books: Books, about: About, code: str, asked: Asked, request: Request, response: Response
) -> TrailPage | Response:
    """A page of a chain, or all of it in another format."""
    if asked.format is not Format.JSON:
        return await _streamed(books, about, code, asked, request)
    found = await audit.page(
        books, about, code, after=asked.after, limit=asked.limit + 1, only=asked.only
    )
    page = cut(found, asked.limit, lambda link: link.no, request=request, response=response)
    response.headers["Vary"] = "Accept"
    return TrailPage.of(about, code, page)


async def _streamed(
    books: Books, about: About, code: str, asked: Asked, request: Request
) -> Response:
    refuse_pages(request)
    links = await audit.whole(books, about, code, only=asked.only)
    if asked.format is Format.CSV:
        return await as_csv(_COLUMNS, _cells(links))
    head = {"about": about.value, "code": code, **_told(asked.only)}
    return await as_ndjson(head, _COLUMNS, _members(links), totals=None)


_COLUMNS: Final = tuple(LinkAnswer.model_fields)


async def _members(links: AsyncIterator[Link]) -> AsyncIterator[Cells]:
    """Of each link what its JSON has."""
    async for link in links:
        yield tuple(LinkAnswer.of(link).model_dump(mode="json").values())


async def _cells(links: AsyncIterator[Link]) -> AsyncIterator[Cells]:
    """The same for CSV: the changes are JSON text."""
    async for link in links:
        shown = LinkAnswer.of(link).model_dump(mode="json")
        changes = json.dumps(link.changes, ensure_ascii=False, separators=(",", ":"))
        yield tuple((shown | {"changes": changes}).values())


def _told(only: Only) -> dict[str, str | None]:
    """What the links were narrowed by, as text."""
    said = asdict(only).items()
    return {name: as_text(value) if isinstance(value, date) else value for name, value in said}
