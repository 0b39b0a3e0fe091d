"""All jobs there are: each a name and its steps, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from jobs.arrears import age_arrears, measure_risk, total_dues
from jobs.mobilisation import total_mobilised

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from jobs.stretches import Stretch
    from service.books import WritableBooks


class JobUnknown(Exception):
    """There is no job of this name."""


class Work(Protocol):
    """What a step does, all in the one transaction of its books; how many rows it made.

    It has statements do it that end by themselves. A COPY waits for its process, so where
    that is frozen nothing but the leader's vigilance ends it.
    """

    async def __call__(self, books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        """Work for a business date and some books, leaving the run's id on every row made."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a job that happens once for a business date."""

    name: str
    work: Work
    cut: bool = False
    """Whether it is done stretch by stretch of books; otherwise once for all of them."""


@dataclass(frozen=True, slots=True)
class Job:
    """Steps for a business date; a later one may build on what an earlier one has kept."""

    name: str
    steps: tuple[Step, ...]


JOBS: Final = {
    job.name: job
    for job in (
        Job(
            "arrears",
            (
                Step("loans", age_arrears, cut=True),
                Step("portfolio_at_risk", measure_risk),
                Step("dues", total_dues),
            ),
        ),
        Job("mobilisation", (Step("quarter", total_mobilised, cut=True),)),
    )
}


def named(name: str) -> Job:
    """A job by name. Raises `JobUnknown`."""
    if name not in JOBS:
        raise JobUnknown(f"There is no job {name!r}. Choose one of {', '.join(JOBS)}.")
    return JOBS[name]
