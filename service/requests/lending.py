"""What waits for a second officer of a loan's life: its approval, what is agreed later, its end.

Nobody decides on her own loan: not who applied for it, nor who entered the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service import access, members
from service.access import Right
from service.loans import contracts
from service.requests import operations, sight
from service.requests.actions import ask
from service.requests.operations import plain
from service.requests.request import RequestKind, own_wish

if TYPE_CHECKING:
    from datetime import date

    from service.books import WritableBooks
    from service.loans.agreement import Agreement
    from service.loans.plan import Change
    from service.requests.request import Requested


async def agree_loan(books: WritableBooks, agreement: Agreement, *, key: str) -> Requested:
    """Ask that a loan be approved."""
    await access.authorise(books, Right.PREPARE, agreement.lender)
    if agreement.member is not None:
        await members.organisations_of(books, [agreement.member])
    if agreement.organisation is not None:
        await sight.refuse_unknown(books, agreement.lender, agreement.organisation)
    if agreement.refinances is not None:
        await contracts.loans(books, [agreement.refinances])
    reason = agreement.purpose or "Loan"
    content = {"agreement": plain(operations.AGREEMENT, agreement)}
    code, lender = agreement.code, agreement.lender
    wish = own_wish(RequestKind.LOAN, lender, code, reason, "agree_loan", content)
    return await ask(books, wish, key=key)


async def change_loan(
    books: WritableBooks,
    loan: str,
    change: Change,
    *,
    reason: str,
    resolution: str | None,
    key: str,
) -> Requested:
    """Ask that a rate, due dates or a fine of a loan be agreed anew."""
    content: dict[str, Any] = {
        "loan": loan,
        "kind": (kind := type(change).__name__),
        "change": plain(operations.CHANGES[kind], change),
        "reason": reason,
        "resolution": resolution,
    }
    return await _of_loan(books, loan, reason, "change_loan", content, key=key)


async def undo_change(
    books: WritableBooks, loan: str, n: int, *, reason: str, key: str
) -> Requested:
    """Ask that what was agreed of a loan in error be taken back."""
    content: dict[str, Any] = {"loan": loan, "n": n, "reason": reason}
    return await _of_loan(books, loan, reason, "undo_change", content, key=key)


async def cancel_loan(
    books: WritableBooks, loan: str, on: date, *, reason: str, key: str
) -> Requested:
    """Ask that a loan that was approved and not paid out be cancelled."""
    content: dict[str, Any] = {"loan": loan, "on": on.isoformat(), "reason": reason}
    return await _of_loan(books, loan, reason, "cancel_loan", content, key=key)


async def _of_loan(
    books: WritableBooks, loan: str, reason: str, do: str, content: dict[str, Any], *, key: str
) -> Requested:
    lender = (await contracts.loans(books, [loan]))[loan].agreement.lender
    await access.authorise(books, Right.PREPARE, lender)
    wish = own_wish(RequestKind.LOAN_CHANGE, lender, loan, reason, do, content)
    return await ask(books, wish, key=key)
