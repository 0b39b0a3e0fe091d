"""One set of codes for all documents, and nobody takes one that another is taking.

Why: a sheet and an event sent at once could both take a code, for their tables are two.
Locks: sheets and events against writing, while their codes are gathered. Undone: by dropping
`service.document` with its triggers, and by the functions of revisions 0003 and 0005.
"""

from migrations.frozen import run_frozen_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Gather the codes that are taken, and keep them in one table from now on."""
    run_frozen_sql(__file__)
