"""Whose own affair a request is: that officer does not decide on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from service.events.event import EventKind
from service.refusals import OwnLoan

if TYPE_CHECKING:
    from service.books import Books
    from service.requests.request import Wish

_MEMBER: Final = "SELECT member FROM access.person WHERE code = :actor"
_BORROWER: Final = "SELECT member FROM service.loan WHERE code = :loan"
_ENTERED_BY: Final = "SELECT entered_by FROM service.loan_application WHERE code = :loan"
_UNDONE: Final = "SELECT kind, counterparty, loan FROM service.event WHERE code = :code"


async def refuse_own(books: Books, wish: Wish) -> None:
    """Raise `OwnLoan` where the actor borrows, is settled with, or entered the application."""
    agreement: dict[str, Any] = wish.content.get("agreement") or {}
    surety: dict[str, Any] = wish.content.get("surety") or {}
    event = await _event(books, wish.content.get("event") or {})
    loan = wish.content.get("loan") or surety.get("loan") or event.get("loan")
    loan = loan or agreement.get("code")
    about = agreement.get("member")
    if event.get("kind") == EventKind.SETTLEMENT:
        about = event.get("counterparty")
    elif about is None and loan is not None:
        about = await _one(books, _BORROWER, loan=loan)
    if about is not None and about == await _one(books, _MEMBER, actor=books.actor):
        what = f"{loan} is your own loan" if loan else "It is your own settlement"
        raise OwnLoan(f"{what}. Another officer decides.")
    if agreement and books.actor == await _one(books, _ENTERED_BY, loan=loan):
        raise OwnLoan(f"You entered the application for {loan}. Another officer decides.")


async def _event(books: Books, event: dict[str, Any]) -> dict[str, Any]:
    """An event, or the one that it takes back."""
    if event.get("reverses") is None:
        return event
    row = await books.fetch_one(_UNDONE, code=event["reverses"])
    return {} if row is None else {"kind": row[0], "counterparty": row[1], "loan": row[2]}


async def _one(books: Books, sql: str, **asked: object) -> object:
    row = await books.fetch_one(sql, **asked)
    return None if row is None else row[0]
