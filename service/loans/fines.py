"""What lateness costs: the fines of a loan, worked out from what was unpaid on which day.

A fine falls due on the first day on which an instalment is in arrears, the day after its grace
days, and where the product says so again after every period that it stays so. It is of what that
instalment lacks at the close of the day before. Nothing is kept: a payment that is entered late
takes away the fines of the days it was in time for. Source: DOMAIN 5.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from itertools import accumulate, count
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import round_to_step
from service.loans.coverage import uncovered
from service.loans.due_dates import counted
from service.loans.plan import FineImposed, gaps
from service.loans.terms import FineOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from service.loans.plan import Change, Instalment, Move
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
    rows: Sequence[Instalment],
    moves: Iterable[Move],
    on: date,
    changes: Iterable[Change] = (),
) -> tuple[FineDue, ...]:
    """All fines up to the close of a day, by instalment; `rows` are as planned for that day.

    One that was imposed belongs to the next instalment that falls due, or to the last.
    """
    found = [
        FineDue(
            next((row.n for row in rows if row.due_on >= one.on), len(rows)), one.on, one.amount
        )
        for one in changes
        if isinstance(one, FineImposed) and one.on <= on
    ]
    if fine := contract.product.fine:
        paid = _Totals(moves)
        late = (row for row in rows if row.due_on < on)
        found += (one for row in late for one in _of(contract, fine, rows, row, paid, on))
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
    contract: Contract,
    fine: Fine,
    rows: Sequence[Instalment],
    row: Instalment,
    paid: _Totals,
    on: date,
) -> Iterator[FineDue]:
    product = contract.product
    for again in count():
        since = counted(row.due_on, product.frequency, again * product.every)
        day = since + (1 + product.grace_days) * DAY
        if day > on:
            return
        before = paid.by(day - DAY)
        due = [one for one in rows if one.n <= row.n]
        charges, principals = gaps(contract, due, before.charge, before.principal)
        if before.written_off or not (charges[-1] or principals[-1]):
            return
        lacks = principals[-1] + (charges[-1] if fine.of is not FineOf.PRINCIPAL else 0)
        exact = fine.amount + fine.rate * lacks
        yield FineDue(row.n, day, round_to_step(exact, product.charge_step, product.rounding))
        if not fine.every_period:
            return


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
