"""An organisation at a glance: five figures, its parts, funds, what it mobilised, what waits.

Each figure leads to what it is made of: to the parts below, then to accounts, entries and sheets.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from dateutil.relativedelta import relativedelta

from api.web import charts, desk, differences, funds
from api.web import page as pages
from api.web.raised import MONTHS
from api.web.reader import Reader
from ledger.calendar import first_of_quarter, fiscal_quarter
from service import access, bookkeeping, mobilisation, overview
from service.access import Right
from service.overview import LOANS, MONEY
from service.sheets import store as sheets
from service.statements import registry
from service.statements.statement import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from api.web.charts import Chart
    from api.web.desk import Days
    from service.books import Books
    from service.organisations import Organisation

_QUARTERS: Final = 5
_MOST_REQUESTS: Final = 5
_MEETINGS: Final = 12
_COLLECTED: Final = ("fallen_due", "on_time", "late")
_DEPOSITS: Final = "2100"
SERIES: Final = {
    "savings": (mobilisation.DEPOSITED,),
    "fees": ("membership_fees", "fines"),
    "donations": ("donations_cash", "donations_in_kind"),
    "public": ("government", "rsp"),
    "others": ("donors", "ngos", "private_sector"),
}
"""What is drawn of the categories; savings are what was put in."""
COMMUNITY: Final = ("savings", "fees", "donations")
OUTSIDE: Final = ("public", "others")


class Fund(NamedTuple):
    """A fund of an organisation's own book, in paisa."""

    fund: str
    lent: int
    at_hand: int
    deposited: int
    """What other organisations have put into it."""


class Quarter(NamedTuple):
    """What was mobilised in a fiscal quarter, in paisa, by series."""

    first_on: date
    amounts: dict[str, int]
    saved: int
    """Savings put in, less those taken out."""

    @property
    def period(self) -> str:
        """What the quarter is called."""
        return fiscal_quarter(self.first_on)

    def of(self, series: Iterable[str]) -> int:
        """The sum of some series."""
        return sum(self.amounts[name] for name in series)


@dataclass(frozen=True, slots=True)
class Mobilised:
    """What was mobilised in the last quarters, and its picture."""

    quarters: tuple[Quarter, ...]
    chart: Chart

    def of(self, series: Iterable[str]) -> int:
        """The sum of some series over all quarters."""
        return sum(quarter.of(series) for quarter in self.quarters)


async def page(request: Request, books: Books, at: Organisation, days: Days) -> Response:
    """The page of an organisation at a desk. Raises `NotFound`, `Forbidden`."""
    found = await overview.of_organisation(books, at.code, days.on, known_by=days.known_by)
    whole = found.whole.figures
    mobilised = await _mobilised(books, at.code, days)
    reader = Reader.of(request)
    return await desk.render(
        request,
        books,
        "overview.html",
        at=at,
        days=days,
        word="overview",
        found=found,
        whole=whole,
        funds=await _funds(books, at.code, days),
        mobilised=mobilised,
        share=share,
        heat=heat,
        fund_name=lambda fund: funds.name(reader, fund),
        short_of=charts.said,
        month=days.on.replace(day=1),
        meetings=await sheets.latest(
            books, at.code, days.on, known_by=days.known_by, limit=_MEETINGS
        ),
        title_of=lambda one: differences.title_of(reader, one),
        about_of=differences.about_of,
        most_requests=_MOST_REQUESTS,
    )


async def on_time(request: Request, books: Books, at: Organisation, days: Days) -> Response:
    """What fell due and was paid in the month of the day, as a part of the page.

    It is worked out loan by loan, which takes seconds for a union council, so it comes after it.
    """
    asked = Asked(
        first_on=days.on.replace(day=1),
        last_on=days.on,
        known_by=days.known_by,
        consolidated=True,
    )
    made = await registry.of_organisation(books, at.code, "on-time-collection", asked)
    funds_of = made.content.totals
    whole = {name: sum(int(one[name]) for one in funds_of) for name in _COLLECTED}
    return pages.render(
        request,
        "ontime.html",
        caller=books.caller,
        days=days,
        to=days.link,
        share=share,
        whole=whole,
    )


def share(part: int, whole: int) -> str:
    """A part of a whole as a percentage with one place, half up; a dash where there is no share."""
    if whole <= 0 or part < 0:
        return "\N{EN DASH}"
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def heat(part: int, whole: int) -> int:
    """How hot a share is, from 0 to 4: none, under 5, 10, 20 per cent, and more."""
    if whole <= 0 or part <= 0:
        return 0
    return 1 + sum(part * 100 >= whole * percent for percent in (5, 10, 20))


async def _funds(books: Books, code: str, days: Days) -> list[Fund]:
    """The funds of the organisation's own book: what is lent out of them, and what is at hand."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    found = await bookkeeping.fund_balances(books, code, days.on, known_by=days.known_by)
    for one in found:
        sums[one.fund][0] += one.net if one.code in LOANS else 0
        sums[one.fund][1] += one.net if one.code in MONEY else 0
        sums[one.fund][2] -= one.net if one.code == _DEPOSITS else 0
    return [Fund(fund, *amounts) for fund, amounts in sorted(sums.items())]


async def _mobilised(books: Books, code: str, days: Days) -> Mobilised:
    last = first_of_quarter(days.on)
    firsts = [last - relativedelta(months=MONTHS * n) for n in reversed(range(_QUARTERS))]
    book = await access.authorise(books, Right.READ, code, below=True)
    async with books.whole_house(nodes=[book]):
        found = await mobilisation.mobilised(
            books, days.on, first_on=firsts[0], known_by=days.known_by, nodes=[book]
        )
    sums = {(one.first_on, one.category): one.amount for one in found}
    quarters = tuple(_quarter(first, sums) for first in firsts)
    groups = [
        charts.Group(
            quarter.period,
            tuple(
                charts.Bar(tuple((name, quarter.amounts[name]) for name in series))
                for series in (COMMUNITY, OUTSIDE)
            ),
        )
        for quarter in quarters
    ]
    return Mobilised(quarters, charts.bars(groups, tuple(SERIES)))


def _quarter(first: date, sums: dict[tuple[date, str], int]) -> Quarter:
    def of(*categories: str) -> int:
        return sum(sums.get((first, one), 0) for one in categories)

    amounts = {name: of(*kinds) for name, kinds in SERIES.items()}
    return Quarter(first, amounts, of(mobilisation.DEPOSITED) - of(mobilisation.WITHDRAWN))
