from __future__ import annotations

import asyncio
import logging
import os
import socket
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs import schedule
from jobs.catalogue import JOBS
from jobs.keeping import _Work, scheduled
from jobs.leadership import Candidate
from jobs.listing import duties
from jobs.schedule import MINUTE_OF_THE_HOUR, timing
from ledger.calendar import business_date
from service.books import read_books
from service.jobs import LEADERS_LOCK, Waiting, state
from tests.jobs.asking import at, becomes, night_after, rows
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

FIRST: Final = date(2026, 3, 5)
LAST: Final = date(2026, 3, 7)
CLOCK: Final = at(night_after(LAST))
"""The night after the third day on which the bundle's books are kept."""
DONE: Final = """
    SELECT job, min(business_date), max(business_date), count(*) FROM service.job_step
    GROUP BY job ORDER BY job
"""
ALL_DONE: Final = [
    ("arrears", FIRST, LAST, 9),
    ("mobilisation", FIRST, LAST, 3),
    ("proof", LAST, LAST, 2),
    ("purge", LAST, LAST, 3),
]
ALL_BUT: Final = """
    WITH begun AS (INSERT INTO service.job_run (id, job, business_date, started_at, asked_by)
        VALUES (gen_random_uuid(), 'arrears', '{first}', now(), 'tests') RETURNING id)
    INSERT INTO service.job_step
    SELECT 'arrears', day, step, id, now()
    FROM begun, generate_series('{first}'::date, '{today}'::date - 1, '1 day') AS day,
        unnest(ARRAY ['loans', 'portfolio_at_risk', 'dues']) AS step
"""
LEADER: Final = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {LEADERS_LOCK}"


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections for the service under test."""
    async with engine_of(loaded_url) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds of candidacy would be ten seconds of test."""
    monkeypatch.setattr(schedule, "CANDIDACY_S", 0.1)


async def test_a_leader_begins_with_what_was_missed(loaded_url: str, engine: AsyncEngine) -> None:
    """A service that was down for days makes them good as soon as it is up."""
    async with scheduled(engine, loaded_url, clock=CLOCK):
        await becomes(loaded_url, DONE, ALL_DONE)
    asked = "SELECT DISTINCT asked_by FROM service.job_run WHERE finished_at IS NOT NULL"
    assert await rows(loaded_url, asked) == [("schedule",)]


async def test_one_leads_and_the_next_takes_over_when_its_connection_dies(
    loaded_url: str, engine: AsyncEngine
) -> None:
    """While another leads a service does nothing; then it does all that is missing."""
    first = Candidate(loaded_url)
    assert await first.leads()
    async with scheduled(engine, loaded_url, clock=CLOCK):
        await asyncio.sleep(0.5)
        assert await rows(loaded_url, DONE) == []
        await rows(loaded_url, f"SELECT pg_terminate_backend(pid) FROM ({LEADER}) AS leader")
        await becomes(loaded_url, DONE, ALL_DONE)
        assert not await first.leads()
        assert not await first.leads()
    assert await first.leads()
    await first.withdraw()
    assert await rows(loaded_url, LEADER) == []


async def test_a_leader_that_loses_its_connection_steps_down_and_stands_again(
    loaded_url: str,
) -> None:
    """Asked when the connection is gone it does not lead; with a new one it does."""
    alone = Candidate(loaded_url)
    assert await alone.leads()
    assert await alone.leads()
    await rows(loaded_url, f"SELECT pg_terminate_backend(pid) FROM ({LEADER}) AS leader")
    assert not await alone.leads()
    assert await alone.leads()
    await alone.withdraw()


async def test_a_leader_of_whom_nothing_is_heard_leads_no_more(
    loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is open, as that of a frozen process is; the server ends its session."""
    monkeypatch.setattr(schedule, "LEASE_S", 0.5)
    frozen, awake = Candidate(loaded_url), Candidate(loaded_url)
    assert await frozen.leads()
    assert not await awake.leads()
    async with asyncio.timeout(10):
        while True:
            if await awake.leads():
                break
            await asyncio.sleep(0.1)  # who asks is heard: this one's session does not end
    assert not await frozen.leads()
    assert await awake.leads()
    for candidate in (frozen, awake):
        await candidate.withdraw()


async def test_everybody_can_see_which_process_leads(loaded_url: str, engine: AsyncEngine) -> None:
    """As long as it does; and that it folds, which has no end."""
    async with scheduled(engine, loaded_url, clock=CLOCK):
        await becomes(loaded_url, DONE, ALL_DONE)
        await becomes(loaded_url, "SELECT count(*) FROM ledger.delta", [(0,)])
        async with read_books(engine, actor="tests", now=CLOCK()) as books:
            found = await state(books, duties())
    assert found.leader is not None
    assert (found.leader.host, found.leader.process) == (socket.gethostname(), os.getpid())
    lags = {one.name: (one.lag_days, one.last_day, one.last_success_at) for one in found.jobs}
    now = CLOCK()
    assert lags == {
        "arrears": (0, LAST, now),
        "mobilisation": (0, LAST, now),
        "proof": (0, LAST, now),
        "purge": (0, LAST, now),
        "fold": (None, None, now),
    }
    assert found.jobs[-1].waiting == Waiting(0, None)
    async with read_books(engine, actor="tests", now=CLOCK()) as books:
        assert (await state(books, duties())).leader is None


async def test_nobody_leads_a_database_that_is_away() -> None:
    """No lead is taken without a lock; it is no error, the next try may succeed."""
    away = Candidate("postgresql+asyncpg://nobody@/nowhere?host=/nonexistent&port=5432")
    assert not await away.leads()
    await away.withdraw()


async def test_what_runs_at_the_end_is_undone_and_left(
    loaded_url: str, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """A stopping service waits for no job: its step is rolled back for the next to do."""
    blocking = await asyncpg.connect(asyncpg_url(loaded_url))
    results = "service.loan_arrears, service.mobilisation_total, service.proof_part"
    await blocking.execute(f"BEGIN; LOCK TABLE {results}")
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with scheduled(engine, loaded_url, clock=CLOCK):
        await becomes(loaded_url, waiting, [(len(JOBS),)])
    assert await rows(loaded_url, waiting) == [(0,)]
    await blocking.close()
    assert await rows(loaded_url, DONE) == []
    assert [said for said in caplog.records if said.levelno >= logging.ERROR] == []
    async with scheduled(engine, loaded_url, clock=CLOCK):
        await becomes(loaded_url, DONE, ALL_DONE)


async def test_a_job_that_fails_is_put_off_in_one_line(
    loaded_url: str, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the server's clock is behind ours, what was posted today is not settled yet."""
    now = datetime.now(UTC)
    today = business_date(now)
    await rows(loaded_url, ALL_BUT.format(first=FIRST, today=today))
    work = _Work(AsyncIOScheduler(), engine, Candidate(loaded_url), at(night_after(today)))
    await work.make_good("arrears")
    await work.end()
    said = capsys.readouterr().out
    assert "job failed, to be tried again" in said
    assert "is not settled" in said
    assert (
        await rows(loaded_url, f"SELECT FROM service.job_step WHERE business_date = '{today}'")
        == []
    )


def test_every_job_has_a_timing() -> None:
    """A job that the schedule forgets would never run by itself."""
    assert MINUTE_OF_THE_HOUR.keys() == JOBS.keys()
    assert timing("arrears") == "00:15 Asia/Karachi, then hourly for what is missing"
