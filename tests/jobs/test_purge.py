"""Purging: which days are kept, that nothing is made good that was purged, and what asking does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from jobs import purge
from jobs.catalogue import JOBS, Job, Step
from jobs.days import is_kept
from jobs.running import catch_up, run
from ledger.calendar import end_of_day
from tests.jobs.asking import at, night_after, rows
from tests.support.database import execute
from tests.support.importing import engine_of
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.running import Ran
    from jobs.stretches import Stretch
    from service.books import WritableBooks

ARREARS: Final = JOBS["arrears"]
PURGE: Final = JOBS["purge"]
FIRST: Final = date(2026, 3, 5)
NIGHT: Final = date(2026, 6, 10)
"""A night in which 5 March to 11 April are kept no longer, but for the 31st of March."""
DONE_ON: Final = [date(2026, 3, 30) + timedelta(days=n) for n in range(4)]
MADE: Final = "SELECT DISTINCT business_date FROM service.{} ORDER BY 1"
FIGURES: Final = """
    SELECT business_date, loan, outstanding_principal, overdue_principal
    FROM service.loan_arrears ORDER BY 1, 2
"""
STEPS: Final = """
    SELECT business_date, step, purged_at IS NOT NULL FROM service.job_step
    WHERE job = 'arrears' ORDER BY 1, 2
"""
PARTS: Final = (
    "SELECT DISTINCT business_date FROM service.job_part WHERE job = 'arrears' ORDER BY 1"
)
TABLES: Final = """
    SELECT 'service.' || c.table_name FROM information_schema.columns c
    WHERE c.table_schema = 'service' AND c.column_name IN ('business_date', 'run')
    GROUP BY c.table_name HAVING count(*) = 2
"""
KEPT_FOR_EVER: Final = {"service.job_step", "service.proof_finding"}
SESSION: Final = """
    INSERT INTO access.session SELECT gen_random_uuid(), sha256(gen_random_uuid()::text::bytea),
        'csrf', 'hina', NULL, 'password', '::1', 'browser', at - interval '12 hours', at, at
    FROM unnest('{{{}}}'::timestamptz []) AS at
"""


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections to the five books of the smallest bundle."""
    async with engine_of(loaded_url) as made:
        yield made


async def change(url: str, *statements: str) -> None:
    await asyncio.to_thread(execute, url, *statements)


async def ran(engine: AsyncEngine, job: Job, day: date, now: datetime | None = None) -> Ran:
    return await run(engine, job, day, asked_by="tests", clock=at(now or night_after(day)))


async def four_days(engine: AsyncEngine) -> None:
    """Arrears of four days, the second the last of its month, made in their nights."""
    for day in DONE_ON:
        await ran(engine, ARREARS, day)


def test_sixty_nights_and_all_ends_of_months_are_kept() -> None:
    """The sixtieth night back is the last one."""
    on = date(2026, 6, 30)
    assert is_kept(on, on, nights=60)
    assert is_kept(date(2026, 5, 2), on, nights=60)
    assert not is_kept(date(2026, 5, 1), on, nights=60)
    assert is_kept(date(2026, 4, 30), on, nights=60)
    assert is_kept(date(2024, 2, 29), on, nights=60)
    assert not is_kept(date(2024, 2, 28), on, nights=60)


async def test_old_nights_go_and_ends_of_months_stay(engine: AsyncEngine, loaded_url: str) -> None:
    """Rows of results and of parts; the step is done for ever, and says that it was purged."""
    await four_days(engine)
    ((rows_before,),) = await rows(loaded_url, "SELECT count(*) FROM service.portfolio_at_risk")
    did = await ran(engine, PURGE, NIGHT)
    kept = DONE_ON[1]
    for table in ("loan_arrears", "portfolio_at_risk"):
        assert await rows(loaded_url, MADE.format(table)) == [(kept,)]
    assert await rows(loaded_url, STEPS) == [
        (day, step, day != kept)
        for day in DONE_ON
        for step in sorted(each.name for each in ARREARS.steps)
    ]
    assert await rows(loaded_url, PARTS) == []
    assert did.rows > int(str(rows_before)) * 3 // 4
    runs = "SELECT rows_made FROM service.job_run WHERE job = 'purge'"
    assert await rows(loaded_url, runs) == [(did.rows,)]


async def test_purging_twice_deletes_nothing_more(engine: AsyncEngine, loaded_url: str) -> None:
    """The next night finds what has become old since, and else nothing."""
    await four_days(engine)
    await ran(engine, PURGE, NIGHT)
    before = await rows(loaded_url, FIGURES), await rows(loaded_url, STEPS)
    again = await ran(engine, PURGE, NIGHT + timedelta(days=1))
    assert (again.steps, again.rows) == (3, 0)
    assert before == (await rows(loaded_url, FIGURES), await rows(loaded_url, STEPS))


async def test_a_purged_day_is_not_made_good_by_the_schedule(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """It was done, and is not missing."""
    until = DONE_ON[-1]
    clock = at(night_after(until))
    await catch_up(engine, ARREARS, until, asked_by="schedule", clock=clock)
    await ran(engine, PURGE, NIGHT)
    assert await catch_up(engine, ARREARS, until, asked_by="schedule", clock=at(LATER)) == []
    assert await rows(loaded_url, MADE.format("loan_arrears")) == [(date(2026, 3, 31),)]


LATER: Final = night_after(NIGHT) + timedelta(days=1)


async def test_a_purged_day_that_is_asked_for_is_made_again_and_kept_for_a_week(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """The same rows as before; then they go again."""
    await four_days(engine)
    before = await rows(loaded_url, FIGURES)
    await ran(engine, PURGE, NIGHT)
    for day in DONE_ON:
        again = await ran(engine, ARREARS, day, now=LATER)
        assert again.steps == (0 if day == DONE_ON[1] else 3)
    assert await rows(loaded_url, FIGURES) == before
    assert {row[2] for row in await rows(loaded_url, STEPS)} == {False}
    await ran(engine, PURGE, NIGHT + timedelta(days=2))
    assert await rows(loaded_url, FIGURES) == before
    await ran(engine, PURGE, NIGHT + timedelta(days=9))
    assert await rows(loaded_url, MADE.format("loan_arrears")) == [(DONE_ON[1],)]


async def test_of_two_that_ask_for_a_purged_day_at_once_each_step_is_done_by_one(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """The claim of a purged step is one as of any other."""
    await four_days(engine)
    before = await rows(loaded_url, FIGURES)
    await ran(engine, PURGE, NIGHT)
    async with engine_of(loaded_url) as other:
        both = (engine, other, engine, other)
        did = await asyncio.gather(*(ran(one, ARREARS, DONE_ON[0], LATER) for one in both))
    assert sum(one.steps for one in did) == 3
    assert [row for row in before if row[0] == DONE_ON[0]] == [
        row for row in await rows(loaded_url, FIGURES) if row[0] == DONE_ON[0]
    ]


async def test_a_day_made_again_by_half_is_purged_by_the_next_week(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Whoever asked was killed and never came back; nothing of it stays behind."""
    await four_days(engine)
    await ran(engine, PURGE, NIGHT)

    async def die(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        del on, run, stretch
        await books.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return 0

    dying = replace(ARREARS, steps=(ARREARS.steps[0], Step("portfolio_at_risk", die)))
    with pytest.raises((DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await ran(engine, dying, DONE_ON[0], LATER)
    assert (DONE_ON[0],) in await rows(loaded_url, MADE.format("loan_arrears"))
    await ran(engine, PURGE, NIGHT + timedelta(days=9))
    assert await rows(loaded_url, MADE.format("loan_arrears")) == [(DONE_ON[1],)]
    assert await rows(loaded_url, PARTS) == []
    await ran(engine, ARREARS, DONE_ON[0], now=night_after(NIGHT + timedelta(days=9)))
    assert (DONE_ON[0],) in await rows(loaded_url, MADE.format("portfolio_at_risk"))


async def test_a_purge_killed_between_days_is_resumed(engine: AsyncEngine, loaded_url: str) -> None:
    """What is deleted stays deleted, and the next run deletes the rest."""
    await four_days(engine)
    asked: list[Stretch] = []

    async def die(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        made = await purge.purge_results(books, on=on, run=run, stretch=stretch)
        asked.append(stretch)
        if len(asked) == 2:
            await books.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return made

    results = replace(PURGE.steps[0], work=die)
    dying = replace(PURGE, steps=(results, *PURGE.steps[1:]))
    with pytest.raises((DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await ran(engine, dying, NIGHT)
    assert 1 < len(await rows(loaded_url, MADE.format("loan_arrears"))) < 4
    did = await ran(engine, PURGE, NIGHT)
    assert did.steps == 3
    assert await rows(loaded_url, MADE.format("loan_arrears")) == [(DONE_ON[1],)]


async def test_a_day_that_is_not_done_is_not_purged(engine: AsyncEngine, loaded_url: str) -> None:
    """What the schedule has still to make good is left to it, parts and all."""
    half = replace(ARREARS, steps=ARREARS.steps[:1])
    unfinished = "UPDATE service.job_run SET finished_at = NULL WHERE job = 'arrears'"
    await ran(engine, half, DONE_ON[0])
    await change(loaded_url, unfinished)
    await ran(engine, PURGE, NIGHT)
    assert await rows(loaded_url, MADE.format("loan_arrears")) == [(DONE_ON[0],)]
    assert await rows(loaded_url, PARTS) == [(DONE_ON[0],)]


async def test_every_table_of_results_is_purged_or_kept_for_ever(loaded_url: str) -> None:
    """A new table of results is thought about; `RESULTS` names it with its rule."""
    named = {one.table for one in purge.RESULTS}
    found = {str(row[0]) for row in await rows(loaded_url, TABLES)}
    assert found - KEPT_FOR_EVER - {"service.job_part"} == named
    steps = {(job.name, step.name) for job in JOBS.values() for step in job.steps}
    assert {(one.job, one.step) for one in purge.RESULTS} <= steps


async def test_sessions_that_ended_long_ago_go_and_leave_one_link(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Those that ended within ninety days, or live, stay; the trail of the person is as it was."""
    await asyncio.to_thread(appoint, loaded_url, {"hina": [Post("auditor")]})
    await change(loaded_url, "DELETE FROM access.session")
    old = end_of_day(NIGHT) - timedelta(days=90, microseconds=1)
    young = old + timedelta(microseconds=1)
    stamps = ", ".join(f'"{one}"' for one in (old - timedelta(days=3), old, old, young, LATER))
    await change(loaded_url, SESSION.format(stamps))
    hers = "SELECT count(*) FROM audit.trail WHERE about = 'person' AND code = 'hina'"
    before = await rows(loaded_url, hers)
    did = await ran(engine, PURGE, NIGHT)
    assert did.rows == 3
    left = "SELECT expires_at FROM access.session ORDER BY 1"
    assert [row[0] for row in await rows(loaded_url, left)] == [young, LATER]
    assert await rows(loaded_url, hers) == before
    link = """
        SELECT action, changes -> 0 ->> 'table', changes -> 0 -> 'before' -> 0 ->> 'rows'
        FROM audit.trail WHERE about = 'house' AND action = 'purge' ORDER BY no
    """
    assert sorted(await rows(loaded_url, link)) == [
        ("purge", "session", "1"),
        ("purge", "session", "2"),
    ]


async def test_signing_keys_long_past_go_and_counts_of_guesses_stay(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Whoever guesses a PIN slowly has no more guesses for it."""
    old = end_of_day(NIGHT) - timedelta(days=91)
    young = old + timedelta(days=2)
    keys = "INSERT INTO access.signing_key VALUES (gen_random_uuid(), decode('{}', 'hex'), '{}')"
    await change(
        loaded_url,
        *(keys.format("00" * 32, at) for at in (old, young)),
        f"INSERT INTO access.throttle VALUES ('pin hina', 9, '{old}', '{old}')",
    )
    assert (await ran(engine, PURGE, NIGHT)).rows == 1
    assert await rows(loaded_url, "SELECT made_at FROM access.signing_key") == [(young,)]
    assert await rows(loaded_url, "SELECT failures FROM access.throttle") == [(9,)]
