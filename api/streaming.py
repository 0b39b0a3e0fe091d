"""Long answers as they come: CSV and NDJSON of rows that are never all in memory.

The first row is read before the first byte is sent, so whatever is wrong with a question is
still a refusal. NDJSON ends with an object of its own: a stream without it was cut off. A
reader who takes nothing for a while is cut off too, for the books stay open so long.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

Cells: TypeAlias = Sequence[str | int | None]

CHUNK: Final = 2**16
"""Characters that are gathered before they are sent."""
LONGEST_PAUSE_S: Final = 60.0
"""How long a reader may take for a chunk."""


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


async def _format(
    format: Annotated[  # noqa: A002 - the parameter's name
        Format | None, Query(description="How it is written; goes before the header `Accept`.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Format:
    """What is asked for, else the first that is accepted, else JSON."""
    accepted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    found = (MEDIA_TYPES[name] for name in accepted if name in MEDIA_TYPES)
    return format or next(found, Format.JSON)


Formatted = Annotated[Format, Depends(_format)]

STREAMS: Final[dict[str, Any]] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}
"""The content of an answer that is also CSV and NDJSON, beside JSON."""


class Stream(StreamingResponse):
    """A stream whose reader may not rest longer than a while."""

    longest_pause_s = LONGEST_PAUSE_S

    async def stream_response(self, send: Send) -> None:
        """Send all of it; a pause that is too long ends it as if the reader had hung up."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self.longest_pause_s):
                await send(message)

        await super().stream_response(in_time)


async def as_csv(columns: Sequence[str], rows: AsyncIterator[Cells]) -> Stream:
    """A header, then a line for each row, LF ends; nothing is an empty cell."""
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
        writer.writerow(row)
    yield buffer.getvalue()


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
