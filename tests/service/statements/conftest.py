"""Databases that hold a bundle, each loaded once for all these tests, which only read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from service.books import read_books
from tests.service.imports.damage import BUNDLES
from tests.support import database
from tests.support.importing import NOW, engine_of, load_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from service.books import Books


@pytest.fixture(scope="session")
def bundles(template_database: str) -> Iterator[dict[str, str]]:
    """The addresses of one-co and of the pilot."""
    with (
        database.clone_of(template_database) as one_co,
        database.clone_of(template_database) as pilot,
    ):
        found = {"one-co": one_co, "pilot": pilot}
        for name, url in found.items():
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(_load(url, name))
        yield found


async def _load(url: str, name: str) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, BUNDLES / name)


@pytest.fixture
async def pilot(bundles: dict[str, str]) -> AsyncIterator[Books]:
    """The books of the pilot, as the house reads them."""
    async with (
        engine_of(bundles["pilot"]) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        yield books


@pytest.fixture
async def one_co(bundles: dict[str, str]) -> AsyncIterator[Books]:
    """The books of one CO, as the house reads them."""
    async with (
        engine_of(bundles["one-co"]) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        yield books


@pytest.fixture(params=["one-co", "pilot"])
async def books(
    bundles: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[tuple[str, Books]]:
    """The books of each bundle in turn, with its name."""
    async with (
        engine_of(bundles[request.param]) as engine,
        read_books(engine, actor="auditor", now=NOW) as found,
    ):
        yield request.param, found
