"""Three replicas of the schedule, whose leader is killed and frozen all the time."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from jobs.catalogue import JOBS
from jobs.running import run
from ledger.calendar import business_date, end_of_day
from service.books import write_books
from service.events import actions as events
from service.imports import registering
from service.imports.documents import documents
from service.imports.reading import read_bundle
from service.sheets import actions as sheets
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind
from tests.jobs.asking import DAY_BY_DAY, ONE_CO, at, becomes, night_after, rows
from tests.jobs.replica import BOOKS_OF_A_STRETCH
from tests.jobs.replicas import Replicas, replicas
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.events.event import Event
    from tests.jobs.asking import Row

FIRST: Final = date(2026, 3, 5)
"""The first day on which the bundle posts anything."""
BEGUN: Final = datetime.fromisoformat("2026-03-01T09:00:00+05:00")
LENT: Final = date(2026, 3, 13)
"""From here on loan L-02 can be repaid."""
KEPT: Final = {
    "service.loan_arrears": "business_date, loan, outstanding_principal, due_principal,"
    " due_charge, paid_principal, paid_charge, overdue_principal, overdue_charge, days_past_due",
    "service.portfolio_at_risk": "business_date, node, outstanding, over_1, over_30, over_60,"
    " over_90, over_180, over_365",
    "service.loan_due": "business_date, loan, due_on, principal, charge",
    "service.due_total": "business_date, node, week_principal, week_charge, month_principal,"
    " month_charge",
    "service.mobilisation_total": "business_date, period, node, category, amount",
}
NAMES: Final = ", ".join(f"'{job.name}'" for job in DAY_BY_DAY)
STEPS: Final = f"SELECT business_date, job, step FROM service.job_step WHERE job IN ({NAMES})"
TODAY: Final = """
    SELECT job, count(*) FROM service.job_step WHERE business_date = '{today}' GROUP BY 1 ORDER BY 1
"""
ALL_TODAY: Final = sorted((name, len(job.steps)) for name, job in JOBS.items())
PROVEN: Final = """
    SELECT DISTINCT sum(p.books) - (SELECT count(*) FROM ledger.book), sum(p.findings)
    FROM service.proof_part p JOIN service.job_step s USING (business_date, step)
    WHERE s.job = 'proof' GROUP BY p.business_date HAVING count(DISTINCT p.step) = 2
"""
"""Of every night whose proof is whole: how many books more than there are, and findings."""
MADE_BY_ANOTHER: Final = f"""
    SELECT count(*) FROM service.loan_arrears a
    JOIN service.loan l ON l.code = a.loan
    JOIN service.organisation o ON o.code = l.lender
    LEFT JOIN service.job_part p ON p.job = 'arrears' AND p.step = 'loans' AND p.run = a.run
        AND p.business_date = a.business_date AND p.first_book
            = (o.book_id - 1) / {BOOKS_OF_A_STRETCH} * {BOOKS_OF_A_STRETCH} + 1
    WHERE p.run IS NULL
"""
"""Rows of another run than the one that the part was claimed by."""
COUNTED: Final = """
    SELECT count(*) FROM (
        SELECT p.run, sum(p.rows_made) AS rows FROM service.job_part p GROUP BY p.run
    ) AS parts JOIN service.job_run r ON r.id = parts.run WHERE r.rows_made < parts.rows
"""
UNFOLDED: Final = "SELECT count(*) FROM ledger.delta"

_log = logging.getLogger(__name__)

Posting = tuple[datetime, "Sheet | Event"]


def postings(until: date, chance: Random) -> list[Posting]:
    """The bundle's documents, and sheets that arrive up to three weeks late."""
    found: list[Posting] = [(one.posted_at, one.content) for one in documents(read_bundle(ONE_CO))]
    for n in range((until - LENT).days):
        arrived = LENT + timedelta(days=n)
        held = max(LENT, arrived - timedelta(days=chance.randrange(21)))
        lines = (
            SheetLine("M-0001", SheetLineKind.REPAYMENT, 10_00, "L-02"),
            SheetLine("M-0002", SheetLineKind.SAVING_VOLUNTARY, 100 * chance.randrange(1, 50)),
        )
        counted = sum(line.amount for line in lines)
        present = ("M-0001", "M-0002")
        noon = end_of_day(arrived) - timedelta(hours=12)
        found.append((noon, Sheet(f"LATE-{n}", "CO-01", held, present, counted, lines)))
    return sorted((one for one in found if business_date(one[0]) <= until), key=lambda one: one[0])


async def register(engine: AsyncEngine) -> None:
    """Everybody whom the bundle knows, and nothing posted."""
    async with write_books(engine, actor="clerk", now=BEGUN) as books:
        await registering.register(books, read_bundle(ONE_CO))


async def post(engine: AsyncEngine, now: datetime, content: Sheet | Event) -> None:
    """Post a sheet or event at its moment, as people do."""
    async with write_books(engine, actor="clerk", now=now) as books:
        if isinstance(content, Sheet):
            await sheets.prepare(books, content)
            await sheets.close(books, content.code, key=content.code)
        else:
            await events.record(books, content, key=content.code)


async def live(engine: AsyncEngine, day: date, waiting: list[Posting]) -> None:
    """Post all that is posted on a day."""
    while waiting and business_date(waiting[0][0]) <= day:
        await post(engine, *waiting.pop(0))


async def kept(url: str) -> dict[str, list[Row]]:
    """All results, but for the runs that made them; and the steps that are done.

    Of the proof each night's is its own, and some nights have none.
    """
    found = {
        table: await rows(url, f"SELECT {columns} FROM {table} ORDER BY {columns}")
        for table, columns in KEPT.items()
    }
    return found | {"steps": await rows(url, f"{STEPS} ORDER BY 1, 2, 3")}


async def undisturbed(url: str, days: list[date], waiting: list[Posting]) -> None:
    """The same history in a service that never stops."""
    async with engine_of(url) as engine:
        await register(engine)
        for day in days:
            await live(engine, day, waiting)
            for job in DAY_BY_DAY:
                await run(engine, job, day, asked_by="tests", clock=at(night_after(day)))


async def harassed(
    url: str,
    folder: Path,
    days: list[date],
    waiting: list[Posting],
    chance: Random,
    *,
    a_day: float,
) -> Replicas:
    """The same history with three replicas whose leader is killed and frozen all the time."""
    async with engine_of(url) as engine:
        await register(engine)
        with replicas(url, folder, BEGUN) as found:
            harassing = asyncio.create_task(found.harass(chance))
            for n, day in enumerate(days, start=1):
                await live(engine, day, waiting)
                found.set_clock(night_after(day))
                await asyncio.sleep(chance.uniform(0.1, 0.5))
                await found.disturbances(int(n * a_day), harassing)
            harassing.cancel()
            with suppress(asyncio.CancelledError):
                await harassing
            for process in tuple(found.frozen):
                found.wake(process)
            steps = len(days) * sum(len(job.steps) for job in DAY_BY_DAY)
            await becomes(url, f"SELECT count(*) FROM ({STEPS}) AS s", [(steps,)])
            await becomes(url, TODAY.format(today=days[-1]), ALL_TODAY)
            await becomes(url, UNFOLDED, [(0,)])
    return found


async def prove(
    url: str, other_url: str, folder: Path, *, days: int, a_day: float, seed: int
) -> Replicas:
    """Raise unless the harassed history has the results of the undisturbed one."""
    month = [FIRST + timedelta(days=n) for n in range(days)]
    chance = Random(seed)  # noqa: S311 - moments and amounts, repeatable
    history = postings(month[-1], chance)
    found = await harassed(url, folder, month, [*history], chance, a_day=a_day)
    await undisturbed(other_url, month, [*history])
    assert await kept(url) == await kept(other_url)
    assert all((await kept(url)).values())
    assert await rows(url, MADE_BY_ANOTHER) == [(0,)]
    assert await rows(url, COUNTED) == [(0,)]
    assert await rows(url, PROVEN) == [(0, 0)]
    said = (folder / "replicas.log").read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    _log.info("killed %d times; %s", found.killed, found.freezes())
    return found


async def test_two_weeks_of_kills_and_freezes_change_nothing(
    database_url: str, another_database_url: str, tmp_path: Path
) -> None:
    """Every step once, every row that of a service that never stops."""
    found = await prove(database_url, another_database_url, tmp_path, days=14, a_day=0.6, seed=14)
    assert found.killed >= 3


@pytest.mark.long
@pytest.mark.parametrize("seed", [31, 32])
async def test_a_month_of_kills_and_freezes_changes_nothing(
    database_url: str, another_database_url: str, tmp_path: Path, seed: int
) -> None:
    """The same through six weeks, with a sheet of March that is posted in the middle of April."""
    found = await prove(database_url, another_database_url, tmp_path, days=45, a_day=2, seed=seed)
    assert found.killed >= 30
    assert len(found.replaced_after_s) >= 8


async def test_a_leader_frozen_in_the_midst_of_its_work_changes_nothing_when_it_wakes(
    loaded_url: str, tmp_path: Path
) -> None:
    """It is replaced though its connections stay open, and its claim is another's."""
    done = "SELECT count(*) FROM service.job_step WHERE business_date <= '2026-03-07'"
    steps = sum(len(job.steps) * (1 if job.only_latest else 3) for job in JOBS.values())
    waits = """
        SELECT count(*) >= 3 FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'amanat job'
            AND wait_event_type = 'Lock'
    """
    blocking = await asyncpg.connect(asyncpg_url(loaded_url))
    await blocking.execute("BEGIN; LOCK TABLE service.loan_arrears, service.mobilisation_total")
    with replicas(loaded_url, tmp_path, night_after(date(2026, 3, 7))) as found:
        leader = await found.some_leader()
        await becomes(loaded_url, waits, [(True,)])
        found.freeze(leader)
        await blocking.close()
        assert await found.some_leader() != leader
        await becomes(loaded_url, done, [(steps,)])
        before = await kept(loaded_url), await runs(loaded_url)
        found.wake(leader)
        await asyncio.sleep(1)
        assert await found.leader() != leader
        assert (await kept(loaded_url), await runs(loaded_url)) == before
        assert "this process leads no longer" in (tmp_path / "replicas.log").read_text()


async def runs(url: str) -> list[Row]:
    """Which run did which part and step."""
    return await rows(
        url,
        "SELECT job, business_date, step, first_book, run FROM service.job_part"
        " UNION ALL SELECT job, business_date, step, 0, run FROM service.job_step"
        " ORDER BY 1, 2, 3, 4",
    )
