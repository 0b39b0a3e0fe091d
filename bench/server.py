"""The server of the run: the service's own embedded PostgreSQL, durable, on a disk."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg
import psutil

from service.database import embedded
from service.database.server import prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

BLOCK_BYTES: Final = 8192
SYNCS: Final = 200
SHOWN: Final = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "data_checksums",
    "wal_compression",
    "shared_buffers",
    "max_wal_size",
    "autovacuum",
)
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Place(NamedTuple):
    """A database of the server, as a worker process is told of it."""

    socket_dir: str
    database: str


@contextmanager
def running(beneath: Path | None) -> Iterator[embedded.Cluster]:
    """A new server on a scratch directory, gone with all its data when the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="amanat-bench-", dir=beneath))
    directory.chmod(0o711)  # PostgreSQL's own user must be able to enter
    try:
        with embedded.start(directory, settings=DURABLE) as cluster:
            yield cluster
    finally:
        embedded.discard(directory)
        shutil.rmtree(directory, ignore_errors=True)


def migrated(cluster: embedded.Cluster, database: str) -> Place:
    """A new database with the schema of the service."""
    prepare(url(cluster, database))
    return Place(str(cluster.socket_dir), database)


def created(cluster: embedded.Cluster, database: str) -> Place:
    """A new database without a schema."""
    asyncio.run(_create(cluster, database))
    return Place(str(cluster.socket_dir), database)


async def _create(cluster: embedded.Cluster, database: str) -> None:
    async with connected(Place(str(cluster.socket_dir), "postgres")) as connection:
        await connection.execute(f'CREATE DATABASE "{database}"')


def url(cluster: embedded.Cluster, database: str) -> str:
    """The address of a database, as the service reads it."""
    return cluster.url(user=embedded.OWNER, database=database)


async def connect(place: Place) -> asyncpg.Connection:
    """A connection of the driver's own."""
    return await asyncpg.connect(
        host=place.socket_dir, user=embedded.OWNER, database=place.database
    )


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the driver's own, for a block."""
    connection = await connect(place)
    try:
        yield connection
    finally:
        await connection.close()


async def environment(cluster: embedded.Cluster) -> list[tuple[str, str]]:
    """What the figures depend on: machine, disk, and the server's settings."""
    async with connected(Place(str(cluster.socket_dir), "postgres")) as connection:
        version = await connection.fetchval("SHOW server_version")
        shown = [f"{name} {await connection.fetchval(f'SHOW {name}')}" for name in SHOWN]
    memory = psutil.virtual_memory().total / 1024**3
    return [
        ("PostgreSQL", f"{version}, embedded, on the same cores as the clients"),
        ("Settings", ", ".join(shown)),
        (
            "Disk",
            f"{_filesystem(cluster.data_dir)}; 8 kB write and fdatasync {sync_time(cluster)}",
        ),
        ("Machine", f"{cores()} cores ({_processor()}), {memory:.1f} GiB"),
        ("Load before", f"{os.getloadavg()[0]:.2f} (other work makes every figure worse)"),
        ("Python", platform.python_version()),
    ]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def processor_time(backends: Sequence[psutil.Process]) -> float:
    """The seconds of processor time that these have used so far."""
    times = [backend.cpu_times() for backend in backends]
    return sum(t.user + t.system for t in times)


def sync_time(cluster: embedded.Cluster) -> str:
    """The median over many overwrites of one block, as pg_test_fsync measures it."""
    path = cluster.data_dir / "sync-time"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        taken = [_timed_sync(handle) for _ in range(SYNCS)]
    finally:
        os.close(handle)
        path.unlink()
    return f"{median(taken) * 1e6:,.0f} µs (median of {SYNCS})"


def _timed_sync(handle: int) -> float:
    begun = time.perf_counter()
    os.pwrite(handle, bytes(BLOCK_BYTES), 0)
    os.fdatasync(handle)
    return time.perf_counter() - begun


def _filesystem(directory: Path) -> str:
    """The type of the file system that holds a directory."""
    holding = [
        part
        for part in psutil.disk_partitions(all=True)
        if directory.is_relative_to(part.mountpoint)
    ]
    return max(holding, key=lambda part: len(part.mountpoint)).fstype if holding else "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
