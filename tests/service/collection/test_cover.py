"""On-time collection and the register agree with a naive account, day by day, of any loan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from service.collection import ontime, register
from service.collection.cover import History
from service.collection.histories import Period
from service.collection.ontime import Collected
from service.loans.agreement import Agreement
from service.loans.contracts import Loan
from service.loans.plan import Move, as_planned, schedule
from service.loans.terms import Repayment
from tests.service.loans.test_loan_properties import DAY_OF_LOAN, PAYMENTS, contracts, dated, post

if TYPE_CHECKING:
    from service.loans.plan import Instalment
    from service.loans.terms import Contract

ONE: Final = timedelta(days=1)
DAYS: Final = st.integers(-5, 450)
unhurried = settings(deadline=None, max_examples=150)


def loan_of(contract: Contract) -> Loan:
    """A loan as the books know it."""
    on = DAY_OF_LOAN
    agreed = Agreement("L", "CO", "M", None, "P", contract.principal, on, on, None, on, on, 1, None)
    return Loan(agreed, contract, schedule(contract, ()), 1, None)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A loan with payments early and late, some undone; perhaps written off, and that undone."""
    loan = loan_of(draw(contracts(plain=True)))
    moves, _ = post(loan.contract, loan.schedule, sorted(dated(draw(PAYMENTS))))
    if len(moves) > 1 and draw(st.booleans()):
        undone = moves[draw(st.integers(1, len(moves) - 1))]
        moves.append(
            Move(
                value_date=max(move.value_date for move in moves) + draw(st.integers(0, 40)) * ONE,
                principal_repaid=-undone.principal_repaid,
                charge_paid=-undone.charge_paid,
            )
        )
    left = sum(move.principal_change for move in moves)
    if left and draw(st.booleans()):
        day = max(move.value_date for move in moves) + draw(st.integers(0, 60)) * ONE
        moves.append(Move(value_date=day, written_off=left))
        if draw(st.booleans()):
            later = day + draw(st.integers(0, 60)) * ONE
            moves.append(Move(value_date=later, written_off=-left))
    return History(loan, tuple(draw(st.permutations(moves))))


# -- The naive account ------------------------------------------------------------------


@dataclass
class Night:
    """What of each instalment is unpaid at the close of a day, and whether it is written off."""

    unpaid: dict[int, int]
    total: dict[int, int]
    due_on: dict[int, date]
    written_off: bool


def _night(history: History, day: date) -> Night:
    """Money is poured over what has fallen due, oldest first."""
    loan = history.loan
    known = [move for move in history.moves if move.value_date <= day]
    rows: list[Instalment] = []
    if sum(move.disbursed for move in known):
        planned = as_planned(loan.contract, loan.schedule, known, on=day).instalments
        rows = [row for row in planned if row.due_on <= day]
    charge = sum(move.charge_paid for move in known)
    principal = sum(move.principal_repaid for move in known)
    unpaid = {row.n: 0 for row in rows}
    if loan.contract.product.repayment is Repayment.OPEN:
        for row in rows:
            taken = min(charge, row.charge)
            charge -= taken
            unpaid[row.n] += row.charge - taken
        principal += charge
        for row in rows:
            taken = min(principal, row.principal)
            principal -= taken
            unpaid[row.n] += row.principal - taken
    else:
        pot = charge + principal
        for row in rows:
            taken = min(max(pot, 0), row.total)
            pot -= taken
            unpaid[row.n] = row.total - taken
    return Night(
        unpaid,
        {row.n: row.total for row in rows},
        {row.n: row.due_on for row in rows},
        sum(move.written_off for move in known) > 0,
    )


def _naive(history: History, period: Period) -> Collected:
    """Night after night from the first: what was asked for that day, and what came."""
    counted: set[int] = set()
    before = _night(history, DAY_OF_LOAN - ONE)
    forward, sums = 0, Collected(0, 0, 0, 0, 0, 0)
    day = DAY_OF_LOAN
    while day <= period.last_on:
        night = _night(history, day)
        fallen = on_time = late = lost = 0
        for n in sorted(counted):
            late += before.unpaid[n] - night.unpaid[n]
        if night.written_off:
            if not before.written_off:
                lost = sum(night.unpaid[n] for n in counted)
        else:
            if before.written_off:
                lost = -sum(before.unpaid[n] for n in counted)
            for n in set(night.unpaid) - counted:
                fallen += night.total[n]
                covered = night.total[n] - night.unpaid[n]
                if night.due_on[n] == day:
                    on_time += covered
                else:  # it fell due while the loan was written off, which is undone
                    late += covered
                counted.add(n)
        if day >= period.first_on:
            sums += Collected(0, fallen, on_time, late, lost, 0)
        before = night
        if day < period.first_on:
            forward = 0 if night.written_off else sum(night.unpaid[n] for n in counted)
        day += ONE
    end = 0 if before.written_off else sum(before.unpaid[n] for n in counted)
    return sums + Collected(forward, 0, 0, 0, 0, end)


@unhurried
@given(history=histories(), first=DAYS, length=st.integers(0, 200))
def test_on_time_collection_is_what_the_days_say(history: History, first: int, length: int) -> None:
    """Any terms, any payments, any period; and it adds up."""
    start = DAY_OF_LOAN + first * ONE
    period = Period(start, start + length * ONE)
    found = ontime.of_loan(history, period)
    assert found == _naive(history, period)
    opening = found.brought_forward + found.fallen_due
    assert opening - found.on_time - found.late - found.written_off == found.carried_forward
    assert 0 <= found.on_time <= found.fallen_due


@unhurried
@given(history=histories(), first=DAYS, lengths=st.lists(st.integers(1, 90), max_size=5))
def test_periods_that_follow_each_other_add_up(
    history: History, first: int, lengths: list[int]
) -> None:
    """What one carries forward the next one brings."""
    end = DAY_OF_LOAN + first * ONE
    carried = 0
    if first >= 0:
        carried = ontime.of_loan(history, Period(DAY_OF_LOAN - ONE, end)).carried_forward
    for length in lengths:
        period = Period(end + ONE, end + length * ONE)
        found = ontime.of_loan(history, period)
        assert found.brought_forward == carried
        carried, end = found.carried_forward, period.last_on


@unhurried
@given(history=histories(), days=st.lists(DAYS, min_size=1, max_size=6, unique=True))
def test_the_register_adds_up(history: History, days: list[int]) -> None:
    """Demand less what covers it is what is unpaid; what is paid is covered or ahead."""
    ends = [None, *(DAY_OF_LOAN + day * ONE for day in sorted(days))]
    unpaid = ahead = 0
    for row in register.of_loan(history, ends):
        assert (row.brought_forward, row.ahead_before) == (unpaid, ahead)
        assert row.demand - row.covered - row.written_off == row.unpaid
        assert row.ahead_before + row.paid_principal + row.paid_charge - row.covered == row.ahead
        assert row.overdue in {0, row.unpaid}
        unpaid, ahead = row.unpaid, row.ahead
