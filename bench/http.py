"""The API beside the engine: one sheet a request, by an accountant who is signed in.

Everything is on: the session, row-level security, the second officer's limits, the audit
trail, the door, the commit before the answer. The client is another process that writes
ready bytes to eight connections, so that as little of the processor as can be is its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

import psutil
import uvicorn
import uvloop

from api.app import create_app
from api.connection import Connection
from api.rates import Rates
from bench import sheets
from bench.engine import START_UP_S, Pace
from bench.figures import Figure, Latency, percent, rate
from bench.posters import Window, end_with_parent
from ledger.calendar import business_date
from service import federation, members, organisations
from service.books import make_engine, write_books
from service.collector import calm_collector
from service.federation import Membership
from service.members import Gender, Member
from service.organisations import Organisation, OrganisationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

DATABASE: Final = "http"
MOST_COS: Final = 1_000
CONNECTIONS: Final = 8
TARGET: Final = 0.5
"""Of the engine, one sheet a transaction on as many connections."""
TOKEN: Final = "token-of-the-benchmark"  # noqa: S105 - of a database that lives for minutes
CSRF: Final = "csrf-of-the-benchmark"
MEETINGS: Final = 10_000
"""More than any window has room for."""
FORMED_ON: Final = date(2015, 1, 1)
UNLIMITED: Final = Rates(credential=10**9, address=10**9)
"""Counted as ever, but an accountant here posts hundreds of sheets a second."""
_ACCOUNTANT: Final = (
    "INSERT INTO access.person (code, kind, name) VALUES ('accountant', 'person', 'Accountant')",
    """INSERT INTO access.appointment (id, person, role, organisation, below, from_on)
    VALUES (gen_random_uuid(), 'accountant', 'accountant', 'LSO-1', true, '2015-01-01')""",
    """INSERT INTO access.session (id, token_hash, csrf, person, source, agent, started_at,
        used_at, expires_at)
    VALUES (gen_random_uuid(), decode('{token}', 'hex'), '{csrf}', 'accountant', '', '', now(),
        now() + interval '1 hour', now() + interval '1 day')""",
)


@dataclass(slots=True)
class Tally:
    """What the client saw in its window."""

    sheets: int = 0
    seconds: list[float] = field(default_factory=list)
    client_s: float = 0.0


def code_of(number: int) -> str:
    """The code of the nth CO."""
    return f"CO-{number:05}"


async def prepared(url: str, cos: int) -> None:
    """One LSO with its COs of fifteen members each, and an accountant who is signed in."""
    engine = make_engine(url, connections=1)
    lso = Organisation("LSO-1", OrganisationKind.LSO, "LSO", FORMED_ON)
    codes = [code_of(n) for n in range(cos)]
    groups = [Organisation(code, OrganisationKind.CO, code, FORMED_ON) for code in codes]
    people = [
        Member(f"{code}-M{m:02}", code, f"Member {m}", Gender.FEMALE, FORMED_ON)
        for code in codes
        for m in range(sheets.MEMBERS)
    ]
    now = datetime.now(UTC)
    try:
        async with write_books(engine, actor="bench", now=now, action="import") as books:
            await organisations.register(books, [lso, *groups])
            await federation.place_new(books, ["LSO-1", *codes])
            await federation.join(books, [Membership(c, "LSO-1", FORMED_ON) for c in codes])
            await members.register(books, people)
        token = hashlib.sha256(TOKEN.encode()).hexdigest()
        async with engine.connect() as connection:
            for statement in (*_ACCOUNTANT, "ANALYZE"):
                await connection.exec_driver_sql(statement.format(token=token, csrf=CSRF))
    finally:
        await engine.dispose()


def serve(listener: socket.socket, url: str) -> None:
    """One service process; called in a process of its own."""
    end_with_parent()
    calm_collector()
    uvloop.run(_serve(listener, url))


async def _serve(listener: socket.socket, url: str) -> None:
    engine = make_engine(url, connections=CONNECTIONS)
    app = create_app(engine=engine, clock=lambda: datetime.now(UTC), rates=UNLIMITED)
    config = uvicorn.Config(
        app, loop="none", http=Connection, log_level="warning", access_log=False
    )
    await uvicorn.Server(config).serve(sockets=[listener])


def request(number: int, nth: int, today: date) -> bytes:
    """The bytes of a request that posts the nth sheet of a CO, of 31 lines."""
    code = code_of(number)
    kinds = (("saving_compulsory", "200.00"), ("saving_voluntary", "50.00"))
    people = [f"{code}-M{m:02}" for m in range(sheets.MEMBERS)]
    sheet = {
        "code": f"{code}/{nth}".replace("/", "."),
        "organisation": code,
        "held_on": (today - timedelta(days=30) + timedelta(days=nth % 30)).isoformat(),
        "present": people,
        "cash_counted": "3750.00",
        "lines": [{"member": p, "kind": k, "amount": a} for p in people for k, a in kinds],
    }
    key = f"bench-{number}-{nth}"
    body = json.dumps({"items": [{"key": key, "sheet": sheet}]}).encode()
    head = (
        "POST /v1/sheets/batch HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Cookie: amanat_session={TOKEN}\r\nX-CSRF-Token: {CSRF}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _post_until(port: int, requests: Iterator[bytes], window: Window, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for one in requests:
            begun = time.monotonic()
            if begun >= window.closes:
                return
            writer.write(one)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            if b'"status":201' not in body:
                raise AssertionError(f"A sheet was not posted: {head!r} {body!r}")
            ended = time.monotonic()
            if begun >= window.opens and ended <= window.closes:
                tally.sheets += 1
                tally.seconds.append(ended - begun)
    finally:
        writer.close()


async def _answers(port: int) -> None:
    """Wait until a service process answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()


def _requests(share: Sequence[int], today: date, nths: Sequence[int]) -> Iterator[bytes]:
    for nth in nths:
        for number in share:
            yield request(number, nth, today)


async def drive(port: int, cos: int, nths: Iterable[int], window: Window) -> Tally:
    """Post on eight connections until the window closes, or all of these meetings are held."""
    tally, today, meetings = Tally(), business_date(datetime.now(UTC)), list(nths)
    shares = [range(n, cos, CONNECTIONS) for n in range(CONNECTIONS)]
    posters = [
        _post_until(port, _requests(share, today, meetings), window, tally) for share in shares
    ]
    cpu = time.process_time()
    await asyncio.gather(*posters)
    tally.client_s = time.process_time() - cpu
    return tally


@dataclass(frozen=True, slots=True)
class Measured:
    """What a window through the API came to."""

    tally: Tally
    processes: int
    pace: Pace
    service_s: float
    """Processor time of the service, in the warm-up and the window."""
    backend_s: float

    def figure(self, engine_lines_per_s: float) -> Figure:
        """The row of the table."""
        pace, tally = self.pace, self.tally
        lines_per_s = tally.sheets * sheets.LINES / pace.window_s
        spent = max(tally.sheets * (pace.warm_up_s + pace.window_s) / pace.window_s, 1)
        return Figure(
            work=f"HTTP, one sheet a request, {CONNECTIONS} connections,"
            f" {self.processes} process(es)",
            target=f"≥ {TARGET:.0%} of the engine",
            result=f"{rate(lines_per_s, 'lines')}, {rate(tally.sheets / pace.window_s, 'sheets')}",
            beside=f"engine, before and after {rate(engine_lines_per_s, 'lines')}",
            ratio=percent(lines_per_s, engine_lines_per_s),
            remark=f"{Latency.of(tally.seconds)}; processor a sheet:"
            f" service {self.service_s * 1000 / spent:.2f} ms,"
            f" PostgreSQL {self.backend_s * 1000 / spent:.2f} ms,"
            f" client {tally.client_s * 1000 / spent:.2f} ms",
        )


def measure(url: str, cos: int, pace: Pace, processes: int, *, first: int) -> Measured:
    """Post through the API for the length of a window, once every book has its accounts."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    port = listener.getsockname()[1]
    context = get_context("spawn")
    servers = [
        context.Process(target=serve, args=(listener, url), daemon=True) for _ in range(processes)
    ]
    for server in servers:
        server.start()
    try:
        uvloop.run(_answers(port))
        time.sleep(START_UP_S)
        uvloop.run(drive(port, cos, [first], Window(0, math.inf)))
        asyncio.run(_analyzed(url))
        opens = time.monotonic() + pace.warm_up_s
        window = Window(opens, opens + pace.window_s)
        before, at = _processor(servers), _backends()
        tally = uvloop.run(drive(port, cos, range(first + 1, first + MEETINGS), window))
        return Measured(tally, processes, pace, _processor(servers) - before, _backends() - at)
    finally:
        listener.close()
        for server in servers:
            server.terminate()
            server.join()


async def _analyzed(url: str) -> None:
    engine = make_engine(url, connections=1)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE")
    await engine.dispose()


def _processor(servers: Sequence[BaseProcess]) -> float:
    return sum(sum(psutil.Process(s.pid).cpu_times()[:2]) for s in servers)


def _backends() -> float:
    """Processor time of the database's backends."""
    found = 0.0
    for process in psutil.process_iter(["cmdline", "cpu_times"]):
        line = " ".join(process.info["cmdline"] or ())
        if line.startswith("postgres:") and f" {DATABASE} " in line:
            found += sum(process.info["cpu_times"][:2])
    return found
