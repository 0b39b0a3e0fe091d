"""From a sheet to its entry: every line, in the order of its kind, then the count.

Pure: the position of the books comes in, the draft of one entry goes out. Savings, fees,
fines and gifts are money of the fund `own`; a loan's money is of the loan's fund. Cash
is summed per fund, what comes in and what goes out each on its own side. Source: DOMAIN 4;
onboarding bundle, part 4.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.entries import AccountKey, Draft, Line
from ledger.money import rupees
from ledger.positions import Reads
from ledger.refusals import Refusal
from service.accounts import OWN, cash, compulsory, voluntary
from service.loans.lines import (
    accounts_of,
    paid_out,
    received,
    split_repayment,
)
from service.refusals import LoanOfAnother, Malformed
from service.savings import withdraw
from service.sheets.sheet import LOAN_KINDS, ORDER, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.positions import Position
    from service.loans.contracts import Loan
    from service.sheets.sheet import Sheet, SheetLine

NARRATIVE: Final = "Meeting of {}"
"""Of the entry that a sheet makes."""
_SAVED = {
    SheetLineKind.SAVING_COMPULSORY: compulsory,
    SheetLineKind.SAVING_VOLUNTARY: voluntary,
}
_INCOME = {
    SheetLineKind.MEMBERSHIP_FEE: AccountKey("4000", OWN),
    SheetLineKind.FINE: AccountKey("4010", OWN),
    SheetLineKind.DONATION: AccountKey("4200", OWN),
}
_SHORT = AccountKey("5990", OWN)
_OVER = AccountKey("4990", OWN)


@dataclass(slots=True)
class _Work:
    """The sheet's entry as it grows."""

    sheet: Sheet
    book: int
    position: Position
    loans: Mapping[str, Loan]
    history: bool
    lines: list[Line] = field(default_factory=list)
    taken: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Cash taken in, by fund."""
    given: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Cash paid out, by fund."""
    extra: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By how much the sheet itself has raised each member's voluntary savings."""


def reads(sheet: Sheet, book: int, loans: Mapping[str, Loan]) -> Reads:
    """What the sheet's draft asks the books."""
    members = {line.member for line in sheet.lines}
    lent = [loans[line.loan] for line in sheet.lines if line.loan]
    funds = {OWN, *(loan.fund for loan in lent)}
    accounts = {cash(fund) for fund in funds} | {_SHORT, _OVER, *_INCOME.values()}
    accounts |= {account(member) for member in members for account in _SAVED.values()}
    for loan in lent:
        accounts |= accounts_of(loan)
    return Reads(
        books=frozenset([book]),
        accounts=frozenset((book, account) for account in accounts),
        moves=frozenset((book, loan.asset) for loan in lent),
        subjects=frozenset((book, loan.code) for loan in lent),
        named=frozenset((book, loan.code) for loan in lent if loan.afresh),
        since=sheet.held_on,
    )


def draft(
    sheet: Sheet,
    book: int,
    loans: Mapping[str, Loan],
    position: Position,
    *,
    actor: str,
    history: bool = False,
) -> Draft:
    """The one entry of a sheet. A refusal names the line that it meets, where it meets one.

    `history`: the sheet is imported, and may stand twice until its reversal.
    """
    work = _Work(sheet, book, position, loans, history)
    for line in sorted(sheet.lines, key=lambda line: ORDER[line.kind]):
        try:
            _take(work, line)
        except Refusal as refusal:
            refusal.about = line
            raise
    _count(work)
    return Draft(
        book=book,
        value_date=sheet.held_on,
        narrative=NARRATIVE.format(sheet.held_on),
        actor=actor,
        lines=(*_cash_lines(work), *work.lines),
        reference=sheet.code,
    )


def _take(work: _Work, line: SheetLine) -> None:
    if line.kind in _SAVED:
        _save(work, line)
    elif line.kind in _INCOME:
        work.taken[OWN] += line.amount
        work.lines.append(Line(_INCOME[line.kind], credit=line.amount, subject=line.member))
    elif line.kind is SheetLineKind.WITHDRAWAL:
        _withdraw(work, line)
    elif line.kind is SheetLineKind.REPAYMENT:
        _repay(work, line)
    else:
        _disburse(work, line)


def _save(work: _Work, line: SheetLine) -> None:
    work.taken[OWN] += line.amount
    work.lines.append(Line(_SAVED[line.kind](line.member), credit=line.amount))
    if line.kind is SheetLineKind.SAVING_VOLUNTARY:
        work.extra[line.member] += line.amount


def _repay(work: _Work, line: SheetLine) -> None:
    loan = _loan(work, line)
    split = split_repayment(work.position, loan, line.amount, work.sheet.held_on)
    work.taken[loan.fund] += split.fine + split.charge + split.principal
    work.lines += received(work.position, loan, split, work.sheet.held_on)
    if split.over:
        work.taken[OWN] += split.over
        work.extra[line.member] += split.over
        work.lines.append(Line(voluntary(line.member), credit=split.over))


def _withdraw(work: _Work, line: SheetLine) -> None:
    account = voluntary(line.member)
    saved = work.position.lowest_from(work.book, account, work.sheet.held_on)
    sources = withdraw(line.amount, voluntary_available=saved + work.extra[line.member])
    work.given[OWN] += line.amount
    if sources.voluntary:
        work.extra[line.member] -= sources.voluntary
        work.lines.append(Line(account, debit=sources.voluntary))
    if sources.compulsory:
        work.lines.append(Line(compulsory(line.member), debit=sources.compulsory))


def _disburse(work: _Work, line: SheetLine) -> None:
    loan = _loan(work, line)
    day = work.sheet.held_on
    fees = paid_out(work.position, loan, line.amount, day, history=work.history)
    work.given[loan.fund] += line.amount - fees.deducted
    work.taken[loan.fund] += fees.up_front
    work.lines.append(Line(loan.asset, debit=line.amount))
    if fees.total:
        income = AccountKey("4100", loan.fund)
        work.lines.append(Line(income, credit=fees.total, subject=line.member))


def _count(work: _Work) -> None:
    """The cash counted differs from what the lines say: over, or short, in the fund own."""
    if work.sheet.cash_counted is None:
        raise Malformed("The cash is not counted yet. Count it and enter the net of the meeting.")
    net = sum(work.taken.values()) - sum(work.given.values())
    over = work.sheet.cash_counted - net
    if over > 0:
        work.taken[OWN] += over
        work.lines.append(Line(_OVER, credit=over))
    elif over < 0:
        work.given[OWN] -= over
        work.lines.append(Line(_SHORT, debit=-over))


def _cash_lines(work: _Work) -> list[Line]:
    taken = [Line(cash(fund), debit=paisa) for fund, paisa in work.taken.items() if paisa]
    given = [Line(cash(fund), credit=paisa) for fund, paisa in work.given.items() if paisa]
    return taken + given


def _loan(work: _Work, line: SheetLine) -> Loan:
    if line.kind in LOAN_KINDS and line.loan is None:
        raise Malformed(f"A {line.kind} of Rs {rupees(line.amount)} names no loan. Say which.")
    loan = work.loans[line.loan or ""]
    agreed = loan.agreement
    if agreed.lender != work.sheet.organisation or agreed.member != line.member:
        raise LoanOfAnother(
            f"{loan.code} is between {agreed.lender} and {agreed.borrower}, not between "
            f"{work.sheet.organisation} and {line.member}."
        )
    return loan
