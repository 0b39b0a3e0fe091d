"""Whose own affair a request is: that officer does not decide on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from service.refusals import OwnLoan

if TYPE_CHECKING:
    from service.books import Books
    from service.requests.request import Wish

_MEMBER: Final = "SELECT member FROM access.person WHERE code = :actor"
_BORROWER: Final = "SELECT member FROM service.loan WHERE code = :loan"
_ENTERED_BY: Final = "SELECT entered_by FROM service.loan_application WHERE code = :loan"


async def refuse_own(books: Books, wish: Wish) -> None:
    """Raise `OwnLoan` where the actor borrows, or entered the application."""
    agreement: dict[str, Any] = wish.content.get("agreement") or {}
    event: dict[str, Any] = wish.content.get("event") or {}
    loan = wish.content.get("loan") or event.get("loan") or agreement.get("code")
    if loan is None:
        return
    borrower = agreement.get("member") or await _one(books, _BORROWER, loan=loan)
    if borrower is not None and borrower == await _one(books, _MEMBER, actor=books.actor):
        raise OwnLoan(f"{loan} is your own loan. Another officer decides.")
    if agreement and books.actor == await _one(books, _ENTERED_BY, loan=loan):
        raise OwnLoan(f"You entered the application for {loan}. Another officer decides.")


async def _one(books: Books, sql: str, **asked: object) -> object:
    row = await books.fetch_one(sql, **asked)
    return None if row is None else row[0]
