"""Resources mobilised: what the community raised itself, and what it drew from outside.

Turnover by fiscal quarter of the value date. A line counts for the organisation and every
node that it was under on that day; what two organisations under one node pay each other
is left out there. A reversal takes away from the category of the lines that it undoes.
Source: DOMAIN 1; onboarding bundle, part 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import fiscal_quarter
from ledger.postgres import balances
from ledger.postgres.settled import refuse_unsettled

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from uuid import UUID

    from service.books import Books, WritableBooks

DEPOSITED: Final = "savings_deposited"
WITHDRAWN: Final = "savings_withdrawn"
_SAVINGS: Final = ("2000", "2010")
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


class _Source(NamedTuple):
    """What a paisa on one side of a code adds to a category, in a reversal or elsewhere."""

    code: str
    category: str
    debit: int = 0
    credit: int = 0
    reversal: bool = False


_SOURCES: Final = (
    *(_Source(code, DEPOSITED, credit=1) for code in _SAVINGS),
    *(_Source(code, WITHDRAWN, debit=1) for code in _SAVINGS),
    *(_Source(code, DEPOSITED, debit=-1, reversal=True) for code in _SAVINGS),
    *(_Source(code, WITHDRAWN, credit=-1, reversal=True) for code in _SAVINGS),
    *(_Source(code, category, debit=-1, credit=1) for code, category in _INCOME.items()),
    *(
        _Source(code, category, debit=-1, credit=1, reversal=True)
        for code, category in _INCOME.items()
    ),
)
CODES: Final = {
    category: sorted({source.code for source in _SOURCES if source.category == category})
    for category in {source.category for source in _SOURCES}
}
"""On which accounts a category stands."""
_CODES: Final = sorted({source.code for source in _SOURCES})
_MOBILISED: Final = f"""
    SELECT t.quarter, t.node_id, s.category,
        sum(t.debit * s.debit + t.credit * s.credit)::bigint AS amount
    FROM ({balances.TURNOVER}) AS t
    JOIN unnest($6::text[], $7::text[], $8::integer[], $9::integer[], $10::boolean[])
        AS s (code, category, debit, credit, reversal) USING (code, reversal)
    GROUP BY t.quarter, t.node_id, s.category
    HAVING sum(t.debit * s.debit + t.credit * s.credit) <> 0
"""
_KEEP: Final = f"""
    INSERT INTO service.mobilisation_total (business_date, period, node, category, amount, run)
    SELECT $2, $11, o.code, m.category, m.amount, $12
    FROM ({_MOBILISED}) AS m
    JOIN service.organisation AS o ON o.book_id = m.node_id
    ORDER BY o.code, m.category
"""


class Mobilised(NamedTuple):
    """What a node raised or drew in a category during a fiscal quarter, in paisa."""

    period: str
    node: int
    category: str
    amount: int
    first_on: date
    """The first day of the quarter."""


async def mobilised(
    books: Books,
    on: date,
    *,
    first_on: date | None = None,
    known_by: datetime | None = None,
    nodes: Collection[int] | None = None,
) -> list[Mobilised]:
    """Resources mobilised up to a day, by quarter, node and category; zeros are left out."""
    await refuse_unsettled(books.ledger, known_by)
    asked = _asked(on, first_on, known_by, nodes)
    rows = await books.ledger.fetch(f"{_MOBILISED} ORDER BY 1, 2, 3", *asked)
    return [
        Mobilised(fiscal_quarter(quarter), node, category, amount, quarter)
        for quarter, node, category, amount in rows
    ]


async def keep_mobilised(
    books: WritableBooks,
    on: date,
    *,
    first_on: date,
    known_by: datetime,
    nodes: Collection[int] | None,
    run: UUID,
) -> int:
    """Keep what nodes mobilised in the quarter that begins on `first_on`, as a job's results.

    As everywhere, a category in which a node raised nothing has no row. How many rows there are.
    """
    await refuse_unsettled(books.ledger, known_by)
    asked = _asked(on, first_on, known_by, nodes)
    done = await books.ledger.execute(_KEEP, *asked, fiscal_quarter(on), run)
    return int(done.rpartition(" ")[2])


def _asked(
    on: date, first_on: date | None, known_by: datetime | None, nodes: Collection[int] | None
) -> tuple[object, ...]:
    ids = None if nodes is None else sorted(nodes)
    return ids, on, known_by, _CODES, first_on, *map(list, zip(*_SOURCES, strict=True))
