"""Which of any number of processes does the nightly work: whoever holds one lock.

Only economy: were two to lead at once, each step would still happen once (`jobs.running`).
The lock belongs to a session of PostgreSQL, so it needs a connection of its own, straight
to the server; when that connection ends, however it ends, the lock is free for another. A
process that is frozen keeps its connection, so the server ends one on which it has heard
nothing for a while: a leader has to ask again and again whether it leads.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from jobs import schedule
from service.books import STEADY
from service.jobs import LEADERS_LOCK

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

PATIENCE_S: Final = 5.0
_TAKE: Final = text("SELECT pg_try_advisory_lock(:lock)")
_TELL: Final = text("""
    INSERT INTO service.leader (backend, host, process, since)
    VALUES (pg_backend_pid(), :host, :process, now())
    ON CONFLICT (one) DO UPDATE SET backend = excluded.backend, host = excluded.host,
        process = excluded.process, since = excluded.since
""")
_END_STUCK: Final = text("""
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = :steady AND usename = current_user
        AND xact_start < clock_timestamp() - make_interval(secs => :within_s)
""")
TROUBLE: Final = (
    OSError,
    TimeoutError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a database that is away, or goes away, raises; the driver does not always see why."""


class Candidate:
    """One process that would lead."""

    def __init__(self, url: str) -> None:
        heard = {"idle_session_timeout": f"{schedule.LEASE_S * 1000:.0f}"}
        self._engine = create_async_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": heard | {"application_name": "amanat leader"}},
        )
        self._connection: AsyncConnection | None = None
        self._told = False
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
        if not await self._connection.scalar(_TAKE, {"lock": LEADERS_LOCK}):
            return False
        if not self._told:
            who = {"host": socket.gethostname(), "process": os.getpid()}
            await self._connection.execute(_TELL, who)
            self._told = True
        stuck = {"steady": STEADY, "within_s": schedule.PART_WITHIN_S}
        await self._connection.execute(_END_STUCK, stuck)
        return True

    async def _step_down(self) -> None:
        connection, self._connection = self._connection, None
        self._told = False
        if connection is not None:
            await connection.invalidate()
            await connection.close()
