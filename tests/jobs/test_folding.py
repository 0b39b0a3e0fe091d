"""Folding by the service: what is posted is in the roll-up soon after, and nothing twice."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from jobs import folding
from jobs.folding import fold_all, keep_folding
from ledger.postgres.verify import verify
from service.books import read_books
from tests.jobs.asking import END_OF_JUNE, at, becomes, night_after, rows
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

CLOCK: Final = at(night_after(END_OF_JUNE))
WAITING: Final = "SELECT count(*) FROM ledger.delta"
ROLLUP: Final = "SELECT count(*), sum(debit), sum(eliminated_credit) FROM ledger.rollup"
QUICK: Final = {"busy_s": 0.01, "idle_s": 0.02}
SOON_S: Final = 20


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections for the service under test."""
    async with engine_of(loaded_url) as made:
        yield made


async def proven(engine: AsyncEngine) -> bool:
    """Whether the proof finds nothing."""
    async with read_books(engine, actor="tests", now=CLOCK()) as books:
        return not (await verify(books.ledger)).findings


async def test_everything_is_folded_once(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In as many folds as it takes; what is swept up after them is not missed."""
    monkeypatch.setattr(folding, "DELTAS_AT_A_TIME", 7)
    monkeypatch.setattr(folding, "SWEEP_IDLE_AFTER", 1)
    ((waiting,),) = await rows(loaded_url, WAITING)
    assert await fold_all(engine, clock=CLOCK) == waiting
    before = await rows(loaded_url, ROLLUP)
    assert await fold_all(engine, clock=CLOCK) == 0
    assert await rows(loaded_url, ROLLUP) == before
    assert await rows(loaded_url, WAITING) == [(0,)]
    assert await proven(engine)


async def test_several_fold_as_long_as_they_lead(engine: AsyncEngine, loaded_url: str) -> None:
    """Two that both believe that they lead fold nothing twice; one that does not, nothing."""
    ended = asyncio.Event()

    async def keep(*, leads: bool) -> None:
        await keep_folding(engine, clock=CLOCK, leads=lambda: leads, ended=ended, **QUICK)

    async with asyncio.timeout(SOON_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(keep(leads=False))
        await asyncio.sleep(0.1)
        assert await rows(loaded_url, WAITING) != [(0,)]
        for _ in range(2):
            tasks.create_task(keep(leads=True))
        await becomes(loaded_url, WAITING, [(0,)])
        ended.set()
    assert await proven(engine)


async def test_who_folds_sums_up_the_months_that_have_gone_by(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Once nothing waits; reading then costs months, not days."""
    ended = asyncio.Event()
    work = asyncio.create_task(
        keep_folding(engine, clock=CLOCK, leads=lambda: True, ended=ended, **QUICK)
    )
    await becomes(loaded_url, "SELECT until FROM ledger.summed", [(date(2026, 6, 1),)])
    ended.set()
    await work
    assert await rows(loaded_url, WAITING) == [(0,)]
    assert await proven(engine)


async def test_folding_that_fails_is_tried_again(
    engine: AsyncEngine, loaded_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database that goes away for a moment ends nothing."""
    blocking = await asyncpg.connect(asyncpg_url(loaded_url))
    await blocking.execute("BEGIN; LOCK TABLE ledger.delta")
    ended = asyncio.Event()
    work = asyncio.create_task(
        keep_folding(engine, clock=CLOCK, leads=lambda: True, ended=ended, **QUICK)
    )
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    await becomes(loaded_url, kill, [(1,)])
    await blocking.close()
    await becomes(loaded_url, WAITING, [(0,)])
    ended.set()
    await work
    assert "folding failed" in capsys.readouterr().out
    ((done_at, failed_at, failure),) = await rows(
        loaded_url, "SELECT done_at, failed_at, failure FROM service.steady_job"
    )
    assert done_at == failed_at == CLOCK()
    assert "terminating connection" in str(failure) or "closed" in str(failure)
    assert await proven(engine)
