"""A closing entry moves no money: the door refuses it.

Why: receipts and payments leave closing entries out, and would miss what one had moved. Nothing
that is there is looked at; `amanat verify` proves it. Locks: none that posting waits for.
Undone: by taking the sentence out of `ledger.post` again.
"""

from migrations.frozen import run_frozen_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Have the door look at the lines of closing entries."""
    run_frozen_sql(__file__)
