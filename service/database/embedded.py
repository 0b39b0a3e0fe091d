"""PostgreSQL as a child of the service: begun, watched over and stopped by us.

It answers on a unix socket that only its own user and root can reach, writes checksums and
syncs to disk. It outlives a Ctrl-C, so that the service can finish, but not the service: a
watchman stops it when the service is killed, and the next start ends what was left over.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import psutil
from sqlalchemy import URL

from service.database import binaries as programs
from service.database.binaries import Binaries, PostgresNotFound, PostgresTooOld
from service.database.cluster_files import (
    OWNER,
    PostgresFailedToStart,
    PostgresVersionDiffers,
    complete_cluster,
)
from service.database.data_directory import (
    DataDirectoryInUse,
    DataDirectoryUnreachable,
    held,
    home_held,
    log_file,
    remove_files,
    remove_socket_directory,
    socket_directory,
    socket_directory_in_use,
)
from service.database.leftovers import FAST, IMMEDIATE, KILL, PATIENCE_S, end_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import FileIO
    from pathlib import Path

    from service.database.system_user import ServerUser

__all__ = [
    "OWNER",
    "Address",
    "Cluster",
    "DataDirectoryInUse",
    "DataDirectoryUnreachable",
    "PostgresFailedToStart",
    "PostgresNotFound",
    "PostgresTooOld",
    "PostgresVersionDiffers",
    "attach",
    "discard",
    "start",
]

_READY_WITHIN_S = 600.0
"""How long recovery after a crash may take."""
PORT = 5432  # no TCP port: only part of the socket's name
POLL_S = 0.02
MIB = 1024 * 1024
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
SMALL_MACHINE = MappingProxyType(
    {
        "cluster_name": "amanat",
        "max_connections": "100",
        "checkpoint_completion_target": "0.9",
        "checkpoint_timeout": "15min",
        "max_wal_size": "4GB",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }
)
NOT_DURABLE = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running PostgreSQL is reached."""

    socket_dir: Path
    port: int

    def url(self, *, user: str, database: str) -> str:
        """The address of one database, as SQLAlchemy reads it."""
        where = {"host": str(self.socket_dir), "port": str(self.port)}
        return URL.create(
            "postgresql+asyncpg", username=user, database=database, query=where
        ).render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True)
class Cluster(Address):
    """A PostgreSQL that we run, until we stop it."""

    data_dir: Path
    major: int
    _process: subprocess.Popen[bytes] = field(repr=False, compare=False)
    _ending: ExitStack = field(repr=False, compare=False)

    @property
    def pid(self) -> int:
        """The process of the postmaster."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the postmaster still lives."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop PostgreSQL after a last checkpoint, and let go of the data directory."""
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    data_dir: Path,
    *,
    bin_dir: Path | None = None,
    durable: bool = True,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> Cluster:
    """Start PostgreSQL on a data directory, made on first use; blocks until it answers.

    Args:
        data_dir: Where the data lives; see `data_directory` for what is in it.
        bin_dir: The directory of `postgres` and `initdb`; None searches wheel and Debian.
        durable: False spares the disk and loses the data of a power cut: for tests alone.
        settings: PostgreSQL settings that go before ours.
    """
    data_dir = data_dir.absolute()
    with ExitStack() as ending:
        ending.enter_context(held(data_dir))
        home, user = ending.enter_context(home_held(data_dir))
        binaries = programs.usable_by(user, programs.find(bin_dir))
        cluster = complete_cluster(home, binaries, user, durable=durable)
        end_leftovers(cluster)
        socket_dir = ending.enter_context(socket_directory(data_dir, home, user))
        flags = _flags(socket_dir, durable=durable, settings=settings)
        log = log_file(data_dir)
        said_before = log.stat().st_size
        process = ending.enter_context(_postmaster(user, binaries, cluster, flags, log))
        if not _becomes_ready(process, socket_dir, within_s=_READY_WITHIN_S):
            raise PostgresFailedToStart(_last_words(log, said_before))
        return Cluster(socket_dir, PORT, data_dir, binaries.major, process, ending.pop_all())


def attach(data_dir: Path) -> Address | None:
    """Where the PostgreSQL that a live service runs on this data directory lets us in.

    None where there is none, where it does not answer yet or no longer, and where it is
    another user's: only that user and root can reach its socket.
    """
    try:
        socket_dir = socket_directory_in_use(data_dir.absolute())
    except OSError:
        return None
    if socket_dir is None or not _lets_us_in(socket_dir / f".s.PGSQL.{PORT}"):
        return None
    return Address(socket_dir, PORT)


def discard(data_dir: Path) -> None:
    """Delete the data for good, wherever it lies, unless a live service uses it."""
    data_dir = data_dir.absolute()
    with held(data_dir), home_held(data_dir) as (home, user):
        end_leftovers(home / "cluster")
        remove_socket_directory(data_dir, home, user)
        remove_files(data_dir, home)


def _flags(socket_dir: Path, *, durable: bool, settings: Mapping[str, str]) -> list[str]:
    """Every setting as an argument: no file of the cluster is edited, so none is out of date."""
    memory_mib = psutil.virtual_memory().total // MIB
    chosen = {
        **SMALL_MACHINE,
        "shared_buffers": f"{max(16, min(256, memory_mib // 4))}MB",
        "effective_cache_size": f"{memory_mib // 2}MB",
        **({} if durable else NOT_DURABLE),
        **settings,
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
    }
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


@contextmanager
def _postmaster(
    user: ServerUser, binaries: Binaries, cluster: Path, flags: list[str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with _watchman(cluster, user) as watchman:
        with log.open("ab") as output:
            process = user.spawn(binaries.postgres, "-D", cluster, *flags, stdout=output)
        try:
            watchman.write(f"{process.pid}\n".encode())
            yield process
        finally:
            _stop(process)


@contextmanager
def _watchman(cluster: Path, user: ServerUser) -> Iterator[FileIO]:
    """A shell that stops the PostgreSQL it is told of once we are gone, killed or not.

    It notices because its input then closes. The kernel's own signal at a parent's death is
    tied to the thread that forked, which may end long before the service.
    """
    script = """
        read -r told
        while read -r _; do :; done
        read -r running < "$1" && [ "$running" = "$told" ] && kill -INT "$told"
    """
    pid_file = cluster / "postmaster.pid"
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "wb", buffering=0) as line:
        with os.fdopen(read_end, "rb"):
            shell = user.spawn("/bin/sh", "-c", script, "sh", pid_file, stdin=read_end)
        with shell:
            try:
                yield line
            finally:
                shell.kill()


def _stop(process: subprocess.Popen[bytes]) -> None:
    for each in (FAST, IMMEDIATE, KILL):
        process.send_signal(each)
        try:
            process.wait(PATIENCE_S[each])
        except subprocess.TimeoutExpired:
            continue
        return


def _becomes_ready(process: subprocess.Popen[bytes], socket_dir: Path, *, within_s: float) -> bool:
    """Whether PostgreSQL lets us in before it ends or the time is up."""
    deadline = time.monotonic() + within_s
    while process.poll() is None and time.monotonic() < deadline:
        if _lets_us_in(socket_dir / f".s.PGSQL.{PORT}"):
            return True
        time.sleep(POLL_S)
    return False


def _lets_us_in(path: Path) -> bool:
    """Say who we are as a client would (protocol 3.0) and see whether we are welcome."""
    hello = f"user\0{OWNER}\0database\0postgres\0\0".encode()
    protocol = (3 << 16).to_bytes(4, "big")
    welcome = b"R" + (8).to_bytes(4, "big") + bytes(4)  # AuthenticationOk
    goodbye = b"X" + (4).to_bytes(4, "big")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5.0)
        try:
            client.connect(str(path))
            client.sendall((len(hello) + 8).to_bytes(4, "big") + protocol + hello)
            answer = client.recv(len(welcome), socket.MSG_WAITALL)
            client.sendall(goodbye)
        except OSError:
            return False
    return answer == welcome


def _last_words(log: Path, said_before: int) -> str:
    with log.open("rb") as said:
        said.seek(said_before)
        lines = said.read().decode(errors="replace").splitlines()
    return "\n".join([f"PostgreSQL did not start. The end of {log}:", *lines[-20:]])
