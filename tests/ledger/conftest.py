"""A ledger to post into: a connection to a database of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.database import asyncpg_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner; a test becomes the application by `support.ledger`."""
    opened = await asyncpg.connect(asyncpg_url(database_url))
    try:
        yield opened
    finally:
        await opened.close()
