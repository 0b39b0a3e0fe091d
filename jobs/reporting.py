"""A report, on the terminal or in a file that is whole or not there."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

from service.books import read_books
from service.reports import registry
from service.reports.rendering import as_csv, as_json, rows, workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.reports.report import Query


class Format(StrEnum):
    """How a report is written."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


async def rendered(
    engine: AsyncEngine,
    name: str,
    query: Query,
    format_: Format,
    *,
    actor: str,
    clock: Callable[[], datetime],
) -> bytes:
    """A report by name; as text it ends with a new line."""
    async with read_books(engine, actor=actor, now=clock()) as books:
        table = await registry.run(books, name, query)
        if format_ is Format.XLSX:
            async with workbook(table, name, query, made_at=books.now) as book:
                return (await book.filled(rows(table))).read()
    text = as_csv(table) if format_ is Format.CSV else as_json(table, name) + "\n"
    return text.encode()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, then rename it: nobody ever finds half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
