"""Fixtures of the tests of access: the federation, once made, and a clone for whoever asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio

from tests.access import world
from tests.access.beneath import SEEDS
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.access.world import Federation


@pytest.fixture(scope="session")
def federation_template(template_database: str) -> Iterator[Federation]:
    """The federation, to clone from."""
    with database.clone_of(template_database) as url:
        yield world.make(url)


@pytest.fixture
def federation(federation_template: Federation) -> Iterator[Federation]:
    """The federation, for one test, which may commit."""
    with database.clone_of(federation_template.url) as url:
        yield replace(federation_template, url=url)


@pytest.fixture(scope="module")
def shared(federation_template: Federation) -> Iterator[Federation]:
    """The federation, for the tests of one module that leave it as it is."""
    with database.clone_of(federation_template.url) as url:
        yield replace(federation_template, url=url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(shared: Federation) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner of the database, who sees everything."""
    found = await asyncpg.connect(database.asyncpg_url(shared.url))
    for seed in SEEDS:
        await found.execute(seed)
    yield found
    await found.close()
