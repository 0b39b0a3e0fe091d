"""Databases that hold a bundle: each is loaded once for a module."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from service.books import write_books
from service.imports.loading import load
from service.imports.reading import read_bundle
from tests.service.imports.damage import ONE_CO, PILOT
from tests.support import database
from tests.support.importing import NOW, engine_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def known_database(template_database: str) -> Iterator[str]:
    """A database in which one-co is loaded; whoever uses it leaves it so."""
    with database.clone_of(template_database) as url:
        _load(url, ONE_CO)
        yield url


@pytest.fixture(scope="module")
def pilot(template_database: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """A database in which the pilot is loaded, and what its progress told."""
    with database.clone_of(template_database) as url:
        yield url, _load(url, PILOT)


def _load(url: str, folder: Path) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []

    async def run() -> None:
        async with (
            engine_of(url) as engine,
            write_books(engine, actor="clerk", now=NOW) as books,
        ):
            await load(books, read_bundle(folder), progress=lambda *done: told.append(done))

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(run())
    return told
