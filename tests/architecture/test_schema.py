"""The schema is visible in one file, equal to what the migrations make."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import make_url

from migrations import golden
from tests.support.database import PROGRAMS_VARIABLE, SERVER_VARIABLE


@pytest.mark.skipif(
    PROGRAMS_VARIABLE in os.environ or SERVER_VARIABLE in os.environ,
    reason="dumps of other versions of PostgreSQL differ in form; the golden one is of ours",
)
def test_migrations_make_the_golden_schema(database_url: str) -> None:
    """Whoever reads migrations/schema.sql reads the truth; `make schema` renews it."""
    url = make_url(database_url)
    host = url.query["host"]
    assert isinstance(host, str)
    assert golden.dump_at(host, url.port or 5432, url.database or "") == golden.GOLDEN.read_text(
        encoding="utf-8"
    )
