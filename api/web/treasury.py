"""A treasurer's pages of an organisation with all below it: loans, funds, resources, dues."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import Query, Request, Response

from api.web import desk, funds
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.page import at as address
from api.web.page import go
from api.web.reader import Reader
from api.web.route import router
from service import access, arrears, bookkeeping, lent, mobilisation, organisations
from service.access import Right
from service.arrears import COMING_DAYS, Lenders
from service.mobilisation import DEPOSITED, WITHDRAWN
from service.overview import LOANS, MONEY, SAVINGS

if TYPE_CHECKING:
    from datetime import date

    from api.web.desk import Days
    from service.books import Books
    from service.organisations import Organisation

pages = router()

LOANS_SHOWN: Final = 200
"""On one page."""
CATEGORIES: Final = {
    "community": (
        DEPOSITED,
        "membership_fees",
        "fines",
        "donations_cash",
        "donations_in_kind",
    ),
    "outside": ("government", "rsp", "donors", "ngos", "private_sector"),
}
"""What a community raised itself, and what it drew from outside."""
_WEEK: Final = 7
Page = Annotated[int, Query(ge=1, le=10_000)]
Below = Annotated[int, Query(ge=0, le=1)]


class Column(NamedTuple):
    """What a fund has, or owes, under one head; in paisa."""

    lent: int = 0
    placed: int = 0
    money: int = 0
    other: int = 0
    savings: int = 0
    deposits: int = 0
    borrowed: int = 0
    to_pass_on: int = 0
    capital: int = 0

    @property
    def assets(self) -> int:
        """All that it has."""
        return self.lent + self.placed + self.money + self.other


@pages.get("/funds")
async def funds_page(
    request: Request, at: Code = "", below: Below = 0, on: On = "", known: Known = ""
) -> Response:
    """The funds of an organisation, of its own book or with all below it: where each is, and whose.

    Between two books that are counted together nothing is lent, placed, deposited or borrowed.
    """
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
        rows = await _funds(books, home.code, days, below=bool(below))
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "funds.html",
            at=home,
            days=days,
            word="funds",
            below=below,
            rows=rows,
            total=Column(*(sum(one) for one in zip(*rows.values(), strict=True))),
            fund_name=lambda fund: funds.name(reader, fund),
        )


@pages.get("/mobilisation")
async def mobilisation_page(
    request: Request, at: Code = "", on: On = "", known: Known = ""
) -> Response:
    """What an organisation and all below it mobilised, by fiscal quarter and source."""
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
        book = await access.authorise(books, Right.READ, home.code, below=True)
        async with books.whole_house(nodes=[book]):
            found = await mobilisation.mobilised(
                books, days.on, known_by=days.known_by, nodes=[book]
            )
        sums: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for one in found:
            sums[one.period][one.category] += one.amount
        return await desk.render(
            request,
            books,
            "mobilisation.html",
            at=home,
            days=days,
            word="mobilisation",
            quarters=sorted(sums.items(), reverse=True),
            categories=CATEGORIES,
            withdrawn=WITHDRAWN,
        )


@pages.get("/dues")
async def dues_page(request: Request, at: Code = "", on: On = "", known: Known = "") -> Response:
    """What falls due to the lenders of an organisation in the coming week and month."""
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
        rows = await _coming(books, home, days)
        return await desk.render(
            request,
            books,
            "dues.html",
            at=home,
            days=days,
            word="overview",
            rows=rows,
            month=days.on.replace(day=1),
            until=days.on + timedelta(days=COMING_DAYS),
            week=_WEEK,
            coming=COMING_DAYS,
        )


@pages.get("/cif")
async def cif_page(request: Request, at: Code = "", on: On = "", known: Known = "") -> Response:
    """The CIF statement of an organisation with all below it."""
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
    return go(days.link(address("books", home.code, "cif-statement"), consolidated=1))


async def loans_page(
    request: Request, books: Books, at: str, days: Days, *, late: bool, page: int
) -> Response:
    """The loans that an organisation and all below it have lent."""
    home = await desk.place(books, at)
    found = await lent.of_node(
        books,
        home.code,
        days.on,
        known_by=days.known_by,
        late=late,
        skip=(page - 1) * LOANS_SHOWN,
        limit=LOANS_SHOWN,
    )
    lenders = {one.lender for one in found.shown if one.lender}
    return await desk.render(
        request,
        books,
        "lent.html",
        at=home,
        days=days,
        word="loans",
        found=found,
        late=late,
        page=page,
        last=-(-found.count // LOANS_SHOWN),
        lenders={one.code: one for one in await organisations.named(books, lenders)},
        names=Reader.of(request).name,
    )


async def _funds(books: Books, code: str, days: Days, *, below: bool) -> dict[str, Column]:
    nets: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    if below:
        both = await bookkeeping.consolidated(books, code, days.on, known_by=days.known_by)
        for row in both:
            nets[row.fund][row.code] += row.net - row.eliminated
    else:
        own = await bookkeeping.fund_balances(books, code, days.on, known_by=days.known_by)
        for one in own:
            nets[one.fund][one.code] += one.net
    return {fund: _column(found) for fund, found in sorted(nets.items())}


_LIABILITIES: Final = {"2100": "deposits", "2200": "borrowed", "2400": "to_pass_on"}


def _column(nets: dict[str, int]) -> Column:
    sums: defaultdict[str, int] = defaultdict(int)
    for code, net in nets.items():
        if code in LOANS:
            sums["lent"] += net
        elif code in MONEY:
            sums["money"] += net
        elif code in SAVINGS:
            sums["savings"] -= net
        elif code == "1200":
            sums["placed"] += net
        elif code in _LIABILITIES:
            sums[_LIABILITIES[code]] -= net
        elif code.startswith(("3", "4", "5")):
            sums["capital"] -= net
        else:
            sums["other"] += net
    return Column(**sums)


class Coming(NamedTuple):
    """What falls due to a lender, in paisa."""

    lender: Organisation | None
    """None: those that have left since, and are somebody else's to read."""
    week: int
    month: int


async def _coming(books: Books, home: Organisation, days: Days) -> list[Coming]:
    book = await access.authorise(books, Right.READ, home.code, below=True)
    until = days.on + timedelta(days=COMING_DAYS)
    async with books.whole_house(nodes=[book]):
        under = await organisations.books_under(books, book, days.on)
        found = await arrears.dues(
            books, days.on, until, known_by=days.known_by, lenders=Lenders(under)
        )
    inside = frozenset(under)
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for due in found:
        if due.borrower_book not in inside:
            amount = due.principal + due.charge
            sums[due.lender_book][1] += amount
            if due.due_on <= _in_a_week(days.on):
                sums[due.lender_book][0] += amount
    return await _named(books, sums)


async def _named(books: Books, sums: dict[int, list[int]]) -> list[Coming]:
    sql = "SELECT book_id, code FROM service.organisation WHERE book_id = ANY (:books)"
    codes = dict(await books.fetch(sql, books=sorted(sums)))
    known: dict[str, Any] = {
        one.code: one for one in await organisations.named(books, codes.values())
    }
    rows: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, (week, month) in sums.items():
        code = codes.get(number, "")
        rows[code][0] += week
        rows[code][1] += month
    return [Coming(known.get(code), *amounts) for code, amounts in sorted(rows.items())]


def _in_a_week(day: date) -> date:
    return day + timedelta(days=_WEEK)
