"""PostgreSQL's own data directory: made once, and refused to programs of another version."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database.binaries import Binaries
    from service.database.system_user import ServerUser

OWNER = "amanat"
FIRST_WITH_BUILTIN_LOCALE = 17


class PostgresFailedToStart(Exception):
    """PostgreSQL ended, or gave no answer, before it was ready; with the last lines it said."""


class PostgresVersionDiffers(Exception):
    """The data directory was written by another major version of PostgreSQL."""


def complete_cluster(home: Path, binaries: Binaries, user: ServerUser, *, durable: bool) -> Path:
    """PostgreSQL's data directory, complete: made under another name, then renamed."""
    cluster = home / "cluster"
    for unfinished in home.glob("unfinished-*"):
        shutil.rmtree(unfinished)
    if not cluster.exists():
        unfinished = Path(tempfile.mkdtemp(dir=home, prefix="unfinished-"))
        user.own(unfinished)
        _initialise(unfinished, binaries, user, durable=durable)
        unfinished.rename(cluster)
        _sync(home)
        _sync(home.parent)
    written_by = int((cluster / "PG_VERSION").read_text())
    if written_by != binaries.major:
        raise PostgresVersionDiffers(
            f"{cluster} was written by PostgreSQL {written_by}, but {binaries.directory} holds"
            f" {binaries.major}: set AMANAT_POSTGRES_BIN to the programs of PostgreSQL"
            f" {written_by}, or carry the data over with pg_dump and pg_restore."
        )
    return cluster


def _initialise(directory: Path, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    """Run initdb, with the first of the locales that this machine has."""
    said = ""
    for locale in _locales(binaries.major):
        status, said = user.run(
            binaries.initdb,
            f"--pgdata={directory}",
            f"--username={OWNER}",
            "--auth=trust",  # whoever reaches the socket in its closed directory is trusted
            "--data-checksums",
            "--encoding=UTF8",
            *locale,
            *([] if durable else ["--no-sync"]),
        )
        if status == 0:
            return
    raise PostgresFailedToStart(f"initdb failed in {directory}; it says:\n{said.strip()}")


def _locales(major: int) -> list[list[str]]:
    """Sorted by code point, letters known as letters: alike on every version and machine."""
    if major >= FIRST_WITH_BUILTIN_LOCALE:
        return [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def _sync(directory: Path) -> None:
    """Have the disk remember a rename before anything is written under the new name."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
