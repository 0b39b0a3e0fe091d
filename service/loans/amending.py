"""Agreeing something else of a loan that runs, and taking that back.

Rates, due dates and fines hold from a day on; the entries posted before stand, and what falls due
is worked out anew. Source: DOMAIN 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.calendar import business_date
from service import access, organisations
from service.access import Right
from service.loans import changes, contracts, history
from service.loans.figures import LoanFigures, figures
from service.loans.life import LoanState, Step, refuse_illegal
from service.loans.plan import Plan, as_planned
from service.loans.terms import Charge, ContractContradicts
from service.refusals import Malformed

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan
    from service.loans.plan import Change

_LOCK = "SELECT code FROM service.loan WHERE code = :code FOR UPDATE"

_CANCEL = "UPDATE service.loan SET cancelled_on = :on WHERE code = :code"


class AsItStands(NamedTuple):
    """A loan on a day: where it is, what it asks for, what it owes."""

    state: LoanState
    plan: Plan
    figures: LoanFigures


async def agree(
    books: WritableBooks, code: str, change: Change, *, reason: str, resolution: str | None
) -> int:
    """Write down a change of a loan that runs on its day; its number.

    Raises `NotFound`, `StepNotAllowed`, `Malformed` for a day to come, and `ContractContradicts`
    for what does not fit the loan.
    """
    loan = await _locked(books, code)
    organisations.refuse_future(books, "on", change.on)
    refuse_illegal(Step.CHANGE, (await on_day(books, loan, change.on)).state, code)
    rate = getattr(change, "rate", None)
    if rate is not None and loan.contract.product.charge is not Charge.DECLINING:
        raise ContractContradicts(f"{code} has no rate to change: its charge is not declining")
    n = await changes.add(books, code, change, reason=reason, resolution=resolution)
    await standing_now(books, code)  # that it can be worked out
    return n


async def undo(books: WritableBooks, code: str, n: int) -> None:
    """Take a change back from now on; what was known before stays known. Raises `NotFound`."""
    await _locked(books, code)
    await changes.undo(books, code, n)


async def cancel(books: WritableBooks, code: str, on: date) -> None:
    """Cancel a loan that is approved, and of which nothing is paid out.

    Raises `NotFound`, `StepNotAllowed`, `Malformed` for a day to come or before its approval.
    """
    loan = await _locked(books, code)
    organisations.refuse_future(books, "on", on)
    if on < loan.agreement.approved_on:
        raise Malformed(f"on: {code} was approved on {loan.agreement.approved_on}.")
    refuse_illegal(Step.CANCEL, (await standing_now(books, code)).state, code)
    await books.execute(_CANCEL, code=code, on=on)


async def standing_now(books: Books, code: str) -> AsItStands:
    """A loan as it stands today, by all that is known."""
    loan = (await contracts.loans(books, [code]))[code]
    return await on_day(books, loan, business_date(books.now))


async def on_day(
    books: Books, loan: Loan, on: date, *, known_by: datetime | None = None
) -> AsItStands:
    """A loan as it stands on a day, by all that is known now, or was by a moment.

    What was agreed anew by that moment stands in the loan already.
    """
    moves = (await history.moves_of(books, [loan], on, known_by=known_by))[loan.code]
    found = figures(loan.contract, loan.schedule, moves, on, loan.changes)
    state = LoanState.PAID_OUT
    if not found.paid_out:
        cancelled = loan.cancelled_on is not None and loan.cancelled_on <= on
        state = LoanState.CANCELLED if cancelled else LoanState.APPROVED
    elif found.closed:
        lost = sum(move.written_off for move in moves)
        state = LoanState.WRITTEN_OFF if lost else LoanState.REPAID
    planned = as_planned(loan.contract, loan.schedule, moves, loan.changes, on=on)
    return AsItStands(state, planned, found)


async def _locked(books: WritableBooks, code: str) -> Loan:
    """A loan kept from others who would change it. Raises `NotFound`, `Forbidden`."""
    loan = (await contracts.loans(books, [code]))[code]
    await access.authorise(books, Right.PREPARE, loan.agreement.lender)
    await books.fetch(_LOCK, code=code)
    return (await contracts.loans(books, [code]))[code]
