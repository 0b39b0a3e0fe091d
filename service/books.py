"""Books: how everything here reads and writes. An actor, a moment, and one transaction.

Whoever has `Books` may read; whoever has `WritableBooks` may also post. There is no other
way to a connection, so no clock and no actor come out of thin air. The transaction commits
when the block ends: a caller answers only after that.

Books are opened for somebody who proved who they are, and show what that person's
appointments open (`read_books_for`, `write_books_for`); or for the house itself, its jobs,
imports and command line, and show everything (`read_books`, `write_books`). Either works
as a role of PostgreSQL that cannot write the ledger but through its doors.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.postgres.post import post
from ledger.refusals import Refusal
from service.patience import FOR_PERSONS
from service.refusals import NotSignedIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from ledger.requests import Outcome, Posted, Request
    from service.patience import Patience

_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE: Final = "BEGIN"
_PERSON: Final = f"SET LOCAL ROLE amanat_app; {FOR_PERSONS}"
_ROLL_BACK_WITHIN_S: Final = 10.0
"""After which a connection that does not even do that is hung up."""
_ENTER_BY_SESSION: Final = "SELECT * FROM access.enter_by_session($1, $2, $3, $4)"
_ENTER_BY_KEY: Final = "SELECT * FROM access.enter_by_key($1, $2, $3, $4, $5, $6)"
_ALL_BELOW: Final = "SELECT access.refuse_unless_all_below('read', $1)"
_CHANGE_ROLE: Final = "SELECT current_setting('role'), set_config('role', $1, true)"
"""Gives the role so far: one may work as the house within what is done as the house."""
_SHARED: Final = "SELECT pg_export_snapshot(), current_setting('amanat.settled_before')"
AUDITOR: Final = "auditor"
"""The role whose every reading is kept."""


_text = lru_cache(maxsize=1000)(text)
"""A statement is taken apart once, however often it is run."""


@dataclass(frozen=True, slots=True)
class SessionProof:
    """The token of a session, as its SHA-256."""

    token_hash: bytes


@dataclass(frozen=True, slots=True)
class KeyProof:
    """A machine's key and the secret that its access token was given for, with its scopes."""

    key: str
    secret: UUID
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as the audit trail keeps it: when, from where, and what was asked."""

    now: datetime
    source: str
    action: str
    reading: str = ""
    """What an auditor reads, in words."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever books were opened for: a person in a session, or a machine."""

    person: str
    name: str
    roles: frozenset[str]
    scopes: tuple[str, ...] | None
    """What a machine may ask at most; None for a person."""
    session: UUID | None
    csrf: str | None
    stale: bool
    """Whether the session was last seen a while ago."""


@dataclass(frozen=True, slots=True)
class Books:
    """An open snapshot of the books, for one actor at one moment."""

    connection: AsyncConnection
    ledger: asyncpg.Connection
    """The driver's connection beneath `connection`, in the same transaction."""
    actor: str
    now: datetime
    caller: Caller | None = None
    """Whom the books show only a part of; None where they are the house's own."""

    @asynccontextmanager
    async def whole_house(self, *, nodes: Collection[int] = ()) -> AsyncIterator[None]:
        """See all books for what is worked out over them: roll-ups, the closure of federation.

        Whoever asks for it has authorised the nodes that the result is about; PostgreSQL asks
        once more whether all below them may be read.
        """
        if nodes:
            await self.ledger.execute(_ALL_BELOW, list(nodes))
        async with self._as("amanat_system"):
            yield

    @asynccontextmanager
    async def secrets(self) -> AsyncIterator[None]:
        """Work on what proves who somebody is, and on nothing else."""
        async with self._as("amanat_access"):
            yield

    @asynccontextmanager
    async def _as(self, role: str) -> AsyncIterator[None]:
        back = await self.ledger.fetchval(_CHANGE_ROLE, role)
        try:
            yield
        finally:
            with suppress(asyncpg.InFailedSQLTransactionError):  # it is rolled back anyway
                await self.ledger.execute(f"SET LOCAL ROLE {back}")

    async def fetch(self, sql: str, **values: object) -> Sequence[Any]:
        """All rows of a query with `:named` values."""
        return (await self.connection.execute(_text(sql), values)).all()

    async def fetch_one(self, sql: str, **values: object) -> Any | None:  # noqa: ANN401 - rows are as wide as their query
        """The one row of a query with `:named` values, or None."""
        return (await self.connection.execute(_text(sql), values)).one_or_none()


@dataclass(frozen=True, slots=True)
class WritableBooks(Books):
    """Open books that may be written; committed whole when their block ends."""

    clock: Callable[[], datetime] = field(kw_only=True)
    """Asked when the books' locks are held, for the moment of what is posted."""

    async def execute(self, sql: str, **values: object) -> int:
        """Run a statement; the number of rows it touched."""
        return (await self.connection.execute(_text(sql), values)).rowcount

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each row of values."""
        if rows:
            await self.connection.execute(_text(sql), rows)

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
        url,
        pool_size=connections,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # what people are called and what they own is for no log
    )


@asynccontextmanager
async def read_books(
    engine: AsyncEngine, *, actor: str, now: datetime, patience: Patience | None = None
) -> AsyncIterator[Books]:
    """One unchanging snapshot of all books, for the house itself."""
    async with engine.connect() as connection:
        driver = await _driver(connection)
        begin = f"{await _snapshot(driver)}; {_house(actor, now)}"
        if patience is not None:
            begin = f"{begin}; {patience.said()}"
        async with _transaction(driver, begin):
            yield Books(connection, driver, actor, now)


@asynccontextmanager
async def read_beside(engine: AsyncEngine, books: Books) -> AsyncIterator[Books]:
    """The very same snapshot of all books on another connection, for work that is shared."""
    ((name, settled),) = await books.ledger.fetch(_SHARED)
    begin = f"{_READ}; SET TRANSACTION SNAPSHOT '{name}'; {_house(books.actor, books.now)}"
    async with engine.connect() as connection:
        driver = await _driver(connection)
        async with _transaction(driver, f"{begin}; SET LOCAL amanat.settled_before = '{settled}'"):
            yield Books(connection, driver, books.actor, books.now)


@asynccontextmanager
async def write_books(
    engine: AsyncEngine,
    *,
    actor: str,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    action: str = "",
    patience: Patience | None = None,
) -> AsyncIterator[WritableBooks]:
    """Books to write, for the house itself: all of the block is committed, or nothing of it.

    `clock` is asked again for the moment of each posting; without one time stands at `now`.
    `action` is what the audit trail calls it. Without `patience` it may take as long as it takes.
    """
    begin = f"{_WRITE}; {_house(actor, now, action)}"
    if patience is not None:
        begin = f"{begin}; {patience.said()}"
    async with engine.connect() as connection:
        driver = await _driver(connection)
        async with _transaction(driver, begin):
            yield WritableBooks(connection, driver, actor, now, clock=clock or (lambda: now))


@asynccontextmanager
async def read_books_for(
    engine: AsyncEngine, proof: SessionProof | KeyProof, visit: Visit
) -> AsyncIterator[Books]:
    """One unchanging snapshot of what is open to somebody. Raises `NotSignedIn`.

    What an auditor is about to read is in the audit trail before it is read.
    """
    async with engine.connect() as connection:
        driver = await _driver(connection)
        begin = f"{await _snapshot(driver)}; {_PERSON}"
        async with _transaction(driver, begin):
            caller = await _enter(driver, proof, visit)
            if AUDITOR not in caller.roles:
                yield Books(connection, driver, caller.person, visit.now, caller)
                return
        async with _transaction(driver, f"{_WRITE}; {_PERSON}"):
            await _enter(driver, proof, visit)
            what = json.dumps({"read": visit.reading})
            await driver.execute("SELECT audit.note_reading($1)", what)
        async with _transaction(driver, begin):
            caller = await _enter(driver, proof, visit)
            yield Books(connection, driver, caller.person, visit.now, caller)


@asynccontextmanager
async def write_books_for(
    engine: AsyncEngine,
    proof: SessionProof | KeyProof,
    visit: Visit,
    *,
    clock: Callable[[], datetime],
) -> AsyncIterator[WritableBooks]:
    """Books to write, as far as they are open to somebody. Raises `NotSignedIn`."""
    async with engine.connect() as connection:
        driver = await _driver(connection)
        async with _transaction(driver, f"{_WRITE}; {_PERSON}"):
            caller = await _enter(driver, proof, visit)
            yield WritableBooks(connection, driver, caller.person, visit.now, caller, clock=clock)


async def _snapshot(driver: asyncpg.Connection) -> str:
    """The begin of a snapshot, which knows what was settled before it was taken."""
    settled = await driver.fetchval("SELECT ledger.settled_before()")
    return f"{_READ}; SET LOCAL amanat.settled_before = '{settled}'"


def _house(actor: str, now: datetime, action: str = "") -> str:
    quoted = (part.replace("'", "''") for part in (actor, now.isoformat(), action))
    names = ("actor", "now", "action")
    settings = (f"SET LOCAL amanat.{n} = '{q}'" for n, q in zip(names, quoted, strict=True))
    return "; ".join(("SET LOCAL ROLE amanat_system", *settings))


async def _enter(
    driver: asyncpg.Connection, proof: SessionProof | KeyProof, visit: Visit
) -> Caller:
    said = (visit.now, visit.source, visit.action)
    if isinstance(proof, SessionProof):
        row = await driver.fetchrow(_ENTER_BY_SESSION, proof.token_hash, *said)
    else:
        row = await driver.fetchrow(
            _ENTER_BY_KEY, proof.key, proof.secret, list(proof.scopes), *said
        )
    if row is None:
        raise NotSignedIn("This sign-in is not good, or no longer. Sign in again.")
    scopes = None if row["scopes"] is None else tuple(row["scopes"])
    return Caller(
        person=row["person"],
        name=row["name"],
        roles=frozenset(row["roles"]),
        scopes=scopes,
        session=row["session"],
        csrf=row["csrf"],
        stale=row["stale"],
    )


@asynccontextmanager
async def _transaction(driver: asyncpg.Connection, begin: str) -> AsyncIterator[None]:
    try:
        await driver.execute(begin)
        yield
        await driver.execute("COMMIT")
    except BaseException:
        await _roll_back(driver)
        raise


async def _roll_back(driver: asyncpg.Connection) -> None:
    """End whatever transaction there is; a connection of which that is not sure goes no further."""
    try:
        if not driver.is_closed():
            async with asyncio.timeout(_ROLL_BACK_WITHIN_S):
                await driver.execute("ROLLBACK")
    except BaseException as trouble:
        driver.terminate()
        if not isinstance(trouble, Exception):
            raise


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's connection; one that broke while it lay in the pool is replaced."""
    driver = _beneath(connection)
    if driver.is_closed():
        await connection.invalidate()
        await connection.get_raw_connection()
        driver = _beneath(connection)
    return driver


def _beneath(connection: AsyncConnection) -> asyncpg.Connection:
    sync = cast("Connection", connection.sync_connection)
    return cast("asyncpg.Connection", sync.connection.driver_connection)
