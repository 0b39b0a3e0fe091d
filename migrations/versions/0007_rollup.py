"""The roll-up: what each book turned over, and what that comes to at every organisation above.

Why: a total over millions of accounts is read by its few codes, exactly, at every moment.
Locks: everything that posts, for the time that it takes to spread what is posted already.
Undone: by dropping the two tables and what is made here; `ledger.delta` would have to be filled
again from the lines.
"""

from migrations.frozen import run_frozen_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room for the roll-up; what waits for it stays where it is, to be folded."""
    run_frozen_sql(__file__)
