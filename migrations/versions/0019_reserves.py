"""The dated scheme by which loans are classed and reserved for.

Why: what a book holds against loans that may be lost follows a scheme that is resolved, and holds
from a day on; a report of a day goes by the scheme of that day. It begins with the indicative one.
Locks: none but on the new tables. Undone: by dropping them; provisions that are posted stand.
"""

from migrations.frozen import run_frozen_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables, and write down the first scheme."""
    run_frozen_sql(__file__)
