"""Every statement and report of an organisation as one kind of page: asked, shown, downloaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from api.v1.statements import AfterRow, cursor_of, place_of
from api.web import desk, funds, headings, reported, trial
from api.web.books import Fund, parties
from api.web.desk import On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.page import at as address
from api.web.reader import Reader
from api.web.route import router
from api.web.tables import Shower, Table, parties_of
from api.web.words import typed
from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, fiscal_year
from service import organisations
from service.organisations import Organisation, OrganisationKind
from service.refusals import Malformed
from service.statements.registry import STATEMENTS
from service.statements.statement import Asked, Dated, Narrowing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.web.desk import Days
    from service.books import Books
    from service.statements.statement import Statement, Total

pages = router()

ROWS: Final = 200
"""Of a statement, on one page."""
_MOST_PAGES: Final = 10_000

_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(T.*)?", re.ASCII)

Typed = Annotated[str, Query(max_length=40, description="A day, as typed or as papers have it.")]
Short = Annotated[str, Query(max_length=40)]
Page = Annotated[int, Query(ge=1, le=_MOST_PAGES)]


@dataclass(frozen=True, slots=True)
class Question:
    """What a page of a statement was asked, but for its days."""

    first_on: date | None
    consolidated: bool
    fund: str
    code: str
    party: str
    account: int | None
    page: int
    after: str
    """What the page before ended with, of a statement that is read a page at a time."""

    def fields(self, statement: Statement | None) -> dict[str, object]:
        """As an address says it; only what a statement takes."""
        takes = statement.narrowed_by if statement else frozenset()
        return {
            "from": typed(self.first_on) if self.first_on else "",
            "consolidated": "1" if self.consolidated else "",
            **{one.value: getattr(self, one.value) or "" for one in Narrowing if one in takes},
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement or report as it was made: its table, and whether there is more of it."""

    table: Table
    rows: Sequence[Any]
    totals: Sequence[Total]
    first_on: date | None
    later: dict[str, object]
    """What the next page is asked for; nothing where there is none."""


# A name ends where `.pdf` would begin: the same statement on paper.
@pages.get("/books/{code}/{name:plain}")
async def statement_page(
    request: Request,
    code: str,
    name: str,
    first: Annotated[str, Query(alias="from", max_length=40)] = "",
    to: Typed = "",
    on: On = "",
    as_of: Typed = "",
    known: Typed = "",
    consolidated: Annotated[str, Query(max_length=5)] = "",
    fund: Fund = "",
    of_code: Annotated[str, Query(alias="code", max_length=40)] = "",
    account_code: Short = "",
    party: Short = "",
    account: Annotated[str, Query(max_length=19)] = "",
    page: Page = 1,
    after: AfterRow = "",
    opened: Annotated[str, Query(alias="open", max_length=60)] = "",
    voucher: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:
    """A statement of a book, or consolidated with all below; or a report on an organisation."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, _typed(to or as_of or on), _typed(known))
        question = Question(
            first_on=day_of(_typed(first), days.on) if first.strip() else None,
            consolidated=bool(consolidated),
            fund=fund,
            code=of_code or account_code,
            party=party,
            account=_number(account),
            page=page,
            after=after,
        )
        statement = STATEMENTS.get(name)
        shower = Shower(Reader.of(request), code, days.link, {}, alone=not consolidated)
        shown = await _shown(books, days, name, question, shower)
        asked = question.fields(statement)
        balance = None
        if name == "trial-balance" and not question.consolidated:
            balance = await trial.balance(
                books,
                at,
                days,
                shown.rows,
                first_on=shown.first_on or days.on,
                opened=opened,
                voucher=voucher,
            )
        here = address("books", code, name)
        return await desk.render(
            request,
            books,
            "statement.html",
            at=at,
            days=days,
            word="statements",
            name_of=name,
            title=headings.title(shower.reader, name),
            statement=statement,
            of_period=reported.dated(name) is Dated.PERIOD,
            of_day=reported.dated(name) is Dated.DAY,
            of_below=at.kind is not OrganisationKind.CO
            and bool(statement and statement.node_columns),
            takes={one.value for one in statement.narrowed_by} if statement else set(),
            asked=asked,
            shown=shown,
            trial=balance,
            made_of=await _below(books, at, days) if question.consolidated else (),
            heading=lambda column: headings.column(shower.reader, column.name),
            fund_name=lambda one: funds.name(shower.reader, one),
            all_funds=sorted({*funds.NAMES, *([fund] if fund else [])}),
            first_page=days.link(here, **asked) if page > 1 else "",
            later=days.link(here, **asked, **shown.later) if shown.later else "",
            page=page,
            downloads=_downloads(code, name, days, question, shown),
            **trial.names(shower.reader),
        )


async def _shown(books: Books, days: Days, name: str, question: Question, shower: Shower) -> Shown:
    """The rows of one page, and the totals of the whole."""
    dated = reported.dated(name)
    first_on = question.first_on
    if dated is Dated.PERIOD:
        first_on = first_on or date(fiscal_year(days.on) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
    asked = Asked(
        first_on=first_on,
        last_on=days.on if dated is Dated.PERIOD else None,
        as_of=days.on if dated is Dated.DAY else None,
        known_by=days.known_by,
        consolidated=question.consolidated,
        fund=question.fund or None,
        code=question.code or None,
        party=question.party or None,
        account=question.account,
    )
    paged = name in STATEMENTS and STATEMENTS[name].paged
    if paged:
        asked = replace(asked, after=place_of(question.after), limit=ROWS + 1)
    if bool(question.after) is not (paged and question.page > 1):
        raise Malformed("page: follow the links to other pages.")
    made = await reported.of_organisation(books, shower.book, name, asked)
    every = [row async for row in made.content.rows]
    begins = 0 if paged else (question.page - 1) * ROWS
    rows = every[begins : begins + ROWS]
    if question.page > 1 and not rows:
        raise Malformed("page: there are not so many. Follow the links to other pages.")
    later: dict[str, object] = {}
    if len(every) > begins + ROWS:
        later = {"page": question.page + 1, "after": cursor_of(rows[-1]) if paged else ""}
    first = typed(first_on) if dated is Dated.PERIOD and first_on else ""
    people = await parties(books, parties_of(rows))
    names = [code for code, one in people.items() if isinstance(one, Organisation)]
    opened = await organisations.readable(books, names)
    named = replace(shower, people=people, open=opened, first=first)
    whole = question.page == 1 and not later
    totals = made.content.totals
    table = named.table(made.columns, rows, totals, whole=whole)
    return Shown(table, every, totals, first_on, later)


async def _below(books: Books, at: Organisation, days: Days) -> list[Organisation]:
    """The organisations whose statements, with all below them, a consolidated one is made of."""
    return await organisations.organisations(books, parent=at.code, on=days.on)


def _typed(said: str) -> str:
    """A day as people type it; papers and addresses of `/v1` have the year first."""
    return _ISO.sub(r"\3-\2-\1", said.strip())


def _number(account: str) -> int | None:
    """An account by its number. Raises `Malformed`."""
    if not account.strip():
        return None
    if not account.strip().isascii() or not account.strip().isdecimal():
        raise Malformed("account: it is a number. Open it from the list of accounts.")
    return int(account)


def _downloads(
    code: str, name: str, days: Days, question: Question, shown: Shown
) -> list[tuple[str, str]]:
    """The same question as a paper, a workbook and plain columns."""
    dated, known = reported.dated(name), days.known_by and days.known_by.isoformat()
    first, last = (shown.first_on, days.on) if dated is Dated.PERIOD else (None, None)
    as_of = days.on if dated is Dated.DAY else None
    same = {
        "consolidated": "true" if question.consolidated else None,
        "fund": question.fund,
        "account_code": question.code,
        "party": question.party,
        "account": question.account,
    }
    paper = {"from": first, "to": last, "as_of": as_of, "known": known} | same
    if name in STATEMENTS:
        at = address("v1", "organisations", code, "statements", name)
        table = {"first_on": first, "last_on": last, "as_of": as_of, "known_by": known} | same
    else:
        at = address("v1", "reports", name)
        table = {"node": code, "as_of": as_of, "known_by": known}
    return [
        ("PDF", _link(address("books", code, f"{name}.pdf"), paper)),
        *((kind.upper(), _link(at, table | {"format": kind})) for kind in ("xlsx", "csv")),
    ]


def _link(to: str, said: dict[str, Any]) -> str:
    return f"{to}?{urlencode({name: value for name, value in said.items() if value})}"
