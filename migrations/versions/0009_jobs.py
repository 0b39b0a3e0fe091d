"""Jobs at national size: steps in parts, how a run fares, who leads, and steady work.

Why: a step over half a million books is done part by part, so that little is lost whatever is
killed; and every process can say how each job stands. Locks: `ledger.entry` against writing
while the first entries of all books are indexed; `service.job_run` for an instant.
Undone: by dropping what is made here.
"""

from migrations.frozen import run_frozen_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make room for parts, progress and failures."""
    run_frozen_sql(__file__)
