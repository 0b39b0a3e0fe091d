"""Jobs: how the nightly work stands, and what goes on all the time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.dependencies import ReadBooks
from api.errors import declared
from api.fields import Answer, Day
from api.paging import LINKED, AfterNo, Limit, cut
from api.serving import With
from service import access, jobs, proofs
from service.access import Right

router = APIRouter(prefix="/jobs", tags=["jobs"])


class LeaderAnswer(Answer):
    """The process that does the work."""

    host: str
    process: int
    since: datetime


class RunningAnswer(Answer):
    """A run under way."""

    on: date = Field(description="The business date that it is for.")
    step: str
    done: int = Field(description="How many parts of the step are done.")
    parts: int = Field(description="How many parts the step has.")
    rows: int = Field(description="How many rows the run has made so far.")
    since: datetime


class FailureAnswer(Answer):
    """What failed last."""

    at: datetime
    why: str


class WaitingAnswer(Answer):
    """What is posted and not folded yet; figures include it."""

    deltas: int = Field(description="How many; beyond 100,000 one more than that.")
    oldest_at: datetime | None = Field(description="When the oldest was posted.")


class JobAnswer(Answer):
    """How a job stands."""

    name: str
    when: str
    last_success_at: datetime | None
    last_day: date | None = Field(description="The newest business date that it was done for.")
    lag_days: int | None = Field(
        description="How many days are over for which it was not done; none of what goes on all"
        " the time. Of the proof and the purge, which make good only the latest day: those since"
        " they were last done."
    )
    running: RunningAnswer | None
    failure: FailureAnswer | None = Field(description="The last one, also if all is well since.")
    waiting: WaitingAnswer | None = Field(description="Of what goes on all the time.")
    findings: int | None = Field(
        description="Of the proof: how much does not hold, by the last one that is whole or by"
        " one since. Anything but 0 is to be looked into at once."
    )


class JobList(Answer):
    """Who does the work, and every job."""

    leader: LeaderAnswer | None
    items: list[JobAnswer]


class FindingAnswer(Answer):
    """Something that does not hold, in a book or in an audit trail."""

    n: int
    on: date = Field(description="The business date of the night that found it.")
    about: Literal["book", "organisation", "person", "house"] = Field(
        description="A book, or whose audit trail."
    )
    code: str = Field(description="Of the organisation or person; empty of the house.")
    no: int | None = Field(description="The entry of the book, or the link of the trail.")
    account: int | None = Field(description="The number of the account in its book.")
    what: str = Field(description="What does not hold; I1 to I9 are invariants of the books.")


class FindingPage(Answer):
    """What does not hold, in the order in which it was found."""

    items: list[FindingAnswer]


@router.get("", responses=declared())
async def list_jobs(books: ReadBooks, with_: With) -> JobList:
    """How every job stands, for who administers or reads the whole house."""
    await access.authorise_house(books, Right.ADMINISTER, or_right=Right.READ)
    async with books.whole_house():
        found = await jobs.state(books, with_.duties)
    leader = found.leader
    return JobList(
        leader=None
        if leader is None
        else LeaderAnswer.model_validate(leader, from_attributes=True),
        items=[JobAnswer.model_validate(one, from_attributes=True) for one in found.jobs],
    )


@router.get("/findings", responses={200: LINKED, **declared()})
async def list_findings(
    books: ReadBooks,
    request: Request,
    response: Response,
    on: Annotated[
        Day | None, Query(description="The business date of a proof; the newest without it.")
    ] = None,
    limit: Limit = 100,
    after: AfterNo = 0,
) -> FindingPage:
    """What the proof of a night found, for who administers or reads the whole house.

    Of very many in one part the first 1,000 are kept; `GET /v1/jobs` counts all.
    """
    await access.authorise_house(books, Right.ADMINISTER, or_right=Right.READ)
    async with books.whole_house():
        found = await proofs.found(books, on=on, after=after, limit=limit + 1)
    page = cut(found, limit, lambda one: one.n, request=request, response=response)
    items = [{"n": one.n, "on": one.on, **asdict(one.place)} for one in page]
    return FindingPage(items=[FindingAnswer.model_validate(item) for item in items])
