"""What an organisation and all below it mobilised: by quarter and source, and by who raised it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from dateutil.relativedelta import relativedelta
from fastapi import Request, Response

from api.web import desk
from api.web.desk import Code, Day, Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.route import router
from ledger.calendar import first_of_quarter, fiscal_quarter
from service import access, mobilisation, organisations
from service.access import Right
from service.mobilisation import DEPOSITED, WITHDRAWN

if TYPE_CHECKING:
    from datetime import date

    from api.web.desk import Days
    from service.books import Books
    from service.organisations import Organisation

pages = router()

MONTHS: Final = 3
"""Of a quarter."""
CATEGORIES: Final = {
    "community": (DEPOSITED, "membership_fees", "fines", "donations_cash", "donations_in_kind"),
    "outside": ("government", "rsp", "donors", "ngos", "private_sector"),
}
"""What a community raised itself, and what it drew from outside."""
Amounts: TypeAlias = dict[str, int]
"""Paisa by category."""


class Row(NamedTuple):
    """What stands in one line of the tables: a quarter, or who raised it."""

    amounts: Amounts
    first_on: date | None = None
    """Of a quarter, its first day."""
    organisation: Organisation | None = None
    own: bool = False
    """Whether it is what is left of the organisation itself."""

    def of(self, *categories: str) -> int:
        """The sum of some categories."""
        return sum(self.amounts.get(one, 0) for one in categories)


@pages.get("/mobilisation")
async def mobilisation_page(
    request: Request, at: Code = "", quarter: Day = "", on: On = "", known: Known = ""
) -> Response:
    """What an organisation and all below it mobilised, by fiscal quarter and source.

    With the first day of a `quarter`, what each organisation directly below it did in it.
    """
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
        first = first_of_quarter(day_of(quarter, days.on)) if quarter.strip() else None
        book = await access.authorise(books, Right.READ, home.code, below=True)
        if first is None:
            rows = await _by_quarter(books, book, days)
        else:
            rows = await _by_part(books, home, book, days, first)
        return await desk.render(
            request,
            books,
            "mobilisation.html",
            at=home,
            days=days,
            word="mobilisation",
            rows=rows,
            total=_total(rows),
            first=first,
            period_of=fiscal_quarter,
            categories=CATEGORIES,
            withdrawn=WITHDRAWN,
            codes=mobilisation.CODES,
        )


def _total(rows: list[Row]) -> Row:
    sums: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        for category, amount in row.amounts.items():
            sums[category] += amount
    return Row(sums)


async def _by_quarter(books: Books, book: int, days: Days) -> list[Row]:
    async with books.whole_house(nodes=[book]):
        found = await mobilisation.mobilised(books, days.on, known_by=days.known_by, nodes=[book])
    sums: defaultdict[date, Amounts] = defaultdict(dict)
    for one in found:
        sums[one.first_on][one.category] = one.amount
    return [Row(sums[first], first_on=first) for first in sorted(sums, reverse=True)]


async def _by_part(
    books: Books, home: Organisation, book: int, days: Days, first: date
) -> list[Row]:
    """Who raised what in a quarter; last what is left: its own, less what two paid each other."""
    last = min(days.on, first + relativedelta(months=MONTHS) - timedelta(days=1))
    below = await _parts(books, home, last)
    async with books.whole_house(nodes=[book]):
        found = await mobilisation.mobilised(
            books, last, first_on=first, known_by=days.known_by, nodes=[book, *below]
        )
    sums: defaultdict[int, Amounts] = defaultdict(dict)
    for one in found:
        sums[one.node][one.category] = one.amount
    rows = [Row(sums[n], organisation=below[n]) for n in below if sums.get(n)]
    rest = {
        category: sums[book].get(category, 0) - sum(row.amounts.get(category, 0) for row in rows)
        for category in {one.category for one in found}
    }
    return [*rows, Row(rest, organisation=home, own=True)] if any(rest.values()) else rows


async def _parts(books: Books, home: Organisation, on: date) -> dict[int, Organisation]:
    """The organisations directly below one on a day that may be read today, by their books."""
    found: dict[str, Organisation] = {}
    after = ""
    while page := await organisations.organisations(books, parent=home.code, on=on, after=after):
        found |= {one.code: one for one in page}
        after = page[-1].code
    numbers = await organisations.books_of(books, found)
    shown = await access.readable(books, numbers.values())
    return {number: found[code] for code, number in numbers.items() if number in shown}
