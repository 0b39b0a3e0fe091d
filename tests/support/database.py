"""Databases for tests: one server, one migrated template, a clone for whoever asks.

Tests commit for real: a test that rolls back never fires a deferred constraint trigger.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg
from sqlalchemy import make_url

from service.database import embedded

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

T = TypeVar("T")
SERVER_VARIABLE = "AMANAT_TEST_DATABASE_URL"
PROGRAMS_VARIABLE = "AMANAT_TEST_POSTGRES_BIN"
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there gets a name of its own
ENOUGH_BYTES = 2 * 1024**3
SMALL = {"shared_buffers": "64MB", "max_wal_size": "256MB", "autovacuum": "off"}


@contextmanager
def server() -> Iterator[str]:
    """The address of a server's `postgres` database: the one named, else an embedded one."""
    if named := os.environ.get(SERVER_VARIABLE):
        yield named
        return
    with (
        scratch_directory() as directory,
        embedded.start(
            directory,
            bin_dir=programs_under_test(),
            durable=False,
            settings=SMALL,
        ) as cluster,
    ):
        yield cluster.url(user=embedded.OWNER, database="postgres")


def programs_under_test() -> Path | None:
    """The PostgreSQL this run is to test, if it names one."""
    named = os.environ.get(PROGRAMS_VARIABLE)
    return Path(named) if named else None


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A data directory that PostgreSQL's own user can enter, which pytest's `tmp_path` is not.

    In memory if there is room: a clone then takes 0.03 s, on a disk up to 0.6 s.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    directory = Path(tempfile.mkdtemp(prefix="amanat-test-", dir=MEMORY if roomy else None))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        embedded.discard(directory)
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """A new database without a schema; dropped afterwards."""
    with _database(server_url, "") as url:
        yield url


@contextmanager
def clone_of(template_url: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to; dropped afterwards."""
    template = make_url(template_url).database
    with _database(template_url, f'TEMPLATE "{template}" STRATEGY FILE_COPY') as url:
        yield url


def asyncpg_url(url: str) -> str:
    """The address as asyncpg itself reads it, without SQLAlchemy's name for the driver."""
    bare = make_url(url).set(drivername="postgresql")
    return bare.render_as_string(hide_password=False)


def execute(url: str, *statements: str) -> None:
    """Run statements one by one, each its own transaction, on a connection of their own."""
    _run(_execute(url, statements))


def fetch(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query, on a connection of its own."""
    return _run(_fetch(url, query))


@contextmanager
def _database(server_url: str, options: str) -> Iterator[str]:
    """A new database under an unused name, created and dropped from the `postgres` one."""
    admin = make_url(server_url).set(database="postgres").render_as_string(hide_password=False)
    name = f"test_{uuid.uuid4().hex}"
    execute(admin, f'CREATE DATABASE "{name}" {options}')
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(work: Coroutine[None, None, T]) -> T:
    """Run to its end on a loop that pytest-asyncio never sees."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


async def _execute(url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _fetch(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()
