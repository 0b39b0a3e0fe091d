"""A ledger to post into: a connection to a database of one's own."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.database import asyncpg_url
from tests.support.ledger import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner; a test becomes the application by `support.ledger`."""
    opened = await asyncpg.connect(asyncpg_url(database_url))
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture(scope="module")
def desk(module_database_url: str) -> Iterator[Desk]:
    """A connection of the module's own database, for plain functions and for Hypothesis."""
    with closing(Desk(module_database_url)) as opened:
        yield opened
