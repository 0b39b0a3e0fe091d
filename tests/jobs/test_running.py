from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from jobs import catalogue
from jobs.catalogue import JOBS, Job, JobUnknown, Step
from jobs.running import DayNotOver, Ran, catch_up, missed, run, said
from ledger.calendar import BUSINESS_ZONE, business_date, end_of_day
from service.books import read_books, write_books
from service.events import actions as events
from service.imports import registering
from service.imports.documents import documents
from service.imports.reading import read_bundle
from service.loans.figures import PAR_BUCKETS
from service.sheets import actions as sheets
from service.sheets.sheet import Sheet
from tests.jobs.asking import DAY_BY_DAY, END_OF_JUNE, ONE_CO, REPOSITORY, at, night_after, rows
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of
from tests.support.oracle import read

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.stretches import Stretch
    from service.books import WritableBooks
    from service.imports.documents import Document
    from tests.jobs.asking import Row

FIRST: Final = date(2026, 3, 5)
"""The first day on which the bundle posts anything."""
THIRTY: Final = [date(2026, 3, 20) + timedelta(days=n) for n in range(30)]
"""Thirty days with a sheet of 26 March among them that is posted on 14 April."""
LATER: Final = datetime(2026, 11, 1, tzinfo=UTC)
RESULTS: Final = {
    "loan_arrears": "business_date, loan, outstanding_principal, due_principal, due_charge,"
    " paid_principal, paid_charge, overdue_principal, overdue_charge, days_past_due",
    "portfolio_at_risk": "business_date, node, outstanding, over_1, over_30, over_60, over_90,"
    " over_180, over_365",
    "loan_due": "business_date, loan, due_on, principal, charge",
    "due_total": "business_date, node, week_principal, week_charge, month_principal, month_charge",
    "mobilisation_total": "business_date, period, node, category, amount",
}
STEPS: Final = "SELECT step, count(*) FROM service.job_step GROUP BY step ORDER BY step"


async def results(url: str, *days: date) -> dict[str, list[Row]]:
    """What the jobs have kept of these days, but for the runs that did."""
    among = ", ".join(f"'{day}'" for day in days)
    return {
        table: await rows(
            url,
            f"SELECT {columns} FROM service.{table} WHERE business_date IN ({among})"
            " ORDER BY 1, 2, 3, 4",
        )
        for table, columns in RESULTS.items()
    }


async def run_all(engine: AsyncEngine, day: date, now: datetime) -> None:
    for job in DAY_BY_DAY:
        await run(engine, job, day, asked_by="tests", clock=at(now))


async def test_thirty_days_caught_up_equal_thirty_daily_runs(
    loaded_url: str, another_loaded_url: str
) -> None:
    """Whenever the runs are made, that night or all at once, the rows are the same."""
    async with engine_of(loaded_url) as engine:
        for day in THIRTY:
            await run_all(engine, day, night_after(day))
    clock = at(night_after(THIRTY[-1]))
    async with engine_of(another_loaded_url) as engine:
        for job in DAY_BY_DAY:
            ran = await catch_up(engine, job, THIRTY[-1], asked_by="tests", clock=clock)
            assert [one.on for one in ran][-30:] == THIRTY
    daily = await results(loaded_url, *THIRTY)
    assert daily == await results(another_loaded_url, *THIRTY)
    assert all(daily.values())


async def test_runs_between_live_postings_see_no_more_than_a_caught_up_one(
    database_url: str, loaded_url: str
) -> None:
    """The late sheet changes nothing of the nights before it was posted, and all after."""
    bundle = read_bundle(ONE_CO)
    waiting = documents(bundle)
    begun = datetime(2026, 3, 1, tzinfo=UTC)
    async with engine_of(database_url) as engine:
        async with write_books(engine, actor="clerk", now=begun) as books:
            await registering.register(books, bundle)
        for day in [FIRST + timedelta(days=n) for n in range(len(THIRTY) + 15)]:
            while waiting and business_date(waiting[0].posted_at) <= day:
                await post_live(engine, waiting.pop(0))
            await run_all(engine, day, night_after(day))
    async with engine_of(loaded_url) as engine:
        for day in THIRTY:
            await run_all(engine, day, LATER)
    assert await results(database_url, *THIRTY) == await results(loaded_url, *THIRTY)
    assert {"S-01", "S-02", "S-03", "S-04"}.isdisjoint(document.code for document in waiting)


async def post_live(engine: AsyncEngine, document: Document) -> None:
    """Post a sheet or event at its moment, as people do."""
    content = document.content
    async with write_books(engine, actor="clerk", now=document.posted_at) as books:
        if isinstance(content, Sheet):
            await sheets.prepare(books, content)
            await sheets.close(books, content.code, key=content.code)
        else:
            await events.record(books, content, key=content.code)


async def test_a_run_made_later_does_not_see_what_was_posted_later(loaded_url: str) -> None:
    """A run for 31 March, made in November, lacks the savings of the sheet posted in April."""
    async with engine_of(loaded_url) as engine:
        await run_all(engine, date(2026, 3, 31), LATER)
    kept = await results(loaded_url, date(2026, 3, 31))
    then = {(str(row[2]), str(row[3])): row[4] for row in kept["mobilisation_total"]}
    final = {
        (row["node"], row["category"]): paisa(row["amount"])
        for row in read(ONE_CO / "expected" / "mobilisation.csv")
        if row["period"] == "FY2026-Q3"
    }
    assert then.keys() == final.keys()
    differing = {place for place in then if then[place] != final[place]}
    assert {category for _, category in differing} == {"savings_deposited"}


def paisa(rupees: str) -> int:
    return int(rupees.replace(".", ""))


@pytest.mark.parametrize("day", ["2026-04-15", "2026-05-15", "2026-06-15", "2026-06-30"])
async def test_arrears_and_risk_equal_the_reference_files(loaded_url: str, day: str) -> None:
    """On days when all that happened was posted, the rows are those of the bundle's authors."""
    on = date.fromisoformat(day)
    async with engine_of(loaded_url) as engine:
        await run_all(engine, on, night_after(on))
    found = await results(loaded_url, on)
    assert [(str(row[0]), *row[1:]) for row in found["loan_arrears"]] == sorted(
        (
            row["as_of"],
            row["loan"],
            *map(paisa, list(row.values())[2:-1]),
            int(row["days_past_due"]),
        )
        for row in read(ONE_CO / "expected" / "loans.csv")
        if row["as_of"] == day
    )
    assert [
        (day, row[1], days, late, row[2])
        for row in found["portfolio_at_risk"]
        for days, late in zip(PAR_BUCKETS, row[3:], strict=True)
    ] == sorted(
        (day, row["node"], int(row["days"]), paisa(row["numerator"]), paisa(row["denominator"]))
        for row in read(ONE_CO / "expected" / "par.csv")
        if row["as_of"] == day
    )


async def test_mobilisation_equals_the_reference_file(loaded_url: str) -> None:
    """At the end of a quarter whose papers all came in time, the totals are the authors'."""
    on = END_OF_JUNE
    async with engine_of(loaded_url) as engine:
        await run_all(engine, on, night_after(on))
    assert [row[1:] for row in (await results(loaded_url, on))["mobilisation_total"]] == sorted(
        (row["period"], row["node"], row["category"], paisa(row["amount"]))
        for row in read(ONE_CO / "expected" / "mobilisation.csv")
        if row["period"] == "FY2026-Q4"
    )


async def test_every_result_names_the_run_that_made_it(loaded_url: str) -> None:
    """A run says who asked, when it ended and how many rows it made."""
    on = date(2026, 4, 15)
    async with engine_of(loaded_url) as engine:
        ran = await run(engine, JOBS["arrears"], on, asked_by="Nasreen", clock=at(night_after(on)))
    [(run_id, *rest)] = await rows(
        loaded_url,
        "SELECT id, asked_by, business_date, finished_at, rows_made FROM service.job_run",
    )
    assert rest == ["Nasreen", on, night_after(on).astimezone(UTC), ran.rows]
    for table in ("loan_arrears", "portfolio_at_risk", "loan_due", "due_total"):
        assert await rows(loaded_url, f"SELECT DISTINCT run FROM service.{table}") == [(run_id,)]


async def test_a_day_that_is_done_is_not_done_again(loaded_url: str) -> None:
    """The second run changes nothing, and says so."""
    on, job = END_OF_JUNE, JOBS["arrears"]
    async with engine_of(loaded_url) as engine:
        first = await run(engine, job, on, asked_by="tests", clock=at(night_after(on)))
        again = await run(engine, job, on, asked_by="tests", clock=at(night_after(on)))
    assert said(first) == "arrears is done for 2026-06-30: 8 rows in 3 steps."
    assert again == Ran("arrears", on, 0, 0)
    assert said(again) == "arrears is done already for 2026-06-30; nothing was changed."
    assert await rows(loaded_url, "SELECT count(*) FROM service.job_run") == [(1,)]


@pytest.mark.parametrize("minutes", [-60 * 24, -1, 0, 9])
async def test_a_day_that_is_not_over_is_refused(loaded_url: str, minutes: int) -> None:
    """Neither the schedule nor a person may keep figures that could still change."""
    on = END_OF_JUNE
    clock = at(end_of_day(on) + timedelta(minutes=minutes))
    async with engine_of(loaded_url) as engine:
        with pytest.raises(DayNotOver, match="2026-06-30 is not over yet in Karachi"):
            await run(engine, JOBS["arrears"], on, asked_by="tests", clock=clock)
    assert await rows(loaded_url, "SELECT FROM service.job_run") == []


async def test_nothing_is_missed_before_the_first_posting(
    loaded_url: str, database_url: str
) -> None:
    """Empty books have no days to catch up; others begin with the day of their first entry."""
    for url, first in ((database_url, []), (loaded_url, [FIRST])):
        async with (
            engine_of(url) as engine,
            read_books(engine, actor="x", now=datetime.now(UTC)) as b,
        ):
            assert (await missed(b, JOBS["arrears"], until=date(2026, 3, 31)))[:1] == first


async def test_a_gap_is_filled(loaded_url: str) -> None:
    """A day run by hand does not hide the days before it; a day half done counts as missed."""
    job = JOBS["arrears"]
    clock = at(LATER)
    async with engine_of(loaded_url) as engine:
        half = replace(job, steps=job.steps[:1])
        await run(engine, job, date(2026, 3, 7), asked_by="Nasreen", clock=clock)
        await run(engine, half, date(2026, 3, 6), asked_by="Nasreen", clock=clock)
        ran = await catch_up(engine, job, date(2026, 3, 8), asked_by="tests", clock=clock)
    assert [(one.on.day, one.steps) for one in ran] == [(5, 3), (6, 2), (8, 3)]


async def test_of_a_job_for_its_own_moment_only_the_latest_day_is_made_good(
    loaded_url: str,
) -> None:
    """A proof made today says nothing of the nights that were missed; nor is it made twice."""
    clock, proof = at(LATER), JOBS["proof"]
    async with engine_of(loaded_url) as engine:
        for until in (date(2026, 3, 31), date(2026, 3, 31), date(2026, 4, 9)):
            await catch_up(engine, proof, until, asked_by="tests", clock=clock)
    assert await rows(loaded_url, "SELECT DISTINCT business_date FROM service.job_step") == [
        (date(2026, 3, 31),),
        (date(2026, 4, 9),),
    ]


async def test_catching_up_stops_where_it_is_told_to(loaded_url: str) -> None:
    """A process that no longer leads leaves the rest to the one that does."""
    answers = iter([True, True, False])

    async def go_on() -> bool:
        return next(answers)

    async with engine_of(loaded_url) as engine:
        ran = await catch_up(
            engine,
            JOBS["mobilisation"],
            date(2026, 3, 31),
            asked_by="tests",
            clock=at(LATER),
            go_on=go_on,
        )
    assert [one.on.day for one in ran] == [5, 6]


async def test_a_run_killed_between_its_steps_is_resumed(loaded_url: str) -> None:
    """What the killed run has committed stays and is not done again; the rest is done."""
    on = END_OF_JUNE
    age, risk, _ = JOBS["arrears"].steps

    async def die(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        made = await risk.work(books, on=on, run=run, stretch=stretch)
        await books.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return made

    dying = Job("arrears", (age, Step(risk.name, die)))
    async with engine_of(loaded_url) as engine:
        with pytest.raises((DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await run(engine, dying, on, asked_by="killed", clock=at(night_after(on)))
    assert await rows(loaded_url, STEPS) == [("loans", 1)]
    assert await rows(loaded_url, "SELECT FROM service.portfolio_at_risk") == []
    async with engine_of(loaded_url) as engine:
        ran = await run(engine, JOBS["arrears"], on, asked_by="resuming", clock=at(night_after(on)))
    assert (ran.steps, ran.rows) == (2, 5)
    by = "SELECT asked_by, finished_at IS NULL FROM service.job_run ORDER BY started_at, id"
    assert await rows(loaded_url, by) == [("killed", True), ("resuming", False)]


async def test_a_step_that_fails_leaves_nothing_and_is_not_done(loaded_url: str) -> None:
    """The claim and the rows of a step stand in one transaction."""
    on = END_OF_JUNE
    age, *_ = JOBS["arrears"].steps

    async def fail(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        await age.work(books, on=on, run=run, stretch=stretch)
        raise RuntimeError("out of paper")

    failing = Job("arrears", (Step(age.name, fail),))
    async with engine_of(loaded_url) as engine:
        with pytest.raises(RuntimeError, match="out of paper"):
            await run(engine, failing, on, asked_by="tests", clock=at(night_after(on)))
    assert await rows(loaded_url, STEPS) == []
    assert await rows(loaded_url, "SELECT FROM service.loan_arrears") == []


async def test_of_two_runs_at_once_each_step_is_done_by_one(loaded_url: str) -> None:
    """Both runs end well; between them every row is there once."""
    on = END_OF_JUNE
    async with engine_of(loaded_url) as one, engine_of(loaded_url) as other:
        ran = await asyncio.gather(
            *(
                run(engine, JOBS["arrears"], on, asked_by="tests", clock=at(night_after(on)))
                for engine in (one, other, one, other)
            )
        )
    assert sum(each.rows for each in ran) == 8
    assert await rows(loaded_url, STEPS) == [("dues", 1), ("loans", 1), ("portfolio_at_risk", 1)]


async def test_of_two_processes_that_race_for_a_step_one_wins(loaded_url: str) -> None:
    """Both wait at the same claim, held by a third that then dies: one does it, none twice."""
    connection = await asyncpg.connect(asyncpg_url(loaded_url))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("""
        WITH begun AS (INSERT INTO service.job_run (id, job, business_date, started_at, asked_by)
            VALUES (gen_random_uuid(), 'arrears', '2026-06-30', now(), 'third') RETURNING id)
        INSERT INTO service.job_step SELECT 'arrears', '2026-06-30', 'loans', id, now() FROM begun
    """)
    command = [sys.executable, "-m", "jobs.cli", "jobs", "run", "arrears", "--on", "2026-06-30"]
    with ExitStack() as ending:
        racers = [
            ending.enter_context(
                subprocess.Popen(  # noqa: S603, ASYNC220 - our own command, waited for below
                    command,
                    cwd=REPOSITORY,
                    env={**os.environ, "AMANAT_DATABASE_URL": loaded_url},
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
        async with asyncio.timeout(180):
            while await rows(loaded_url, waiting) != [(len(racers),)]:
                assert all(racer.poll() is None for racer in racers)
                await asyncio.sleep(0.05)
        await connection.close()  # and the third's claim with it
        said_by = [await asyncio.to_thread(racer.communicate) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0], said_by
    assert await rows(loaded_url, STEPS) == [("dues", 1), ("loans", 1), ("portfolio_at_risk", 1)]
    assert await rows(loaded_url, "SELECT count(*) FROM service.loan_arrears") == [(3,)]
    assert await rows(
        loaded_url,
        "SELECT sum(rows_made)::int, count(finished_at) FROM service.job_run",
    ) == [(8, 2)]


def test_a_job_has_a_name_from_the_catalogue() -> None:
    """A misspelled job is refused with the names there are."""
    assert catalogue.named("arrears") is JOBS["arrears"]
    with pytest.raises(JobUnknown, match=r"no job 'arears'.*arrears, mobilisation"):
        catalogue.named("arears")


def test_the_night_begins_in_karachi() -> None:
    """19:00 UTC is midnight in Karachi, the whole year round."""
    assert end_of_day(date(2026, 6, 30)) == datetime(2026, 7, 1, tzinfo=BUSINESS_ZONE)
    assert end_of_day(date(2026, 6, 30)) == datetime(2026, 6, 30, 19, tzinfo=UTC)
