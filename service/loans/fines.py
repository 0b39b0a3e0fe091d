"""What lateness costs: the fines of a loan, worked out from what was unpaid on which day.

A fine falls due on the first day on which an instalment is in arrears, the day after its grace
days, and where the product says so again after every period that it stays so. It is of what that
instalment lacks at the close of the day before. Nothing is kept: a payment that is entered late
takes away the fines of the days it was in time for. Source: DOMAIN 5.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate, count
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import round_to_step
from service.loans.coverage import uncovered
from service.loans.due_dates import counted
from service.loans.plan import FineImposed
from service.loans.terms import FineOf, Repayment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from service.loans.plan import Change, Instalment, Move, Plan
    from service.loans.terms import Contract, Fine

DAY: Final = timedelta(days=1)


class FineDue(NamedTuple):
    """A fine: of which instalment, since when, and how much in paisa."""

    n: int
    on: date
    amount: int


class _Paid(NamedTuple):
    charge: int
    principal: int
    written_off: int


def fines(
    contract: Contract,
    planned: Plan,
    moves: Iterable[Move],
    on: date,
    changes: Iterable[Change] = (),
) -> tuple[FineDue, ...]:
    """All fines up to the close of a day, by instalment; the plan is of that day.

    One that was imposed belongs to the next instalment that falls due, or to the last. What a
    reschedule has taken in since was late until then.
    """
    rows = planned.instalments
    imposed = (c for c in changes if isinstance(c, FineImposed) and c.on <= on)
    found = [FineDue(_next(rows, one.on), one.on, one.amount) for one in imposed]
    if fine := contract.product.fine:
        paid, since, fined = _Totals(moves), date.min, set[int]()
        for until, asked in (*planned.before, (on, rows)):
            until_then = _Asked(contract, asked, paid)
            late = [row for row in asked if row.due_on < until and row.n not in fined]
            more = [
                one
                for row in late
                for one in _of(contract, fine, until_then, row, until)
                if one.on > since
            ]
            if not fine.every_period:
                fined |= {one.n for one in more}
            found += more
            since = until
    return tuple(sorted(found))


def _next(rows: Sequence[Instalment], day: date) -> int:
    return next((row.n for row in rows if row.due_on >= day), len(rows))


def fine_gaps(due: Sequence[FineDue], moves: Iterable[Move]) -> dict[int, int]:
    """What is unpaid of the fines of each instalment, by its number; the oldest are paid first."""
    paid = sum(move.fine_paid for move in moves)
    found: dict[int, int] = {}
    for fine, gap in zip(due, uncovered((fine.amount for fine in due), paid), strict=True):
        found[fine.n] = found.get(fine.n, 0) + gap
    return found


def _of(
    contract: Contract, fine: Fine, asked: _Asked, row: Instalment, on: date
) -> Iterator[FineDue]:
    product, amount, lacked = contract.product, 0, None
    for again in count():
        since = counted(row.due_on, product.frequency, again * product.every)
        day = since + (1 + product.grace_days) * DAY
        if day > on:
            return
        charge, principal = asked.lacks(row, day - DAY)
        if not charge + principal:
            return
        lacks = principal + (charge if fine.of is not FineOf.PRINCIPAL else 0)
        if lacks != lacked:
            exact, lacked = fine.amount + fine.rate * lacks, lacks
            amount = round_to_step(exact, product.charge_step, product.rounding)
        yield FineDue(row.n, day, amount)
        if not fine.every_period:
            return


class _Asked:
    """What instalments ask for, each with all before it, and what was paid by which day."""

    def __init__(self, contract: Contract, rows: Sequence[Instalment], paid: _Totals) -> None:
        self._apart = contract.product.repayment is Repayment.OPEN
        self._charges = list(accumulate((row.charge for row in rows), initial=0))
        self._principals = list(accumulate((row.principal for row in rows), initial=0))
        self._paid = paid

    def lacks(self, row: Instalment, day: date) -> tuple[int, int]:
        """Charge and principal of an instalment not covered by a day; nothing once written off."""
        paid = self._paid.by(day)
        charges, principals = self._charges[row.n], self._principals[row.n]
        if paid.written_off:
            return 0, 0
        if self._apart:
            covered = paid.principal + max(paid.charge - charges, 0)
            gaps = (charges - paid.charge, principals - covered)
        else:
            before = charges - row.charge + principals - row.principal
            left = paid.charge + paid.principal - before
            gaps = (row.charge - left, row.charge + row.principal - left)
        return min(max(gaps[0], 0), row.charge), min(max(gaps[1], 0), row.principal)


class _Totals:
    """What was paid by the close of each day."""

    def __init__(self, moves: Iterable[Move]) -> None:
        ordered = sorted(moves, key=attrgetter("value_date"))
        self._days = [move.value_date for move in ordered]
        none = _Paid(0, 0, 0)
        self._sums = list(accumulate(ordered, _added, initial=none))

    def by(self, day: date) -> _Paid:
        """All that was paid by the close of a day."""
        return self._sums[bisect_right(self._days, day)]


def _added(paid: _Paid, move: Move) -> _Paid:
    return _Paid(
        paid.charge + move.charge_paid,
        paid.principal + move.principal_repaid,
        paid.written_off + move.written_off,
    )
