"""A member's passbook: her savings, loans, grants, fees and fines, in the books that keep them.

A credit is what she brings, a debit what she takes. Balances stand on their own side: what
she has saved and what she owes are above zero, and beside fees, fines and charges stands what
she has paid of them so far. Of a loan that another organisation gave her it shows what is open
to whoever asks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.chart import CHART
from service.statements.journals import asked_of, of_lines
from service.statements.statement import Narrowing, Statement
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from service.books import Books
    from service.statements.statement import Content, Scope, Total

_HERS: Final = ("2000", "2010", "2400", "4000", "4010", "4200")
"""Savings, grants to pass on, fees, fines, donations: kept for a member, or about her."""
_OF_LOANS: Final = ("1300", "1320", "1390", "4010", "4100", "4900", "5100")
_LOANS: Final = """
    SELECT l.code, o.book_id FROM service.loan l JOIN service.organisation o ON o.code = l.lender
    WHERE l.member = :member ORDER BY l.code
"""


async def make(books: Books, scope: Scope) -> Content:
    """Every movement of a member, by day and voucher, with what each of them left."""
    member = scope.asked.party or ""
    loans = await books.fetch(_LOANS, member=member)
    about = [(code, member) for code in _HERS]
    about += [(code, loan) for loan, _ in loans for code in _OF_LOANS]
    asked = replace(
        asked_of(scope),
        books=tuple(sorted({scope.book, *(book for _, book in loans)})),
        about=tuple(about),
    )
    content = await of_lines(books, asked)
    return replace(content, totals=[_on_its_side(total) for total in content.totals])


def _on_its_side(total: Total) -> Total:
    sign = CHART[str(total["code"])].sign
    return {
        name: value * sign if name in {"opening", "closing"} else value
        for name, value in total.items()
    }


PASSBOOK: Final = Statement(
    "passbook",
    "Passbook",
    make,
    (
        Column("part"),
        Column("value_date", Form.DAY),
        Column("organisation"),
        Column("entry_no", Form.NUMBER, "voucher"),
        Column("n", Form.NUMBER, "place_in_voucher"),
        Column("reference"),
        Column("narrative"),
        Column("fund"),
        Column("code"),
        Column("account", shows="title"),
        Column("about"),
        Column("debit", Form.MONEY),
        Column("credit", Form.MONEY),
        Column("balance", Form.MONEY, "held"),
    ),
    narrowed_by=frozenset({Narrowing.FUND}),
)
