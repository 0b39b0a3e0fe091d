"""The ledger.

Why: books, accounts, entries, lines, and the one door through which entries are written.
Locks: none, all objects are new. Undone: by dropping the schema `ledger`, with all books.
"""

from migrations.frozen import run_frozen_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the ledger."""
    run_frozen_sql(__file__)
