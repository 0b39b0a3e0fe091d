"""The service as one process: PostgreSQL, the demo, the API, the schedule; and their end.

What begins last ends first: no more requests are taken, those under way are answered, the
schedule ends, connections close, and PostgreSQL stops with everything on disk.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
import uvicorn
import uvloop

from jobs import demo, importing
from jobs.announcing import announce
from jobs.keeping import scheduled
from jobs.listening import listener, refuse_strangers, split
from jobs.listing import duties
from jobs.measuring import measured
from service.books import make_engine
from service.collector import calm_collector
from service.database.server import database
from service.passwords import Hasher

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from datetime import datetime
    from types import FrameType

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncEngine

    from api.limits import Patience
    from api.papers.press import Press
    from api.rates import Rates
    from jobs.demo import Somebody
    from service.imports.rows import Bundle
    from service.settings import Settings

ACTOR: Final = "amanat serve"
PATIENCE_S: Final = 20
"""How long a request may still take once the service is to stop."""


@dataclass(frozen=True, slots=True)
class Service:
    """What to serve, and how."""

    settings: Settings
    demo: Bundle | None
    clock: Callable[[], datetime]
    out: Console
    log: Console


def serve(service: Service) -> None:
    """Serve until told to stop by SIGINT or SIGTERM. Raises `NotServing`."""
    settings = service.settings
    refuse_strangers(settings)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with _stop_asked_for() as stop, ExitStack() as open_:
        places = _Places(open_.enter_context(listener(settings.host, settings.port)))
        if settings.metrics_address is not None:
            places.metrics = open_.enter_context(listener(*split(settings.metrics_address)))
        try:
            with (
                database(settings, serving=True) as url,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                runner.run(_serve(service, url, places, stop))
        except KeyboardInterrupt:
            service.log.print("Stopped before the service was ready.")


@dataclass(slots=True)
class _Places:
    """Where the service listens, and where it shows its metrics."""

    service: socket.socket
    metrics: socket.socket | None = None


async def _serve(service: Service, url: str, places: _Places, stop: _Stop) -> None:
    from api.app import create_app  # noqa: PLC0415 - other commands need no web framework
    from api.metrics import Measured, create_metrics  # noqa: PLC0415 - as above
    from api.traffic import Traffic  # noqa: PLC0415 - as above

    settings, clock = service.settings, service.clock
    engine = make_engine(url, connections=settings.connections)
    try:
        if service.demo is not None:
            loaded = await importing.load_bundle(
                engine, service.demo, actor=ACTOR, clock=clock, console=service.log
            )
            service.log.print(importing.said(service.demo, loaded), highlight=False)
        hasher = Hasher()
        made = await _people_of_the_demo(service, engine, hasher)
        traffic = None if places.metrics is None else Traffic()
        app = create_app(
            engine=engine,
            clock=clock,
            hasher=hasher,
            rates=_rates(settings),
            patience=_patience(settings),
            duties=duties(),
            traffic=traffic,
            press=_press(settings),
        )
        stop.server = server = _Server(
            app, lambda: _announce(service, engine, places.service, made), proxy=settings.proxy
        )
        metrics = create_metrics(Measured(engine, clock, duties(), traffic or Traffic()))
        calm_collector()
        async with scheduled(engine, url, clock=clock), measured(metrics, places.metrics):
            await server.serve(sockets=[places.service])
    finally:
        await engine.dispose()


def _press(settings: Settings) -> Press:
    from api.papers.press import Press  # noqa: PLC0415 - other commands need no web framework

    return Press(settings.paper_libraries)


def _rates(settings: Settings) -> Rates:
    from api.rates import Rates  # noqa: PLC0415 - other commands need no web framework

    return Rates(
        credential=settings.requests_per_credential,
        address=settings.requests_per_address,
        sign_in=settings.sign_ins_per_address,
    )


def _patience(settings: Settings) -> Patience:
    from api.limits import Patience  # noqa: PLC0415 - other commands need no web framework

    return Patience(answer_s=settings.answer_within_s, body_s=settings.body_within_s)


async def _people_of_the_demo(
    service: Service, engine: AsyncEngine, hasher: Hasher
) -> Sequence[Somebody]:
    if service.demo is None:
        return ()
    return await demo.people_of(engine, actor=ACTOR, clock=service.clock, hasher=hasher)


class _Server(uvicorn.Server):
    """Uvicorn, with its signals left to whoever runs it, who is told when it answers."""

    def __init__(
        self, app: object, announce: Callable[[], Awaitable[None]], *, proxy: str | None
    ) -> None:
        from api.connection import Connection  # noqa: PLC0415 - other commands need no web framework

        self._announce = announce
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type] # an ASGI application, as FastAPI is
                loop="none",
                http=Connection,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=PATIENCE_S,
                proxy_headers=proxy is not None,
                forwarded_allow_ips=proxy or "",
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not here: `_Stop` hears them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        await self._announce()


class _Stop:
    """What SIGINT and SIGTERM do: break off the start, or end the service in good order."""

    def __init__(self) -> None:
        self.server: _Server | None = None
        self._breaking_off = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self.server is not None:
            self.server.force_exit = self.server.should_exit  # the second time: wait for nobody
            self.server.should_exit = True
        elif not self._breaking_off:
            self._breaking_off = True
            raise KeyboardInterrupt


@contextmanager
def _stop_asked_for() -> Iterator[_Stop]:
    stop = _Stop()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def _announce(
    service: Service, engine: AsyncEngine, listener: socket.socket, made: Sequence[Somebody]
) -> None:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    now = service.clock()
    await announce(engine, address, made, actor=ACTOR, now=now, out=service.out)
