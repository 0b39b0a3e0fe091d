"""Where the books are kept: a server of your own, or the embedded one, joined or begun.

An embedded server belongs to this installation, so whoever opens it makes its database and
migrates it. On a server of your own only what writes does so: the service, `amanat import`
and `amanat migrate`; what reads says that it is missing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import asyncpg
from sqlalchemy import make_url

from service.database import embedded
from service.database.address import plain
from service.database.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from service.settings import Settings

DATABASE: Final = "amanat"
MAINTENANCE: Final = "postgres"
"""The database that every server has, from which others are made."""
PATIENCE_S: Final = 30.0
POLL_S: Final = 0.1


@contextmanager
def database(settings: Settings, *, serving: bool = False, migrated: bool = False) -> Iterator[str]:
    """The address of the books' database, for as long as the block lasts. Blocks.

    A live service's embedded PostgreSQL is joined; without one it is started, and stopped
    when the block ends.

    Args:
        settings: How this installation runs.
        serving: This is the service itself: it joins nobody, and needs the newest schema.
        migrated: Bring a server of your own to the newest schema, too.
    """
    if settings.database_url is not None:
        url = _with_our_driver(settings.database_url)
        if serving or migrated:
            prepare(url)
        yield url
        return
    with _embedded(settings, join=not serving) as server:
        url = server.url(user=embedded.OWNER, database=DATABASE)
        prepare(url)
        yield url


def prepare(url: str) -> None:
    """Make the database if it is missing, and run the migrations that it lacks."""
    asyncio.run(_make_if_missing(make_url(url)))
    migrate(url)


@contextmanager
def _embedded(settings: Settings, *, join: bool) -> Iterator[embedded.Address]:
    server = _joined_or_started(settings, join=join)
    try:
        yield server
    finally:
        if isinstance(server, embedded.Cluster):
            server.stop()


def _joined_or_started(settings: Settings, *, join: bool) -> embedded.Address:
    """Whoever holds the data directory may still be starting, or stopping: patience."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return embedded.start(settings.data_dir, bin_dir=settings.postgres_bin)
        except embedded.DataDirectoryInUse:
            if not join:
                raise
            if (running := embedded.attach(settings.data_dir)) is not None:
                return running
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL_S)


async def _make_if_missing(url: URL) -> None:
    try:
        await (await _connect(url)).close()
    except asyncpg.InvalidCatalogNameError:
        connection = await _connect(url.set(database=MAINTENANCE))
        try:
            name = (url.database or "").replace('"', '""')
            await connection.execute(f'CREATE DATABASE "{name}"')
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            pass  # somebody else has just made it
        finally:
            await connection.close()


async def _connect(url: URL) -> asyncpg.Connection:
    """A connection of the driver's own, which tells a missing database from other trouble."""
    return await asyncpg.connect(plain(url))


def _with_our_driver(address: str) -> str:
    """A PostgreSQL address as SQLAlchemy reads it, with the driver and its name for TLS."""
    url = make_url(address).set(drivername="postgresql+asyncpg")
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(query=query).render_as_string(hide_password=False)
