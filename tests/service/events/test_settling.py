"""The lines of a settlement, whatever a member saved and owes: on positions made by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import funds_out_of_balance
from ledger.positions import Account, Move, Position
from service.accounts import OWN, PaidBy, cash, compulsory, voluntary
from service.events import settling
from service.events.event import Event, EventKind
from service.events.setting import Setting
from service.loans.agreement import Agreement
from service.loans.contracts import Loan
from service.loans.lines import pay_off
from service.loans.plan import schedule
from service.loans.terms import Contract
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    from ledger.entries import Line

BOOK, OUT, ON = 7, date(2026, 1, 1), date(2026, 3, 10)
EVENT = Event("E-1", "CO-01", EventKind.SETTLEMENT, ON, None, PaidBy.CASH, None, "Zainab")
RULES = ("QH", "FLAT", "TWO", "OPEN", "QH-CIF")


def _loan(n: int, rules: str, principal: int) -> Loan:
    agreement = Agreement(
        code=f"L-{n}",
        lender="CO-01",
        member="Zainab",
        organisation=None,
        product=rules,
        principal=principal,
        applied_on=OUT,
        approved_on=OUT,
        resolution=None,
        disbursed_on=OUT,
        first_due_on=date(2026, 2, 1),
        instalments=3,
        purpose=None,
    )
    contract = Contract(
        code=agreement.code,
        product=PRODUCTS[rules],
        principal=principal,
        disbursed_on=OUT,
        first_due_on=agreement.first_due_on,
        instalments=3,
    )
    return Loan(agreement, contract, schedule(contract, ()), BOOK, None)


def _position(loans: list[Loan], base: int, extra: int) -> Position:
    saved = {compulsory("Zainab"): base, voluntary("Zainab"): extra}
    accounts = {
        (BOOK, key): Account(n, key, None, -amount) for n, (key, amount) in enumerate(saved.items())
    }
    position = Position({}, accounts)
    for loan in loans:
        paid_out = Move(OUT, reversal=False, debit=loan.agreement.principal, credit=0)
        position.moved[BOOK, loan.asset] = [paid_out]
    return position


lent = st.lists(st.tuples(st.sampled_from(RULES), st.integers(1, 5000)), max_size=4)


@given(lent=lent, base=st.integers(0, 10_000), extra=st.integers(0, 10_000))
def test_savings_come_to_what_loans_take_and_what_is_paid_out(
    lent: list[tuple[str, int]], base: int, extra: int
) -> None:
    """In every fund too; no loan takes more than its pay-off, and none waits behind a later one."""
    if not base + extra:
        return
    loans = [_loan(n, rules, rupees * 100) for n, (rules, rupees) in enumerate(lent)]
    position = _position(loans, base * 100, extra * 100)
    lines = settling.lines(EVENT, Setting(BOOK, loans=tuple(loans)), position)
    assert funds_out_of_balance(lines) == {}
    saved = _sum(lines, "2000") + _sum(lines, "2010")
    assert saved == (base + extra) * 100
    taken = [_taken(lines, loan) for loan in loans]
    paid_out = -sum(line.debit - line.credit for line in lines if line.account.code == "1000")
    assert saved == sum(taken) + paid_out
    owed = [_owed(position, loan) for loan in loans]
    left = saved
    for loan_takes, loan_owes in zip(taken, owed, strict=True):
        assert loan_takes == min(loan_owes, left)
        left -= loan_takes
    assert paid_out == left
    moved = sum(line.debit for line in lines if line.account == cash("cif"))
    assert moved == sum(t for t, loan in zip(taken, loans, strict=True) if loan.fund != OWN)


def _sum(lines: list[Line], code: str) -> int:
    return sum(line.debit - line.credit for line in lines if line.account.code == code)


def _taken(lines: list[Line], loan: Loan) -> int:
    ours = [line for line in lines if loan.code in (line.subject, line.account.party)]
    return sum(line.credit - line.debit for line in ours)


def _owed(position: Position, loan: Loan) -> int:
    split = pay_off(position, loan, ON)
    return split.fine + split.charge + split.principal
