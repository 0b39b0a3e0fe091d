"""Pledges of savings, as floors in time; and who guarantees a loan.

Why: whoever stands surety for a loan may pledge savings for it, and these stay while the pledge
does (I6), also under a withdrawal that is dated back. Books without pledges ask one index for
them. Locks: none but on the doors, and on the tables that new ones refer to.
Undone: by the doors as 0013 makes them, and dropping both tables.
"""

from migrations.frozen import run_frozen_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables and their doors; refuse where the doors of posting are not those known."""
    run_frozen_sql(__file__)
