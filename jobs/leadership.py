"""Which of any number of processes does the nightly work: whoever holds one lock.

Only economy: were two to lead at once, each step would still happen once (`jobs.running`).
The lock belongs to a session of PostgreSQL, so it needs a connection of its own, straight
to the server; when that connection ends, however it ends, the lock is free for another.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LOCK: Final = 4_206_952
"""An arbitrary number that the leader of an Amanat database locks."""
PATIENCE_S: Final = 5.0
_TAKE: Final = text("SELECT pg_try_advisory_lock(:lock)")
TROUBLE: Final = (
    OSError,
    TimeoutError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
"""What a database that is away, or goes away, raises."""


class Candidate:
    """One process that would lead."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def leads(self) -> bool:
        """Whether this process leads now: it does as soon as nobody else does.

        Asked of the server each time, so that a lost connection is a lost lead.
        """
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await self._take()
            except TROUBLE:
                await self._step_down()
                return False

    async def withdraw(self) -> None:
        """Lead no longer, and let another."""
        async with self._one_at_a_time:
            await self._step_down()
        await self._engine.dispose()

    async def _take(self) -> bool:
        """Who holds the lock may take it again; PostgreSQL counts, and frees it at the end."""
        if self._connection is None:
            self._connection = await self._engine.connect()
        return bool(await self._connection.scalar(_TAKE, {"lock": LOCK}))

    async def _step_down(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
