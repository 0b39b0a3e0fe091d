"""Sessions: that somebody is signed in, as the server knows it.

A session is known by a random token of which only the SHA-256 is kept, so a copy of the
database signs nobody in. It ends twelve hours after it began, or two hours after it was
last used; whoever enters is asked that of PostgreSQL (`access.enter_by_session`).
All here is done among `books.secrets()`.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from service.books import write_books
from service.devices import hashed, new_secret
from service.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import Books, Caller, WritableBooks

LASTS: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=2)
TOUCHED_EVERY: Final = timedelta(minutes=5)
CSRF_BYTES: Final = 32
MOST_AGENT: Final = 200
"""As many characters are kept of what a browser calls itself."""


class ProvenBy(StrEnum):
    """What a session was begun with."""

    PASSWORD = "password"  # noqa: S105 - a kind of proof
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a session begins."""

    person: str
    proven_by: ProvenBy
    device: UUID | None
    source: str
    agent: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun, with what is told only now."""

    id: UUID
    person: str
    token: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session that lives."""

    id: UUID
    device: UUID | None
    proven_by: ProvenBy
    source: str
    agent: str
    started_at: datetime
    used_at: datetime
    expires_at: datetime


_INSERT = """
    INSERT INTO access.session (id, token_hash, csrf, person, device, proven_by, source, agent,
        started_at, used_at, expires_at)
    VALUES (:id, :token_hash, :csrf, :person, :device, :proven_by, :source, :agent,
        :now, :now, :expires_at)
"""
_LIVING = """
    SELECT id, device, proven_by, source, agent, started_at, used_at, expires_at
    FROM access.session
    WHERE person = :person AND revoked_at IS NULL AND expires_at > :now AND used_at > :idle_since
    ORDER BY started_at, id
"""
_END = """
    UPDATE access.session SET revoked_at = :now
    WHERE person = :person AND revoked_at IS NULL AND id IS DISTINCT FROM :but
"""
_END_ONE = """
    UPDATE access.session SET revoked_at = :now
    WHERE person = :person AND id = :id AND revoked_at IS NULL
"""
_END_ON = """
    UPDATE access.session SET revoked_at = :now
    WHERE person = :person AND device = :device AND revoked_at IS NULL
"""
_TOUCH = """
    UPDATE access.session SET used_at = :now WHERE id = :id AND used_at < :before
"""


async def begin(books: WritableBooks, asked: Beginning) -> Begun:
    """Begin a session, under a token that nobody knew before."""
    begun = Begun(
        uuid.uuid4(),
        asked.person,
        new_secret(),
        secrets.token_urlsafe(CSRF_BYTES),
        books.now + LASTS,
    )
    await books.execute(
        _INSERT,
        id=begun.id,
        token_hash=hashed(begun.token),
        csrf=begun.csrf,
        person=asked.person,
        device=asked.device,
        proven_by=asked.proven_by,
        source=asked.source,
        agent=asked.agent[:MOST_AGENT],
        now=books.now,
        expires_at=begun.expires_at,
    )
    return begun


async def living(books: Books, person: str) -> list[Session]:
    """A person's sessions that live, oldest first."""
    rows: Sequence[Any] = await books.fetch(
        _LIVING, person=person, now=books.now, idle_since=books.now - IDLE
    )
    return [Session(row[0], row[1], ProvenBy(row[2]), *row[3:]) for row in rows]


async def end(books: WritableBooks, person: str, session: UUID) -> None:
    """End one session of a person. Raises `NotFound`."""
    if not await books.execute(_END_ONE, person=person, id=session, now=books.now):
        raise NotFound("There is no such session, or it has ended.")


async def end_on(books: WritableBooks, person: str, device: UUID) -> None:
    """End every session of a person on a device."""
    await books.execute(_END_ON, person=person, device=device, now=books.now)


async def end_all(books: WritableBooks, person: str, *, but: UUID | None = None) -> None:
    """End every session of a person, but for one."""
    await books.execute(_END, person=person, but=but, now=books.now)


async def by_password(books: Books, caller: Caller | None) -> bool:
    """Whether the caller is a person who signed in by password."""
    if caller is None or caller.session is None:
        return False
    found = {session.id: session for session in await living(books, caller.person)}
    return caller.session in found and found[caller.session].proven_by is ProvenBy.PASSWORD


async def settle_on(books: WritableBooks, session: UUID, device: UUID) -> None:
    """Note that a session lives on a device, to end with it."""
    sql = "UPDATE access.session SET device = :device WHERE id = :id"
    await books.execute(sql, id=session, device=device)


async def touch(engine: AsyncEngine, caller: Caller, now: datetime) -> None:
    """Note that a session is used, in a transaction of its own, and not in the audit trail."""
    async with (
        write_books(engine, actor=caller.person, now=now, action="touch") as books,
        books.secrets(),
    ):
        await books.execute(_TOUCH, id=caller.session, now=now, before=now - TOUCHED_EVERY)
