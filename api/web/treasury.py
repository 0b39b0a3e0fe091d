"""A treasurer's pages of an organisation with all below it: its loans, and where its funds are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from fastapi import Query, Request, Response

from api.web import desk, funds
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.page import at as address
from api.web.page import go
from api.web.reader import Reader
from api.web.route import router
from service import bookkeeping, lent, organisations, portfolio
from service.overview import LOANS, MONEY, SAVINGS
from service.refusals import Malformed

if TYPE_CHECKING:
    from api.web.desk import Days
    from service.books import Books

pages = router()

LOANS_SHOWN: Final = 200
"""On one page."""
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
    owed: int = 0
    to_pass_on: int = 0
    capital: int = 0

    @property
    def assets(self) -> int:
        """All that it has."""
        return self.lent + self.placed + self.money + self.other

    @property
    def claims(self) -> int:
        """All that it owes, and what is its own: as much as it has."""
        owed = self.savings + self.deposits + self.borrowed + self.owed + self.to_pass_on
        return owed + self.capital


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


@pages.get("/cif")
async def cif_page(request: Request, at: Code = "", on: On = "", known: Known = "") -> Response:
    """The CIF statement of an organisation with all below it."""
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
    return go(days.link(address("books", home.code, "cif-statement"), consolidated=1))


async def loans_page(
    request: Request, books: Books, at: str, days: Days, *, which: str, page: int
) -> Response:
    """The loans that an organisation and all below it have lent. Raises `Malformed`."""
    if which not in portfolio.WHICH:
        raise Malformed(f"which: there is no list {which}; late and par_30 are some.")
    home = await desk.place(books, at)
    found = await lent.of_node(
        books,
        home.code,
        days.on,
        which=which,
        known_by=days.known_by,
        skip=(page - 1) * LOANS_SHOWN,
        limit=LOANS_SHOWN,
    )
    lenders = {one.lender for one in found.shown}
    return await desk.render(
        request,
        books,
        "lent.html",
        at=home,
        days=days,
        word="loans",
        found=found,
        which=which,
        page=page,
        last=-(-(found.everything.loans - found.unnamed.loans) // LOANS_SHOWN),
        lenders={one.code: one for one in await organisations.named(books, lenders)},
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
        elif code.startswith("2"):
            sums[_LIABILITIES.get(code, "owed")] -= net
        elif code.startswith(("3", "4", "5")):
            sums["capital"] -= net
        else:
            sums["other"] += net
    return Column(**sums)
