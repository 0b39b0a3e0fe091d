"""Long answers are never whole in memory, and tell when they were cut off."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import pytest
from starlette.requests import ClientDisconnect

from api.refusals import TooBusy
from api.serving import Serving
from api.streaming import as_csv, as_ndjson, place
from service.books import make_engine
from service.refusals import Malformed
from service.tables.chunks import CHUNK
from tests.api.helpers import client_of, good, make_app, refused
from tests.support.importing import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import StreamingResponse
    from starlette.types import Message

COLUMNS: Final = ("n", "text")
MANY: Final = 50_000
LINE: Final = len("49999,line 49999 of many\n")
STREAMED: Final = (
    "/v1/organisations/CO-01/statements/day-book",
    "/v1/members/M-0001/passbook",
    "/v1/organisations/CO-01/audit-trail",
    "/v1/people/shazia/audit-trail",
    "/v1/audit-trail",
    "/v1/organisations/CO-01/chain",
    "/v1/organisations/CO-01/pack",
)
MALFORMED: Final = {"first_on": "30-06-2026", "after": "x"}
FORMULAS: Final = (
    "=1+1",
    "+1+1",
    "+92 300 1234567",
    "-1+1",
    "-",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    "\uff1d1+1",
    '=HYPERLINK("x","y")',
    "-12.50\n",
)


class Source:
    """Rows that are made when they are asked for, and counted."""

    def __init__(self, many: int = MANY) -> None:
        self.many = many
        self.made = 0

    async def rows(self) -> AsyncIterator[tuple[int, str]]:
        """One row after the other."""
        for n in range(self.many):
            self.made += 1
            yield n, f"line {n} of many"


async def _refused() -> AsyncIterator[tuple[int, str]]:
    raise Malformed("The first row cannot be had.")
    yield 0, ""


async def _text(response: StreamingResponse) -> str:
    chunks = [chunk async for chunk in response.body_iterator]
    return b"".join(chunk for chunk in chunks if isinstance(chunk, bytes)).decode()


async def test_rows_are_made_only_as_they_are_sent() -> None:
    """At no time more than two chunks ahead of the reader."""
    source = Source()
    response = await as_csv(COLUMNS, source.rows())
    assert source.made == 1
    sent = 0
    async for chunk in response.body_iterator:
        sent += len(chunk)
        assert source.made * LINE < sent + 2 * CHUNK
    assert source.made == MANY


async def test_what_is_refused_is_refused_before_the_first_byte() -> None:
    """The response is not even begun."""
    with pytest.raises(Malformed):
        await as_csv(COLUMNS, _refused())
    with pytest.raises(Malformed):
        await as_ndjson({}, COLUMNS, _refused(), totals=[])


async def test_a_reader_who_takes_nothing_is_cut_off() -> None:
    """As if she had hung up: the books cannot stay open for her."""
    response = await as_csv(COLUMNS, Source().rows())
    response.longest_pause_s = 0.05

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.sleep(3600)

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        await response(scope, receive, send)


async def test_a_reader_who_takes_too_long_for_the_whole_is_cut_off() -> None:
    """Although no chunk takes long."""
    response = await as_csv(COLUMNS, Source().rows())
    response.longest_s = 0.05
    sent = 0

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))
        await asyncio.sleep(0.02)

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        await response(scope, receive, send)
    assert CHUNK <= sent < MANY * LINE


@pytest.mark.parametrize(("connections", "most"), [(1, 1), (2, 1), (5, 2), (10, 5)])
async def test_half_of_the_connections_may_serve_streams(connections: int, most: int) -> None:
    """But one always; whoever asks for more is told at once, and a place is given back."""
    engine = make_engine("postgresql+asyncpg://nowhere", connections=connections)
    streams = Serving(engine, lambda: NOW).streams
    async with AsyncExitStack() as taken:
        for _ in range(most):
            await taken.enter_async_context(place(streams))
        with pytest.raises(TooBusy):
            async with place(streams):
                raise AssertionError
    async with place(streams):
        pass


@pytest.mark.parametrize("path", STREAMED)
async def test_streams_leave_room_for_short_answers(one_co_url: str, path: str) -> None:
    """One more of them is refused before its first byte; when one has ended there is room."""
    engine = make_engine(one_co_url, connections=2)
    app = make_app(engine)
    streamed = {"Accept": "application/x-ndjson"}
    try:
        async with client_of(app) as client:
            async with place(app.state.serving.streams):
                refused(await client.get(path, headers=streamed), 503, "too_busy")
                good(await client.get("/v1/organisations/CO-01/statements/day-book"))
                good(await client.get("/v1/organisations/CO-01/audit-trail"))
            for _ in range(3):
                answer = await client.get(path, headers=streamed)
                assert answer.status_code == 200, answer.text
                refused(
                    await client.get(path, headers=streamed, params=MALFORMED), 422, "malformed"
                )
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        *((text, f"'{text}") for text in FORMULAS),
        *((cell, str(cell)) for cell in ("-12.50", "12.50", "-3", -3, 0, "a=b", "CO-01", "'=1")),
        (None, ""),
        ("", ""),
    ],
)
async def test_text_that_begins_like_a_formula_is_made_inert_in_csv(
    cell: str | int | None, told: str
) -> None:
    """By an apostrophe before it; amounts and other numbers stay as they are."""

    async def rows() -> AsyncIterator[tuple[int, str | int | None]]:
        yield 1, cell

    text = await _text(await as_csv(COLUMNS, rows()))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(COLUMNS), ["1", told]]


@pytest.mark.parametrize("text", FORMULAS)
async def test_ndjson_has_text_as_it_is(text: str) -> None:
    """What reads JSON runs nothing."""

    async def rows() -> AsyncIterator[tuple[int, str]]:
        yield 1, text

    lines = (await _text(await as_ndjson({}, COLUMNS, rows(), totals=[]))).splitlines()
    assert json.loads(lines[1]) == {"n": 1, "text": text}


async def test_csv_of_nothing_is_its_header() -> None:
    """A table without rows has columns."""
    assert await _text(await as_csv(COLUMNS, Source(0).rows())) == "n,text\n"


async def test_ndjson_has_a_head_and_an_end() -> None:
    """The end says how many rows there were: a stream without it was cut off."""
    source = Source(2)
    text = await _text(
        await as_ndjson({"name": "گل"}, COLUMNS, source.rows(), totals=[{"fund": "own"}])
    )
    assert [json.loads(line) for line in text.splitlines()] == [
        {"name": "گل", "columns": ["n", "text"]},
        {"n": 0, "text": "line 0 of many"},
        {"n": 1, "text": "line 1 of many"},
        {"rows": 2, "totals": [{"fund": "own"}]},
    ]
