"""Who PostgreSQL runs as: we ourselves or, because it refuses root, a system user of its own.

That user owns its own directories and nothing else. No parent directory is ever opened for it:
what it cannot reach is placed under `STATE`, which everyone may enter.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = Path("/var/lib/amanat-postgres")
NAME = "amanat-postgres"
ROOT = 0

Stream: TypeAlias = int | IO[bytes]
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The user whose rights PostgreSQL has; `separate` when that is not the user we run as."""

    uid: int
    gid: int
    separate: bool

    def spawn(
        self,
        *command: str | Path,
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start a child with this user's rights, in a session that Ctrl-C does not reach."""
        return subprocess.Popen(  # noqa: S603 - a list without a shell, built by this package
            [str(word) for word in command],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            user=self.uid if self.separate else None,
            group=self.gid if self.separate else None,
            extra_groups=[] if self.separate else None,
            start_new_session=True,
        )

    def run(self, *command: str | Path) -> tuple[int, str]:
        """Run a command with this user's rights to its end: its exit status and what it said."""
        with self.spawn(*command, stdout=subprocess.PIPE) as process:
            said, _ = process.communicate()
        return process.returncode, said.decode(errors="replace")

    def can_enter(self, directory: Path) -> bool:
        """Whether every directory on the way is open to this user, asked of the kernel itself."""
        status, _ = self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", directory)
        return status == 0

    def make_private(self, directory: Path) -> None:
        """Create a directory that this user owns and nobody else may enter."""
        directory.mkdir(mode=0o700)
        self.own(directory)

    def own(self, path: Path) -> None:
        """Give this user a file or directory of its own."""
        if self.separate:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def keeps_private(self, directory: Path) -> bool:
        """Whether this is a directory, not a link, that this user owns and nobody else enters."""
        try:
            found = directory.lstat()
        except FileNotFoundError:
            return False
        closed_to_others = not stat.S_IMODE(found.st_mode) & 0o077
        return stat.S_ISDIR(found.st_mode) and found.st_uid == self.uid and closed_to_others


def ourselves() -> ServerUser:
    """The user this process runs as."""
    return ServerUser(uid=os.geteuid(), gid=os.getegid(), separate=False)


def owner_of(directory: Path) -> ServerUser:
    """The user who owns a directory: a data directory stays with whoever first began it."""
    found = directory.stat()
    return ServerUser(uid=found.st_uid, gid=found.st_gid, separate=found.st_uid != os.geteuid())


def server_user() -> ServerUser:
    """The user for a new data directory: ourselves, or the system user when we are root."""
    if os.geteuid() != ROOT:
        return ourselves()
    with state_held():
        entry = _entry_of(NAME) or _created() or pwd.getpwnam("nobody")
    return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid, separate=True)


@contextmanager
def state_held() -> Iterator[Path]:
    """`STATE`, while no other process of ours creates anything in it."""
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    handle = os.open(STATE, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield STATE
    finally:
        os.close(handle)


def _created() -> pwd.struct_passwd | None:
    """The system user, newly created; None on a machine that has no tool to create it."""
    for tool, *options in (
        ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(STATE)),
        ("adduser", "-S", "-D", "-H", "-h", str(STATE)),  # as busybox spells it
    ):
        path = shutil.which(tool, path=ENVIRONMENT["PATH"])
        if path is not None:
            ourselves().run(path, *options, "-s", "/usr/sbin/nologin", NAME)
            if entry := _entry_of(NAME):
                return entry
    return None


def _entry_of(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
