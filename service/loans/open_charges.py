"""The charges that an open loan really owes: on what is outstanding, period by period.

Period k runs from the previous due date (the first from the day the loan was paid out)
to its own. Its charge is on the principal outstanding at the close of its first day, so
a payment made on a due date lowers the charge of the next period. After the last due
date there are no further charges. Source: DOMAIN 5; onboarding bundle, part 5.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from ledger.money import round_to_step
from service.loans.terms import period_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.loans.schedule import Instalment
    from service.loans.terms import Contract

PrincipalMove: TypeAlias = "tuple[date, int]"
"""A value date and by how many paisa principal grew (paid out) or fell (repaid, written off)."""


def open_charges(
    contract: Contract, schedule: Sequence[Instalment], moves: Iterable[PrincipalMove]
) -> tuple[tuple[date, int], ...]:
    """Due date and charge, in paisa, of each period of an open loan.

    `moves` is all principal movement that counts, in any order. A period that lies ahead
    has the charge that it will have if nothing more moves. A loan that is not paid out
    owes no charge.
    """
    product = contract.product
    rate = period_rate(product, contract.instalments)
    principals = _closing_principals(period_starts(contract, schedule), moves)
    return tuple(
        (
            instalment.due_on,
            round_to_step(principal * rate, product.charge_step, product.rounding),
        )
        for instalment, principal in zip(schedule, principals, strict=True)
    )


def period_starts(contract: Contract, schedule: Sequence[Instalment]) -> list[date]:
    """The first day of each period: the previous due date, or the day of disbursement."""
    first = contract.disbursed_on or contract.first_due_on
    return [first, *(instalment.due_on for instalment in schedule[:-1])]


def _closing_principals(days: Iterable[date], moves: Iterable[PrincipalMove]) -> list[int]:
    """Principal outstanding at the close of each day."""
    ordered = sorted(moves, key=itemgetter(0))
    value_dates = [value_date for value_date, _ in ordered]
    balances = list(accumulate((change for _, change in ordered), initial=0))
    return [balances[bisect_right(value_dates, day)] for day in days]
