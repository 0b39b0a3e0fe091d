"""Lending rules have versions and all their terms; what was agreed of a loan later is kept.

Why: a product could not say fees, fines, early payments or limits, nor change from a day on, and a
loan was paid out whole, once, and never rescheduled. Locks: product, loan and their referees for
as long as columns with constant defaults take; `ledger.subject` gains the fines that are about
somebody. Undone: only while nothing uses the new columns and tables, by dropping them.
"""

from migrations.frozen import run_frozen_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add columns, tables, and what a subject's lines did day by day."""
    run_frozen_sql(__file__)
