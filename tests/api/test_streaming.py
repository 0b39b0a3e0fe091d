"""Long answers are never whole in memory, and tell when they were cut off."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

import pytest
from starlette.requests import ClientDisconnect

from api.streaming import CHUNK, as_csv, as_ndjson
from service.refusals import Malformed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import StreamingResponse
    from starlette.types import Message

COLUMNS: Final = ("n", "text")
MANY: Final = 50_000
LINE: Final = len("49999,line 49999 of many\n")


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
