"""The doors of the ledger with less to begin: what few entries need is a statement of its own.

Why: a sheet posted by itself spent most of its time on starting what it did not need. Nothing
that is checked is left out. And a closing entry moves no money, which receipts and payments rely
on; entries that are there are not looked at (`amanat verify` does). Locks: none but on the
functions.
Undone: by the doors as 0001, 0003 and 0008 make them.
"""

from migrations.frozen import run_frozen_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Replace the three functions; refuse where others stand there than were looked at."""
    run_frozen_sql(__file__)
