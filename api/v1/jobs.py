"""Jobs: how the nightly work stands, and what goes on all the time."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import Field

from api.dependencies import ReadBooks
from api.errors import declared
from api.fields import Answer
from api.serving import With
from service import access, jobs
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
        " the time."
    )
    running: RunningAnswer | None
    failure: FailureAnswer | None = Field(description="The last one, also if all is well since.")
    waiting: WaitingAnswer | None = Field(description="Of what goes on all the time.")


class JobList(Answer):
    """Who does the work, and every job."""

    leader: LeaderAnswer | None
    items: list[JobAnswer]


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
