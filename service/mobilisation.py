"""Resources mobilised: what the community raised itself, and what it drew from outside.

Turnover by fiscal quarter of the value date. A line counts for the organisation and every
node that it was under on that day; what two organisations under one node pay each other
is left out there. A reversal takes away from the category of the lines that it undoes.
Source: DOMAIN 1; onboarding bundle, part 8.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import fiscal_quarter
from ledger.postgres import balances

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from ledger.postgres.balances import Turnover
    from service.books import Books

DEPOSITED: Final = "savings_deposited"
WITHDRAWN: Final = "savings_withdrawn"
_SAVINGS: Final = frozenset({"2000", "2010"})
_INCOME: Final = {
    "4000": "membership_fees",
    "4010": "fines",
    "4200": "donations_cash",
    "4210": "donations_in_kind",
    "4310": "government",
    "4320": "donors",
    "4330": "ngos",
    "4340": "private_sector",
    "4350": "rsp",
    "3100": "rsp",
}


class Mobilised(NamedTuple):
    """What a node raised or drew in a category during a fiscal quarter, in paisa."""

    period: str
    node: int
    category: str
    amount: int


async def mobilised(
    books: Books,
    on: date,
    *,
    first_on: date | None = None,
    known_by: datetime | None = None,
    nodes: Collection[int] | None = None,
) -> list[Mobilised]:
    """Resources mobilised up to a day, by quarter, node and category; zeros are left out."""
    rows = await balances.turnover(
        books.ledger,
        on,
        codes=_SAVINGS | set(_INCOME),
        first_on=first_on,
        known_by=known_by,
        nodes=nodes,
    )
    totals: defaultdict[tuple[str, int, str], int] = defaultdict(int)
    for row in rows:
        for category, amount in _categories(row):
            totals[fiscal_quarter(row.quarter), row.node, category] += amount
    return [Mobilised(*key, amount) for key, amount in sorted(totals.items()) if amount]


def _categories(row: Turnover) -> list[tuple[str, int]]:
    if row.code not in _SAVINGS:
        return [(_INCOME[row.code], row.credit - row.debit)]
    if row.reversal:
        return [(DEPOSITED, -row.debit), (WITHDRAWN, -row.credit)]
    return [(DEPOSITED, row.credit), (WITHDRAWN, row.debit)]
