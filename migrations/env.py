"""Runs the migrations on the connection that `service.database.migrate` hands over.

One advisory lock lets any number of starting services ask at once; each revision is one
transaction with statement and lock time-outs, so that a blocked one fails rather than
blocks others.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

_LOCK = 4_206_951
"""An arbitrary number that all migrations of Amanat lock."""


def _run(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.commit()
    try:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()


_run(context.config.attributes["connection"])
