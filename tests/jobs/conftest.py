"""The smallest bundle, loaded once; every test works on a copy of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.jobs.asking import ONE_CO
from tests.support.database import clone_of
from tests.support.importing import engine_of, load_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def loaded_template(template_database: str) -> Iterator[str]:
    """A database with the smallest bundle in it: connect to a clone, never to this one."""
    with clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_load(url))
        yield url


@pytest.fixture
def loaded_url(loaded_template: str) -> Iterator[str]:
    """A database with the smallest bundle in it, for one test."""
    with clone_of(loaded_template) as url:
        yield url


@pytest.fixture
def another_loaded_url(loaded_template: str) -> Iterator[str]:
    """A second such database, for a test that compares two."""
    with clone_of(loaded_template) as url:
        yield url


@pytest.fixture
def another_database_url(template_database: str) -> Iterator[str]:
    """A second migrated database, for a test that compares two."""
    with clone_of(template_database) as url:
        yield url


async def _load(url: str) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, ONE_CO)
