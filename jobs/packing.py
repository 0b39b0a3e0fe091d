"""An auditor pack in a file that is whole or not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from service.books import read_books
from service.packs import pack, scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.packs.scope import PackAsked


async def packed(
    engine: AsyncEngine,
    organisation: str,
    asked: PackAsked,
    path: Path,
    *,
    actor: str,
    clock: Callable[[], datetime],
) -> str:
    """Write a pack; says what was written."""
    async with read_books(engine, actor=actor, now=clock()) as books:
        of = await scope.prepared(books, organisation, asked)
        size = 0
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                async for chunk in pack.archive(of):
                    size += file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return f"{path}: {len(of.packed)} books, {size} bytes. Unpack it, run python3 verify.py."
