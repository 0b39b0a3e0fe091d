"""Who may do what.

Why: people, appointments, sign-in, requests for a second officer, row-level security, audit.
Locks: short exclusive locks on the tables of the institutions and the ledger, to attach
policies and triggers. Undone: by dropping the schemas `access` and `audit`, the policies,
and by running the doors' definitions of revision 0001 again.
"""

from migrations.frozen import run_frozen_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Open the service to people, each within their organisations."""
    run_frozen_sql(__file__)
