"""The files of a pack: each a name and its bytes as they come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.tables import chunks
from service.tables.separated import Lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from service.tables.columns import Cells
    from service.tables.workbook import Workbook


@dataclass(slots=True)
class Part:
    """A file of a pack; its rows are counted when its chunks have been read, if it has any."""

    name: str
    chunks: AsyncIterator[bytes]
    rows: int | None = None


def whole(name: str, content: bytes) -> Part:
    """A file that is there already."""
    return Part(name, _once(content))


def separated(
    name: str, columns: Sequence[str], rows: AsyncIterator[Cells], *, book: Workbook | None = None
) -> Part:
    """A table as CSV; the workbook, if there is one, takes every row as it goes by."""
    part = Part(name, _once(b""), rows=0)
    part.chunks = chunks.gathered(_lines(part, columns, rows, book))
    return part


def objects(name: str, found: AsyncIterator[Mapping[str, object]]) -> Part:
    """One JSON object a line."""
    part = Part(name, _once(b""), rows=0)
    part.chunks = chunks.gathered(_objects(part, found))
    return part


async def table(
    name: str,
    book: Workbook,
    columns: Sequence[str],
    rows: AsyncIterator[Cells],
    totals: Sequence[Mapping[str, object]] = (),
) -> AsyncIterator[Part]:
    """A table as CSV and as a workbook, from one reading."""
    async with book:
        text = separated(f"{name}.csv", columns, rows, book=book)
        yield text
        yield Part(f"{name}.xlsx", chunks.of_file(await book.finished(totals)), text.rows)


async def each(cells: Iterable[Cells]) -> AsyncIterator[Cells]:
    """Rows that are all there already, as they would come."""
    for row in cells:
        yield row


async def _lines(
    part: Part, columns: Sequence[str], rows: AsyncIterator[Cells], book: Workbook | None
) -> AsyncIterator[str]:
    lines, count = Lines(), 0
    yield lines.line(columns)
    async for row in rows:
        if book is not None:
            await book.take(row)
        count += 1
        yield lines.line(row)
    part.rows = count


async def _objects(part: Part, found: AsyncIterator[Mapping[str, object]]) -> AsyncIterator[str]:
    count = 0
    async for one in found:
        count += 1
        yield json.dumps(one, ensure_ascii=False) + "\n"
    part.rows = count


async def _once(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content
