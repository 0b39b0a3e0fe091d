"""Accounts of a book, with their balances and statements."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Query as QueryField
from pydantic import Field

from api.dependencies import AsOf, FirstOn, KnownBy, LastOn, ReadBooks, days
from api.errors import declared
from api.fields import MOST_NO, Answer, Code, Rupees, VoucherNo
from api.paging import LINKED, Limit, cut
from ledger.postgres.balances import AccountBalance
from ledger.postgres.statements import BEFORE_ALL, Place, StatementLine
from ledger.refusals import MomentUnsettled
from service import bookkeeping
from service.refusals import Malformed, NotFound

router = APIRouter(prefix="/organisations/{code}/accounts", tags=["accounts"])

_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})\.(\d{1,9})", re.ASCII)
AfterPlace = Annotated[
    str,
    QueryField(
        max_length=40,
        pattern=r"^(\d{4}-\d{2}-\d{2}\.\d{1,18}\.\d{1,9})?$",
        description="Those after this place: day, voucher number, line.",
    ),
]
BALANCE: Final = "Debit less credit: below zero where the credit side is larger."


class AccountAnswer(Answer):
    """An account, with its balance on a day."""

    no: int
    code: str
    fund: str
    party: str
    balance: Rupees = Field(description=BALANCE)

    @classmethod
    def of(cls, found: AccountBalance) -> AccountAnswer:
        """The answer for an account."""
        return cls(
            no=found.no, code=found.code, fund=found.fund, party=found.party, balance=found.net
        )


class AccountDay(Answer):
    """The accounts that had moved by a day."""

    as_of: date
    items: list[AccountAnswer]


class AccountDays(Answer):
    """The accounts on each of the days asked for."""

    days: list[AccountDay]


class StatementLineAnswer(Answer):
    """A line of a statement, with the balance after it."""

    value_date: date
    entry_no: int
    n: int
    narrative: str
    reference: str
    subject: str
    debit: Rupees
    credit: Rupees
    balance: Rupees = Field(description=BALANCE)

    @classmethod
    def of(cls, found: StatementLine) -> StatementLineAnswer:
        """The answer for a line."""
        return cls(**found._asdict())


class StatementAnswer(Answer):
    """A stretch of an account's lines, by value date."""

    no: int
    code: str
    fund: str
    party: str
    opening: Rupees = Field(description="The balance before the first of these lines.")
    items: list[StatementLineAnswer]


@router.get("", responses=declared(NotFound, MomentUnsettled))
async def list_accounts(
    code: Code,
    books: ReadBooks,
    as_of: AsOf = (),
    known_by: KnownBy = None,
) -> AccountDays:
    """Every account of a book that has moved, with its balance."""
    found = [
        (day, await bookkeeping.accounts(books, code, day, known_by=known_by))
        for day in days(books, as_of)
    ]
    return AccountDays(
        days=[
            AccountDay(as_of=day, items=[AccountAnswer.of(account) for account in accounts])
            for day, accounts in found
        ]
    )


@router.get("/{no}/statement", responses={200: LINKED, **declared(NotFound, MomentUnsettled)})
async def get_statement(
    code: Code,
    no: VoucherNo,
    books: ReadBooks,
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: AfterPlace = "",
    first_on: FirstOn = None,
    last_on: LastOn = None,
    known_by: KnownBy = None,
) -> StatementAnswer:
    """What an account opened with, and its lines with the balance after each.

    For bookkeepers and pages that look into one account of the list. To file it, or to have it
    whole as CSV or NDJSON, take the statement `account-statement`.
    """
    found = await bookkeeping.statement(
        books,
        code,
        no,
        first_on=first_on,
        last_on=last_on,
        known_by=known_by,
        after=_place(after),
        limit=limit + 1,
    )
    page = cut(found.lines, limit, _cursor, request=request, response=response)
    items = [StatementLineAnswer.of(line) for line in page]
    return StatementAnswer(no=no, **found.account._asdict(), opening=found.opening, items=items)


def _cursor(line: StatementLine) -> str:
    return f"{line.value_date}.{line.entry_no}.{line.n}"


def _place(after: str) -> Place:
    match = _CURSOR.fullmatch(after)
    if match is None:
        return BEFORE_ALL
    try:
        return Place(date.fromisoformat(match[1]), min(int(match[2]), MOST_NO), int(match[3]))
    except ValueError:
        raise Malformed("after: there is no such day. Take the next link.") from None
