"""The lines that a loan's events put into its lender's and its borrower's books.

Each function asks the position of the books, so it sees all that is posted, whatever its
value date; each refuses what the books do not allow. Source: DOMAIN 4 and 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.entries import MOST_PAISA_ON_A_LINE, AccountKey, Line
from ledger.money import rupees
from service.loans import charges
from service.loans.allocation import Split, allocate
from service.loans.life import LoanState, Step, refuse_illegal
from service.loans.standing import standing
from service.loans.terms import Fees, fees_of
from service.refusals import (
    DisbursementDiffers,
    Malformed,
    WriteOffNotWhole,
)

if TYPE_CHECKING:
    from datetime import date

    from ledger.positions import Position
    from service.loans.contracts import Loan

RESERVE = "1390"
LOSSES = "5100"
NO_FEES = Fees(0, 0)


def paid_out(
    position: Position,
    loan: Loan,
    amount: int,
    on: date,
    *,
    history: bool = False,
    refinancing: bool = False,
) -> Fees:
    """Refuse what does not fit, and say which fees are taken with a disbursement.

    A loan is paid out once, in full, on its own day; or in tranches, the first on that day, none
    after its last due date. In a history a meeting may stand twice until its reversal, and the
    loan with it.
    """
    if loan.agreement.refinances is not None and not refinancing:
        raise DisbursementDiffers(
            f"{loan.code} pays off {loan.agreement.refinances}. Pay it out by a refinance."
        )
    known = standing(position, loan)
    before = known.paid_out
    further = loan.agreement.in_tranches and before > 0
    if further:
        refuse_illegal(Step.PAY_OUT_MORE, known.state, loan.code)
        _refuse_unfit_tranche(loan, amount, on, before)
    elif loan.cancelled_on is not None:
        refuse_illegal(Step.PAY_OUT, LoanState.CANCELLED, loan.code)
    elif loan.agreement.in_tranches:
        _refuse_unfit_tranche(loan, amount, on, before)
    else:
        _refuse_unfit(loan, amount, on)
        if not history:
            refuse_illegal(Step.PAY_OUT, known.state, loan.code)
    first = not further
    fees = fees_of(loan.contract) if first else NO_FEES
    if fees.deducted >= amount:
        raise DisbursementDiffers(
            f"The fees of {loan.code}, Rs {rupees(fees.deducted)}, are taken off its first tranche."
            " Pay out more than that."
        )
    return fees


def _refuse_unfit_tranche(loan: Loan, amount: int, on: date, before: int) -> None:
    agreed, left = loan.agreement, loan.agreement.principal - before
    if amount > left:
        raise DisbursementDiffers(
            f"{loan.code} has Rs {rupees(left)} left to pay out, not Rs {rupees(amount)}."
        )
    last = loan.schedule[-1].due_on if loan.schedule else on
    if agreed.disbursed_on is None or not agreed.disbursed_on <= on < last:
        raise DisbursementDiffers(
            f"{loan.code} is paid out from {agreed.disbursed_on} on, and before {last}."
            " Choose another day."
        )
    if before <= 0 and on != agreed.disbursed_on:
        raise DisbursementDiffers(
            f"The first tranche of {loan.code} is paid out on {agreed.disbursed_on}."
        )


def _refuse_unfit(loan: Loan, amount: int, on: date) -> None:
    agreed = loan.agreement
    if amount != agreed.principal or on != agreed.disbursed_on:
        raise DisbursementDiffers(
            f"{loan.code} is a loan of Rs {rupees(agreed.principal)} paid out on "
            f"{agreed.disbursed_on}, not of Rs {rupees(amount)} on {on}. Correct one of them."
        )


def split_repayment(position: Position, loan: Loan, amount: int, on: date) -> Split:
    """How a payment splits, by all that is posted."""
    known = standing(position, loan)
    disbursed_on = loan.agreement.disbursed_on
    there = disbursed_on is not None and disbursed_on <= on
    refuse_illegal(Step.REPAY, known.state if there else LoanState.APPROVED, loan.code, on)
    return allocate(
        loan.contract,
        loan.schedule,
        known.moves,
        paid_on=on,
        amount=amount,
        changes=loan.changes,
    )


def pay_off(position: Position, loan: Loan, on: date) -> Split:
    """What would close a loan on a day, by all that is posted: a payment of more leaves the rest.

    Raises `LoanNotPaidOut` and `LoanWrittenOff`.
    """
    return replace(split_repayment(position, loan, MOST_PAISA_ON_A_LINE, on), over=0)


def received(position: Position, loan: Loan, split: Split, on: date) -> list[Line]:
    """The lender's lines of a repayment, beside its cash."""
    lines = []
    faces = loan.borrower_book
    if split.fine:
        fined = AccountKey("4010", loan.fund, loan.agreement.organisation or "")
        lines.append(Line(fined, credit=split.fine, subject=loan.code, faces=faces))
    lines += charges.paid(position, loan, split, on)
    if split.principal:
        lines.append(Line(loan.asset, credit=split.principal, faces=faces))
    return lines


def repaid(loan: Loan, split: Split) -> list[Line]:
    """The lines of a repayment in the book of the organisation that borrowed."""
    lines = []
    lender = loan.lender_book
    if split.principal:
        lines.append(Line(borrowing(loan), debit=split.principal, faces=lender))
    if split.charge + split.fine:
        cost = AccountKey("5000", loan.fund, loan.agreement.lender)
        lines.append(Line(cost, debit=split.charge + split.fine, subject=loan.code, faces=lender))
    return lines


def accounts_of(loan: Loan) -> frozenset[AccountKey]:
    """The accounts of the lender, beside its money, that a payment may move."""
    fined = AccountKey("4010", loan.fund, loan.agreement.organisation or "")
    return charges.accounts_of(loan) | {loan.asset, fined}


def borrowing(loan: Loan) -> AccountKey:
    """The borrower's account of the principal that an organisation owes."""
    return AccountKey("2200", loan.fund, loan.code)


def written_off(position: Position, loan: Loan, amount: int) -> list[Line]:
    """A write-off: from the reserve as far as there is one, the rest a loss.

    Charge that was accrued and never paid was no income: it is taken back, and is no loss.
    Of a member's loan: what an organisation owes stands in its own book too, and would stay.
    """
    if loan.borrower_book is not None:
        raise Malformed(
            f"loan: {loan.code} is owed by an organisation. Write off members' loans only."
        )
    known = standing(position, loan)
    outstanding = known.outstanding
    state = known.state
    if outstanding:  # again, where a payment before a write-off was reversed after it
        state = LoanState.PAID_OUT
    elif state is LoanState.PAID_OUT:
        state = LoanState.REPAID
    refuse_illegal(Step.WRITE_OFF, state, loan.code)
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
    return lines + charges.accrued(loan, -charges.receivable(position, loan))


def refuse_recovery_before_write_off(position: Position, loan: Loan) -> None:
    """Money for a loan that is not written off is a repayment."""
    refuse_illegal(Step.RECOVER, standing(position, loan).state, loan.code)
