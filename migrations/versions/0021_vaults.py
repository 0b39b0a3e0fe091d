"""A second way into what a phone keeps for somebody: a key that only the service gives.

Why: what waits on a phone is locked under a PIN, and a PIN is forgotten; whoever signs in by
password gets this key, and opens it. The audit trail notes that there is one, not which.
Locks: none but on the new table. Undone: by dropping it.
"""

from migrations.frozen import run_frozen_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table."""
    run_frozen_sql(__file__)
