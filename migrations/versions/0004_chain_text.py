"""The text beneath each seal.

Why: whoever audits a book recomputes its chain from the texts themselves.
Locks: none, functions only. Undone: by the definition of `ledger.seal` in revision 0001.
"""

from migrations.frozen import run_frozen_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Show the text of which an entry's hash is the SHA-256."""
    run_frozen_sql(__file__)
