"""Row-level security asks for each row whether it is open, rather than for all that is open.

Why: the planner takes the nodes that somebody holds for few books, and gathers all of them before
it looks at the first row: of an officer over the whole country half a million, for each statement.
Nothing that is open or shut changes. Locks: every table with policies, for an instant.
Undone: by the policies as 0003 and later make them.
"""

from migrations.frozen import run_frozen_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Write every policy anew that asks what is under a node."""
    run_frozen_sql(__file__)
