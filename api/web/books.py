"""A book from its accounts down to the entry, and from an entry to where it came from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.fields import MOST_NO
from api.web import accounts as titles
from api.web import desk, funds
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.page import at as address
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from ledger.chart import CHART
from ledger.postgres.balances import AccountsAsked
from ledger.postgres.statements import BEFORE_ALL, Place
from service import bookkeeping, members, organisations
from service.loans import contracts
from service.refusals import Malformed, NotFound
from service.sheets import store as sheets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.web.desk import Days
    from ledger.entries import Entry
    from ledger.postgres.statements import Statement
    from service.books import Books

pages = router()

LINES: Final = 100
"""Of an account's statement, on one page."""
ACCOUNTS: Final = 500
"""Of a book, on one page."""
_OF_LOANS: Final = frozenset({"1300", "1310", "1320", "2200"})
Codes = Annotated[str, Query(max_length=100, description="Account codes, with commas between.")]
Fund = Annotated[str, Query(max_length=40)]
After = Annotated[str, Query(max_length=40, description="After which line: day, voucher, place.")]
FromDay = Annotated[str, Query(alias="from", max_length=20)]


@pages.get("/books/{code}/accounts")
async def accounts_page(
    request: Request,
    code: str,
    codes: Codes = "",
    fund: Fund = "",
    first: FromDay = "",
    on: On = "",
    known: Known = "",
    after: Annotated[int | None, Query(ge=1, le=MOST_NO)] = None,
) -> Response:
    """The accounts of a book, or those of some codes or a fund, with their balances.

    A first day is that of the statements that they open to.
    """
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, on, known)
        wanted = tuple(one for one in codes.split(",") if one)
        page = AccountsAsked(
            wanted or None, fund or None, held=True, after=after, limit=ACCOUNTS + 1
        )
        found = await bookkeeping.accounts(books, code, days.on, known_by=days.known_by, asked=page)
        shown = found[:ACCOUNTS]
        nets = await bookkeeping.fund_balances(books, code, days.on, known_by=days.known_by)
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "accounts.html",
            at=at,
            days=days,
            word="statements",
            accounts=shown,
            after=shown[-1].no if len(found) > ACCOUNTS else None,
            net_of=lambda code: sum(
                one.net for one in nets if one.code == code and fund in {"", one.fund}
            ),
            codes=wanted,
            fund=fund,
            first=first,
            people=await parties(books, (one.party for one in shown)),
            side=lambda one: CHART[one.code].sign,
            **_names(reader),
        )


@pages.get("/books/{code}/accounts/{no}")
async def account_page(
    request: Request,
    code: str,
    no: int,
    first: FromDay = "",
    after: After = "",
    on: On = "",
    known: Known = "",
) -> Response:
    """One account: what it opened with, and every line with the balance after it."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, on, known)
        found = await bookkeeping.statement(
            books,
            code,
            no,
            first_on=day_of(first, days.on) if first.strip() else None,
            last_on=days.on,
            known_by=days.known_by,
            after=_place(after),
            limit=LINES + 1,
        )
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "account.html",
            at=at,
            days=days,
            word="statements",
            found=found,
            lines=found.lines[:LINES],
            next=_said(found) if len(found.lines) > LINES else "",
            first=first,
            people=await parties(books, [found.account.party, *(x.subject for x in found.lines)]),
            side=CHART[found.account.code].sign,
            **_names(reader),
        )


@pages.get("/books/{code}/entries/{no}")
async def entry_page(
    request: Request, code: str, no: int, on: On = "", known: Known = ""
) -> Response:
    """A voucher: its lines, who wrote it, what it came from, and its place in the chain."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, on, known)
        found = await bookkeeping.entry(books, code, no)
        before = await bookkeeping.entry(books, code, no - 1) if no > 1 else None
        about = [code for line in found.lines for code in (line.account.party, line.subject)]
        numbers = await bookkeeping.account_numbers(
            books, code, (line.account for line in found.lines)
        )
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "entry.html",
            at=at,
            days=days,
            word="statements",
            entry=found,
            before=before,
            number_of=lambda line: numbers[line.account],
            reversed_by=await bookkeeping.reversed_by(books, code, no),
            came_from=await _source(books, found, days),
            people=await parties(books, about),
            both=sum(line.debit for line in found.lines),
            zone=BUSINESS_ZONE,
            **_names(reader),
        )


async def parties(books: Books, codes: Iterable[str]) -> dict[str, Any]:
    """Members and organisations by code, of those whom accounts and lines are for."""
    wanted = {code for code in codes if code}
    found: dict[str, Any] = {one.code: one for one in await members.named(books, wanted)}
    return found | {one.code: one for one in await organisations.named(books, wanted)}


def _names(reader: Reader) -> dict[str, Any]:
    return {
        "title": lambda code: titles.title(reader, code),
        "fund_name": lambda fund: funds.name(reader, fund),
        "of_loans": _OF_LOANS,
    }


async def _source(books: Books, entry: Entry, days: Days) -> str:
    """Where the page is of what an entry came from; nothing where there is none."""
    reference = entry.reference
    if (await sheets.states(books, [reference])).get(reference):
        return address("sheets", reference, "receipts")
    try:
        await contracts.loans(books, [reference])
    except NotFound:
        return ""
    return days.link(address("loans", reference))


def _said(found: Statement) -> str:
    """The place of the last line that a page shows, for the address of the next."""
    last = found.lines[LINES - 1].place
    return f"{last.value_date.isoformat()}.{last.entry_no}.{last.n}"


def _place(said: str) -> Place:
    """A place as `_said` writes it. Raises `Malformed`."""
    if not said:
        return BEFORE_ALL
    day, _, rest = said.partition(".")
    entry, _, n = rest.partition(".")
    try:
        return Place(date.fromisoformat(day), int(entry), int(n))
    except ValueError as error:
        raise Malformed("after: follow the link to the next page.") from error
