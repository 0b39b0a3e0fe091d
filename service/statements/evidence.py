"""Statements for whoever checks a book: what was reversed, and which numbers are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.postgres import evidence
from service.statements.statement import Content, each, summed
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from service.books import Books
    from service.statements.statement import Scope

REVERSAL_LOG: Final = (
    Column("entry_no", Form.NUMBER, "no"),
    Column("value_date", Form.DAY),
    Column("posted_at", Form.MOMENT),
    Column("reference"),
    Column("actor"),
    Column("narrative"),
    Column("fund"),
    Column("amount", Form.MONEY),
    Column("reverses", Form.NUMBER),
    Column("reversed_value_date", Form.DAY),
    Column("reversed_posted_at", Form.MOMENT),
    Column("reversed_reference"),
    Column("reversed_actor"),
)
NUMBER_GAPS: Final = (
    Column("what"),
    Column("first_no", Form.NUMBER),
    Column("last_no", Form.NUMBER),
    Column("posted_before", Form.MOMENT),
    Column("posted_at", Form.MOMENT),
)


async def reversal_log(books: Books, scope: Scope) -> Content:
    """Which entry reversed which, when, by whom and why, and how much of each fund."""
    found = await evidence.reversals(
        books.ledger,
        scope.book,
        scope.first_on,
        scope.last_on,
        known_by=scope.asked.known_by,
        fund=scope.asked.fund,
    )
    return Content(each(found), summed(found, REVERSAL_LOG, "fund"))


async def number_gaps(books: Books, scope: Scope) -> Content:
    """Numbers that no entry has, and moments that step back: none in a sound book."""
    found = await evidence.number_gaps(books.ledger, scope.book, known_by=scope.asked.known_by)
    return Content(each(found))
