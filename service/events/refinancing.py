"""A new loan that pays off an old one: the rest of it is paid out.

The new loan counts as paid out whole, the old one as paid off, with its fines and its charge as
on any day of paying off. Source: DOMAIN 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.entries import AccountKey, Line
from ledger.money import rupees
from service.accounts import PaidBy, cash, money
from service.loans.life import LoanState, Step, refuse_illegal
from service.loans.lines import accounts_of, paid_out, pay_off, received
from service.refusals import LoanOfAnother, Malformed, RefinanceFallsShort

if TYPE_CHECKING:
    from ledger.positions import Position
    from service.events.event import Event
    from service.events.setting import Setting
    from service.loans.contracts import Loan


def accounts(event: Event, setting: Setting) -> set[AccountKey]:
    """Money of the fund, and the accounts of both loans."""
    fund = event.fund or ""
    found = {cash(fund), money(fund, PaidBy.BANK), AccountKey("4100", fund)}
    for loan in _both(event, setting):
        found |= accounts_of(loan)
    return found


def lines(event: Event, setting: Setting, position: Position) -> list[Line]:
    """Debit the new loan; credit what closes the old one, the fees, and what is left in money.

    Raises `RefinanceFallsShort` where the new loan does not pay off the old one, and what
    paying out and repaying raise.
    """
    new, old = _both(event, setting)
    day, amount = event.happened_on, event.amount or 0
    fees = paid_out(position, new, amount, day, refinancing=True)
    split = pay_off(position, old, day)
    owed = split.fine + split.charge + split.principal
    refuse_illegal(Step.REFINANCE, LoanState.PAID_OUT if owed else LoanState.REPAID, old.code)
    rest = amount - fees.deducted - owed
    if rest < 0:
        raise RefinanceFallsShort(
            f"{new.code} leaves Rs {rupees(amount - fees.deducted)}, and {old.code} takes "
            f"Rs {rupees(owed)} to pay off. Lend more, or let a part be repaid before."
        )
    account = money(new.fund, event.paid_by)
    found = [Line(new.asset, debit=amount)]
    if fees.up_front:
        found.append(Line(account, debit=fees.up_front))
    found += received(position, old, split, day)
    if fees.total:
        member = new.agreement.member or ""
        found.append(Line(AccountKey("4100", new.fund), credit=fees.total, subject=member))
    if rest:
        found.append(Line(account, credit=rest))
    return found


def _both(event: Event, setting: Setting) -> tuple[Loan, Loan]:
    new = setting.loan
    if new is None or not setting.loans:
        raise Malformed(f"loan: {event.loan} pays off no other. Pay it out at a meeting.")
    if new.agreement.lender != event.organisation:
        raise LoanOfAnother(f"{new.code} is a loan of {new.agreement.lender}.")
    if new.fund != event.fund:
        raise Malformed(f"fund: {new.code} is money of {new.fund}, not of {event.fund}.")
    return new, setting.loans[0]
