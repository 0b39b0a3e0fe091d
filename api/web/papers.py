"""Papers: passbook, receipts, vouchers and statements as PDF, in two languages.

The reader's language leads, the other stands beside it, smaller: a paper is filed, and read by
people who read one or the other. Books are closed before a paper is printed, which takes a
second or many. The square code leads back to the page that the paper is of.
"""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from markupsafe import Markup

from api.fields import Code, Day, Moment, VoucherNo
from api.papers.press import too_long
from api.serving import serving
from api.web import accounts, headings, paper_tables, passbook, reported
from api.web.bilingual import Both
from api.web.doors import to_read
from api.web.page import at, go, text_of
from api.web.qr import qr
from api.web.reader import Reader
from api.web.route import router
from api.web.sheets import kinds, written
from api.web.words import typed
from ledger.calendar import business_date
from service import access, bookkeeping, members, organisations
from service.access import Right
from service.sheets import store
from service.sheets.sheet import SheetState
from service.statements.statement import Asked

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from service.statements.statement import Made

pages = router()


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said in two languages."""
    return message


MEDIA_TYPE: Final = "application/pdf"
MOST_CELLS: Final = 60_000
"""Of a statement: more never come onto as many pages as a paper may have."""
_UNFIT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


@pages.get("/members/{code}/passbook.pdf")
async def passbook_paper(request: Request, code: str) -> Response:
    """A member's passbook, all of it, to take home."""
    async with to_read(request) as books:
        found = await members.member(books, code)
        home = found.organisation
        await access.authorise(books, Right.READ, home)
        whole = await access.may(books, Right.IDENTIFY, home)
        shown = {
            "member": found if whole else members.masked(found),
            "home": await organisations.organisation(books, home),
            "told": await passbook.of_member(books, found, business_date(books.now), page=None),
            "about": code,
            "as_of": business_date(books.now),
            "made_at": paper_tables.moment_text(books.now),
            "qr": qr(address(request, "members", code)),
        }
    return await printed(request, "passbook", f"passbook-{code}", **shown)


@pages.get("/sheets/{code}/receipts.pdf")
async def receipts_paper(request: Request, code: str) -> Response:
    """A receipt for each member of a sheet, four to a page, to be cut apart."""
    async with to_read(request) as books:
        kept = await store.load(books, code)
        if kept.state is SheetState.DRAFT:  # as its page
            return go(at("sheets", code, "count"))
        shown = await written(request, books, kept)
        shown["made_at"] = paper_tables.moment_text(books.now)
    both = Both(Reader.of(request))
    other = kinds(both.also)
    shown["both_kinds"] = {
        kind: both.beside(said, other[kind]) for kind, said in kinds(both.reader).items()
    }
    shown["qr"] = qr(address(request, "sheets", code))
    return await printed(request, "receipts", f"receipts-{code}", **shown)


@pages.get("/books/{code}/entries/{no}.pdf")
async def voucher_paper(request: Request, code: str, no: VoucherNo) -> Response:
    """One entry of a book, with its lines and its seal, to sign and to file."""
    async with to_read(request) as books:
        entry = await bookkeeping.entry(books, code, no)
        about = {line.account.party or line.subject for line in entry.lines}
        shown = {
            "entry": entry,
            "home": await organisations.organisation(books, code),
            "people": {one.code: one for one in await members.named(books, about)},
            "about": str(no),
            "made_at": paper_tables.moment_text(books.now),
            "qr": qr(address(request, "books", code, "entries", str(no))),
        }
    return await printed(request, "voucher", f"voucher-{code}-{no}", **shown)


async def _asked(
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    as_of: Annotated[Day | None, Query()] = None,
    known: Annotated[Moment | None, Query()] = None,
    fund: Annotated[Code | None, Query()] = None,
    account_code: Annotated[Code | None, Query()] = None,
    party: Annotated[Code | None, Query()] = None,
    account: Annotated[VoucherNo | None, Query()] = None,
    consolidated: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Asked:
    """What a statement is asked, by the names that addresses of pages have."""
    return Asked(
        first_on=from_,
        last_on=to,
        as_of=as_of,
        known_by=known,
        consolidated=consolidated,
        fund=fund,
        code=account_code,
        party=party,
        account=account,
    )


@pages.get("/books/{code}/{name}.pdf")
async def statement_paper(
    request: Request, code: str, name: str, asked: Annotated[Asked, Depends(_asked)]
) -> Response:
    """Any statement of a book, or consolidated, or a report: as known by a moment."""
    async with to_read(request) as books:
        made = await reported.of_organisation(books, code, name, asked)
        rows = await _rows(request, made)
        home = await organisations.organisation(books, code)
        now = books.now
    reader = Reader.of(request)
    shown = await asyncio.to_thread(_statement, reader, made, rows, asked.known_by or now)
    query = urlencode([(key, said) for key, said in _settled(made).items() if said])
    return await printed(
        request,
        "statement",
        f"{name}-{code}",
        home=home,
        title=headings.title(reader, name),
        title_of=headings.TITLES[name],
        made_at=paper_tables.moment_text(now),
        qr=qr(f"{address(request, 'books', code, name)}?{query}"),
        **shown,
    )


def address(request: Request, *parts: str) -> str:
    """The whole address of a page, for who has only the paper."""
    return str(request.base_url).rstrip("/") + at(*parts)


async def printed(
    request: Request,
    template: str,
    named: str,
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    """A paper of a template. Raises `PaperTooLong`, `PapersUnavailable`, `TooBusy`."""
    html = await asyncio.to_thread(html_of, Reader.of(request), template, **shown)
    made = await _while_asked_for(request, serving(request).press.pdf(html))
    name = _UNFIT_IN_NAMES.sub("-", named)[:80]
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(made, media_type=MEDIA_TYPE, headers=headers)


def html_of(reader: Reader, template: str, **shown: Any) -> str:  # noqa: ANN401 - as above
    """The text of a paper for a reader, of which the press makes a PDF."""
    both = Both(reader)
    usual = {"home": None, "about": None, "qr": None, "headings": headings}
    return text_of(
        reader,
        f"papers/{template}.html",
        **usual | shown,
        both=both,
        both_of=both,
        names=both.names,
        moment=paper_tables.moment_text,
        direction_of=paper_tables.direction_of,
        account=lambda code: accounts.title(reader, code),
        cell=lambda column, said: headings.cell(reader, column, said),
    )


async def _while_asked_for(request: Request, making: Coroutine[Any, Any, bytes]) -> bytes:
    """What is being made; whoever hangs up ends the making of it."""
    paper = asyncio.ensure_future(making)
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({paper, gone}, return_when=asyncio.FIRST_COMPLETED)
        return paper.result() if paper.done() else b""  # which nobody reads
    finally:
        for task in (paper, gone):
            task.cancel()
        await asyncio.gather(paper, gone, return_exceptions=True)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _rows(request: Request, made: Made) -> list[Any]:
    """All rows of a statement. Raises `PaperTooLong` as soon as it is sure."""
    most = MOST_CELLS // len(made.columns)
    rows: list[Any] = []
    async for row in made.content.rows:
        if len(rows) == most:
            raise too_long(serving(request).press.most_pages, f"more than {most} rows")
        rows.append(row)
    return rows


def _statement(reader: Reader, made: Made, rows: list[Any], known: datetime) -> dict[str, Any]:
    """What the template of a statement shows, beside where and when it was made."""
    totals, also = list(made.content.totals), Both(reader).also
    apart = paper_tables.totals_apart(made.columns, totals)
    beneath = [paper_tables.TotalRow(total) for total in totals] if apart else []
    return {
        "table": paper_tables.table(reader, also, made.columns, rows, () if apart else totals),
        "totals": paper_tables.table(reader, also, apart, beneath) if beneath else None,
        "said": _facts(reader, made, known),
    }


def _facts(reader: Reader, made: Made, known: datetime) -> list[tuple[Markup, str]]:
    """What stands above a statement: of which days, as known when, of what alone."""
    both, words, head = Both(reader), reader.words, made.head
    found: list[tuple[Markup, str]] = []
    if "first_on" in head:
        found.append((both(_("Period")), period_of(reader, *_days(head, "first_on", "last_on"))))
    found += [(both(_("As on")), words.short(day)) for day in _days(head, "as_of")]
    found.append((both(_("As known on")), words.number(paper_tables.moment_text(known))))
    if head["consolidated"]:
        found.append((both(_("Consolidated")), reader.says(_("With all organisations below it"))))
    for name in ("fund", "code", "party", "account"):
        if said := head.get(name):
            label = both(headings.COLUMNS[name])
            found.append((label, words.text(headings.cell(reader, name, str(said)))))
    return [*found, (both(_("Amounts")), reader.says(_("in Rs")))]


def period_of(reader: Reader, first_on: date, last_on: date) -> Markup:
    """From a day to a day, which stand in this order in either language."""
    return reader.words.number(f"{typed(first_on)} \N{EN DASH} {typed(last_on)}")


def _days(head: Mapping[str, object], *names: str) -> list[date]:
    return [date.fromisoformat(str(head[name])) for name in names if name in head]


def _settled(made: Made) -> dict[str, str]:
    """What a statement was asked, as the address of its page says it; today stays that day."""
    names = {"first_on": "from", "last_on": "to", "as_of": "as_of", "known_by": "known"}
    names |= {"fund": "fund", "code": "account_code", "party": "party", "account": "account"}
    said = {page: made.head.get(own) for own, page in names.items()}
    said["consolidated"] = "true" if made.head["consolidated"] else None
    return {page: str(value) for page, value in said.items() if value}
