"""Books: how everything here reads and writes. An actor, a moment, and one transaction.

Whoever has `Books` may read; whoever has `WritableBooks` may also post. There is no other
way to a connection, so no clock and no actor come out of thin air. The transaction works
as the role `amanat_app`, which cannot write the ledger but through its doors, and commits
when the block ends: a caller answers only after that.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.postgres.post import post
from ledger.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime

    import asyncpg
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from ledger.requests import Outcome, Posted, Request

_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE amanat_app"
_WRITE: Final = "BEGIN; SET LOCAL ROLE amanat_app"


@dataclass(frozen=True, slots=True)
class Books:
    """An open snapshot of the books, for one actor at one moment."""

    connection: AsyncConnection
    ledger: asyncpg.Connection
    """The driver's connection beneath `connection`, in the same transaction."""
    actor: str
    now: datetime

    async def fetch(self, sql: str, **values: object) -> Sequence[Any]:
        """All rows of a query with `:named` values."""
        return (await self.connection.execute(text(sql), values)).all()

    async def fetch_one(self, sql: str, **values: object) -> Any | None:  # noqa: ANN401 - rows are as wide as their query
        """The one row of a query with `:named` values, or None."""
        return (await self.connection.execute(text(sql), values)).one_or_none()


@dataclass(frozen=True, slots=True)
class WritableBooks(Books):
    """Open books that may be written; committed whole when their block ends."""

    clock: Callable[[], datetime]
    """Asked when the books' locks are held, for the moment of what is posted."""

    async def execute(self, sql: str, **values: object) -> int:
        """Run a statement; the number of rows it touched."""
        return (await self.connection.execute(text(sql), values)).rowcount

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each row of values."""
        if rows:
            await self.connection.execute(text(sql), rows)

    async def post_each(self, requests: Sequence[Request]) -> tuple[Outcome, ...]:
        """Post a batch, each request by itself: posted, replayed or refused."""
        return await post(self.ledger, requests, recorded_at=self.clock)

    async def post(self, request: Request) -> Posted:
        """Post one request, or raise its refusal."""
        (outcome,) = await self.post_each([request])
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome


def make_engine(url: str, *, connections: int = 10) -> AsyncEngine:
    """A pool of connections to the database at `url` (`postgresql+asyncpg://…`).

    The driver leaves transactions to `read_books` and `write_books`: one round trip both
    begins and takes the role, and nothing but the transaction holds state, so that a
    transaction pooler may stand between.
    """
    return create_async_engine(
        url, pool_size=connections, max_overflow=0, isolation_level="AUTOCOMMIT"
    )


@asynccontextmanager
async def read_books(engine: AsyncEngine, *, actor: str, now: datetime) -> AsyncIterator[Books]:
    """One unchanging snapshot of all books."""
    async with engine.connect() as connection:
        driver = await _driver(connection)
        settled = await driver.fetchval("SELECT ledger.settled_before()")  # before the snapshot
        async with _transaction(driver, f"{_READ}; SET LOCAL amanat.settled_before = '{settled}'"):
            yield Books(connection, driver, actor, now)


@asynccontextmanager
async def write_books(
    engine: AsyncEngine,
    *,
    actor: str,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
) -> AsyncIterator[WritableBooks]:
    """Books to write: all of the block is committed when it ends, or nothing of it.

    `clock` is asked again for the moment of each posting; without one time stands at `now`.
    """
    async with engine.connect() as connection:
        driver = await _driver(connection)
        async with _transaction(driver, _WRITE):
            yield WritableBooks(connection, driver, actor, now, clock or (lambda: now))


@asynccontextmanager
async def _transaction(driver: asyncpg.Connection, begin: str) -> AsyncIterator[None]:
    await driver.execute(begin)
    try:
        yield
    except BaseException:
        if not driver.is_closed():
            await driver.execute("ROLLBACK")
        raise
    await driver.execute("COMMIT")


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's connection; one that broke while it lay in the pool is replaced."""
    raw = await connection.get_raw_connection()
    if cast("asyncpg.Connection", raw.driver_connection).is_closed():
        await connection.invalidate()
        raw = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)
