"""The lines of service charge: as it accrues, as it is paid, and where it is never paid.

Accrued charge is the lender's own view and faces nobody: an organisation that borrows has its
cost when it pays, and only then do both books name each other. So what they hold of each other
is eliminated to nothing at any time. Source: DOMAIN 3, 4 and 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.entries import AccountKey, Line
from service.loans.figures import figures
from service.loans.history import RECEIVABLE
from service.loans.plan import Move
from service.loans.standing import standing
from service.loans.terms import Recognition

if TYPE_CHECKING:
    from datetime import date

    from ledger.positions import Position
    from service.loans.allocation import Split
    from service.loans.contracts import Loan

INCOME: Final = "4100"


def accounts_of(loan: Loan) -> frozenset[AccountKey]:
    """The accounts of the lender that a loan's charge may move."""
    party = loan.agreement.organisation or ""
    paid = AccountKey(INCOME, loan.fund, party)
    if not accrues(loan):
        return frozenset([paid])
    return frozenset([paid, AccountKey(INCOME, loan.fund), _receivable(loan)])


def accrues(loan: Loan) -> bool:
    """Whether its charge is income as it is earned."""
    return loan.contract.product.recognition is Recognition.ACCRUAL


def accrued(loan: Loan, amount: int) -> list[Line]:
    """So much becomes income and is receivable; below zero it is taken back."""
    if not amount:
        return []
    owed = Line(_receivable(loan), debit=abs(amount), subject=loan.code)
    income = Line(AccountKey(INCOME, loan.fund), credit=abs(amount), subject=loan.code)
    lines = [owed, income]
    return lines if amount > 0 else [line.mirrored() for line in reversed(lines)]


def paid(position: Position, loan: Loan, split: Split, on: date) -> list[Line]:
    """The charge of a payment: what was accrued as far as it goes, income for the rest.

    Where the payment closes the loan, what was accrued beyond it was never owed.
    """
    left = receivable(position, loan)
    from_accrued = min(max(left, 0), split.charge)
    left -= from_accrued
    never = left if left and _closes(position, loan, split, on) else 0
    income = AccountKey(INCOME, loan.fund, loan.agreement.organisation or "")
    faces = loan.borrower_book
    lines = []
    if faces is not None:  # it faces the borrower's cost whole; the accrual is undone beside it
        if split.charge:
            lines.append(Line(income, credit=split.charge, subject=loan.code, faces=faces))
        return lines + accrued(loan, -from_accrued) + accrued(loan, -never)
    if from_accrued:
        lines.append(Line(_receivable(loan), credit=from_accrued, subject=loan.code))
    if split.charge > from_accrued:
        lines.append(Line(income, credit=split.charge - from_accrued, subject=loan.code))
    return lines + accrued(loan, -never)


def receivable(position: Position, loan: Loan) -> int:
    """Charge of a loan that is income and not paid, by all that is posted."""
    return position.subject_net(loan.lender_book, loan.code, RECEIVABLE) if accrues(loan) else 0


def _receivable(loan: Loan) -> AccountKey:
    return AccountKey(RECEIVABLE, loan.fund, loan.code)


def _closes(position: Position, loan: Loan, split: Split, on: date) -> bool:
    """Whether nothing is owed any more once a payment is posted."""
    moves = standing(position, loan).moves
    payment = Move(
        value_date=on,
        principal_repaid=split.principal,
        charge_paid=split.charge,
        fine_paid=split.fine,
    )
    last = max([on, *(move.value_date for move in moves if not move.only_accrues)])
    after = figures(loan.contract, loan.schedule, [*moves, payment], last, loan.changes)
    return after.closed
