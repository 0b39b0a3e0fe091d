"""All statements there are, by name, and the making of one for whoever may read it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from service import access, members
from service.access import Right
from service.refusals import NotFound
from service.statements import cif, collecting, evidence, figures, journals
from service.statements.passbook import PASSBOOK
from service.statements.scoping import head_of, scope_of
from service.statements.statement import Dated, Made, Narrowing, Statement

if TYPE_CHECKING:
    from service.books import Books
    from service.statements.statement import Asked, Content, Scope

_FUND: Final = frozenset({Narrowing.FUND})
_LINES: Final = frozenset({Narrowing.FUND, Narrowing.CODE, Narrowing.PARTY})

STATEMENTS: Final = {
    statement.name: statement
    for statement in (
        Statement(
            "day-book",
            "Day book",
            journals.day_book,
            journals.DAY_BOOK,
            narrowed_by=_LINES,
            paged=True,
        ),
        Statement(
            "cash-book",
            "Cash book",
            journals.cash_book,
            journals.CASH_BOOK,
            narrowed_by=_FUND | {Narrowing.CODE},
            paged=True,
        ),
        Statement(
            "general-ledger",
            "General ledger",
            journals.general_ledger,
            journals.GENERAL_LEDGER,
            narrowed_by=_LINES,
            paged=True,
        ),
        Statement(
            "account-statement",
            "Account statement",
            journals.account_statement,
            journals.ACCOUNT_STATEMENT,
            narrowed_by=frozenset({Narrowing.ACCOUNT}),
            paged=True,
        ),
        Statement(
            "trial-balance",
            "Trial balance",
            figures.trial_balance,
            figures.TRIAL_BALANCE,
            figures.NODE_TRIAL_BALANCE,
            narrowed_by=_FUND | {Narrowing.CODE},
        ),
        Statement(
            "receipts-and-payments",
            "Receipts and payments",
            figures.receipts_and_payments,
            figures.SECTIONS,
            figures.NODE_SECTIONS,
            narrowed_by=_FUND,
        ),
        Statement(
            "income-and-expenditure",
            "Income and expenditure",
            figures.income_and_expenditure,
            figures.SECTIONS,
            figures.NODE_SECTIONS,
            narrowed_by=_FUND,
        ),
        Statement(
            "balance-sheet",
            "Balance sheet",
            figures.balance_sheet,
            figures.SECTIONS,
            figures.NODE_SECTIONS,
            dated=Dated.DAY,
            narrowed_by=_FUND,
        ),
        Statement(
            "dcbo",
            "Demand, collection, balance, overdue",
            collecting.dcbo,
            collecting.DCBO,
            narrowed_by=_FUND | {Narrowing.PARTY},
        ),
        Statement(
            "on-time-collection",
            "On-time collection",
            collecting.on_time,
            collecting.ON_TIME,
            collecting.ON_TIME,
            narrowed_by=_FUND,
        ),
        Statement(
            "cif-statement",
            "CIF statement",
            cif.statement,
            cif.CIF,
            cif.CIF,
            narrowed_by=_FUND,
            fund="cif",
        ),
        Statement(
            "reversal-log",
            "Reversal log",
            evidence.reversal_log,
            evidence.REVERSAL_LOG,
            narrowed_by=_FUND,
        ),
        Statement(
            "number-gaps",
            "Number gaps",
            evidence.number_gaps,
            evidence.NUMBER_GAPS,
            dated=Dated.NEVER,
        ),
    )
}


async def of_organisation(books: Books, organisation: str, name: str, asked: Asked) -> Made:
    """A statement of an organisation's book, or consolidated with all below it.

    Raises `NotFound` and `Forbidden` for the organisation, `NotFound` for the statement,
    `Malformed` for what it does not take, `MomentUnsettled`.
    """
    consolidated = asked.consolidated
    book = await access.authorise(books, Right.READ, organisation, below=consolidated)
    statement = STATEMENTS.get(name)
    if statement is None:
        raise NotFound(f"There is no statement {name!r}. Choose one of {', '.join(STATEMENTS)}.")
    scope = scope_of(books, statement, asked, book=book, organisation=organisation)
    if not consolidated:
        return await _made(books, statement, scope)
    async with books.whole_house(nodes=[book]):
        return await _made(books, statement, scope)


async def passbook(books: Books, member: str, asked: Asked) -> Made:
    """The passbook of a member. Raises `NotFound`, `Forbidden`, `Malformed`, `MomentUnsettled`."""
    organisation = (await members.organisations_of(books, [member]))[member]
    book = await access.authorise(books, Right.READ, organisation)
    scope = scope_of(books, PASSBOOK, asked, book=book, organisation=organisation)
    hers = replace(scope, asked=replace(asked, party=member))
    made = await _made(books, PASSBOOK, hers)
    return replace(made, head={"member": member, **made.head})


async def _made(books: Books, statement: Statement, scope: Scope) -> Made:
    content: Content = await statement.make(books, scope)
    columns = statement.node_columns if scope.asked.consolidated else statement.columns
    return Made(head_of(books, statement, scope), columns, content)
