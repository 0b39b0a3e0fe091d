"""What a killed service or a killed PostgreSQL leaves behind, and its tidy end.

Whoever calls holds the data directory's lock: no live service stands behind these processes.
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from service.database.data_directory import DataDirectoryInUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# What PostgreSQL understands by each: leave after a checkpoint, leave at once; and the kernel's.
FAST, IMMEDIATE, KILL = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL
PATIENCE_S = {FAST: 60.0, IMMEDIATE: 10.0, KILL: 10.0}

POLL_S = 0.02


def end_leftovers(cluster: Path) -> None:
    """End every PostgreSQL process of this cluster, the postmaster first, and its stale lock."""
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = _first_number(pid_file)
    running = list(_processes_in(cluster))
    if pid < 0 and any(process.pid == -pid for process in running):
        raise DataDirectoryInUse(
            f"{cluster} is in use by process {-pid}, a single-user PostgreSQL: end it first."
        )
    _end([process for process in running if process.pid == pid], FAST, IMMEDIATE, KILL)
    _end(_processes_in(cluster), IMMEDIATE, KILL)  # backends whose postmaster was killed
    pid_file.unlink(missing_ok=True)


def _first_number(pid_file: Path) -> int:
    """The postmaster's process; 0 when the file is empty, as a full disk may leave it."""
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return 0


def _processes_in(cluster: Path) -> Iterator[psutil.Process]:
    """PostgreSQL's processes live in their data directory: that tells them from any other."""
    directory = str(cluster.resolve())
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == directory:
            yield process


def _end(processes: Iterable[psutil.Process], *signals: signal.Signals) -> None:
    for each in signals:
        processes = [process for process in processes if lives(process)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(each)
        deadline = time.monotonic() + PATIENCE_S[each]
        while any(map(lives, processes)) and time.monotonic() < deadline:
            time.sleep(POLL_S)


def lives(process: psutil.Process) -> bool:
    """Whether it still runs; an orphan that a container's first process never reaps does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
