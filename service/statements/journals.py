"""Statements of lines: day book, cash book, general ledger, the statement of one account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.chart import CHART
from ledger.postgres import lines
from ledger.postgres.lines import LinesAsked
from service.refusals import Malformed, NotFound
from service.statements.statement import Content
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from ledger.postgres.lines import LinesTotal
    from service.books import Books
    from service.statements.statement import Scope, Total

MONEY: Final = tuple(code.code for code in CHART.values() if code.money)
"""Cash in hand and in transit, bank, wallet."""

_WHEN: Final = (
    Column("value_date", Form.DAY),
    Column("entry_no", Form.NUMBER, "voucher"),
    Column("n", Form.NUMBER, "place_in_voucher"),
    Column("kind"),
    Column("reference"),
    Column("narrative"),
)
_WHERE: Final = (Column("fund"), Column("code"), Column("account", shows="title"), Column("party"))
_AMOUNTS: Final = (Column("debit", Form.MONEY), Column("credit", Form.MONEY))
_BALANCE: Final = Column("balance", Form.MONEY)
_PART: Final = Column("part")
_SUBJECT: Final = Column("subject")

DAY_BOOK: Final = (*_WHEN, *_WHERE, _SUBJECT, *_AMOUNTS)
CASH_BOOK: Final = (
    _PART,
    *_WHEN,
    *_WHERE,
    Column("received", Form.MONEY, "debit"),
    Column("paid", Form.MONEY, "credit"),
    _BALANCE,
)
GENERAL_LEDGER: Final = (*_WHERE, _PART, *_WHEN, _SUBJECT, *_AMOUNTS, _BALANCE)
ACCOUNT_STATEMENT: Final = (_PART, *_WHEN, *_WHERE, _SUBJECT, *_AMOUNTS, _BALANCE)


async def day_book(books: Books, scope: Scope) -> Content:
    """Every line of the book in the order of value dates and voucher numbers."""
    return await of_lines(books, asked_of(scope, ends=False))


async def cash_book(books: Books, scope: Scope) -> Content:
    """What each account of money opened with, what came and went, and what it held then."""
    code = scope.asked.code
    if code is not None and code not in MONEY:
        raise Malformed(f"code: the cash book has {', '.join(MONEY)}. Choose one of them.")
    return await of_lines(books, asked_of(scope, codes=(code,) if code else MONEY))


async def general_ledger(books: Books, scope: Scope) -> Content:
    """Account by account what it opened with, its lines, and what it closed with."""
    return await of_lines(books, asked_of(scope, by_account=True))


async def account_statement(books: Books, scope: Scope) -> Content:
    """One account's opening, lines and closing. Raises `NotFound`, `Malformed`."""
    number = scope.asked.account
    if number is None:
        raise Malformed("account: say of which account, by its number.")
    found = await books.fetch(_ACCOUNT, book=scope.book, account=number)
    if not found:
        raise NotFound(f"The book of {scope.organisation} has no account {number}.")
    return await of_lines(books, asked_of(scope))


_ACCOUNT: Final = "SELECT 1 FROM ledger.account WHERE book_id = :book AND no = :account"


def asked_of(scope: Scope, **more: Any) -> LinesAsked:  # noqa: ANN401 - the fields of LinesAsked
    """The lines that a scope asks for; `more` are fields of their own."""
    asked = scope.asked
    said: dict[str, Any] = {
        "books": (scope.book,),
        "first_on": scope.first_on,
        "last_on": scope.last_on,
        "known_by": asked.known_by,
        "fund": asked.fund,
        "codes": (asked.code,) if asked.code else None,
        "about": ((None, asked.party),) if asked.party else None,
        "account_no": asked.account,
        "after": asked.after,
        "limit": asked.limit,
    }
    return LinesAsked(**said | more)


async def of_lines(books: Books, asked: LinesAsked) -> Content:
    """The lines as they come, and their totals by fund and code."""
    totals = await lines.totals(books.ledger, asked)
    return Content(lines.lines(books.ledger, asked), [_total(total) for total in totals])


def _total(total: LinesTotal) -> Total:
    return total._asdict()
