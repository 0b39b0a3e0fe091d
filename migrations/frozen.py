"""The frozen SQL of a revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alembic import op
from sqlalchemy import text

if TYPE_CHECKING:
    import asyncpg


def run_frozen_sql(revision_file: str) -> None:
    """Run the .sql file of the same name as a revision's .py file, in its transaction."""
    sql = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    bind = op.get_bind()
    bind.execute(text("SELECT 1"))  # begins the transaction: the driver does so lazily
    adapted = cast("Any", bind.connection.dbapi_connection)

    async def execute(connection: asyncpg.Connection) -> None:
        await connection.execute(sql)

    adapted.run_async(execute)
