"""Where a national run measures: a kept server, and in it a database for each size."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from bench import server
from bench.server import Place
from service.database import embedded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import date

    import asyncpg

    from service.database.embedded import Cluster
    from service.demo.shape import Shape

SETTINGS: Final = {**server.DURABLE, "shared_buffers": "2GB", "max_wal_size": "8GB"}
SMALL: Final = {**server.DURABLE, "shared_buffers": "128MB"}
DROP: Final = 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)'


class Pace(NamedTuple):
    """How much of everything is measured, all by how long posting is measured."""

    window_s: float

    @property
    def rounds(self) -> int:
        """How often posting is measured alone and in company, in turn."""
        return max(1, min(4, round(self.window_s)))

    @property
    def samples(self) -> int:
        """How many accounts and books are read at random."""
        return int(max(20, min(200, 40 * self.window_s)))

    @property
    def copied_lines(self) -> int:
        """How many lines are copied for the ceiling."""
        return int(50_000 * self.window_s)


class Kept:
    """A server on a directory that stays; with all its data out of memory when asked."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        """Nothing runs before it is entered."""
        self._directory = directory
        self._settings = settings
        self._cluster: Cluster | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o711)  # PostgreSQL's own user must be able to enter
        self._cluster = embedded.start(self._directory, settings=self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.cluster.stop()
        self._cluster = None

    @property
    def cluster(self) -> Cluster:
        """The server that runs now."""
        if self._cluster is None:
            raise RuntimeError("The server does not run.")
        return self._cluster

    def place(self, database: str) -> Place:
        """A database, as a worker process is told of it."""
        return Place(str(self.cluster.socket_dir), database)

    def go_cold(self) -> None:
        """Start again with nothing in memory, neither PostgreSQL's nor the kernel's."""
        place = self.place("postgres")
        directory = Path(value(place, "SHOW data_directory"))
        self.cluster.stop()
        for path in directory.rglob("*"):
            if path.is_file() and not path.is_symlink():
                _forget(path)
        self._cluster = embedded.start(self._directory, settings=self._settings)

    def drop(self, database: str) -> None:
        """Delete a database."""
        execute(self.place("postgres"), DROP.format(database))


@dataclass(frozen=True)
class Site:
    """One size: where its books are, and what they are like."""

    server: Kept
    members: int
    shape: Shape
    pace: Pace

    @property
    def database(self) -> str:
        """The name of its database."""
        return f"members_{self.members}"

    @property
    def place(self) -> Place:
        """Where it is now; the server may have moved since."""
        return self.server.place(self.database)

    @property
    def url(self) -> str:
        """The address of its database."""
        return server.url(self.server.cluster, self.database)

    @cached_property
    def cos(self) -> range:
        """The books of COs."""
        return range(self.shape.co_book, self.shape.books + 1)

    def some_cos(self, most: int, salt: str) -> list[int]:
        """So many books of COs at random, in no order."""
        return Random(f"{self.members} {salt}").sample(self.cos, min(most, len(self.cos)))  # noqa: S311 - no secret

    def days(self) -> dict[str, date]:
        """Today, and a day in the middle and in the first year of the books."""
        months = self.shape.months
        middle = months[len(self.shape.months[:-24]) // 2]
        today = datetime.now(UTC).date()
        return {
            "today": today,
            "in the middle": middle.replace(day=15),
            "first year": months[2].replace(day=15),
        }


def value(place: Place, sql: str) -> str:
    """The one value of a query, as text."""
    return str(asyncio.run(_asked(place, lambda link: link.fetchval(sql))))


def execute(place: Place, sql: str) -> None:
    """Run some SQL as the owner."""
    asyncio.run(_asked(place, lambda link: link.execute(sql)))


async def _asked(place: Place, ask: Callable[[asyncpg.Connection], Awaitable[object]]) -> object:
    async with server.connected(place) as connection:
        return await ask(connection)


def _forget(path: Path) -> None:
    """Have the kernel keep none of a file in memory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
