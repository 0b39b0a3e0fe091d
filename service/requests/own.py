"""Whose own affair a request is: that officer does not decide on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from service.events.event import EventKind
from service.refusals import OwnLoan
from service.sheets.sheet import SheetLineKind

if TYPE_CHECKING:
    from service.books import Books
    from service.requests.request import Wish

_MEMBER: Final = "SELECT member FROM access.person WHERE code = :actor"
_BORROWER: Final = "SELECT member FROM service.loan WHERE code = :loan"
_ENTERED_BY: Final = "SELECT entered_by FROM service.loan_application WHERE code = :loan"
_UNDONE: Final = "SELECT kind, counterparty, loan FROM service.event WHERE code = :code"
_PAID: Final = """
    SELECT DISTINCT l ->> 0 FROM service.sheet s CROSS JOIN jsonb_array_elements(s.lines) AS l
    WHERE s.code = :sheet AND l ->> 1 = ANY (:kinds)
"""
_PAYING: Final = (SheetLineKind.DISBURSEMENT, SheetLineKind.WITHDRAWAL)


async def refuse_own(books: Books, wish: Wish) -> None:
    """Raise `OwnLoan` where the actor is whom it pays or lends to, or entered the application."""
    content = wish.content
    agreement: dict[str, Any] = content.get("agreement") or {}
    surety: dict[str, Any] = content.get("surety") or {}
    event = await _event(books, content.get("event") or {})
    loan = content.get("loan") or surety.get("loan") or event.get("loan") or agreement.get("code")
    mine = await _one(books, _MEMBER, actor=books.actor)
    if mine is not None:
        whom = {agreement.get("member"), (content.get("member") or {}).get("code")}
        whom |= await _paid(books, content)
        if event.get("kind") == EventKind.SETTLEMENT:
            whom.add(event.get("counterparty"))
        elif loan is not None:
            whom.add(await _one(books, _BORROWER, loan=loan))
        if mine in whom:
            raise OwnLoan(
                f"{loan} is your own loan. Another officer decides."
                if loan
                else "It is about you yourself. Another officer decides."
            )
    if agreement and books.actor == await _one(books, _ENTERED_BY, loan=loan):
        raise OwnLoan(f"You entered the application for {loan}. Another officer decides.")


async def _paid(books: Books, content: dict[str, Any]) -> set[Any]:
    """The members whom a sheet pays, as it waits or as it would be corrected."""
    if (right := content.get("right")) is not None:
        return {line["member"] for line in right["lines"] if line["kind"] in _PAYING}
    if (sheet := content.get("sheet")) is None:
        return set()
    kinds = [kind.value for kind in _PAYING]
    return {row[0] for row in await books.fetch(_PAID, sheet=sheet, kinds=kinds)}


async def _event(books: Books, event: dict[str, Any]) -> dict[str, Any]:
    """An event, or the one that it takes back."""
    if event.get("reverses") is None:
        return event
    row = await books.fetch_one(_UNDONE, code=event["reverses"])
    return {} if row is None else {"kind": row[0], "counterparty": row[1], "loan": row[2]}


async def _one(books: Books, sql: str, **asked: object) -> object:
    row = await books.fetch_one(sql, **asked)
    return None if row is None else row[0]
