"""What of every loan falls due in the coming month; portfolio at risk in one row a node.

Why: a coming meeting is prepared from what its loans are asked for, and a treasurer sees what
her nodes may expect; six rows a node were six times as many as needed. Results of the jobs name
the lender's book, so that nodes are summed without asking for each loan again. What was kept of
portfolio at risk is rewritten; dues of days that are over are of no use and are not made up for.
Locks: the results of the jobs, while they are rewritten. Undone: by a restore; all of it can be
recomputed for any day.
"""

from migrations.frozen import run_frozen_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make room for dues."""
    run_frozen_sql(__file__)
