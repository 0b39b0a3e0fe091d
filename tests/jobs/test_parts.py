"""Steps in parts: each once, shared by who works at once, given up when they hang."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

import asyncpg
import psutil
import pytest
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from jobs import doing, progress, schedule, stretches
from jobs.catalogue import JOBS, Job, Step
from jobs.failures import why
from jobs.leadership import Candidate
from jobs.progress import Progress
from jobs.running import run
from jobs.stretches import ALL_BOOKS, Stretch
from service.books import write_books
from tests.jobs.asking import END_OF_JUNE, at, becomes, night_after, rows
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import date
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import WritableBooks

CLOCK: Final = at(night_after(END_OF_JUNE))
MOBILISATION: Final = JOBS["mobilisation"]
(QUARTER,) = MOBILISATION.steps
PARTS: Final = "SELECT first_book, rows_made FROM service.job_part ORDER BY first_book"
STEPS: Final = "SELECT job, step FROM service.job_step"
MADE: Final = "SELECT node, category, amount FROM service.mobilisation_total ORDER BY 1, 2"
RUNS: Final = """
    SELECT step, parts, rows_made, finished_at IS NOT NULL, failure
    FROM service.job_run ORDER BY started_at, id
"""
AWAY: Final = (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections to the five books of the smallest bundle."""
    async with engine_of(loaded_url) as made:
        yield made


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two books to a stretch."""
    monkeypatch.setattr(stretches, "BOOKS_OF_A_STRETCH", 2)


def job_of(work: object) -> Job:
    """The job with another work."""
    return replace(MOBILISATION, steps=(Step(QUARTER.name, work, cut=True),))  # type: ignore[arg-type] # each test's own


def test_stretches_hold_every_book_once() -> None:
    """Up to the last book and no further than its stretch."""
    assert stretches.stretches(0) == []
    assert stretches.stretches(2) == [(1, 2)]
    assert stretches.stretches(5) == [(1, 2), (3, 4), (5, 6)]


async def test_a_step_in_parts_makes_what_it_makes_whole(
    engine: AsyncEngine, loaded_url: str, another_loaded_url: str
) -> None:
    """Every part leaves its row, and the step its own."""
    ran = await run(engine, MOBILISATION, END_OF_JUNE, asked_by="tests", clock=CLOCK)
    parts = await rows(loaded_url, PARTS)
    assert [first for first, _ in parts] == [1, 3, 5]
    assert sum(int(str(made)) for _, made in parts) == ran.rows
    assert await rows(loaded_url, STEPS) == [("mobilisation", "quarter")]
    whole = replace(MOBILISATION, steps=(replace(QUARTER, cut=False),))
    async with engine_of(another_loaded_url) as other:
        assert await run(other, whole, END_OF_JUNE, asked_by="tests", clock=CLOCK) == ran
    assert await rows(another_loaded_url, PARTS) == []
    assert await rows(loaded_url, MADE) == await rows(another_loaded_url, MADE)


async def test_what_a_killed_run_has_done_is_not_done_again(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """A run that is killed in its second part leaves the first; the next does the rest."""
    asked: list[Stretch] = []

    async def die(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        asked.append(stretch)
        made = await QUARTER.work(books, on=on, run=run, stretch=stretch)
        if len(asked) == 2:
            await books.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return made

    with pytest.raises(AWAY):
        await run(engine, job_of(die), END_OF_JUNE, asked_by="killed", clock=CLOCK)
    assert [first for first, _ in await rows(loaded_url, PARTS)] == [asked[0].first]
    assert await rows(loaded_url, STEPS) == []
    ((step, parts, _, finished, failure),) = await rows(loaded_url, RUNS)
    assert (step, parts, finished) == ("quarter", 3, False)
    assert "terminat" in str(failure) or "closed" in str(failure)
    told: list[Progress] = []
    await run(engine, MOBILISATION, END_OF_JUNE, asked_by="next", clock=CLOCK, tell=told.append)
    assert [(one.step, one.done, one.parts) for one in told] == [
        ("quarter", 2, 3),
        ("quarter", 3, 3),
    ]
    assert len(await rows(loaded_url, PARTS)) == 3


async def test_two_runs_share_the_parts(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part by one of them; each has a part in it, as their orders differ."""
    monkeypatch.setattr(stretches, "BOOKS_OF_A_STRETCH", 1)
    done: dict[UUID, list[int]] = {}
    both = asyncio.Barrier(2)

    async def slow(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        if run not in done:
            done[run] = []
            await both.wait()  # nobody has finished a part before the other has one in hand
        done[run].append(stretch.first)
        return await QUARTER.work(books, on=on, run=run, stretch=stretch)

    chosen = iter([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]])

    class Order:
        """Two orders that meet in the middle."""

        def __init__(self, _seed: int) -> None:
            self.order = next(chosen)

        def shuffle(self, parts: list[Stretch]) -> None:
            parts.sort(key=lambda part: self.order.index(part.first))

    monkeypatch.setattr(doing, "Random", Order)
    async with asyncio.timeout(30):
        ran = await asyncio.gather(
            *(
                run(engine, job_of(slow), END_OF_JUNE, asked_by="tests", clock=CLOCK)
                for _ in range(2)
            )
        )
    assert sorted(chain(*done.values())) == [1, 2, 3, 4, 5]
    assert len(done) == 2
    assert sum(one.steps for one in ran) == 1
    assert sum(one.rows for one in ran) == len(await rows(loaded_url, MADE))


async def test_a_run_is_left_to_others_between_parts(engine: AsyncEngine, loaded_url: str) -> None:
    """Who leads no longer begins no part; what is left out is not done."""

    async def no() -> bool:
        return False

    await run(engine, MOBILISATION, END_OF_JUNE, asked_by="tests", clock=CLOCK, go_on=no)
    assert len(await rows(loaded_url, PARTS)) == 1
    assert await rows(loaded_url, STEPS) == []
    assert (await rows(loaded_url, RUNS))[0][3:] == (False, None)


async def test_a_statement_that_hangs_is_ended_and_the_failure_kept(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends it; every process can say when and why; the next run does it all."""
    monkeypatch.setattr(schedule, "STATEMENT_WITHIN_S", 0.3)

    async def hang(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        await QUARTER.work(books, on=on, run=run, stretch=stretch)
        await books.fetch("SELECT pg_sleep(60)")
        return 0

    with pytest.raises(AWAY):
        await run(engine, job_of(hang), END_OF_JUNE, asked_by="tests", clock=CLOCK)
    ((*_, failure),) = await rows(loaded_url, RUNS)
    assert "QueryCanceledError: canceling statement due to statement timeout" in str(failure)
    assert await rows(loaded_url, MADE) == []
    monkeypatch.undo()
    assert (await run(engine, MOBILISATION, END_OF_JUNE, asked_by="tests", clock=CLOCK)).rows


async def test_a_part_whose_server_hangs_is_given_up(
    loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time-out of the server helps where the server itself is frozen: ours does."""
    monkeypatch.setattr(schedule, "PART_WITHIN_S", 1)
    monkeypatch.setattr("service.books._ROLL_BACK_WITHIN_S", 0.5)
    backends: list[psutil.Process] = []

    async def freeze(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        del on, run, stretch
        backends.append(psutil.Process(await books.ledger.fetchval("SELECT pg_backend_pid()")))
        backends[0].suspend()
        await books.fetch("SELECT 1")
        return 0

    async with engine_of(loaded_url) as engine:
        try:
            async with asyncio.timeout(20):
                with pytest.raises(TimeoutError) as given_up:
                    await run(engine, job_of(freeze), END_OF_JUNE, asked_by="tests", clock=CLOCK)
        finally:
            backends[0].resume()
        ((*_, failure),) = await rows(loaded_url, RUNS)
    assert why(given_up.value) == failure == "It took too long, and was given up."


async def test_who_does_nothing_in_a_transaction_is_cut_loose(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what a frozen process has claimed is another's soon."""
    monkeypatch.setattr(schedule, "REST_WITHIN_S", 0.2)

    async def rest(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        made = await QUARTER.work(books, on=on, run=run, stretch=stretch)
        await asyncio.sleep(1)
        return made

    with pytest.raises(AWAY):
        await run(engine, job_of(rest), END_OF_JUNE, asked_by="tests", clock=CLOCK)
    assert await rows(loaded_url, PARTS) == []


async def test_a_leader_ends_what_no_time_out_ends(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A COPY waits for its process for ever; the leader does not. Others' work is left alone."""
    monkeypatch.setattr(schedule, "REST_WITHIN_S", 0.5)
    monkeypatch.setattr(schedule, "STATEMENT_WITHIN_S", 0.2)
    going_on = "SELECT application_name FROM pg_stat_activity WHERE query LIKE 'COPY%'"
    other = await asyncpg.connect(
        asyncpg_url(loaded_url), server_settings={"application_name": "other"}
    )
    endless = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield b"first\n"
        await endless.wait()

    async def copy(connection: asyncpg.Connection) -> None:
        await connection.execute("CREATE TEMPORARY TABLE pile (x text)")
        await connection.copy_to_table("pile", source=source())

    async def stuck() -> None:
        patience = schedule.patience()
        async with write_books(engine, actor="tests", now=CLOCK(), patience=patience) as books:
            await books.ledger.execute("RESET ROLE")
            await copy(books.ledger)

    work = [asyncio.create_task(stuck()), asyncio.create_task(copy(other))]
    leader = Candidate(loaded_url)
    try:
        await becomes(loaded_url, f"{going_on} ORDER BY 1", [("amanat job",), ("other",)])
        await asyncio.sleep(1.1)
        assert len(await rows(loaded_url, going_on)) == 2
        assert await leader.leads()
        await becomes(loaded_url, going_on, [("other",)])
    finally:
        endless.set()
        await asyncio.gather(*work, return_exceptions=True)
        other.terminate()
        await leader.withdraw()


async def test_a_leader_ends_what_is_frozen_before_its_statement_is_sent(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that is prepared and not run yet is neither idle nor timed by the server."""
    monkeypatch.setattr(schedule, "REST_WITHIN_S", 0.3)
    leader = Candidate(loaded_url)

    async def freeze(books: WritableBooks) -> None:
        await books.ledger.prepare("SELECT count(*) FROM ledger.book")
        await asyncio.sleep(1)
        assert not books.ledger.is_closed()
        assert await leader.leads()
        await asyncio.sleep(0.2)
        await books.fetch("SELECT 1")

    with pytest.raises(AWAY):
        await steadily(engine, freeze)
    await leader.withdraw()


async def test_a_leader_ends_a_part_that_takes_too_long(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does it, and whatever it is at."""
    monkeypatch.setattr(schedule, "PART_WITHIN_S", 0.5)
    leader = Candidate(loaded_url)

    async def sleep(books: WritableBooks) -> None:
        sleeping = asyncio.create_task(books.fetch("SELECT pg_sleep(20)"))
        assert await leader.leads()
        await asyncio.sleep(0.7)
        assert not sleeping.done()
        assert await leader.leads()
        await sleeping

    with pytest.raises(AWAY):
        await steadily(engine, sleep)
    await leader.withdraw()


async def steadily(engine: AsyncEngine, work: Callable[[WritableBooks], Awaitable[None]]) -> None:
    """Work in a transaction as jobs do."""
    async with write_books(
        engine, actor="tests", now=CLOCK(), patience=schedule.patience()
    ) as books:
        await work(books)


def test_progress_is_a_line_on_a_terminal_and_lines_elsewhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever waits sees how many parts are done of how many."""
    one = Progress("arrears", END_OF_JUNE, "loans", 3, 29, 60_000)
    terminal = Console(force_terminal=True, width=120)
    with progress.shown(terminal) as tell:
        tell(one)
    shown = capsys.readouterr().out
    assert "arrears 2026-06-30: loans" in shown
    assert "3/29" in shown
    with progress.shown(Console(force_terminal=False)) as tell:
        tell(one)
        tell(Progress("arrears", END_OF_JUNE, "portfolio_at_risk", 1, 1, 60_000))
    (said,) = capsys.readouterr().err.splitlines()
    assert "part done" in said
    assert "29" in said


def test_a_failure_is_told_in_one_line_without_details() -> None:
    """What a database adds in further lines may hold what somebody wrote."""
    assert why(ValueError("one\nDETAIL: Zainab")) == "ValueError: one"
    assert ALL_BOOKS.first == 1
