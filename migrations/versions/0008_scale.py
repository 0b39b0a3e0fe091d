"""Totals of what lines are about, a roll-up that costs less to keep, indexes for loans.

Why: arrears of a million loans are read from totals, not from all their lines; and what is folded
goes into days alone, months and years being summed up once they have gone by.
Locks: everything, for the time that it takes to read all lines once.
Undone: by dropping `ledger.subject`, `ledger.moneyless`, `ledger.summed` and
`service.settled_loan`, taking their parts out of the doors again, and making the roll-up's months
and years anew for all days.
"""

from migrations.frozen import run_frozen_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Sum what is there; what waits for the roll-up stays where it is, to be folded."""
    run_frozen_sql(__file__)
