"""Balances of an organisation's book, alone or with all below it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.dependencies import AsOf, KnownBy, ReadBooks, days
from api.errors import declared
from api.fields import Answer, Code, Rupees
from ledger.refusals import MomentUnsettled
from service import bookkeeping
from service.books import Books
from service.organisations import OrganisationGender
from service.refusals import Malformed, NotFound

router = APIRouter(tags=["balances"])

Consolidated = Annotated[
    bool, Query(description="With all organisations below it on that day, eliminations apart.")
]


OfGroups = Annotated[
    OrganisationGender | None,
    Query(description="Consolidated, what the groups of women, of men, or mixed ones have in it."),
]


class BalanceAnswer(Answer):
    """One code of a fund; amounts are debit less credit."""

    fund: str
    code: str
    balance: Rupees
    eliminated: Rupees = Field(description="The part between two books that are counted.")
    consolidated: Rupees = Field(description="The balance less what is eliminated.")


class BalanceDay(Answer):
    """The balances on a day; codes without any are left out."""

    as_of: date
    items: list[BalanceAnswer]


class BalanceDays(Answer):
    """The balances on each of the days asked for."""

    organisation: str
    consolidated: bool
    days: list[BalanceDay]


@router.get("/organisations/{code}/balances", responses=declared(NotFound, MomentUnsettled))
async def get_balances(
    code: Code,
    books: ReadBooks,
    as_of: AsOf = (),
    known_by: KnownBy = None,
    consolidated: Consolidated = False,  # noqa: FBT002 - a query parameter
    gender: OfGroups = None,
) -> BalanceDays:
    """The balance of each fund and code of one organisation, on as many days as are asked.

    For programs that follow or compare figures, alone or consolidated. What is filed is the
    statement `trial-balance`; many books at once are in the report `trial-balance`.
    """
    if gender is not None and not consolidated:
        raise Malformed("gender: ask for it with consolidated=true, or leave it out.")
    found = [
        BalanceDay(
            as_of=day,
            items=await _consolidated(books, code, day, known_by, gender)
            if consolidated
            else await _alone(books, code, day, known_by),
        )
        for day in days(books, as_of)
    ]
    return BalanceDays(organisation=code, consolidated=consolidated, days=found)


async def _alone(books: Books, code: str, day: date, known_by: KnownBy) -> list[BalanceAnswer]:
    found = await bookkeeping.fund_balances(books, code, day, known_by=known_by)
    return [_answer(b.fund, b.code, b.net, 0) for b in found]


async def _consolidated(
    books: Books, code: str, day: date, known_by: KnownBy, gender: OrganisationGender | None
) -> list[BalanceAnswer]:
    found = await bookkeeping.consolidated(books, code, day, known_by=known_by, gender=gender)
    return [_answer(b.fund, b.code, b.net, b.eliminated) for b in found]


def _answer(fund: str, code: str, net: int, eliminated: int) -> BalanceAnswer:
    rest = net - eliminated
    return BalanceAnswer(
        fund=fund, code=code, balance=net, eliminated=eliminated, consolidated=rest
    )
