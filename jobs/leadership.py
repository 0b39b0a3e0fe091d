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
from contextlib import suppress
from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from jobs import schedule
from service.database.address import plain
from service.jobs import LEADERS_LOCK
from service.patience import STEADY

PATIENCE_S: Final = 5.0
# Each is one message without values, whose tag says whether there was a row. Statements with
# values are prepared first; a process frozen in between is neither idle nor in a statement to
# the server, which waits for it without end.
_TAKE: Final = f"SELECT WHERE pg_try_advisory_lock({LEADERS_LOCK})"
_TAKEN: Final = "SELECT 1"
_TELL: Final = """
    INSERT INTO service.leader (backend, host, process, since)
    VALUES (pg_backend_pid(), current_setting('amanat.host'),
        CAST(current_setting('amanat.process') AS integer), now())
    ON CONFLICT (one) DO UPDATE SET backend = excluded.backend, host = excluded.host,
        process = excluded.process, since = excluded.since
"""
_END_STUCK: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
        AND application_name = current_setting('amanat.steady')
        AND (clock_timestamp() > xact_start + current_setting('amanat.part_within')::interval
            OR state = 'active' AND wait_event = 'ClientRead' AND clock_timestamp()
                > state_change + current_setting('amanat.rest_within')::interval)
"""
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
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._told = False
        self._one_at_a_time = asyncio.Lock()

    async def leads(self) -> bool:
        """Whether this process leads now: it does as soon as nobody else does.

        Asked of the server each time, so that a lost connection is a lost lead. The leader
        also ends the work of those that are frozen in the midst of it, where no time-out does.
        """
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await self._take()
            except TROUBLE:
                self._step_down()
                return False

    async def withdraw(self) -> None:
        """Lead no longer, and let another."""
        async with self._one_at_a_time:
            if self._connection is not None:
                with suppress(*TROUBLE):
                    await self._connection.close(timeout=PATIENCE_S)
            self._step_down()

    async def _take(self) -> bool:
        """Who holds the lock may take it again; PostgreSQL counts, and frees it at the end."""
        if self._connection is None:
            self._connection = await self._connect()
        if await self._connection.execute(_TAKE) != _TAKEN:
            return False
        if not self._told:
            await self._connection.execute(_TELL)
            self._told = True
        await self._connection.execute(_END_STUCK)
        return True

    async def _connect(self) -> asyncpg.Connection:
        said = {
            "application_name": "amanat leader",
            "idle_session_timeout": f"{schedule.LEASE_S * 1000:.0f}",
            "amanat.host": socket.gethostname(),
            "amanat.process": str(os.getpid()),
            "amanat.steady": STEADY,
            "amanat.part_within": f"{schedule.PART_WITHIN_S} s",
            "amanat.rest_within": f"{schedule.REST_WITHIN_S} s",
        }
        return await asyncpg.connect(plain(self._url), server_settings=said)

    def _step_down(self) -> None:
        connection, self._connection = self._connection, None
        self._told = False
        if connection is not None:
            connection.terminate()
