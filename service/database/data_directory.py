"""What lies in a data directory, and who may use it.

supervisor.lock    held by the one service that uses the directory, names its process
postgres/          owned by the user PostgreSQL runs as, closed to others; a link to a
                   directory under `STATE` where that user could not enter it here
postgres/cluster/  PostgreSQL's own data directory
postgres/socket/   its socket, unless the path is too long for one
socket-directory   then names, while PostgreSQL runs, the private directory used instead
postgres.log       what PostgreSQL says; the log before it is postgres.log.1
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from service.database.system_user import ROOT, owner_of, server_user, state_held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.database.system_user import ServerUser

LONGEST_SOCKET_PATH = 107  # bytes; sockaddr_un holds 108 with its closing zero
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_RECORD = "socket-directory"
SOCKET_PREFIX = "amanat-socket-"
LARGEST_LOG_BYTES = 8 * 1024 * 1024


class DataDirectoryInUse(Exception):
    """Another live service uses the data directory."""


class DataDirectoryUnreachable(Exception):
    """The data directory cannot be used by the user that would have to."""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for ourselves; the kernel lets go of it when we end, however."""
    try:
        data_dir.mkdir(mode=0o711 if os.geteuid() == ROOT else 0o700, parents=True, exist_ok=True)
        lock = os.open(
            data_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode=0o600
        )
    except OSError as refusal:
        raise DataDirectoryUnreachable(
            f"User {os.geteuid()} cannot use {data_dir} as a data directory: {refusal.strerror}."
        ) from refusal
    with _locked(lock, data_dir, by=_holder(data_dir)):
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield


@contextmanager
def home_held(data_dir: Path) -> Iterator[tuple[Path, ServerUser]]:
    """The directory of PostgreSQL's own files, and its user; one more lock guards a linked one.

    A copied data directory has a lock of its own but links to the same files.
    """
    home, user = _home(data_dir)
    if not user.can_enter(home):
        raise DataDirectoryUnreachable(
            f"User {user.uid}, who owns {home}, cannot enter it: open the directories above it"
            " to that user, or move the data directory."
        )
    with _locked(os.open(home, os.O_RDONLY | os.O_DIRECTORY), home, by="another service"):
        yield home, user


@contextmanager
def socket_directory(data_dir: Path, home: Path, user: ServerUser) -> Iterator[Path]:
    """A directory only the user can enter, with a path short enough for a socket."""
    remove_socket_directory(data_dir, home, user)
    usual = home / "socket"
    try:
        if _fits_a_socket(usual):
            user.make_private(usual)
            yield usual
        else:
            elsewhere = _unguessable(user)
            (data_dir / SOCKET_RECORD).write_text(f"{elsewhere}\n")
            yield elsewhere
    finally:
        remove_socket_directory(data_dir, home, user)


def socket_directory_in_use(data_dir: Path) -> Path | None:
    """Where the socket of a running PostgreSQL is, or was if it was killed; None without one."""
    home = (data_dir / "postgres").resolve(strict=True)
    user = owner_of(home)
    usual = home / "socket"
    return usual if user.keeps_private(usual) else _recorded(data_dir, user)


def remove_socket_directory(data_dir: Path, home: Path, user: ServerUser) -> None:
    """Remove the socket's directory, here or elsewhere, with the locks a killed run left in it.

    PostgreSQL would believe such a lock, if the process it names exists by now.
    """
    if elsewhere := _recorded(data_dir, user):
        shutil.rmtree(elsewhere, ignore_errors=True)
    (data_dir / SOCKET_RECORD).unlink(missing_ok=True)
    shutil.rmtree(home / "socket", ignore_errors=True)


def log_file(data_dir: Path) -> Path:
    """Where PostgreSQL's messages go, for our eyes only; a log grown large is first set aside."""
    log = data_dir / "postgres.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(data_dir / "postgres.log.1")
    log.touch(mode=0o600)
    return log


def remove_files(data_dir: Path, home: Path) -> None:
    """Delete what we made in a data directory, and itself unless others keep files there."""
    for ours in (*home.glob("unfinished-*"), home / "cluster"):
        shutil.rmtree(ours, ignore_errors=True)
    (home / "belongs-to").unlink(missing_ok=True)
    _remove_if_empty(home)
    if (data_dir / "postgres").is_symlink():
        (data_dir / "postgres").unlink()
    for name in ("postgres.log", "postgres.log.1", "supervisor.lock"):
        (data_dir / name).unlink(missing_ok=True)
    _remove_if_empty(data_dir)


def _remove_if_empty(directory: Path) -> None:
    with suppress(OSError):
        directory.rmdir()


@contextmanager
def _locked(handle: int, directory: Path, *, by: str) -> Iterator[None]:
    try:
        _lock(handle, directory, by=by)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, directory: Path, *, by: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as refusal:
        raise DataDirectoryInUse(
            f"{directory} is in use by {by}: stop that service first, or give this one a data"
            " directory of its own."
        ) from refusal


def _holder(data_dir: Path) -> str:
    """Who last held the lock: whom to name, should the lock be taken."""
    return f"process {(data_dir / 'supervisor.lock').read_text().strip() or 'unknown'}"


def _home(data_dir: Path) -> tuple[Path, ServerUser]:
    home = data_dir / "postgres"
    if home.is_symlink() and not home.exists():
        raise DataDirectoryUnreachable(
            f"{home} points to {home.readlink()}, which is gone: restore it from a backup, or"
            f" delete {data_dir} to begin anew."
        )
    if home.exists():
        home = home.resolve()
        return home, owner_of(home)
    try:
        return _new_home(home, user := server_user()), user
    except OSError as refusal:
        raise DataDirectoryUnreachable(
            f"A directory for PostgreSQL's user cannot be made in {data_dir}: {refusal.strerror}."
        ) from refusal


def _new_home(home: Path, user: ServerUser) -> Path:
    if user.can_enter(home.parent):
        user.make_private(home)
    else:
        home.symlink_to(_home_elsewhere(home.parent, user))
    return home.resolve()


def _home_elsewhere(data_dir: Path, user: ServerUser) -> Path:
    """A new directory for a user who cannot enter `data_dir`, with a note whose it is.

    Its name is never used twice, so a deleted data directory does not come back to life.
    """
    with state_held() as state:
        home = state / f"{data_dir.name}-{secrets.token_hex(8)}"
        home.mkdir(mode=0o700)
        (home / "belongs-to").write_text(f"{data_dir}\n")
        user.own(home)
    return home


def _fits_a_socket(directory: Path) -> bool:
    """Whether the path is short enough, and plain enough for PostgreSQL's list of directories."""
    path = str(directory / SOCKET_NAME)
    return (
        len(path) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w/.+-]+", path, re.ASCII) is not None
    )


def _recorded(data_dir: Path, user: ServerUser) -> Path | None:
    """The private directory that this or a killed run made, if nobody has tampered with it."""
    record = data_dir / SOCKET_RECORD
    if not record.exists():
        return None
    directory = Path(record.read_text().strip())
    ours = directory.is_absolute() and directory.name.startswith(SOCKET_PREFIX)
    return directory if ours and user.keeps_private(directory) else None


def _unguessable(user: ServerUser) -> Path:
    runtime = Path(f"/run/user/{user.uid}")
    place = runtime if user.keeps_private(runtime) else Path("/tmp")  # noqa: S108 - mkdtemp is safe
    directory = Path(tempfile.mkdtemp(dir=place, prefix=SOCKET_PREFIX))
    user.own(directory)
    return directory
