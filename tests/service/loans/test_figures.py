"""What a loan owes and how late it is, as at the close of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from service.loans.figures import NOT_PAID_OUT, LoanFigures, figures
from service.loans.life import LoanState
from service.loans.plan import Move, schedule
from tests.support.loans import state

if TYPE_CHECKING:
    from service.loans.terms import Contract
    from tests.service.loans.conftest import Lend, Pay

OPEN = {"charge": "declining", "repayment": "open", "rate_percent": "2"}


def on(contract: Contract, moves: list[Move], day: str) -> LoanFigures:
    """The figures of a loan without holidays."""
    return figures(contract, schedule(contract, ()), moves, date.fromisoformat(day))


def late(found: LoanFigures) -> tuple[int, int, int]:
    """Overdue principal and charge in rupees, and days past due."""
    return found.overdue_principal // 100, found.overdue_charge // 100, found.days_past_due


@pytest.mark.parametrize(
    ("day", "due", "overdue"),
    [
        ("2026-04-11", 0, (0, 0, 0)),
        ("2026-04-12", 100, (0, 0, 0)),  # due, not overdue
        ("2026-04-17", 100, (0, 0, 0)),  # the fifth day of grace
        ("2026-04-18", 100, (100, 0, 6)),  # the count runs from the due date
        ("2026-05-12", 200, (200, 0, 30)),  # in arrears: all that has fallen due
        ("2026-07-01", 300, (300, 0, 80)),
    ],
)
def test_an_instalment_is_late_after_the_days_of_grace(
    lend: Lend, pay: Pay, day: str, due: int, overdue: tuple[int, int, int]
) -> None:
    """Within them a loan is not in arrears; after them nothing is forgiven."""
    contract = lend("300.00", grace_days="5")
    found = on(contract, pay(contract), day)
    assert found.due_principal == due * 100
    assert late(found) == overdue


def test_payments_cover_the_oldest_instalment_whatever_the_split(lend: Lend, pay: Pay) -> None:
    """L-05: booked as 252 + 8 by 31 March, and 260 had fallen due."""
    contract = lend(
        "1000.00",
        charge="declining",
        repayment="equal_principal",
        rate_percent="26",
        rate_per="year",
        frequency="fortnight",
        first_due_on="2026-03-26",
        instalments="4",
    )
    moves = pay(contract, ("2026-04-12", 25800), ("2026-03-26", 26000))
    found = on(contract, moves, "2026-03-31")
    assert (found.due_principal, found.due_charge) == (25000, 1000)
    assert (found.paid_principal, found.paid_charge) == (25200, 800)
    assert found.outstanding_principal == 74800
    assert late(found) == (0, 0, 0)


def test_principal_repaid_early_never_stands_in_for_an_open_charge(lend: Lend, pay: Pay) -> None:
    """300 were repaid before they were due, and the charge of 24 is late all the same."""
    contract = lend("1500.00", **OPEN)
    found = on(contract, pay(contract, ("2026-04-12", 33000)), "2026-05-13")
    assert (found.due_principal, found.due_charge) == (0, 5400)
    assert late(found) == (0, 24, 1)


def test_principal_of_an_open_loan_falls_due_on_the_last_day(lend: Lend, pay: Pay) -> None:
    """L-07 on 15 June: the charges are paid, 500 of principal are three days late."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-04-12", 33000), ("2026-05-12", 2400), ("2026-06-12", 72400))
    found = on(contract, moves, "2026-06-15")
    assert (found.due_principal, found.due_charge) == (150000, 7800)
    assert late(found) == (500, 0, 3)


def test_charge_overpaid_by_back_dating_covers_principal(lend: Lend, pay: Pay) -> None:
    """90 were paid when 90 were owed; since the late entry 88 are, and 2 cover principal.

    The books still show 60 outstanding: covering is a matter of arrears, not of accounts.
    """
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-06-12", 149000), ("2026-04-12", 4000))
    found = on(contract, moves, "2026-06-20")
    assert (found.due_charge, found.paid_charge) == (8800, 9000)
    assert found.outstanding_principal == 6000
    assert late(found) == (58, 0, 8)
    assert not found.closed


def test_a_running_charge_left_unpaid_keeps_an_open_loan_open(lend: Lend, pay: Pay) -> None:
    """Principal is gone, and 20 of the first period's charge are still owed."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-03-20", 151000))
    assert not on(contract, moves, "2026-03-31").closed
    assert late(on(contract, moves, "2026-04-13")) == (0, 20, 1)
    moves = pay(contract, ("2026-03-20", 151000), ("2026-03-25", 2000))
    assert on(contract, moves, "2026-03-31").closed


def test_a_loan_without_principal_left_is_closed_once_its_charges_are_paid(
    lend: Lend, pay: Pay
) -> None:
    """50 + 2, 50 + 2, 0 + 2: the last charge comes after the last principal."""
    contract = lend(
        "100.00",
        charge="flat",
        rate_percent="6",
        rate_per="term",
        repayment="equal_principal",
        instalment_step="26.00",
        rounding="up",
    )
    rows = [(row.principal, row.charge) for row in schedule(contract, ())]
    assert rows == [(5000, 200), (5000, 200), (0, 200)]
    moves = pay(contract, ("2026-04-12", 10400))
    assert not on(contract, moves, "2026-04-12").closed
    assert late(on(contract, moves, "2026-06-13")) == (0, 2, 1)
    assert on(contract, pay(contract, ("2026-04-12", 10600)), "2026-04-12").closed


def test_a_written_off_loan_is_closed_and_in_arrears_with_nothing(lend: Lend, pay: Pay) -> None:
    """From the value date of the write-off; the day before it was late."""
    contract = lend("300.00", charge="flat", rate_percent="2")
    written_off = Move(value_date=date(2026, 8, 1), written_off=20000)
    moves = [*pay(contract, ("2026-04-12", 10600)), written_off]
    before, after = on(contract, moves, "2026-07-31"), on(contract, moves, "2026-08-01")
    assert (before.closed, before.outstanding_principal, late(before)) == (
        False,
        20000,
        (200, 12, 80),
    )
    assert (after.closed, after.outstanding_principal, late(after)) == (True, 0, (0, 0, 0))


def test_a_reversed_write_off_opens_the_loan_again(lend: Lend, pay: Pay) -> None:
    """Its arrears are as old as they were."""
    contract = lend("300.00")
    moves = [
        *pay(contract),
        Move(value_date=date(2026, 8, 1), written_off=30000),
        Move(value_date=date(2026, 8, 5), written_off=-30000),
    ]
    assert on(contract, moves, "2026-08-04").closed
    assert late(on(contract, moves, "2026-08-05")) == (300, 0, 115)


def test_the_state_of_a_loan_is_that_of_the_day(lend: Lend, pay: Pay) -> None:
    """Back to what it was once the last step is reversed; repaid only with all charges."""
    contract = lend("300.00", charge="flat", rate_percent="2")
    out, *repaid = pay(contract, ("2026-04-12", 10000), ("2026-04-20", 20000), ("2026-04-21", 1800))
    rest = out.disbursed - repaid[0].principal_repaid
    gone = Move(value_date=date(2026, 4, 19), written_off=rest)
    undone = replace(gone, value_date=date(2026, 4, 20), written_off=-rest)
    back = replace(out, value_date=date(2026, 3, 13), disbursed=-out.disbursed)

    def states(moves: list[Move], *days: str) -> list[str]:
        plan = schedule(contract, ())
        return [state(contract, plan, moves, date.fromisoformat(day)).value for day in days]

    assert states([out, *repaid], "2026-03-11", "2026-03-12", "2026-04-20", "2026-04-21") == [
        LoanState.APPROVED,
        LoanState.PAID_OUT,
        LoanState.PAID_OUT,
        LoanState.REPAID,
    ]
    assert states([out, repaid[0], gone, undone], "2026-04-19", "2026-04-20") == [
        LoanState.WRITTEN_OFF,
        LoanState.PAID_OUT,
    ]
    assert states([out, back], "2026-03-13") == [LoanState.APPROVED]


def test_a_meeting_entered_twice_counts_twice_until_it_is_reversed(lend: Lend, pay: Pay) -> None:
    """The old entry stands until the value date of its reversal."""
    contract = lend("300.00")
    twice = Move(value_date=date(2026, 4, 12), principal_repaid=10000)
    undone = Move(value_date=date(2026, 4, 20), principal_repaid=-10000)
    moves = [*pay(contract), twice, twice, undone]
    outstanding = [on(contract, moves, f"2026-04-{day}").outstanding_principal for day in (19, 20)]
    assert outstanding == [10000, 20000]


def test_a_loan_has_no_figures_before_it_is_paid_out(lend: Lend, pay: Pay) -> None:
    """Nor after its disbursement is reversed."""
    contract = lend("300.00")
    paid_out = pay(contract)
    reversed_later = [replace(paid_out[0], disbursed=-30000, value_date=date(2026, 3, 20))]
    assert on(contract, paid_out, "2026-03-11") is NOT_PAID_OUT
    assert on(contract, paid_out, "2026-03-12").paid_out
    assert on(contract, paid_out + reversed_later, "2026-03-20") is NOT_PAID_OUT
