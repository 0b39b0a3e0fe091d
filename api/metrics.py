"""How the service fares, for Prometheus, as text: jobs, requests, connections, memory.

Not a part of the API, and not behind its sign-in: whoever runs the service gives it an
address of its own (`AMANAT_METRICS_ADDRESS`). Nothing in it is of anybody's books.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

import asyncpg
import psutil
from sqlalchemy import QueuePool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.traffic import Traffic
from service.books import read_books
from service.jobs import Duty, Standing, State, state

ACTOR: Final = "metrics"
MEDIA_TYPE: Final = "text/plain; version=0.0.4"
PATIENCE_S: Final = 5.0
"""Without an answer of the database for as long, the page has only what the process knows."""
_AWAY: Final = (
    OSError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

Labels = Mapping[str, str]


class Sample(NamedTuple):
    """A value, with what tells it from others of its name; `after` is put behind the name."""

    value: float
    labels: Labels = MappingProxyType({})
    after: str = ""


class Metric(NamedTuple):
    """A name, what it means, and its values."""

    name: str
    kind: Literal["counter", "gauge", "summary"]
    help: str
    samples: list[Sample]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the page is made of."""

    engine: AsyncEngine
    clock: Callable[[], datetime]
    duties: tuple[Duty, ...]
    traffic: Traffic

    async def page(self) -> str:
        """The page as it is now."""
        found = await self._state()
        metrics = [*self._process(), *self._requests(), *self._connections()]
        up = Sample(int(found is not None))
        metrics.append(
            Metric("amanat_database_up", "gauge", "Whether the database answered this page.", [up])
        )
        if found is not None:
            metrics += _jobs(found)
        return "".join(_text(metric) for metric in metrics)

    async def _state(self) -> State | None:
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                read_books(self.engine, actor=ACTOR, now=self.clock()) as books,
            ):
                return await state(books, self.duties)
        except _AWAY:
            return None

    def _process(self) -> Iterator[Metric]:
        process = psutil.Process()
        info = Sample(1, {"version": version("amanat")})
        yield Metric("amanat_info", "gauge", "The version that runs.", [info])
        memory = Sample(process.memory_info().rss)
        yield Metric("process_resident_memory_bytes", "gauge", "Memory in use.", [memory])
        begun = Sample(process.create_time())
        yield Metric("process_start_time_seconds", "gauge", "When the process began.", [begun])

    def _requests(self) -> Iterator[Metric]:
        samples = []
        for (operation, status), count in sorted(self.traffic.counts.items()):
            labels = {"operation": operation, "status": str(status)}
            samples.append(Sample(count.seconds, labels, "_sum"))
            samples.append(Sample(count.answers, labels, "_count"))
        said = "Requests answered and how long they took; status 0 is no answer."
        yield Metric("amanat_request_seconds", "summary", said, samples)
        now = Sample(self.traffic.under_way)
        yield Metric("amanat_requests_under_way", "gauge", "Requests being answered.", [now])

    def _connections(self) -> Iterator[Metric]:
        pool = cast("QueuePool", self.engine.pool)
        samples = [
            Sample(pool.checkedout(), {"state": "in_use"}),
            Sample(pool.checkedin(), {"state": "idle"}),
        ]
        said = "Open connections of the pool."
        yield Metric("amanat_database_connections", "gauge", said, samples)
        most = Sample(pool.size())
        yield Metric("amanat_database_connections_most", "gauge", "The size of the pool.", [most])


def create_metrics(measured: Measured) -> Starlette:
    """The page as an application of its own: GET /metrics."""

    async def answer(_: Request) -> Response:
        return Response(await measured.page(), media_type=MEDIA_TYPE)

    return Starlette(routes=[Route("/metrics", answer, methods=["GET"])])


def _jobs(found: State) -> Iterator[Metric]:
    leader = found.leader
    here = leader is not None and (leader.host, leader.process) == _ourselves()
    yield Metric("amanat_leader", "gauge", "Whether this process leads.", [Sample(int(here))])
    led = Sample(int(leader is not None))
    yield Metric("amanat_led", "gauge", "Whether any process leads.", [led])
    jobs = found.jobs
    yield Metric(
        "amanat_job_lag_days",
        "gauge",
        "How many days are over for which a job was not done.",
        [Sample(one.lag_days, {"job": one.name}) for one in jobs if one.lag_days is not None],
    )
    yield Metric(
        "amanat_job_last_success_timestamp_seconds",
        "gauge",
        "When a job was last done.",
        [
            Sample(one.last_success_at.timestamp(), {"job": one.name})
            for one in jobs
            if one.last_success_at
        ],
    )
    yield Metric(
        "amanat_job_last_failure_timestamp_seconds",
        "gauge",
        "When a job last failed.",
        [Sample(one.failure.at.timestamp(), {"job": one.name}) for one in jobs if one.failure],
    )
    yield Metric(
        "amanat_job_running_parts",
        "gauge",
        "Parts of the step that a job is at, done and in all.",
        [sample for one in jobs for sample in _parts(one)],
    )
    yield Metric(
        "amanat_proof_findings",
        "gauge",
        "How much does not hold, by the last proof that is whole or by one since.",
        [Sample(one.findings) for one in jobs if one.findings is not None],
    )
    waiting = [one.waiting for one in jobs if one.waiting]
    deltas = [Sample(one.deltas) for one in waiting]
    yield Metric("amanat_deltas_waiting", "gauge", "What is posted and not folded yet.", deltas)
    yield Metric(
        "amanat_delta_oldest_timestamp_seconds",
        "gauge",
        "When the oldest of what waits was posted.",
        [Sample(one.oldest_at.timestamp()) for one in waiting if one.oldest_at],
    )


def _parts(standing: Standing) -> Iterator[Sample]:
    if (at := standing.running) is not None:
        labels = {"job": standing.name, "step": at.step}
        yield Sample(at.done, labels | {"parts": "done"})
        yield Sample(at.parts, labels | {"parts": "all"})


def _ourselves() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()


def _text(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
    for value, labels, after in metric.samples:
        said = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        lines.append(f"{metric.name}{after}{'{' + said + '}' if said else ''} {value!r}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
