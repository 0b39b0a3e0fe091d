"""Lists begin with what is asked for: indexes, and a policy that asks the cheap question first.

Why: lists of people, requests, transfers, nominations and keys were looked for in all there are
of the whole house, for whoever asked. Locks: each table against writing while it is indexed;
`service.organisation` whole for an instant. Undone: by dropping the indexes, and the condition
on `ledger.under` in the policy.
"""

from migrations.frozen import run_frozen_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Index what lists ask for."""
    run_frozen_sql(__file__)
