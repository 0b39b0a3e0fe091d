"""Short ways to act as somebody in the federation."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from api.app import create_app
from service.books import make_engine
from service.passwords import Hasher
from tests.api.helpers import PLENTY, keyed
from tests.support import database
from tests.support.importing import NOW
from tests.support.people import appoint, signed_in
from tests.support.signing import CHEAP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import datetime

    from fastapi import FastAPI

    from tests.access.world import Federation
    from tests.support.people import Post


@dataclass(frozen=True, slots=True)
class House:
    """The application on the federation."""

    app: FastAPI
    made: Federation
    client: httpx.AsyncClient
    """Nobody's: whoever asks says so in each request."""

    async def get(self, person: str, path: str, **params: Any) -> httpx.Response:  # noqa: ANN401 - JSON is as wide as it is
        """What a person is answered who asks for a path."""
        return await self.send(person, "GET", path, params=params or None)

    async def post(
        self,
        person: str,
        path: str,
        said: Any = None,  # noqa: ANN401 - JSON is as wide as it is
        *,
        key: str | None = None,
    ) -> httpx.Response:
        """What a person is answered who posts to a path."""
        headers = {} if key is None else keyed(key)
        return await self.send(person, "POST", path, json=said, headers=headers)

    async def send(
        self,
        person: str,
        method: str,
        path: str,
        **more: Any,  # noqa: ANN401 - as httpx takes it
    ) -> httpx.Response:
        """What a person is answered."""
        more["headers"] = signed_in(person) | dict(more.get("headers", {}))
        return await self.client.request(method, path, **more)

    def stranger(self) -> httpx.AsyncClient:
        """A client that proves nothing of itself."""
        return _client(self.app)

    async def appoint(self, people: dict[str, Iterable[Post]]) -> None:
        """Register people, each in a session."""
        await asyncio.to_thread(appoint, self.made.url, people)

    async def execute(self, *statements: str) -> None:
        """Run statements as the owner of the database."""
        await asyncio.to_thread(database.execute, self.made.url, *statements)

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query, as the owner of the database."""
        return await asyncio.to_thread(database.fetch, self.made.url, query)


@asynccontextmanager
async def housed(made: Federation, now: datetime = NOW) -> AsyncIterator[House]:
    """The application on the federation, at a moment."""
    engine = make_engine(made.url, connections=4)
    try:
        hasher = Hasher(CHEAP)
        app = create_app(engine=engine, clock=lambda: now, rates=PLENTY, hasher=hasher)
        async with _client(app) as client:
            yield House(app, made, client)
    finally:
        await engine.dispose()


def _client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://amanat")


def money(code: str, amount: str = "15.00", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A grant to an organisation, by its own code of an event."""
    return {
        "organisation": code,
        "kind": "grant_donor",
        "happened_on": "2026-07-20",
        "fund": "own",
        "paid_by": "cash",
        "amount": amount,
    } | more


def meeting(code: str, member: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A sheet of a CO, with one member who saves."""
    who = member or f"M-{code}-a"
    return {
        "organisation": code,
        "held_on": "2026-07-20",
        "present": [who],
        "cash_counted": "10.00",
        "lines": [{"member": who, "kind": "saving_compulsory", "amount": "10.00"}],
    } | more
