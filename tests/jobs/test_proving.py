"""The proof by several processes of PostgreSQL: one snapshot, and the same as by one."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from jobs import proving
from ledger.postgres import verify
from service.books import read_beside, read_books
from tests.jobs.asking import END_OF_JUNE, at, night_after
from tests.support.database import asyncpg_url
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

CLOCK: Final = at(night_after(END_OF_JUNE))
SETTLED: Final = "SELECT current_setting('amanat.settled_before')"
TAMPER: Final = """
    SET session_replication_role = replica;
    UPDATE ledger.line SET debit = debit + 1 WHERE debit > 0
"""


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections for the service under test."""
    async with engine_of(loaded_url) as made:
        yield made


async def tamper(url: str) -> None:
    """Change every line behind the service's back."""
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        await connection.execute(TAMPER)
    finally:
        await connection.close()


@pytest.mark.parametrize("honest", [True, False])
async def test_several_processes_find_what_one_finds(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch, *, honest: bool
) -> None:
    """Each takes the next stretch of books; all are proven, once, in order of place."""
    monkeypatch.setattr(verify, "BOOKS_AT_A_TIME", 1)
    if not honest:
        await tamper(loaded_url)
    one = await proving.proof(engine, actor="tests", clock=CLOCK)
    assert await proving.proof(engine, actor="tests", clock=CLOCK, processes=3) == one
    assert honest is not bool(one.findings)
    assert one.books.books > 1


async def test_several_processes_see_one_snapshot(engine: AsyncEngine, loaded_url: str) -> None:
    """What happens after it was taken is seen by none of them, however late it begins."""
    async with AsyncExitStack() as opened:
        books = await opened.enter_async_context(read_books(engine, actor="tests", now=CLOCK()))
        settled = await books.fetch(SETTLED)  # the first question takes the snapshot
        await tamper(loaded_url)
        beside = await opened.enter_async_context(read_beside(engine, books))
        assert (await verify.verify(beside.ledger)).findings == ()
        assert await beside.fetch(SETTLED) == settled
