"""What was agreed of a loan is never changed, only undone once: PostgreSQL says so too.

Why: what was known of a loan at an earlier moment is worked out from these rows, so none may be
other than it was, whoever writes. Locks: the table, for a moment. Undone: by dropping the triggers.
"""

from migrations.frozen import run_frozen_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Put the triggers on the table."""
    run_frozen_sql(__file__)
