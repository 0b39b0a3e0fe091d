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
from service.loans.history import ABOUT, Days
from service.loans.life import LoanState, Step, refuse_illegal
from service.loans.terms import Fees, fees_of
from service.refusals import (
    DisbursementDiffers,
    Malformed,
    WriteOffNotWhole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ledger.positions import Position
    from service.loans.contracts import Loan
    from service.loans.plan import Move

RESERVE = "1390"
LOSSES = "5100"
NO_FEES = Fees(0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan by everything that is posted, whatever its value date; amounts in paisa."""

    paid_out: int
    repaid: int
    written_off: int
    moves: tuple[Move, ...]

    @property
    def outstanding(self) -> int:
        """Principal still owed."""
        return self.paid_out - self.repaid - self.written_off

    @property
    def state(self) -> LoanState:
        """Where the loan is, as far as its lines say: one that is repaid may owe charges yet."""
        if self.paid_out <= 0:
            return LoanState.APPROVED
        return LoanState.WRITTEN_OFF if self.written_off > 0 else LoanState.PAID_OUT


def standing(position: Position, loan: Loan) -> Standing:
    """Where the loan stands by all that its lender's book knows."""
    book, days = loan.lender_book, Days()
    for move in position.moves(book, loan.asset):
        days.add(move.day, loan.asset.code, move.debit, move.credit, reversal=move.reversal)
    for day, code, net in _about(position, loan):
        days.add(day, code, max(net, 0), max(-net, 0), reversal=False)
    moves = tuple(days.moves())
    return Standing(
        paid_out=sum(move.disbursed for move in moves),
        repaid=sum(move.principal_repaid for move in moves),
        written_off=sum(move.written_off for move in moves),
        moves=moves,
    )


def _about(position: Position, loan: Loan) -> Iterator[tuple[date, str, int]]:
    """What the lines that name the loan come to, by day where the days matter to it.

    Where they do not, all counts as of its first day.
    """
    if loan.afresh:
        yield from position.named_moves(loan.lender_book, loan.code)
    else:
        first = loan.agreement.disbursed_on or loan.agreement.first_due_on
        for code in ABOUT:
            yield first, code, position.subject_net(loan.lender_book, loan.code, code)


def paid_out(position: Position, loan: Loan, amount: int, on: date, *, history: bool) -> Fees:
    """Refuse what does not fit, and say which fees are taken with a disbursement.

    A loan is paid out once, in full, on its own day; or in tranches, the first on that day, none
    after its last due date. In a history a meeting may stand twice until its reversal, and the
    loan with it.
    """
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


def received(loan: Loan, split: Split) -> list[Line]:
    """The lender's lines of a repayment, beside its cash."""
    lines = []
    faces = loan.borrower_book
    if split.fine:
        fined = AccountKey("4010", loan.fund, loan.agreement.organisation or "")
        lines.append(Line(fined, credit=split.fine, subject=loan.code, faces=faces))
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
    if split.charge + split.fine:
        cost = AccountKey("5000", loan.fund, loan.agreement.lender)
        lines.append(Line(cost, debit=split.charge + split.fine, subject=loan.code, faces=lender))
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
    refuse_illegal(Step.RECOVER, standing(position, loan).state, loan.code)
