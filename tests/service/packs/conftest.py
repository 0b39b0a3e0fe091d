"""Packs of the pilot, made once: of an LSO with all below it, and of one CO."""

from __future__ import annotations

import asyncio
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from service.books import read_books
from service.packs import pack, scope
from service.packs.scope import PackAsked
from tests.service.imports.damage import BUNDLES
from tests.support import database
from tests.support.importing import NOW, engine_of, load_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from service.books import Books
    from service.packs.pack import MakeCover

FIRST: Final = date(2025, 7, 1)
LAST: Final = date(2026, 3, 31)
KNOWN_BY: Final = datetime.fromisoformat("2026-04-10T23:59:59+05:00")


class Packed(NamedTuple):
    """A pack as a file, and unpacked."""

    file: Path
    folder: Path


@pytest.fixture(scope="session")
def pilot_url(template_database: str) -> Iterator[str]:
    """A database with the pilot, which these tests only read."""
    with database.clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_load(url))
        yield url


async def _load(url: str) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, BUNDLES / "pilot")


@pytest.fixture
async def pilot(pilot_url: str) -> AsyncIterator[Books]:
    """The books of the pilot, as the house reads them."""
    async with (
        engine_of(pilot_url) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        yield books


@pytest.fixture(scope="session")
def packs(pilot_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Packed]:
    """The packs by organisation. Nobody changes what they are unpacked to."""
    folder = tmp_path_factory.mktemp("packs")
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_packs(pilot_url, folder))


async def _packs(url: str, folder: Path) -> dict[str, Packed]:
    found = {}
    async with engine_of(url) as engine:
        for organisation, consolidated in (("LSO-01", True), ("CO-01", False)):
            asked = PackAsked(FIRST, LAST, KNOWN_BY, consolidated)
            file = folder / f"{organisation}.zip"
            async with read_books(engine, actor="auditor", now=NOW) as books:
                file.write_bytes(await whole(books, organisation, asked))
            zipfile.ZipFile(file).extractall(folder / organisation)
            found[organisation] = Packed(file, folder / organisation)
    return found


async def whole(
    books: Books, organisation: str, asked: PackAsked, *, cover: MakeCover | None = None
) -> bytes:
    """A pack, all of it."""
    of = await scope.prepared(books, organisation, asked)
    return b"".join([chunk async for chunk in pack.archive(of, cover=cover)])
