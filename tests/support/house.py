"""The service as browsers meet it: on a port, on the pilot's books, by a test's clock."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn
import uvloop

from api.app import create_app
from api.connection import Connection
from api.rates import Rates
from jobs import demo
from service.books import make_engine
from service.passwords import Hasher
from tests.support.importing import NOW, engine_of, load_folder
from tests.support.signing import CHEAP, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI
    from playwright.async_api import BrowserContext

    from jobs.demo import Somebody

PILOT: Final = Path("tests/data/pilot")
APPOINTED: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""From when on the people of the demo hold their posts: a year, for the auditor."""
PLENTY: Final = Rates(credential=10**9, address=10**9, sign_in=10**9)
READY_S: Final = 30


@dataclass(frozen=True, slots=True)
class House:
    """A running service, its clock, and its people with their passwords."""

    address: str
    url: str
    """Of its database, as owner."""
    clock: Clock
    people: Mapping[str, Somebody]

    async def sign_in(self, browser: BrowserContext, person: str) -> None:
        """Let a browser be signed in: its cookie is there, no page has been opened.

        A session lasts twelve hours of the house's clock: set the clock first.
        """
        said = {"name": person, "password": self.people[person].password}
        answer = await browser.request.post(f"{self.address}/v1/sessions", data=said)
        assert answer.status == 201, await answer.text()


def load_pilot(url: str) -> dict[str, Somebody]:
    """Load the pilot federation and make the people of the demo, by code."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_load(url))


async def _load(url: str) -> dict[str, Somebody]:
    async with engine_of(url) as engine:
        await load_folder(engine, PILOT)
        made = await demo.people_of(
            engine, actor="test", clock=lambda: APPOINTED, hasher=Hasher(CHEAP)
        )
    return {one.code: one for one in made}


@contextmanager
def house_on(url: str, people: Mapping[str, Somebody], *, now: datetime = NOW) -> Iterator[House]:
    """The service on a database, in a thread of its own; ended with the block."""
    clock = Clock(now)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        served(url, clock, listening) as address,
    ):
        yield House(address, url, clock, people)


@contextmanager
def served(url: str, clock: Clock, listening: socket.socket) -> Iterator[str]:
    """Serve until the end of the block; the address."""
    thread = _Serving(url, clock, listening)
    thread.start()
    assert thread.ready.wait(READY_S)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        thread.stop()


class _Serving(threading.Thread):
    """Uvicorn on a loop of its own: the service answers while the test's loop waits for it."""

    def __init__(self, url: str, clock: Clock, listening: socket.socket) -> None:
        super().__init__(name="the service", daemon=True)
        self.ready = threading.Event()
        self._given = (url, clock, listening)
        self._server: uvicorn.Server | None = None

    def run(self) -> None:
        """Serve until `stop`."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(*self._given))

    def stop(self) -> None:
        """End it."""
        assert self._server is not None
        self._server.should_exit = True
        self.join()

    async def _serve(self, url: str, clock: Clock, listening: socket.socket) -> None:
        engine = make_engine(url, connections=6)
        try:
            app = create_app(engine=engine, clock=clock, hasher=Hasher(CHEAP), rates=PLENTY)
            self._server = _Server(app, self.ready)
            await self._server.serve(sockets=[listening])
        finally:
            await engine.dispose()


class _Server(uvicorn.Server):
    """Uvicorn as the service runs it, which says when it answers."""

    def __init__(self, app: FastAPI, ready: threading.Event) -> None:
        self._ready = ready
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=Connection,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._ready.set()
