"""What falls due to an organisation and all below it: by lender, and loan by loan."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from fastapi import Request, Response

from api.web import desk
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.loans import borrowers
from api.web.route import router
from service import access, arrears, organisations
from service.access import Right
from service.arrears import COMING_DAYS, Lenders
from service.loans import contracts

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from api.web.desk import Days
    from service.arrears import Due
    from service.books import Books
    from service.organisations import Organisation

pages = router()

MOST: Final = 200
"""Instalments on the page of a lender."""
_WEEK: Final = 7


class Coming(NamedTuple):
    """What falls due to a lender, in paisa."""

    lender: Organisation | None
    """None: those that have left since, and are somebody else's to read."""
    week: int
    month: int


@pages.get("/dues")
async def dues_page(
    request: Request, at: Code = "", lender: Code = "", on: On = "", known: Known = ""
) -> Response:
    """What falls due to the lenders of an organisation in the coming week and month.

    With `lender` what falls due to that one, loan by loan in the order of the days.
    """
    async with to_read(request) as books:
        home = await desk.place(books, at)
        days = desk.days(books, on, known)
        found = await _coming(books, home, days)
        one = await organisations.organisation(books, lender) if lender else None
        if one is not None:
            number = await access.authorise(books, Right.READ, one.code)
            found = [due for due in found if due.lender_book == number]
        loans = await contracts.loans(books, {due.loan for due in found[:MOST]}) if one else {}
        return await desk.render(
            request,
            books,
            "dues.html",
            at=home,
            days=days,
            word="overview",
            lender=one,
            rows=[] if one else await _by_lender(books, found, days.on + timedelta(days=_WEEK)),
            found=found[:MOST] if one else [],
            more=max(len(found) - MOST, 0) if one else 0,
            total=sum(due.principal + due.charge for due in found),
            loans=loans,
            people=await borrowers(books, list(loans.values()), []),
            month=days.on.replace(day=1),
            until=days.on + timedelta(days=COMING_DAYS),
            week=_WEEK,
            coming=COMING_DAYS,
        )


async def _coming(books: Books, home: Organisation, days: Days) -> list[Due]:
    """What others owe to the lenders under a node, in the order of the days."""
    book = await access.authorise(books, Right.READ, home.code, below=True)
    until = days.on + timedelta(days=COMING_DAYS)
    async with books.whole_house(nodes=[book]):
        under = await organisations.books_under(books, book, days.on)
        found = await arrears.dues(
            books, days.on, until, known_by=days.known_by, lenders=Lenders(under)
        )
    inside = frozenset(under)
    outside = [due for due in found if due.borrower_book not in inside]
    return sorted(outside, key=lambda due: (due.due_on, due.loan))


async def _by_lender(books: Books, found: Collection[Due], week: date) -> list[Coming]:
    numbers = {due.lender_book for due in found}
    lenders = await organisations.of_books(books, await access.readable(books, numbers))
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    named: dict[str, Organisation | None] = {"": None}
    for due in found:
        lender = lenders.get(due.lender_book)
        code = lender.code if lender else ""
        named[code] = lender
        amount = due.principal + due.charge
        sums[code][0] += amount if due.due_on <= week else 0
        sums[code][1] += amount
    return [Coming(named[code], *amounts) for code, amounts in sorted(sums.items())]
