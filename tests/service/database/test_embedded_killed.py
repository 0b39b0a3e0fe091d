from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest

from service.database import embedded
from service.database.leftovers import lives
from tests.support.database import (
    asyncpg_url,
    execute,
    fetch,
    programs_under_test,
    scratch_directory,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
WRITE = ("CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1), (2)")
READ = "SELECT sum(n)::int FROM kept"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


def url_of(cluster: embedded.Cluster) -> str:
    return cluster.url(user=embedded.OWNER, database="postgres")


@contextmanager
def service_on(data_dir: Path) -> Iterator[tuple[psutil.Popen, psutil.Process]]:
    """Another process that supervises, once it is ready, with its postmaster."""
    programs = filter(None, [programs_under_test()])
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.support.supervise",
        data_dir,
        *programs,
    ]
    pipe = subprocess.PIPE
    with psutil.Popen(command, stdin=pipe, stdout=pipe, cwd=REPOSITORY) as service:
        try:
            yield service, psutil.Process(int(service.stdout.readline()))
        finally:
            if service.is_running():
                service.kill()


def write_rows(data_dir: Path) -> None:
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        execute(url_of(cluster), *WRITE)


def rows_in(data_dir: Path) -> list[tuple[object, ...]]:
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        return fetch(url_of(cluster), READ)


def test_a_killed_postmaster_loses_no_committed_row(data_dir: Path) -> None:
    """Its stale lock does not hinder the next start, which recovers from the log."""
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        execute(url_of(cluster), *WRITE)
        os.kill(cluster.pid, signal.SIGKILL)
    assert (data_dir / "postgres" / "cluster" / "postmaster.pid").exists()
    assert rows_in(data_dir) == [(3,)]


async def test_a_backend_that_outlives_its_postmaster_is_ended(data_dir: Path) -> None:
    """A busy backend does not notice the death, holds the shared memory and bars the start."""
    cluster = embedded.start(data_dir, bin_dir=programs_under_test(), durable=False)
    connection = await asyncpg.connect(asyncpg_url(url_of(cluster)))
    backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
    busy = asyncio.create_task(connection.execute("DO 'BEGIN LOOP END LOOP; END'"))
    await asyncio.sleep(0.1)
    os.kill(cluster.pid, signal.SIGKILL)
    cluster.stop()
    assert lives(backend)
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    assert not lives(backend)
    with pytest.raises(asyncpg.PostgresConnectionError):
        await busy
    await connection.close()


def test_a_process_number_used_again_does_not_bar_the_start(data_dir: Path) -> None:
    """After a power cut the stale lock may name a process that is somebody else's now."""
    write_rows(data_dir)
    (data_dir / "postgres" / "cluster" / "postmaster.pid").write_text(f"{os.getppid()}\n")
    assert rows_in(data_dir) == [(3,)]


def test_postgres_stops_when_its_service_is_killed(data_dir: Path) -> None:
    """The watchman stops it after a last checkpoint, so that nothing is left to recover."""
    with service_on(data_dir) as (service, postmaster):
        service.kill()
        deadline = time.monotonic() + 20
        while lives(postmaster) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not lives(postmaster)
    assert "database system is shut down" in (data_dir / "postgres.log").read_text()


def test_a_start_right_after_a_killed_service_succeeds(data_dir: Path) -> None:
    """A supervisor of services restarts at once, while the old PostgreSQL is still ending."""
    write_rows(data_dir)
    with service_on(data_dir) as (service, _):
        service.kill()
        service.wait()
        assert rows_in(data_dir) == [(3,)]


def test_postgres_left_running_is_taken_over(data_dir: Path) -> None:
    """With the watchman killed too, the next start ends the old postmaster itself."""
    write_rows(data_dir)
    with service_on(data_dir) as (service, postmaster):
        children = service.children()
        assert {child.name() for child in children} == {"sh", "postgres"}
        for process in (*(child for child in children if child != postmaster), service):
            process.kill()
        service.wait()
        assert lives(postmaster)
        assert rows_in(data_dir) == [(3,)]
        assert not lives(postmaster)


def test_the_service_and_all_of_postgres_killed_at_once(data_dir: Path) -> None:
    """As the kernel does when memory runs out in a container."""
    with service_on(data_dir) as (service, postmaster):
        everyone = [service, *service.children(), *postmaster.children()]
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for process in everyone:
                with suppress(psutil.NoSuchProcess):  # a worker that is done by itself
                    act(process)
        service.wait()
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        assert fetch(url_of(cluster), "SELECT 1") == [(1,)]


def test_a_living_service_keeps_its_data_directory(data_dir: Path) -> None:
    """The refusal names the process that holds it, and takes nothing from it."""
    with service_on(data_dir) as (service, postmaster):
        with pytest.raises(embedded.DataDirectoryInUse, match=f"process {service.pid}"):
            embedded.start(data_dir, bin_dir=programs_under_test())
        assert lives(postmaster)
        service.stdin.close()
        assert service.wait(timeout=20) == 0
        assert not lives(postmaster)
