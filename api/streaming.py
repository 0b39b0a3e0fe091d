"""Long answers as they come: CSV, NDJSON and XLSX of rows that are never all in memory.

A workbook is on the disk, whole, before it is sent. Of the others the first row is read before
the first byte is sent, so whatever is wrong with a question is still a refusal. NDJSON ends with
an object of its own: a stream without it was cut off.

The books stay open as long as a stream is sent. So a reader who takes nothing for a while, or
all too long for the whole, is cut off too; and no more than half of the connections serve
streams at a time (`Formatted`, `Streamed`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from enum import StrEnum
from typing import Annotated, Any, BinaryIO, Final, TypeVar

from fastapi import Depends, Header, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from api.refusals import TooBusy
from api.serving import Serving, With
from service.refusals import Malformed
from service.tables import workbook
from service.tables.columns import Cells
from service.tables.separated import Lines
from service.tables.workbook import Workbook

CHUNK: Final = 2**16
"""Characters that are gathered before they are sent."""
LONGEST_PAUSE_S: Final = 60.0
"""How long a reader may take for a chunk."""
LONGEST_S: Final = 15 * 60.0
"""How long a reader may take for the whole."""


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


class TableFormat(StrEnum):
    """How a table is written, which may also be a spreadsheet."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


MEDIA_TYPES: Final = {
    "application/json": Format.JSON,
    "text/csv": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
}


TABLE_MEDIA_TYPES: Final = {
    **{name: TableFormat(format_) for name, format_ in MEDIA_TYPES.items()},
    workbook.MEDIA_TYPE: TableFormat.XLSX,
}
_SAID: Final = "How it is written; goes before the header `Accept`."
Accept = Annotated[str, Header(include_in_schema=False)]
F = TypeVar("F", Format, TableFormat)


async def _chosen(
    format: Annotated[Format | None, Query(description=_SAID)] = None,  # noqa: A002 - the parameter's name
    accept: Accept = "",
) -> Format:
    """What is asked for, else the first that is accepted, else JSON."""
    return format or _accepted(accept, MEDIA_TYPES) or Format.JSON


async def _chosen_for_table(
    format: Annotated[TableFormat | None, Query(description=_SAID)] = None,  # noqa: A002 - the parameter's name
    accept: Accept = "",
) -> TableFormat:
    """The same, of a table."""
    return format or _accepted(accept, TABLE_MEDIA_TYPES) or TableFormat.JSON


def _accepted(accept: str, formats: Mapping[str, F]) -> F | None:
    accepted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    return next((formats[name] for name in accepted if name in formats), None)


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
    async with _place_for(format, with_):
        yield format


async def _table_formatted(
    format: Annotated[TableFormat, Depends(_chosen_for_table)],  # noqa: A002 - the parameter's name
    with_: With,
) -> AsyncIterator[TableFormat]:
    """The same, of a table."""
    async with _place_for(format, with_):
        yield format


def _place_for(format_: StrEnum, with_: Serving) -> AbstractAsyncContextManager[None]:
    return nullcontext() if format_ == Format.JSON else place(with_.streams)


Formatted = Annotated[Format, Depends(_formatted, scope="request")]
"""The format of an answer; like `Streamed` it stands before the books."""
TableFormatted = Annotated[TableFormat, Depends(_table_formatted, scope="request")]
"""The format of a table, likewise."""

STREAMS: Final[dict[str, Any]] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}
"""The content of an answer that is also CSV and NDJSON, beside JSON."""
WORKBOOK: Final[dict[str, Any]] = {
    workbook.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}
}
TABLES: Final[dict[str, Any]] = STREAMS | WORKBOOK
"""The content of an answer that is a table: XLSX, too."""


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
            raise Malformed(
                f"{name}: whatever is not JSON comes whole. Leave it out, or ask for JSON."
            )


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
    """A header, then a line for each row, which no spreadsheet runs."""
    return _streamed(_csv_lines(columns, await _begun(rows)), "text/csv")


async def as_ndjson(
    head: Mapping[str, Any], columns: Sequence[str], rows: AsyncIterator[Cells], *, totals: object
) -> Stream:
    """The head, then each row by column, then how many rows there were and the totals."""
    lines = _json_lines(head, columns, await _begun(rows), totals)
    return _streamed(lines, "application/x-ndjson")


async def as_xlsx(
    book: Workbook, rows: AsyncIterator[Cells], *, totals: Sequence[Mapping[str, object]] = ()
) -> Stream:
    """A workbook, filled with rows, and their totals."""
    async with AsyncExitStack() as kept:
        await kept.enter_async_context(book)
        file = await book.filled(rows, totals)
        chunks = _read(file, kept.pop_all())
    saved = f'attachment; filename="{book.name}.xlsx"'
    headers = {"Vary": "Accept", "Content-Disposition": saved}
    return Stream(chunks, media_type=workbook.MEDIA_TYPE, headers=headers)


async def _read(file: BinaryIO, kept: AsyncExitStack) -> AsyncIterator[bytes]:
    """A file as it is sent; what it needs on the disk goes with it."""
    async with kept:
        while chunk := file.read(CHUNK):
            yield chunk


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
    lines = Lines()
    yield lines.line(columns)
    async for row in rows:
        yield lines.line(row)


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
