"""From an event to its entries: one in each book that it touches, all posted together.

In an event between two books money goes from the organisation to its counterparty,
through the same account and in the same fund on both sides. Source: DOMAIN 4; onboarding
bundle, part 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.entries import AccountKey, Draft, Entry, Kind, Line, reversal
from ledger.money import rupees
from ledger.positions import Reads
from service.accounts import PaidBy, cash, money
from service.events import accruing, closing, refinancing, settling
from service.events.event import IGG_KINDS, Event, EventKind
from service.loans.lines import (
    LOSSES,
    RESERVE,
    accounts_of,
    borrowing,
    paid_out,
    received,
    refuse_recovery_before_write_off,
    repaid,
    split_repayment,
    written_off,
)
from service.refusals import (
    LoanOfAnother,
    Malformed,
    NotTheParent,
    RepaymentAboveOwed,
    ReserveTooSmall,
)

if TYPE_CHECKING:
    from datetime import date

    from ledger.positions import Position
    from service.events.setting import Setting
    from service.loans.contracts import Loan

_MONEY: Final = "money"
"""Stands for cash or bank, as the event was paid."""


class Sides(NamedTuple):
    """The codes that an event of one book debits and credits."""

    debit: str
    credit: str


SIMPLE: Final = {
    EventKind.GRANT_GOVERNMENT: Sides(_MONEY, "4310"),
    EventKind.GRANT_DONOR: Sides(_MONEY, "4320"),
    EventKind.GRANT_NGO: Sides(_MONEY, "4330"),
    EventKind.GRANT_PRIVATE: Sides(_MONEY, "4340"),
    EventKind.GRANT_RSP: Sides(_MONEY, "4350"),
    EventKind.CIF_CAPITAL: Sides(_MONEY, "3100"),
    EventKind.DONATION_CASH: Sides(_MONEY, "4200"),
    EventKind.DONATION_IN_KIND: Sides("5900", "4210"),
    EventKind.BANK_PROFIT: Sides(_MONEY, "4400"),
    EventKind.EXPENSE: Sides("5000", _MONEY),
    EventKind.WITHHELD: Sides("5300", _MONEY),
    EventKind.IGG_RECEIVED: Sides(_MONEY, "2400"),
    EventKind.IGG_PAID: Sides("2400", _MONEY),
    EventKind.PROVISION_RAISED: Sides(LOSSES, RESERVE),
    EventKind.PROVISION_RELEASED: Sides(RESERVE, LOSSES),
}


class _Half(NamedTuple):
    """The lines of one book."""

    book: int
    lines: list[Line]


def reads(event: Event, setting: Setting) -> Reads:
    """What the event's drafts ask the books."""
    books = [book for book in (setting.book, setting.other_book) if book is not None]
    books += [entry.ref.book for entry in setting.undoes]
    accounts = {(book, key) for book in books for key in _accounts(event, setting)}
    accounts |= {(e.ref.book, line.account) for e in setting.undoes for line in e.lines}
    lent = [*([setting.loan] if setting.loan else []), *setting.loans]
    return Reads(
        books=frozenset(books),
        accounts=frozenset(accounts),
        moves=frozenset((loan.lender_book, loan.asset) for loan in lent),
        subjects=frozenset((loan.lender_book, loan.code) for loan in lent),
        named=frozenset((loan.lender_book, loan.code) for loan in lent if loan.afresh),
        reversals=frozenset(entry.ref for entry in setting.undoes),
        since=event.happened_on,
    )


def drafts(event: Event, setting: Setting, position: Position, *, actor: str) -> list[Draft]:
    """The entries of an event. Raises what the books or the institutions' rules refuse."""
    if setting.objection is not None:
        raise setting.objection
    if event.kind is EventKind.REVERSAL:
        for entry in setting.undoes:
            _refuse_undoing_used_reserve(event, entry, position)
        return _reversals(event, setting, actor)
    if event.kind is EventKind.PROVISION_RELEASED:
        account = AccountKey(RESERVE, _fund(event))
        _refuse_more_than_held(position, setting.book, account, _amount(event), event.happened_on)
    halves = _halves(event, setting, position)
    return [
        Draft(
            book=half.book,
            value_date=event.happened_on,
            narrative=event.narrative,
            actor=actor,
            lines=tuple(half.lines),
            reference=event.code,
            kind=Kind.CLOSE if event.kind is EventKind.YEAR_END_CLOSE else Kind.NORMAL,
            counterpart=1 - place if len(halves) > 1 else None,
        )
        for place, half in enumerate(halves)
    ]


def _accounts(event: Event, setting: Setting) -> set[AccountKey]:
    """Every account that the event may move, in whichever of its books."""
    if event.kind in _ACCOUNTS:
        return set(_ACCOUNTS[event.kind](event, setting))
    if event.fund is None:
        return set()
    fund, loan = event.fund, setting.loan
    found = {cash(fund), money(fund, PaidBy.BANK)}
    if event.kind in SIMPLE:
        party = event.counterparty or "" if event.kind in IGG_KINDS else ""
        return found | {AccountKey(c, fund, party) for c in SIMPLE[event.kind] if c != _MONEY}
    for party in (event.organisation, event.counterparty or "", ""):
        codes = ("1200", "2100", "4000", "4010", "4100", "4900", "5000", RESERVE, LOSSES)
        found |= {AccountKey(code, fund, party) for code in codes}
    return found | ({borrowing(loan), *accounts_of(loan)} if loan else set())


def _halves(event: Event, setting: Setting, position: Position) -> list[_Half]:
    if event.kind in SIMPLE:
        return [_Half(setting.book, _simple(event))]
    if event.kind in _ONE_BOOK:
        return [_Half(setting.book, _ONE_BOOK[event.kind](event, setting, position))]
    if setting.other_book is None:
        raise Malformed("counterparty: say to which organisation the money goes.")
    given, taken = _TRANSFER[event.kind](event, setting, position)
    account = money(_fund(event), event.paid_by)
    moved = sum(line.debit - line.credit for line in given)
    return [
        _Half(setting.book, [*given, Line(account, credit=moved)]),
        _Half(setting.other_book, [Line(account, debit=moved), *taken]),
    ]


def _simple(event: Event) -> list[Line]:
    party = event.counterparty or "" if event.kind in IGG_KINDS else ""
    debit, credit = (
        money(_fund(event), event.paid_by)
        if code == _MONEY
        else AccountKey(code, _fund(event), party)
        for code in SIMPLE[event.kind]
    )
    return [Line(debit, debit=_amount(event)), Line(credit, credit=_amount(event))]


def _refuse_undoing_used_reserve(event: Event, entry: Entry, position: Position) -> None:
    """A provision that a write-off has used since is not undone."""
    for line in entry.lines:
        if line.account.code == RESERVE and line.credit:
            book, on = entry.ref.book, event.happened_on
            _refuse_more_than_held(position, book, line.account, line.credit, on)


def _refuse_more_than_held(
    position: Position, book: int, account: AccountKey, amount: int, on: date
) -> None:
    """The reserve takes away from loans: on no day from this one on may it add to them."""
    held = max(position.lowest_from(book, account, on), 0)
    if amount > held:
        raise ReserveTooSmall(
            f"The reserve of the fund {account.fund} holds Rs {rupees(held)} from {on} on, less "
            f"than Rs {rupees(amount)}. Release no more than it holds."
        )


def _bank(event: Event, _setting: Setting, _position: Position) -> list[Line]:
    hand, bank = cash(_fund(event)), money(_fund(event), PaidBy.BANK)
    to, out_of = (bank, hand) if event.kind is EventKind.BANK_DEPOSIT else (hand, bank)
    return [Line(to, debit=_amount(event)), Line(out_of, credit=_amount(event))]


def _write_off(event: Event, setting: Setting, position: Position) -> list[Line]:
    return written_off(position, _own_loan(event, setting), _amount(event))


def _recovery(event: Event, setting: Setting, position: Position) -> list[Line]:
    loan = _own_loan(event, setting)
    refuse_recovery_before_write_off(position, loan)
    income = AccountKey("4900", _fund(event))
    return [
        Line(money(_fund(event), event.paid_by), debit=_amount(event)),
        Line(income, credit=_amount(event), subject=loan.code),
    ]


_ONE_BOOK: Final = {
    EventKind.BANK_DEPOSIT: _bank,
    EventKind.BANK_DRAW: _bank,
    EventKind.WRITE_OFF: _write_off,
    EventKind.RECOVERY: _recovery,
    EventKind.CHARGE_ACCRUED: accruing.lines,
    EventKind.REFINANCE: refinancing.lines,
    EventKind.SETTLEMENT: settling.lines,
    EventKind.YEAR_END_CLOSE: closing.lines,
}
_ACCOUNTS: Final = {
    EventKind.CHARGE_ACCRUED: accruing.accounts,
    EventKind.REFINANCE: refinancing.accounts,
    EventKind.SETTLEMENT: settling.accounts,
    EventKind.YEAR_END_CLOSE: closing.accounts,
}

_Lines = tuple[list[Line], list[Line]]
"""Beside the money: the lines of the book that gives, and of the book that receives."""


def _deposit(event: Event, setting: Setting, _position: Position) -> _Lines:
    """Placed with a VO or LSO (1200 there, 2100 here), or returned by it."""
    placed = event.kind is EventKind.DEPOSIT_PLACED
    given, taken = ("1200", "2100") if placed else ("2100", "1200")
    return [_given(event, setting, given)], [_taken(event, setting, taken)]


def _fee(event: Event, setting: Setting, _position: Position) -> _Lines:
    if event.counterparty != setting.parent:
        raise NotTheParent(
            f"{event.organisation} belongs to {setting.parent or 'nobody'} on "
            f"{event.happened_on}, not to {event.counterparty}. Pay the fee to its parent."
        )
    return [_given(event, setting, "5000")], [_taken(event, setting, "4000")]


def _given(event: Event, setting: Setting, code: str) -> Line:
    """What the book that gives debits against the other."""
    account = AccountKey(code, _fund(event), event.counterparty or "")
    return Line(account, debit=_amount(event), faces=setting.other_book)


def _taken(event: Event, setting: Setting, code: str) -> Line:
    """What the book that receives credits against the one that gives."""
    account = AccountKey(code, _fund(event), event.organisation)
    return Line(account, credit=_amount(event), faces=setting.book)


def _lend(event: Event, setting: Setting, position: Position) -> _Lines:
    loan = _between(event, setting, lender=event.organisation, borrower=event.counterparty)
    amount, borrower = _amount(event), event.counterparty or ""
    fees = paid_out(position, loan, amount, event.happened_on, history=setting.history)
    given = [Line(loan.asset, debit=amount, faces=loan.borrower_book)]
    taken = [Line(borrowing(loan), credit=amount, faces=loan.lender_book)]
    if fees.total:  # one transfer: also a fee that is brought is taken off
        income = AccountKey("4100", loan.fund, borrower)
        cost = AccountKey("5000", loan.fund, event.organisation)
        given.append(Line(income, credit=fees.total, faces=loan.borrower_book))
        taken.append(Line(cost, debit=fees.total, faces=loan.lender_book))
    return given, taken


def _repay(event: Event, setting: Setting, position: Position) -> _Lines:
    loan = _between(event, setting, lender=event.counterparty, borrower=event.organisation)
    split = split_repayment(position, loan, _amount(event), event.happened_on)
    if split.over:
        raise RepaymentAboveOwed(f"{loan.code} is not owed so much. Repay no more than is owed.")
    return repaid(loan, split), received(position, loan, split, event.happened_on)


_TRANSFER: Final = {
    EventKind.DEPOSIT_PLACED: _deposit,
    EventKind.DEPOSIT_RETURNED: _deposit,
    EventKind.FEE_TO_PARENT: _fee,
    EventKind.ORGANISATION_LOAN_DISBURSED: _lend,
    EventKind.ORGANISATION_LOAN_REPAID: _repay,
}


def _reversals(event: Event, setting: Setting, actor: str) -> list[Draft]:
    undoes = setting.undoes
    if undoes and undoes[0].kind is Kind.CLOSE:
        return [closing.taken_back(event, undoes[0], actor)]
    return [
        reversal(
            entry,
            value_date=event.happened_on,
            actor=actor,
            narrative=event.narrative,
            reference=event.code,
            counterpart=1 - place if len(undoes) > 1 else None,
        )
        for place, entry in enumerate(undoes)
    ]


def _own_loan(event: Event, setting: Setting) -> Loan:
    """The loan of an event in its lender's book."""
    loan = _loan(event, setting)
    if loan.agreement.lender != event.organisation:
        raise LoanOfAnother(f"{loan.code} is a loan of {loan.agreement.lender}.")
    return loan


def _between(event: Event, setting: Setting, *, lender: str | None, borrower: str | None) -> Loan:
    loan = _loan(event, setting)
    if (loan.agreement.lender, loan.agreement.organisation) != (lender, borrower):
        raise LoanOfAnother(
            f"{loan.code} is between {loan.agreement.lender} and {loan.agreement.borrower}, "
            f"not between {lender} and {borrower}."
        )
    return loan


def _loan(event: Event, setting: Setting) -> Loan:
    loan = setting.loan
    if loan is None:
        raise Malformed(f"loan: a {event.kind} names its loan.")
    if loan.fund != event.fund:
        raise Malformed(f"fund: {loan.code} is money of {loan.fund}, not of {event.fund}.")
    return loan


def _fund(event: Event) -> str:
    if event.fund is None:
        raise Malformed("fund: say whose money it is.")
    return event.fund


def _amount(event: Event) -> int:
    if event.amount is None:
        raise Malformed("amount: say how much.")
    return event.amount
