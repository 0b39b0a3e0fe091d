"""Long answers as they come: CSV and NDJSON of rows that are never all in memory.

The first row is read before the first byte is sent, so whatever is wrong with a question is
still a refusal. NDJSON ends with an object of its own: a stream without it was cut off.

The books stay open as long as a stream is sent. So a reader who takes nothing for a while, or
all too long for the whole, is cut off too; and no more than half of the connections serve
streams at a time (`Formatted`, `Streamed`).
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Header, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from api.refusals import TooBusy
from api.serving import With
from service.refusals import Malformed

Cells: TypeAlias = Sequence[object]
"""A row: text, numbers, nothing; in NDJSON whatever JSON has."""

CHUNK: Final = 2**16
"""Characters that are gathered before they are sent."""
LONGEST_PAUSE_S: Final = 60.0
"""How long a reader may take for a chunk."""
LONGEST_S: Final = 15 * 60.0
"""How long a reader may take for the whole."""
_BEGINS_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for the beginning of a formula, also in its wide forms."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES: Final = {
    "application/json": Format.JSON,
    "text/csv": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
}


async def _chosen(
    format: Annotated[  # noqa: A002 - the parameter's name
        Format | None, Query(description="How it is written; goes before the header `Accept`.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Format:
    """What is asked for, else the first that is accepted, else JSON."""
    accepted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    found = (MEDIA_TYPES[name] for name in accepted if name in MEDIA_TYPES)
    return format or next(found, Format.JSON)


async def _place(with_: With) -> AsyncIterator[None]:
    """A place among the streams. Raises `TooBusy`."""
    async with place(with_.streams):
        yield


Streamed = Annotated[None, Depends(_place, scope="request")]
"""For a route that only streams. It stands before the books: none are opened for who waits."""


async def _formatted(
    format: Annotated[Format, Depends(_chosen)],  # noqa: A002 - the parameter's name
    with_: With,
) -> AsyncIterator[Format]:
    """The format asked for; where it is a stream, with a place. Raises `TooBusy`."""
    if format is Format.JSON:
        yield format
        return
    async with place(with_.streams):
        yield format


Formatted = Annotated[Format, Depends(_formatted, scope="request")]
"""The format of an answer; like `Streamed` it stands before the books."""

STREAMS: Final[dict[str, Any]] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}
"""The content of an answer that is also CSV and NDJSON, beside JSON."""


@asynccontextmanager
async def place(streams: asyncio.Semaphore) -> AsyncIterator[None]:
    """One of the places for streams, or at once `TooBusy`: nobody waits for one."""
    if streams.locked():
        raise TooBusy("As many long answers as may are being sent. Ask again in a moment.")
    async with streams:
        yield


def refuse_pages(request: Request) -> None:
    """Raise `Malformed` where a page of what comes whole is asked for."""
    for name in ("after", "limit"):
        if request.query_params.get(name):
            raise Malformed(f"{name}: CSV and NDJSON come whole. Leave it out, or ask for JSON.")


class Stream(StreamingResponse):
    """A stream whose reader may neither rest too long nor take too long for all of it."""

    longest_pause_s = LONGEST_PAUSE_S
    longest_s = LONGEST_S

    async def stream_response(self, send: Send) -> None:
        """Send all of it; what takes too long is ended as if the reader had hung up."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self.longest_pause_s):
                await send(message)

        async with asyncio.timeout(self.longest_s):
            await super().stream_response(in_time)


async def as_csv(columns: Sequence[str], rows: AsyncIterator[Cells]) -> Stream:
    """A header, then a line for each row, LF ends; nothing is an empty cell.

    Text that a spreadsheet would take for a formula has an apostrophe before it, as OWASP
    advises; numbers have none.
    """
    return _streamed(_csv_lines(columns, await _begun(rows)), "text/csv")


async def as_ndjson(
    head: Mapping[str, Any], columns: Sequence[str], rows: AsyncIterator[Cells], *, totals: object
) -> Stream:
    """The head, then each row by column, then how many rows there were and the totals."""
    lines = _json_lines(head, columns, await _begun(rows), totals)
    return _streamed(lines, "application/x-ndjson")


async def _begun(rows: AsyncIterator[Cells]) -> AsyncIterator[Cells]:
    """The same rows, once the first of them is there."""
    first = [row async for row in _first(rows)]

    async def all_of_them() -> AsyncIterator[Cells]:
        for row in first:
            yield row
        async for row in rows:
            yield row

    return all_of_them()


async def _first(rows: AsyncIterator[Cells]) -> AsyncIterator[Cells]:
    try:
        yield await anext(rows)
    except StopAsyncIteration:
        return


async def _csv_lines(columns: Sequence[str], rows: AsyncIterator[Cells]) -> AsyncIterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    async for row in rows:
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(_inert, row))
    yield buffer.getvalue()


def _inert(cell: object) -> object:
    """A cell that no spreadsheet runs."""
    if not isinstance(cell, str) or not _BEGINS_FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


async def _json_lines(
    head: Mapping[str, Any], columns: Sequence[str], rows: AsyncIterator[Cells], totals: object
) -> AsyncIterator[str]:
    yield _json_line({**head, "columns": list(columns)})
    count = 0
    async for row in rows:
        yield _json_line(dict(zip(columns, row, strict=True)))
        count += 1
    yield _json_line({"rows": count, "totals": totals})


def _json_line(document: object) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _streamed(lines: AsyncIterator[str], media_type: str) -> Stream:
    return Stream(_chunks(lines), media_type=media_type, headers={"Vary": "Accept"})


async def _chunks(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    gathered: list[str] = []
    size = 0
    async for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    if gathered:
        yield "".join(gathered).encode()
