"""Heads of requests: short and in time, or the connection ends; others are answered."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from api import connection
from api.connection import MOST_HEAD_BYTES, Connection

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator

    import pytest
    from starlette.types import Receive, Scope, Send

START: Final = b"GET / HTTP/1.1\r\nHost: amanat\r\n"
ANSWER_WITHIN_S: Final = 10


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Hear anybody out, and answer, with the header X-Echo where there is one."""
    request = Request(scope, receive)
    await request.body()
    await Response("hello" + request.headers.get("X-Echo", ""))(scope, receive, send)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    """A connection to a server."""
    config = uvicorn.Config(hello, port=0, http=Connection, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn sets a flag, no event
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await serving


async def sent(writer: StreamWriter, *pieces: bytes) -> None:
    """Send bytes, piece by piece, as long as somebody listens."""
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)  # so that they arrive as pieces


async def all_of(reader: StreamReader) -> bytes:
    """What comes until the connection ends."""
    async with asyncio.timeout(ANSWER_WITHIN_S):
        with suppress(ConnectionError):
            return await reader.read()
    return b""


async def test_a_head_without_end_is_refused() -> None:
    """As many headers as one likes, or one header as long as one likes."""
    for endless in (b"X-One: 1\r\n" * 100, b"a" * 1000):
        async with connected() as (reader, writer):
            pieces = MOST_HEAD_BYTES // len(endless) + 1
            await sent(writer, START + b"X-Long: ", endless * pieces)
            assert (await all_of(reader)).startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_takes_too_long_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where nothing of it has come."""
    monkeypatch.setattr(connection, "HEAD_S", 0.2)
    for begun in (b"", START, START + b"\r\n" + START):
        async with connected() as (reader, writer):
            await sent(writer, begun)
            assert (await all_of(reader)).count(b"hello") == begun.count(b"\r\n\r\n")


async def test_empty_lines_keep_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an answer, too: they put off the end of the connection, not for ever."""
    monkeypatch.setattr(connection, "HEAD_S", 0.3)
    async with connected() as (reader, writer):
        await sent(writer, START + b"\r\n")
        for _ in range(4):
            await asyncio.sleep(0.05)
            await sent(writer, b"\r\n")
        assert (await all_of(reader)).count(b"hello") == 1


async def test_a_large_body_is_no_large_head() -> None:
    """Whatever the pieces are in which both come, and again on the same connection."""
    body = b"x" * (3 * MOST_HEAD_BYTES)
    head = b"POST / HTTP/1.1\r\nHost: amanat\r\nContent-Length: %d\r\n\r\n" % len(body)
    last = START + b"Connection: close\r\n\r\n"
    async with connected() as (reader, writer):
        await sent(writer, head + body + head[:20], head[20:], body[:9], body[9:], last)
        assert (await all_of(reader)).count(b"hello") == 3


async def test_what_came_whole_is_answered_before_what_is_refused() -> None:
    """The client of a request that was carried out hears of it."""
    for wrong in (b"?\r\n\r\n", START + b"X-Long: " + b"a" * 2 * MOST_HEAD_BYTES + b"\r\n\r\n"):
        async with connected() as (reader, writer):
            await sent(writer, START + b"\r\n" + wrong)
            found = await all_of(reader)
            assert found.startswith(b"HTTP/1.1 200 ")
            assert found.count(b" 200 ") == 1


async def test_many_requests_may_come_at_once() -> None:
    """Each is answered, in order."""
    last = START + b"Connection: close\r\n\r\n"
    async with connected() as (reader, writer):
        await sent(writer, (START + b"\r\n") * 2000 + last)
        assert (await all_of(reader)).count(b"hello") == 2001


CHUNKED: Final = b"POST / HTTP/1.1\r\nHost: amanat\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_trailers_are_not_listened_to() -> None:
    """What comes after the body is no header of the request."""
    async with connected() as (reader, writer):
        await sent(writer, CHUNKED, b"2\r\n{}\r\n0\r\nX-Echo: trailer\r\n\r\n")
        await sent(writer, START + b"X-Echo: header\r\nConnection: close\r\n\r\n")
        found = await all_of(reader)
    assert (found.count(b"trailer"), found.count(b"header")) == (0, 1)


async def test_what_frames_a_body_without_end_ends_the_connection() -> None:
    """A trailer, or what may stand beside the length of a chunk."""
    for frame in (b"0\r\n" + b"X-One: 1\r\n" * 10_000, b"2;" + b"a" * 2 * MOST_HEAD_BYTES):
        async with connected() as (reader, writer):
            await sent(writer, CHUNKED, b"2\r\n{}\r\n", frame, b"b" * MOST_HEAD_BYTES)
            assert b"hello" not in await all_of(reader)
