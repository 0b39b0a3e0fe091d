"""Signing in for real: a cheap hash, a clock that tests move, passwords, clients at the door."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
from pwdlib.hashers.argon2 import Argon2Hasher

from api.app import create_app
from service.books import make_engine
from service.passwords import Hasher
from tests.support import database
from tests.support.importing import NOW
from tests.support.people import appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.support.people import Post

CHEAP: Final = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD: Final = "monsoon kettle verandah"  # noqa: S105 - of people in tests
ANOTHER: Final = "apricot ladder september"
PIN: Final = "480713"


class Clock:
    """A clock that stands until a test lets time pass."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def later(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)


def give_passwords(url: str, *people: str, password: str = PASSWORD) -> None:
    """Let people have this password."""
    hashed = CHEAP.hash(password)
    database.execute(
        url,
        *(
            f"INSERT INTO access.password VALUES ('{one}', '{hashed}', '2026-01-01')"
            for one in people
        ),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """The service, its clock, and clients that have proved nothing yet."""

    app: FastAPI
    clock: Clock
    engine: AsyncEngine
    url: str

    def client(self, scheme: str = "http") -> httpx.AsyncClient:
        """A browser that was never here."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://amanat.test")

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query, as the owner of the database."""
        return await asyncio.to_thread(database.fetch, self.url, query)

    async def trail(self) -> str:
        """The whole audit trail, as text to search."""
        return str(await self.rows("SELECT actor, source, action, changes::text FROM audit.trail"))

    async def execute(self, *statements: str) -> None:
        """Run statements as the owner of the database."""
        await asyncio.to_thread(database.execute, self.url, *statements)

    async def give_passwords(self, *people: str) -> None:
        """Let people have the usual password."""
        await asyncio.to_thread(give_passwords, self.url, *people)

    async def with_password(self, people: Mapping[str, Iterable[Post]]) -> None:
        """Register people with what they are appointed to, and with a password."""
        await asyncio.to_thread(appoint, self.url, dict(people))
        await asyncio.to_thread(give_passwords, self.url, *people)

    async def signed_in(
        self, name: str = "shazia", password: str = PASSWORD, **more: str
    ) -> httpx.AsyncClient:
        """A browser whose user signed in."""
        client = self.client()
        await enter(client, name=name, password=password, **more)
        return client


async def enter(client: httpx.AsyncClient, **said: str) -> dict[str, Any]:
    """Sign in with a browser, which keeps the cookies, and the CSRF token for what it sends."""
    response = await client.post("/v1/sessions", json=said)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    client.headers["X-CSRF-Token"] = found["csrf_token"]
    return found


@asynccontextmanager
async def door_of(url: str, clock: Clock | None = None) -> AsyncIterator[Door]:
    """The service on a database."""
    engine = make_engine(url, connections=6)
    clock = clock or Clock()
    try:
        app = create_app(engine=engine, clock=clock, hasher=Hasher(CHEAP))
        yield Door(app, clock, engine, url)
    finally:
        await engine.dispose()
