"""All jobs there are: each a name and its steps, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jobs import purge
from jobs.arrears import age_arrears, measure_risk, total_dues
from jobs.mobilisation import total_mobilised
from jobs.proof import BOOKS, TRAIL, prove_books, prove_trail, shares_of_trail
from jobs.stretches import of_books
from jobs.work import keep_nothing

if TYPE_CHECKING:
    from jobs.work import Cutting, Look, Work


class JobUnknown(Exception):
    """There is no job of this name."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a job that happens once for a business date."""

    name: str
    work: Work = keep_nothing
    cut: bool = False
    """Whether it is done part by part; otherwise once for all books."""
    into: Cutting = of_books
    look: Look | None = None
    """Comes first, and gives the work that is done instead."""


@dataclass(frozen=True, slots=True)
class Job:
    """Steps for a business date; a later one may build on what an earlier one has kept."""

    name: str
    steps: tuple[Step, ...]
    only_latest: bool = False
    """Of days that were missed only the last is made good: what it does is of its own moment."""


PROOF: Final = "proof"
"""The job that finds what does not hold."""
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
        Job(
            PROOF,
            (
                Step(BOOKS, cut=True, look=prove_books),
                Step(TRAIL, cut=True, into=shares_of_trail, look=prove_trail),
            ),
            only_latest=True,
        ),
        Job(
            "purge",
            (
                Step("results", purge.purge_results, cut=True, into=purge.old_days),
                Step("sessions", purge.purge_sessions, cut=True, into=purge.days_of_sessions),
                Step("signing_keys", purge.purge_signing_keys),
            ),
            only_latest=True,
        ),
    )
}


def named(name: str) -> Job:
    """A job by name. Raises `JobUnknown`."""
    if name not in JOBS:
        raise JobUnknown(f"There is no job {name!r}. Choose one of {', '.join(JOBS)}.")
    return JOBS[name]
