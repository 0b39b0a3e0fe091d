"""A member leaves, or has died: her savings pay what she owes, and the rest is paid out.

Her loans are paid oldest first, each at its pay-off of the day as far as her savings go. What a
loan of another fund takes is cash that changes its fund. What she still owes stays on the loan.
Source: DOMAIN 4.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.entries import Line
from service.accounts import OWN, PaidBy, cash, compulsory, money, voluntary
from service.loans.life import RULES, Step
from service.loans.lines import accounts_of, pay_off, received, split_repayment
from service.loans.standing import standing
from service.refusals import NothingSaved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ledger.entries import AccountKey
    from ledger.positions import Position
    from service.events.event import Event
    from service.events.setting import Setting
    from service.loans.allocation import Split
    from service.loans.contracts import Loan


def accounts(event: Event, setting: Setting) -> set[AccountKey]:
    """Her savings, cash of every fund, the bank account, and those of her loans."""
    member = event.counterparty or ""
    found = {voluntary(member), compulsory(member), cash(), money(OWN, PaidBy.BANK)}
    for loan in setting.loans:
        found |= accounts_of(loan) | {cash(loan.fund)}
    return found


def lines(event: Event, setting: Setting, position: Position) -> list[Line]:
    """Debit all her savings; credit her loans, then money. Raises `NothingSaved`."""
    member, day = event.counterparty or "", event.happened_on
    saved = [
        (account, max(position.lowest_from(setting.book, account, day), 0))
        for account in (voluntary(member), compulsory(member))
    ]
    left = sum(amount for _, amount in saved)
    if not left:
        raise NothingSaved(f"{member} has no savings on {day}: there is nothing to settle.")
    credits_: list[Line] = []
    moved: defaultdict[str, int] = defaultdict(int)
    for loan, split in _payments(setting.loans, position, left, day):
        taken = split.fine + split.charge + split.principal
        left -= taken
        moved[loan.fund] += taken
        credits_ += received(position, loan, split, day)
    moved.pop(OWN, None)
    found = [Line(account, debit=amount) for account, amount in saved if amount]
    found += [Line(cash(fund), debit=amount) for fund, amount in moved.items()]
    found += credits_
    if moved:
        found.append(Line(cash(), credit=sum(moved.values())))
    if left:
        found.append(Line(money(OWN, event.paid_by), credit=left))
    return found


def _payments(
    loans: tuple[Loan, ...], position: Position, saved: int, day: date
) -> Iterator[tuple[Loan, Split]]:
    """What is paid on each loan that runs, as far as savings go."""
    for loan in loans:
        known = standing(position, loan)
        if not saved:
            return
        if known.state not in RULES[Step.SETTLE].leads:
            continue
        split = pay_off(position, loan, day)
        if split.fine + split.charge + split.principal > saved:
            split = split_repayment(position, loan, saved, day)
        if taken := split.fine + split.charge + split.principal:
            saved -= taken
            yield loan, split
