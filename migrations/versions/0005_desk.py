"""Less work for each sheet.

Why: a sheet that a phone sends is the commonest thing of all, and what is asked about it before
and noted about it after cost as much as its posting.
Locks: `audit.noted`, empty but for what runs, for an instant. Undone: by the definitions of
revision 0003, and by dropping `service.desk`.
"""

from migrations.frozen import run_frozen_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Ask once what a sheet needs, and copy its content less often."""
    run_frozen_sql(__file__)
