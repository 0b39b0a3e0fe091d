"""Fixtures that every folder of tests may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator


# No example is timed: a busy machine is slow, not wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server for this test process: the address of its `postgres` database, as owner."""
    with database.server() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """A migrated database to clone from: connect to a clone, never to this one."""
    from service.database.migrate import migrate  # noqa: PLC0415 - only tests that need a schema

    with database.empty_database(postgres_url) as url:
        migrate(url)
        yield url


@pytest.fixture
def database_url(template_database: str) -> Iterator[str]:
    """A migrated database for one test, which may commit; dropped afterwards."""
    with database.clone_of(template_database) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(template_database: str) -> Iterator[str]:
    """A migrated database shared by the tests of one module; dropped afterwards."""
    with database.clone_of(template_database) as url:
        yield url
