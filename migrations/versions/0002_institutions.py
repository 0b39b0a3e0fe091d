"""The institutions.

Why: organisations, federation, members, lending rules, loans, sheets, events, jobs.
Locks: none, all objects are new. Undone: by dropping the schema `service`.
"""

from migrations.frozen import run_frozen_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the institutions' tables."""
    run_frozen_sql(__file__)
