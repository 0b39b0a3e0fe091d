"""How much of a loan's charge becomes income by a day, whatever is paid between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from service.loans.accrual import to_accrue
from service.loans.allocation import allocate
from service.loans.figures import SUSPENDED_FROM, figures
from service.loans.plan import Instalment, Move, plan, schedule
from service.loans.terms import Contract
from tests.support.world import PRODUCTS

OUT: Final = date(2026, 1, 15)
END: Final = date(2027, 6, 30)
ACCRUING: Final = ("TWO-A", "FLAT-A", "TWO-D")

codes = st.sampled_from(ACCRUING)
days = st.lists(st.integers(0, 120), max_size=6, unique=True)
payments = st.dictionaries(st.integers(1, 120), st.integers(1, 2_000), max_size=6)


def _contract(code: str) -> Contract:
    rules = PRODUCTS[code]
    return Contract(
        code="L-1",
        product=rules,
        principal=6000_00,
        disbursed_on=OUT,
        first_due_on=date(2026, 2, 15),
        instalments=rules.instalments,
    )


def _paid(contract: Contract, rows: tuple[Instalment, ...], moves: list[Move], amount: int) -> Move:
    """A payment as it would be posted: accrued charge is settled first."""
    split = allocate(contract, rows, moves, paid_on=moves[-1].value_date, amount=amount)
    receivable = sum(move.accrued for move in moves)
    move = Move(
        value_date=moves[-1].value_date,
        principal_repaid=split.principal,
        charge_paid=split.charge,
        fine_paid=split.fine,
        accrued=-min(split.charge, receivable),
    )
    after = figures(contract, rows, [*moves, move], move.value_date)
    left = receivable + move.accrued
    if after.closed and left:
        return Move(
            value_date=move.value_date,
            principal_repaid=split.principal,
            charge_paid=split.charge,
            accrued=move.accrued - left,
        )
    return move


@given(code=codes, accrued_on=days, paid=payments)
def test_income_over_the_life_of_a_loan_is_what_was_paid(
    code: str, accrued_on: list[int], paid: dict[int, int]
) -> None:
    """In between it is never more than was earned, or paid; at the end nothing is receivable."""
    contract = _contract(code)
    rows = schedule(contract, ())
    moves = [Move(value_date=OUT, disbursed=contract.principal)]
    for after in sorted({*accrued_on, *paid}):
        day = OUT + timedelta(days=after)
        moves.append(Move(value_date=day))
        if after in accrued_on:
            more = to_accrue(contract, rows, moves, on=day)
            moves[-1] = Move(value_date=day, accrued=more)
            earned = plan(contract, [row.due_on for row in rows], moves, on=day).earned
            assert _income(moves) <= max(earned, sum(move.charge_paid for move in moves))
            assert to_accrue(contract, rows, moves, on=day) == 0
        if after in paid and not figures(contract, rows, moves, day).closed:
            moves.append(_paid(contract, rows, moves, paid[after] * 100))
    moves.append(Move(value_date=END))
    if not figures(contract, rows, moves, END).closed:
        moves.append(_paid(contract, rows, moves, 10_000_00))
    assert figures(contract, rows, moves, END).closed
    moves.append(Move(value_date=END, accrued=to_accrue(contract, rows, moves, on=END)))
    assert sum(move.accrued for move in moves) == 0
    assert _income(moves) == sum(move.charge_paid for move in moves)


def _income(moves: list[Move]) -> int:
    return sum(move.charge_paid + move.accrued for move in moves)


@given(code=codes)
def test_what_is_earned_grows_day_by_day_to_the_charge_of_the_plan(code: str) -> None:
    """Nothing on the first day, all of it on the last due date, and never less than before."""
    contract = _contract(code)
    rows = schedule(contract, ())
    dues = [row.due_on for row in rows]
    moves = [Move(value_date=OUT, disbursed=contract.principal)]
    span = [OUT + timedelta(days=n) for n in range((dues[-1] - OUT).days + 1)]
    earned = [plan(contract, dues, moves, on=day).earned for day in span]
    assert earned == sorted(earned)
    assert (earned[0], earned[-1]) == (0, sum(row.charge for row in rows))
    for row in rows:
        by_then = sum(one.charge for one in rows if one.due_on <= row.due_on)
        assert earned[(row.due_on - OUT).days] == by_then


def test_a_loan_stops_earning_on_the_day_it_is_90_days_late() -> None:
    """The first unpaid instalment is of 15 February; 15 May is the last day that counts."""
    contract = _contract("FLAT-A")
    rows = schedule(contract, ())
    moves = [Move(value_date=OUT, disbursed=contract.principal)]
    last = rows[0].due_on + timedelta(days=SUSPENDED_FROM - 1)
    assert last == date(2026, 5, 15)
    amounts = [
        to_accrue(contract, rows, moves, on=last + timedelta(days=n)) for n in (-1, 0, 1, 60)
    ]
    assert amounts == [238_00, 240_00, 240_00, 240_00]


def test_what_is_written_off_or_not_paid_out_after_all_keeps_nothing_accrued() -> None:
    """Whatever was income and never paid is taken back, also below nothing."""
    contract = _contract("FLAT-A")
    rows = schedule(contract, ())
    moves = [
        Move(value_date=OUT, disbursed=contract.principal),
        Move(value_date=rows[0].due_on, accrued=60_00),
    ]
    day = rows[1].due_on
    gone = Move(value_date=day, written_off=contract.principal)
    assert to_accrue(contract, rows, [*moves, gone], on=day) == -60_00
    back = Move(value_date=day, disbursed=-contract.principal)
    assert to_accrue(contract, rows, [*moves, back], on=day) == -60_00
