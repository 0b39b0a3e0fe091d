"""The nightly proof and the purge: what was proven and found, and results that are not kept.

Why: all books are proven every night, and what does not hold is there to be read; results of
old days, which can be worked out again, are deleted, and the step says so. Locks:
`service.job_step` and `access.session` for as long as the sessions' index takes. Undone: by
dropping what is made here; days that were purged would then be taken for done.
"""

from migrations.frozen import run_frozen_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make room for proofs and their findings, and let results be deleted."""
    run_frozen_sql(__file__)
