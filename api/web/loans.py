"""Pages of loans: those of a CO by where they are, and each one whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api.web import desk, places, treasury
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.members import choose
from api.web.page import at, go, render
from api.web.reader import Reader
from api.web.route import router
from api.web.treasury import Page
from ledger.calendar import business_date
from service import access, arrears, guarantees, members, organisations
from service.access import Right
from service.loans import applications, contracts
from service.loans.life import LoanState
from service.loans.terms import as_percent
from service.loans.today import today
from service.refusals import NotFound

if TYPE_CHECKING:
    from fractions import Fraction

    from service.arrears import Standing
    from service.books import Books
    from service.loans.applications import Kept
    from service.loans.contracts import Loan

pages = router()

MOST: Final = 200
"""Loans on one page."""
SHOWN: Final = (
    LoanState.PAID_OUT,
    LoanState.APPLIED,
    LoanState.APPROVED,
    LoanState.REPAID,
    LoanState.WRITTEN_OFF,
)
"""The lists there are; whoever applied, and whoever is appraised, stand in one."""
ASKED_FOR: Final = (LoanState.APPLIED, LoanState.APPRAISED)
Code = Annotated[str, Query(max_length=100)]
State = Annotated[LoanState, Query()]
Late = Annotated[int, Query(ge=0, le=1)]


@pages.get("/loans")
async def loans_page(
    request: Request,
    organisation: Code = "",
    state: State = LoanState.PAID_OUT,
    late: Late = 0,
    which: Code = "",
    at: Code = "",
    on: On = "",
    known: Known = "",
    page: Page = 1,
    after: Code = "",
) -> Response:
    """The loans of a CO that are in a state, and what is left to pay; or those that are late.

    With `at` those that an organisation and all below it have lent, as on a day: all that run, or
    `which` of them.
    """
    async with to_read(request) as books:
        if at:
            days = desk.days(books, on, known)
            return await treasury.loans_page(request, books, at, days, which=which, page=page)
        code = organisation or await places.own_co(books)
        if code is None:
            return await choose(request, books, to="/loans", tab="loans", after=after)
        await access.authorise(books, Right.READ, code)
        standing = {
            one.loan: one for one in await arrears.of_lender(books, code, business_date(books.now))
        }
        asked = await _asked_for(books, code) if state in ASKED_FOR else []
        codes = [] if state in ASKED_FOR else await _in_state(books, code, state)
        if late:
            codes = [one for one in codes if one in standing and _late(standing[one])]
        found = await _page_of(books, code, codes, after)
        left = [standing[one] for one in codes if one in standing]
        return render(
            request,
            "loans.html",
            caller=books.caller,
            tab="loans",
            home=await organisations.organisation(books, code),
            late=late,
            state=LoanState.APPLIED if state in ASKED_FOR else state,
            shown=SHOWN,
            states=states(Reader.of(request)),
            loans=[
                one
                for one in found[:MOST]
                if one.cancelled_on is None or state is not LoanState.APPROVED
            ],
            more=found[MOST - 1].code if len(found) > MOST else None,
            applications=asked,
            most=MOST,
            standing=standing,
            people=await borrowers(books, found, asked),
            total=sum(one.outstanding_principal for one in left),
            may_prepare=await access.may(books, Right.PREPARE, code),
        )


@pages.get("/loans/{code}")
async def loan_page(request: Request, code: str, on: On = "", known: Known = "") -> Response:
    """A loan: what was agreed in words, what falls due when, what pays it off on the day."""
    async with to_read(request) as books:
        days = desk.days(books, on, known)
        applied = await _application(books, code)
        try:
            loan = (await contracts.loans(books, [code]))[code]
        except NotFound:
            if applied is None:
                raise
            return go(at("applications", code))
        agreed = loan.agreement
        await access.authorise_either(books, Right.READ, agreed.lender, agreed.organisation)
        stood = [
            one
            for one in await guarantees.of_loan(books, code)
            if one.from_on <= days.on and (one.to_on is None or one.to_on > days.on)
        ]
        people = [one.member for one in stood] + ([agreed.member] if agreed.member else [])
        return render(
            request,
            "loan.html",
            caller=books.caller,
            tab="loans",
            home=await organisations.organisation(books, agreed.lender),
            loan=loan,
            stands=await today(books, loan, days.on, known_by=days.known_by),
            days=days,
            to=days.link,
            percent=percent,
            states=states(Reader.of(request)),
            sureties=stood,
            people={one.code: one for one in await members.named(books, people)},
            applied=applied,
        )


def _late(one: Standing) -> bool:
    return one.overdue_principal + one.overdue_charge + one.overdue_fine > 0


def percent(rate: Fraction) -> str:
    """A rate as people write it, without zeros at its end."""
    return f"{as_percent(rate):f}"


def states(reader: Reader) -> dict[LoanState, str]:
    """What a state is called."""

    def _(message: str) -> str:
        return reader.says(message)

    return {
        LoanState.APPLIED: _("Applied for"),
        LoanState.APPRAISED: _("Looked into"),
        LoanState.DECLINED: _("Declined"),
        LoanState.WITHDRAWN: _("Taken back"),
        LoanState.APPROVED: _("To be given"),
        LoanState.CANCELLED: _("Cancelled"),
        LoanState.PAID_OUT: _("Running"),
        LoanState.REPAID: _("Paid back"),
        LoanState.WRITTEN_OFF: _("Written off"),
    }


async def _application(books: Books, code: str) -> Kept | None:
    try:
        return await applications.application(books, code)
    except NotFound:
        return None


async def _asked_for(books: Books, lender: str) -> list[Kept]:
    return [
        one
        for state in ASKED_FOR
        for one in await applications.of_lender(books, lender, state=state, limit=MOST)
    ]


async def _in_state(books: Books, lender: str, state: LoanState) -> list[str]:
    """The codes of the loans that are in a state."""
    return await arrears.in_state(books, lender, state, business_date(books.now))


async def _page_of(books: Books, lender: str, codes: list[str], after: str) -> list[Loan]:
    """Those of these loans after one; one more than a page has, where there are more."""
    if not codes:
        return []
    return await contracts.of_lender(books, lender, codes=codes, after=after, limit=MOST + 1)


async def borrowers(books: Books, loans: list[Loan], asked: list[Kept]) -> dict[str, Any]:
    """Who borrows, members and organisations, by code; as far as they may be seen."""
    agreed = [(one.agreement.member, one.agreement.organisation) for one in loans]
    agreed += [(one.application.member, one.application.organisation) for one in asked]
    hers = {member for member, _ in agreed if member}
    theirs = {organisation for _, organisation in agreed if organisation}
    found: dict[str, Any] = {one.code: one for one in await members.named(books, hers)}
    return found | {one.code: one for one in await organisations.named(books, theirs)}
