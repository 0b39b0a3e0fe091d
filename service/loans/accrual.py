"""Charge that is income as it is earned: how much of a loan's is to become income by a day.

What was earned by the plan, period by period and within the one that runs by its days, less what
is income already. From the day that a loan is 90 days late nothing more is accrued until it has
caught up. What is income and turns out not to be owed is taken back, as far as it is not paid.
Source: DOMAIN 5 and 6.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from service.loans.figures import SUSPENDED_FROM, figures
from service.loans.plan import plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from service.loans.plan import Change, Instalment, Move
    from service.loans.terms import Contract

DAY: Final = timedelta(days=1)


def to_accrue(
    contract: Contract,
    schedule: Sequence[Instalment],
    moves: Sequence[Move],
    changes: Sequence[Change] = (),
    *,
    on: date,
) -> int:
    """What is to become income at the close of a day, in paisa; below zero what no longer is.

    What is written off, or not paid out after all, keeps nothing accrued.
    """
    known = [move for move in moves if move.value_date <= on]
    receivable = sum(move.accrued for move in known)
    found = figures(contract, schedule, known, on, changes)
    if not found.paid_out or sum(move.written_off for move in known) > 0:
        return -receivable
    dues = [row.due_on for row in schedule]
    income = found.paid_charge + receivable
    more = plan(contract, dues, known, changes, on=on).earned - income
    if more > 0 and found.days_past_due >= SUSPENDED_FROM:
        last = max(SUSPENDED_FROM - 1, contract.product.grace_days)
        day = on - (found.days_past_due - last) * DAY
        more = max(plan(contract, dues, known, changes, on=day).earned - income, 0)
    return max(more, -receivable)
