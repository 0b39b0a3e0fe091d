"""Reading with deltas waiting in half the time; what became known later, of the books asked.

Why: the top node took 5 to 10 ms today with a thousand deltas waiting, where 5 are asked, because
each delta was told apart by where it stays and leaves before they were summed; and a CO as known
long ago read what the whole house had posted since. Locks: none but on the functions. Undone: by
the functions as 0008 and 0015 make them.
"""

from migrations.frozen import run_frozen_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Replace the functions."""
    run_frozen_sql(__file__)
