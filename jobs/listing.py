"""The jobs as a table: when each runs, when it last did, how far behind it is, and who leads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from jobs import folding, schedule
from jobs.catalogue import JOBS, PROOF
from ledger.calendar import BUSINESS_ZONE
from service import proofs
from service.books import read_books
from service.jobs import MOST_COUNTED, Duty, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.jobs import Leader, Standing

MOST_LISTED: Final = 1000
COLUMNS: Final = ("job", "when", "last success", "last business date", "lag")


def duties() -> tuple[Duty, ...]:
    """All that the leader does."""
    silent_for = timedelta(seconds=schedule.PART_WITHIN_S)
    daily = (
        Duty(
            job.name,
            schedule.timing(job.name),
            tuple(step.name for step in job.steps),
            silent_for,
            only_latest=job.only_latest,
            proves=job.name == PROOF,
        )
        for job in JOBS.values()
    )
    return *daily, Duty(folding.ACTOR, "continuously", (), silent_for)


async def jobs_table(engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime]) -> Group:
    """All jobs, and who leads.

    The lag is how many days are over for which a job was not run; of folding, how many deltas
    wait, and since when the oldest does.
    """
    table = Table(*COLUMNS, box=None, pad_edge=False)
    async with read_books(engine, actor=actor, now=clock()) as books:
        found = await state(books, duties())
    for standing in found.jobs:
        table.add_row(
            standing.name,
            standing.when,
            _moment(standing.last_success_at),
            "" if standing.lag_days is None else str(standing.last_day or "none"),
            _lag(standing),
        )
    said = [
        line
        for standing in found.jobs
        for line in (_findings(standing), _running(standing), _failure(standing))
    ]
    return Group(table, *map(_line, filter(None, said)), _line(_leader(found.leader)))


async def findings(
    engine: AsyncEngine, on: date | None, *, actor: str, clock: Callable[[], datetime]
) -> list[str]:
    """A line for all that the proof of a night found, or the newest one; or that it was nothing."""
    async with read_books(engine, actor=actor, now=clock()) as books:
        found = await proofs.found(books, on=on, after=0, limit=MOST_LISTED)
    said = [str(one.place) for one in found]
    if len(said) == MOST_LISTED:
        return [*said, f"These are the first {MOST_LISTED}; `amanat verify` says all."]
    return said or ["Nothing was found."]


def _line(said: str) -> Text:
    return Text(said, overflow="fold")


def _lag(standing: Standing) -> str:
    if standing.waiting is None:
        return f"{standing.lag_days} {'day' if standing.lag_days == 1 else 'days'}"
    waiting = standing.waiting.deltas
    said = f"over {MOST_COUNTED} deltas" if waiting > MOST_COUNTED else f"{waiting} deltas"
    oldest = standing.waiting.oldest_at
    return said if oldest is None else f"{said} since {_moment(oldest)}"


def _running(standing: Standing) -> str:
    if (at := standing.running) is None:
        return ""
    parts = f"{at.done} of {at.parts} parts of {at.step}"
    return f"{standing.name} runs for {at.on} since {_moment(at.since)}: {parts}, {at.rows} rows."


def _findings(standing: Standing) -> str:
    if not standing.findings:
        return ""
    things = (
        "1 thing that does" if standing.findings == 1 else f"{standing.findings} things that do"
    )
    return f"{standing.name} found {things} NOT HOLD: see `amanat jobs findings`."


def _failure(standing: Standing) -> str:
    failure = standing.failure
    return "" if failure is None else f"{standing.name} failed {_moment(failure.at)}: {failure.why}"


def _leader(leader: Leader | None) -> str:
    if leader is None:
        return "No process leads: nothing runs but by hand."
    return f"Process {leader.process} on {leader.host} leads since {_moment(leader.since)}."


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return "never"
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
