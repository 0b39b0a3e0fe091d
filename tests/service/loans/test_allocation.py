"""How payments split when they are posted, in the order in which the book learns of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.loans.allocation import PaymentNotPositive, Split, allocate
from service.loans.plan import Move, plan, schedule

if TYPE_CHECKING:
    from service.loans.terms import Contract
    from tests.service.loans.conftest import Lend, Pay

FLAT = {"charge": "flat", "rate_percent": "18", "rate_per": "year"}
DECLINING = {"charge": "declining", "rate_percent": "2"}
OPEN = {"charge": "declining", "repayment": "open", "rate_percent": "2"}
FORTNIGHTLY = {
    "charge": "declining",
    "repayment": "equal_principal",
    "rate_percent": "26",
    "rate_per": "year",
    "frequency": "fortnight",
}


def booked(moves: list[Move]) -> list[str]:
    """Charge + principal of each payment, in rupees."""
    return [f"{move.charge_paid // 100} + {move.principal_repaid // 100}" for move in moves[1:]]


def charges_owed(contract: Contract, moves: list[Move]) -> list[int]:
    """The charges that an open loan really owes, in rupees."""
    dues = [row.due_on for row in schedule(contract, ())]
    on = max((move.value_date for move in moves), default=dues[-1])
    owed = plan(contract, dues, moves, on=on)
    return [row.charge // 100 for row in owed.instalments]


def split(contract: Contract, amount: int, *, principal: int = 0, charge: int = 0) -> Split:
    """How a payment on the first due date splits, after so much was paid."""
    frozen = schedule(contract, ())
    assert contract.disbursed_on
    moves = [
        Move(value_date=contract.disbursed_on, disbursed=contract.principal),
        Move(value_date=frozen[0].due_on, principal_repaid=principal, charge_paid=charge),
    ]
    return allocate(contract, frozen, moves, paid_on=frozen[0].due_on, amount=amount)


def test_a_part_payment_settles_the_charge_first_and_the_oldest_first(lend: Lend, pay: Pay) -> None:
    """M-0002 pays 500 and then 1,242 on 833 + 38 a month."""
    moves = pay(lend("2500.00", **FLAT), ("2026-04-12", 50000), ("2026-05-12", 124200))
    assert booked(moves) == ["38 + 462", "38 + 1204"]


def test_an_early_payment_goes_to_the_next_instalments(lend: Lend, pay: Pay) -> None:
    """M-0003 pays 2,000 when 1,040 are due; what her last payment has over is not the loan's."""
    moves = pay(lend("3000.00", **DECLINING), ("2026-04-12", 200000), ("2026-05-12", 120000))
    assert booked(moves) == ["100 + 1900", "20 + 1100"]


def test_a_late_entry_takes_what_earlier_entries_left(lend: Lend, pay: Pay) -> None:
    """S-03 of 26 March is posted after S-04 of 12 April: an entry stands."""
    contract = lend("1000.00", first_due_on="2026-03-26", instalments="4", **FORTNIGHTLY)
    moves = pay(contract, ("2026-04-12", 25800), ("2026-03-26", 26000))
    assert booked(moves) == ["10 + 248", "8 + 252"]


def test_a_pay_off_pays_every_charge_of_the_schedule(lend: Lend) -> None:
    """Nothing is rebated; what is over becomes savings."""
    found = split(lend("2500.00", **FLAT), 300000)
    assert found == Split(charge=11300, principal=250000, over=38700)


def test_a_payment_on_a_paid_loan_is_all_over(lend: Lend) -> None:
    """Nothing is left to settle."""
    found = split(lend("2500.00", **FLAT), 100, principal=250000, charge=11300)
    assert found == Split(charge=0, principal=0, over=100)


def test_a_charge_put_off_is_settled_before_principal_of_its_instalment(lend: Lend) -> None:
    """The first instalment after the grace asks for both charges."""
    contract = lend("2000.00", grace_charge="2", grace_principal="1", **DECLINING)
    parts = [(part.charge, part.principal) for part in schedule(contract, ())[:2]]
    assert parts == [(0, 0), (0, 99000)]
    found = split(contract, 99000 + 5000)
    assert found == Split(charge=5000, principal=99000, over=0)


@pytest.mark.parametrize("amount", [0, -100])
def test_a_payment_is_an_amount_above_zero(lend: Lend, amount: int) -> None:
    """Nothing and less than nothing cannot be split."""
    for terms in (FLAT, OPEN):
        with pytest.raises(PaymentNotPositive):
            split(lend("1500.00", **terms), amount)


def test_an_open_loan_is_charged_on_what_is_outstanding(lend: Lend, pay: Pay) -> None:
    """L-07: a payment made on a due date lowers the charge of the next period."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-04-12", 33000), ("2026-05-12", 2400), ("2026-06-12", 72400))
    assert booked(moves) == ["30 + 300", "24 + 0", "24 + 700"]
    assert charges_owed(contract, moves) == [30, 24, 24]


@pytest.mark.parametrize(
    ("day", "split"),
    [
        ("2026-03-12", "0 + 1500"),  # the day it was paid out: no period began before it
        ("2026-03-13", "30 + 1500"),  # the first period is running
        ("2026-04-11", "30 + 1500"),
        ("2026-04-12", "30 + 1500"),  # due; the second begins today
        ("2026-04-13", "60 + 1500"),  # one due, one running
        ("2026-05-12", "60 + 1500"),
        ("2026-05-13", "90 + 1500"),
        ("2026-06-12", "90 + 1500"),  # all is due
        ("2026-09-01", "90 + 1500"),  # after the last due date no further charges
    ],
)
def test_a_pay_off_of_an_open_loan_pays_the_running_period(
    lend: Lend, pay: Pay, day: str, split: str
) -> None:
    """Charges due, then principal, then the charge of a period that began before that day."""
    moves = pay(lend("1500.00", **OPEN), (day, 200000))
    assert booked(moves) == [split]


def test_principal_comes_before_the_running_charge(lend: Lend, pay: Pay) -> None:
    """While principal is left, the running period is not asked for."""
    moves = pay(lend("1500.00", **OPEN), ("2026-03-20", 149900))
    assert booked(moves) == ["0 + 1499"]


def test_a_running_charge_left_over_is_paid_by_the_next_payment(lend: Lend, pay: Pay) -> None:
    """No principal is left, so the second payment meets the rest of the running charge."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-03-20", 151000), ("2026-03-25", 50000))
    assert booked(moves) == ["10 + 1500", "20 + 0"]
    assert charges_owed(contract, moves) == [30, 0, 0]


def test_a_payment_between_due_dates_lowers_only_the_next_period(lend: Lend, pay: Pay) -> None:
    """The charge is on the close of a period's first day, not on days."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-04-20", 53000))
    assert booked(moves) == ["30 + 500"]
    assert charges_owed(contract, moves) == [30, 30, 20]


def test_a_late_entry_on_an_open_loan_asks_for_no_charge_paid_already(lend: Lend, pay: Pay) -> None:
    """The payment of 12 May settled both charges; that of 12 April is all principal."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-05-12", 36000), ("2026-04-12", 40000))
    assert booked(moves) == ["60 + 300", "0 + 400"]
    assert charges_owed(contract, moves) == [30, 22, 16]


def test_charge_overpaid_by_back_dating_is_set_off_against_the_next_charge(
    lend: Lend, pay: Pay
) -> None:
    """68 is owed in all and 60 were paid, so the last payment brings 8."""
    contract = lend("1500.00", **OPEN)
    moves = pay(contract, ("2026-05-12", 36000), ("2026-04-12", 40000), ("2026-06-12", 90000))
    assert booked(moves)[-1] == "8 + 800"


def test_a_late_entry_takes_no_principal_that_later_days_repaid(lend: Lend, pay: Pay) -> None:
    """Outstanding is what everything posted leaves, whatever its value date."""
    moves = pay(lend("1500.00", **OPEN), ("2026-05-12", 136000), ("2026-03-20", 50000))
    assert booked(moves) == ["60 + 1300", "0 + 200"]


def test_a_loan_not_paid_out_owes_no_charge(lend: Lend) -> None:
    """Without a disbursement there is no principal to charge."""
    assert charges_owed(lend("1500.00", **OPEN), []) == [0, 0, 0]
