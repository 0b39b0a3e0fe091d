"""Fixtures of the API's tests: the books of one CO, and clients of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import OFFICERS, ONE_CO, serve
from tests.support import database
from tests.support.importing import engine_of, load_folder
from tests.support.people import appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx


@pytest.fixture(scope="session")
def one_co_template(template_database: str) -> Iterator[str]:
    """The books of one CO, to clone from."""
    with database.clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_load(url))
        appoint(url, OFFICERS)
        yield url


async def _load(url: str) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, ONE_CO)


@pytest.fixture
def one_co_url(one_co_template: str) -> Iterator[str]:
    """The books of one CO, for one test, which may commit."""
    with database.clone_of(one_co_template) as url:
        yield url


@pytest.fixture
async def client(one_co_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API on the books of one CO."""
    async with serve(one_co_url) as found:
        yield found
