"""The lines that a loan's events put into its lender's and its borrower's books.

Each function asks the position of the books, so it sees all that is posted, whatever its
value date; each refuses what the books do not allow. Source: DOMAIN 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.entries import AccountKey, Line
from ledger.money import rupees
from service.loans.allocation import Split, allocate
from service.loans.plan import Move
from service.refusals import (
    DisbursementDiffers,
    LoanAlreadyPaidOut,
    LoanNotPaidOut,
    LoanNotWrittenOff,
    LoanWrittenOff,
    Malformed,
    WriteOffNotWhole,
)

if TYPE_CHECKING:
    from datetime import date

    from ledger import positions
    from ledger.positions import Position
    from service.loans.contracts import Loan

RESERVE = "1390"
LOSSES = "5100"


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan by everything that is posted, whatever its value date; amounts in paisa."""

    paid_out: int
    repaid: int
    written_off: int
    charge_paid: int
    """In all; when it was paid is not known here."""
    moves: tuple[Move, ...]

    @property
    def outstanding(self) -> int:
        """Principal still owed."""
        return self.paid_out - self.repaid - self.written_off


def standing(position: Position, loan: Loan) -> Standing:
    """Where the loan stands by all that its lender's book knows."""
    book = loan.lender_book
    written_off = sum(position.subject_net(book, loan.code, code) for code in (RESERVE, LOSSES))
    charge_paid = -position.subject_net(book, loan.code, "4100")
    moves = tuple(_move(move) for move in position.moves(book, loan.asset))
    return Standing(
        paid_out=sum(move.disbursed for move in moves),
        repaid=sum(move.principal_repaid for move in moves) - written_off,
        written_off=written_off,
        charge_paid=charge_paid,
        moves=moves,
    )


def _move(move: positions.Move) -> Move:
    if move.reversal:
        return Move(value_date=move.day, disbursed=-move.credit, principal_repaid=-move.debit)
    return Move(value_date=move.day, disbursed=move.debit, principal_repaid=move.credit)


def refuse_unfit_disbursement(
    position: Position, loan: Loan, amount: int, on: date, *, history: bool
) -> None:
    """A loan is paid out once, in full, on its own day.

    In a history a meeting may stand twice until its reversal, and the loan with it.
    """
    agreed = loan.agreement
    if amount != agreed.principal or on != agreed.disbursed_on:
        raise DisbursementDiffers(
            f"{loan.code} is a loan of Rs {rupees(agreed.principal)} paid out on "
            f"{agreed.disbursed_on}, not of Rs {rupees(amount)} on {on}. Correct one of them."
        )
    if not history and standing(position, loan).paid_out > 0:
        raise LoanAlreadyPaidOut(f"{loan.code} is paid out already.")


def split_repayment(position: Position, loan: Loan, amount: int, on: date) -> Split:
    """How a payment splits, by all that is posted."""
    known = standing(position, loan)
    disbursed_on = loan.agreement.disbursed_on
    if disbursed_on is None or disbursed_on > on or known.paid_out <= 0:
        raise LoanNotPaidOut(f"{loan.code} is not paid out by {on}. Post its disbursement first.")
    if known.written_off > 0:
        raise LoanWrittenOff(f"{loan.code} is written off. Enter this money as a recovery.")
    charges = Move(value_date=disbursed_on, charge_paid=known.charge_paid)
    moves = [*known.moves, charges]
    return allocate(loan.contract, loan.schedule, moves, paid_on=on, amount=amount)


def received(loan: Loan, split: Split) -> list[Line]:
    """The lender's lines of a repayment, beside its cash."""
    lines = []
    faces = loan.borrower_book
    if split.charge:
        income = AccountKey("4100", loan.fund, loan.agreement.organisation or "")
        lines.append(Line(income, credit=split.charge, subject=loan.code, faces=faces))
    if split.principal:
        lines.append(Line(loan.asset, credit=split.principal, faces=faces))
    return lines


def repaid(loan: Loan, split: Split) -> list[Line]:
    """The lines of a repayment in the book of the organisation that borrowed."""
    lines = []
    lender = loan.lender_book
    if split.principal:
        lines.append(Line(borrowing(loan), debit=split.principal, faces=lender))
    if split.charge:
        cost = AccountKey("5000", loan.fund, loan.agreement.lender)
        lines.append(Line(cost, debit=split.charge, subject=loan.code, faces=lender))
    return lines


def borrowing(loan: Loan) -> AccountKey:
    """The borrower's account of the principal that an organisation owes."""
    return AccountKey("2200", loan.fund, loan.code)


def written_off(position: Position, loan: Loan, amount: int) -> list[Line]:
    """A write-off: from the reserve as far as there is one, the rest a loss.

    Of a member's loan: what an organisation owes stands in its own book too, and would stay.
    """
    if loan.borrower_book is not None:
        raise Malformed(
            f"loan: {loan.code} is owed by an organisation. Write off members' loans only."
        )
    outstanding = standing(position, loan).outstanding
    if amount != outstanding:
        raise WriteOffNotWhole(
            f"{loan.code} has Rs {rupees(outstanding)} of principal outstanding, not "
            f"Rs {rupees(amount)}. Write off the whole of it."
        )
    reserve = max(position.balance(loan.lender_book, AccountKey(RESERVE, loan.fund)), 0)
    from_reserve = min(amount, reserve)
    lines = [Line(loan.asset, credit=amount, faces=loan.borrower_book)]
    if from_reserve:
        account = AccountKey(RESERVE, loan.fund)
        lines.insert(0, Line(account, debit=from_reserve, subject=loan.code))
    if amount > from_reserve:
        account = AccountKey(LOSSES, loan.fund)
        lines.insert(-1, Line(account, debit=amount - from_reserve, subject=loan.code))
    return lines


def refuse_recovery_before_write_off(position: Position, loan: Loan) -> None:
    """Money for a loan that is not written off is a repayment."""
    if standing(position, loan).written_off <= 0:
        raise LoanNotWrittenOff(f"{loan.code} is not written off. Enter this as a repayment.")
