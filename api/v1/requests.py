"""Requests: what one officer asked and another decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Prose
from api.paging import LINKED, After, Limit, cut
from api.v1.posted import PostedAnswer, VoucherAnswer, present
from ledger import refusals as engine
from ledger.entries import EntryRef
from ledger.requests import Posted
from service import bookkeeping
from service import refusals as rules
from service.books import Books
from service.requests import actions, store
from service.requests.request import Requested, RequestKind, RequestState
from service.requests.store import Only

router = APIRouter(prefix="/requests", tags=["requests"])

DECIDED_REFUSED: Final = (rules.NotFound, rules.OwnRequest, rules.RequestDecided)


class RequestAnswer(Answer):
    """A request; `outcome` is what it did once it is approved."""

    code: str
    kind: RequestKind
    state: RequestState
    organisation: str | None = Field(description="Whose officer asks; null for the whole house.")
    decider: str | None = Field(description="Whose officer decides.")
    about: str = Field(description="The code of what it is about.")
    reason: str
    difference: dict[str, Any] = Field(
        description="What will be otherwise: the entries it makes, or what was before and is after."
    )
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None = Field(description="What whoever decided said.")
    outcome: PostedAnswer | None
    location: str | None = Field(description="Where the document is that an approval made.")

    @classmethod
    def of(cls, found: Requested, outcome: PostedAnswer | None) -> RequestAnswer:
        """The answer for a request."""
        wish = found.wish
        return cls(
            code=found.code,
            kind=wish.kind,
            state=found.state,
            organisation=wish.organisation,
            decider=wish.decider,
            about=wish.about,
            reason=wish.reason,
            difference=found.difference,
            asked_by=found.asked_by,
            asked_at=found.asked_at,
            decided_by=found.decided_by,
            decided_at=found.decided_at,
            decision=found.decision,
            outcome=outcome,
            location=None if found.outcome is None else codes.encoded(found.outcome["at"]),
        )


class RequestPage(Answer):
    """Requests in the order in which they were asked."""

    items: list[RequestAnswer]


class DecisionAsked(Asked):
    """Why a request is approved or rejected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Seen and agreed"}]})

    reason: Prose


WAITING: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": RequestAnswer,
        "description": "It waits for another officer, who decides at its Location.",
        "headers": {
            "Location": {"description": "Where the request is.", "schema": {"type": "string"}}
        },
    }
}
"""The answer of a route that may ask."""


async def waiting(books: Books, asked: Requested) -> Response:
    """The answer that something waits for another officer."""
    said = await answer(books, asked)
    return Response(
        said.model_dump_json(),
        HTTPStatus.ACCEPTED,
        {"Location": codes.address("requests", asked.code)},
        "application/json",
    )


async def answered(
    books: Books, done: Posted | Requested, code: str, *, at: str, response: Response
) -> PostedAnswer | Response:
    """What was posted, at once or on approval; or that it waits for another officer."""
    if isinstance(done, Posted):
        return await present(books, done, code, at=at, response=response)
    said = await answer(books, done)
    if said.outcome is None:
        return await waiting(books, done)
    response.headers["Location"] = at
    response.headers["Idempotency-Replayed"] = "true"
    return said.outcome


Decidable = Annotated[
    bool,
    Query(
        description="Those alone that the caller may decide on: they wait, somebody else asked,"
        " and the caller's roles allow it."
    ),
]


async def _only(
    organisation: Annotated[Code | None, Query(description="That asks or decides.")] = None,
    state: Annotated[
        RequestState | None, Query(description="Those that wait, or that ended so.")
    ] = None,
    kind: Annotated[RequestKind | None, Query(description="Those of this kind.")] = None,
    about: Annotated[
        Code | None, Query(description="Those about this sheet, loan, member …, by its code.")
    ] = None,
    asked_by: Annotated[Code | None, Query(description="Those that this person asked.")] = None,
    decidable: Decidable = False,  # noqa: FBT002 - a query parameter
) -> Only:
    return Only(organisation, state, kind, about, asked_by, decidable)


@router.get("", responses={200: LINKED, **declared()})
async def list_requests(
    books: ReadBooks,
    only: Annotated[Only, Depends(_only)],
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: After = "",
) -> RequestPage:
    """The requests that are open to whoever asks, oldest first."""
    found = await store.found(books, only=only, after=after, limit=limit + 1)
    page = cut(found, limit, lambda asked: asked.code, request=request, response=response)
    return RequestPage(items=await _answers(books, page))


@router.get("/{code}", responses=declared(rules.NotFound))
async def get_request(code: Code, books: ReadBooks) -> RequestAnswer:
    """One request."""
    return await answer(books, await store.load(books, code))


@router.post(
    "/{code}/approve",
    responses=with_body(*DECIDED_REFUSED, rules.DifferenceChanged, engine.Refusal),
)
async def approve_request(code: Code, asked: DecisionAsked, books: WriteBooks) -> RequestAnswer:
    """Do what was asked. Where the books refuse it by now, the request waits on."""
    return await answer(books, await actions.approve(books, code, reason=asked.reason))


@router.post("/{code}/reject", responses=with_body(*DECIDED_REFUSED))
async def reject_request(code: Code, asked: DecisionAsked, books: WriteBooks) -> RequestAnswer:
    """Refuse what was asked, for good."""
    return await answer(books, await actions.reject(books, code, reason=asked.reason))


@router.post(
    "/{code}/withdraw",
    responses=declared(rules.NotFound, rules.NotTheMaker, rules.RequestDecided),
)
async def withdraw_request(code: Code, books: WriteBooks) -> RequestAnswer:
    """Take back what one asked oneself."""
    return await answer(books, await actions.withdraw(books, code))


async def answer(books: Books, found: Requested) -> RequestAnswer:
    """A request with what it did."""
    return (await _answers(books, [found]))[0]


async def _answers(books: Books, found: Sequence[Requested]) -> list[RequestAnswer]:
    """Requests with what they did; the vouchers of all of them are asked for at once."""
    refs = [_refs(asked) for asked in found]
    async with books.whole_house():  # both halves of a transfer are shown to both sides
        vouchers = await bookkeeping.vouchers_by_ref(books, chain.from_iterable(refs))
    said = []
    for asked, own in zip(found, refs, strict=True):
        made = [VoucherAnswer.of(vouchers[ref]) for ref in sorted(own)]
        code = None if asked.outcome is None else asked.outcome["code"]
        done = None if code is None else PostedAnswer(code=code, vouchers=made)
        said.append(RequestAnswer.of(asked, done))
    return said


def _refs(asked: Requested) -> list[EntryRef]:
    return [EntryRef(book, no) for book, no in (asked.outcome or {"entries": []})["entries"]]
