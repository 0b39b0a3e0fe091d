"""Statements of sums, of one book or consolidated.

They are trial balance, receipts and payments, income and expenditure, and balance sheet. Each
but the trial balance puts movements under its parts, for the whole and once more for what is
eliminated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.postgres import movements
from service.statements.journals import MONEY
from service.statements.statement import Content, each, summed
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.postgres.movements import CodeMovement, Receipt
    from service.books import Books
    from service.statements.statement import Scope

_CODE: Final = (Column("fund"), Column("code"), Column("account", shows="title"))
_FIELDS: Final = ("opening", "debit", "credit", "moved", "closing")
_INCOME: Final = "4"
_EXPENDITURE: Final = "5"
_RESULTS: Final = tuple(code for code in CHART if code[0] in {_INCOME, _EXPENDITURE})

TRIAL_BALANCE: Final = (
    *_CODE,
    *(Column(name, Form.MONEY, f"whole.{name}") for name in _FIELDS if name != "moved"),
)
NODE_TRIAL_BALANCE: Final = (
    *_CODE,
    *(Column(name, Form.MONEY, f"whole.{name}") for name in _FIELDS),
    *(Column(f"{name}_eliminated", Form.MONEY, f"eliminated.{name}") for name in _FIELDS),
    Column("consolidated", Form.MONEY),
)
SECTIONS: Final = (
    Column("fund"),
    Column("part"),
    Column("code"),
    Column("account", shows="title"),
    Column("amount", Form.MONEY),
)
NODE_SECTIONS: Final = (
    *SECTIONS,
    Column("eliminated", Form.MONEY),
    Column("consolidated", Form.MONEY),
)


class SectionRow(NamedTuple):
    """One amount under a part of a statement, and what of it is between books that count."""

    fund: str
    part: str
    code: str
    amount: int
    eliminated: int = 0

    @property
    def title(self) -> str:
        """What its code is called; a result has none."""
        return CHART[self.code].name if self.code else "Surplus"

    @property
    def consolidated(self) -> int:
        """The amount less what is eliminated."""
        return self.amount - self.eliminated


async def trial_balance(books: Books, scope: Scope) -> Content:
    """Opening, turnover and closing of every fund and code; for a node also what moved."""
    codes = [scope.asked.code] if scope.asked.code else None
    found = await movements.movements(books.ledger, scope.stretch, codes=codes)
    rows = [row for row in found if any(row.whole) or any(row.eliminated)]
    columns = NODE_TRIAL_BALANCE if scope.asked.consolidated else TRIAL_BALANCE
    return Content(each(rows), summed(rows, columns, "fund"))


async def receipts_and_payments(books: Books, scope: Scope) -> Content:
    """What there was in money, what came in and went out for what, and what there is."""
    money = await movements.movements(books.ledger, scope.stretch, codes=MONEY)
    moves = await movements.receipts(books.ledger, scope.stretch, money=MONEY)
    parts: dict[str, list[tuple[CodeMovement | Receipt, int, int]]] = {
        "opening": [(m, m.whole.opening, m.eliminated.opening) for m in money],
        "receipts": [(m, m.received, m.received_eliminated) for m in moves],
        "payments": [(m, m.paid, m.paid_eliminated) for m in moves],
        "moved": [(m, m.whole.moved, m.eliminated.moved) for m in money],
        "closing": [(m, m.whole.closing, m.eliminated.closing) for m in money],
    }
    return _sections(
        scope,
        (
            SectionRow(m.fund, part, m.code, amount, eliminated)
            for part, found in parts.items()
            for m, amount, eliminated in found
        ),
        tuple(parts),
    )


async def income_and_expenditure(books: Books, scope: Scope) -> Content:
    """What was earned and spent in the period, closing entries apart, and the surplus."""
    found = await movements.movements(
        books.ledger, scope.stretch, codes=_RESULTS, without_closing_entries=True
    )
    return _sections(scope, _results(found), ("income", "expenditure", "surplus"))


def _results(found: Iterable[CodeMovement]) -> Iterator[SectionRow]:
    for m in found:
        amount, eliminated = (part.credit - part.debit for part in (m.whole, m.eliminated))
        yield SectionRow(m.fund, "surplus", "", amount, eliminated)
        if m.code.startswith(_INCOME):
            yield SectionRow(m.fund, "income", m.code, amount, eliminated)
        else:
            yield SectionRow(m.fund, "expenditure", m.code, -amount, -eliminated)


async def balance_sheet(books: Books, scope: Scope) -> Content:
    """What there is on a day, and whose it is: assets = liabilities + funds + surplus."""
    found = await movements.movements(books.ledger, scope.stretch)
    return _sections(scope, _standing(found), ("assets", "liabilities", "funds", "surplus"))


_SIDES: Final = {"1": "assets", "2": "liabilities", "3": "funds"}


def _standing(found: Iterable[CodeMovement]) -> Iterator[SectionRow]:
    """Income and expenditure that no entry has closed yet are the surplus."""
    for m in found:
        amount, eliminated = m.whole.closing, m.eliminated.closing
        part = _SIDES.get(m.code[0], "surplus")
        if part == "assets":
            yield SectionRow(m.fund, part, m.code, amount, eliminated)
        else:
            code = "" if part == "surplus" else m.code
            yield SectionRow(m.fund, part, code, -amount, -eliminated)


def _sections(scope: Scope, found: Iterable[SectionRow], parts: Sequence[str]) -> Content:
    """Rows by fund, part and code, each once and none of zeros; the totals of every part."""
    sums: dict[tuple[str, int, str], tuple[int, int]] = {}
    for row in found:
        key = (row.fund, parts.index(row.part), row.code)
        amount, eliminated = sums.get(key, (0, 0))
        sums[key] = (amount + row.amount, eliminated + row.eliminated)
    rows = [
        SectionRow(fund, parts[place], code, *amounts)
        for (fund, place, code), amounts in sorted(sums.items())
        if any(amounts)
    ]
    columns = NODE_SECTIONS if scope.asked.consolidated else SECTIONS
    return Content(each(rows), summed(rows, columns, "fund", "part"))
