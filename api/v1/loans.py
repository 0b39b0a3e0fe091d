"""Loans: what was agreed, the schedule, and what is owed on any day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field

from api.dependencies import AsOf, AsOfDay, Key, KnownBy, ReadBooks, WriteBooks, days
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Prose, Rupees
from api.paging import LINKED, After, Limit, cut
from api.v1.products import ProductAnswer
from api.v1.requests import WAITING, RequestAnswer, waiting
from api.v1.terms import Count, SeasonAsked, shares
from ledger.calendar import business_date
from ledger.refusals import KeyReused, MomentUnsettled
from service import access, arrears
from service.access import Right
from service.loans import contracts
from service.loans.agreement import Agreement
from service.loans.contracts import Loan
from service.loans.figures import LoanFigures
from service.loans.life import LoanState
from service.loans.terms import ContractContradicts
from service.refusals import AlreadyExists, NotEligible, NotFound, StepNotAllowed
from service.requests import lending

router = APIRouter(tags=["loans"])


class LoanAsked(Asked):
    """A loan as agreed; either a member borrows or an organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "L-91",
                    "lender": "CO-01",
                    "member": "M-0003",
                    "product": "FLAT",
                    "principal": "600.00",
                    "applied_on": "2026-06-20",
                    "approved_on": "2026-06-25",
                    "resolution": "CO-01/2026-06-25/1",
                    "disbursed_on": "2026-06-29",
                    "first_due_on": "2026-07-29",
                    "instalments": 3,
                    "purpose": "seed",
                }
            ]
        }
    )

    code: Code
    lender: Code
    member: Code | None = None
    organisation: Code | None = None
    product: Code
    principal: AmountAboveZero
    applied_on: Day
    approved_on: Day
    resolution: Prose | None = None
    disbursed_on: Day | None = Field(
        default=None, description="The day of its one disbursement; with it the schedule freezes."
    )
    first_due_on: Day
    instalments: Count
    purpose: Prose | None = None
    instalment: AmountAboveZero | None = Field(
        default=None, description="One that was agreed, in place of one worked out."
    )
    seasons: list[SeasonAsked] = Field(default_factory=list, max_length=520)
    in_tranches: bool = Field(
        default=False, description="Whether it may be paid out in parts, the first on its day."
    )
    refinances: Code | None = Field(
        default=None, description="The loan that it pays off when it is paid out."
    )

    def agreement(self) -> Agreement:
        """As the service knows it."""
        return Agreement(**{**dict(self), "seasons": shares(self.seasons)})


class InstalmentAnswer(Answer):
    """What falls due on one day."""

    n: int
    due_on: date
    principal: Rupees
    charge: Rupees
    total: Rupees


class SeasonAnswer(Answer):
    """A day on which a share of the principal falls due, as a fraction."""

    due_on: date
    share: str


class LoanAnswer(Answer):
    """A loan as agreed."""

    code: str
    lender: str
    member: str | None
    organisation: str | None
    product: str
    fund: str
    principal: Rupees
    applied_on: date
    approved_on: date
    resolution: str | None
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    purpose: str | None
    instalment: Rupees | None
    seasons: list[SeasonAnswer]
    in_tranches: bool
    refinances: str | None
    product_version: int
    cancelled_on: date | None
    days_to_disbursement: int | None = Field(description="From the application to the money.")

    @classmethod
    def of(cls, found: Loan) -> LoanAnswer:
        """The answer for a loan."""
        agreed = found.agreement
        paid_out = None if found.cancelled_on else agreed.disbursed_on
        seasons = [
            SeasonAnswer(due_on=day, share=f"{share.numerator}/{share.denominator}")
            for day, share in agreed.seasons
        ]
        return cls(
            **{**asdict(agreed), "seasons": seasons},
            fund=found.fund,
            product_version=found.contract.product.version,
            cancelled_on=found.cancelled_on,
            days_to_disbursement=None if paid_out is None else (paid_out - agreed.applied_on).days,
        )


class FiguresAnswer(Answer):
    """A loan as at the close of a day; lateness in days."""

    as_of: date
    outstanding_principal: Rupees
    due_principal: Rupees
    due_charge: Rupees
    due_fine: Rupees
    paid_principal: Rupees
    paid_charge: Rupees
    paid_fine: Rupees
    overdue_principal: Rupees
    overdue_charge: Rupees
    overdue_fine: Rupees
    days_past_due: int
    accrued_charge: Rupees = Field(
        description="Income that is not paid yet, under rules that accrue their charge."
    )
    charge_suspended: Rupees = Field(
        description="Charge fallen due, neither paid nor accrued: it is 90 days late, or more."
    )
    closed: bool
    paid_out: bool

    @classmethod
    def of(cls, as_of: date, found: LoanFigures) -> FiguresAnswer:
        """The answer for a loan's figures on a day."""
        return cls(as_of=as_of, **asdict(found))


class LoanWithFigures(LoanAnswer):
    """A loan with its rules, its schedule, and its figures on the days asked for."""

    terms: ProductAnswer
    schedule: list[InstalmentAnswer]
    figures: list[FiguresAnswer]


class LoanPage(Answer):
    """Loans in the order of their codes."""

    items: list[LoanAnswer]


@router.get("/organisations/{code}/loans", responses={200: LINKED, **declared(NotFound)})
async def list_loans(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    member: Annotated[Code | None, Query(description="Those to this member.")] = None,
    organisation: Annotated[Code | None, Query(description="Those to this organisation.")] = None,
    product: Annotated[Code | None, Query(description="Those under these lending rules.")] = None,
    state: Annotated[
        LoanState | None,
        Query(
            description="Approved and not paid out, paid out and still owing, repaid, or written"
            " off, by what the book says at the close of the day."
        ),
    ] = None,
    as_of: AsOfDay = None,
    limit: Limit = 100,
    after: After = "",
) -> LoanPage:
    """The loans that an organisation gives, in the order of their codes."""
    await access.authorise(books, Right.READ, code)
    on = as_of or business_date(books.now)
    found = await contracts.of_lender(
        books,
        code,
        codes=None if state is None else await arrears.in_state(books, code, state, on),
        member=member,
        organisation=organisation,
        product=product,
        after=after,
        limit=limit + 1,
    )
    page = cut(found, limit, lambda loan: loan.code, request=request, response=response)
    return LoanPage(items=[LoanAnswer.of(loan) for loan in page])


@router.post(
    "/loans",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={
        **WAITING,
        **with_body(
            AlreadyExists, NotFound, ContractContradicts, KeyReused, NotEligible, StepNotAllowed
        ),
    },
)
async def agree_loan(asked: LoanAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that a loan be approved; money moves by a sheet, or by a transfer.

    Where there is an application of this code, it is appraised, and the loan is what was applied
    for. Neither who is to get it nor who entered the application decides.
    """
    return await waiting(books, await lending.agree_loan(books, asked.agreement(), key=key))


@router.get("/loans/{code}", responses=declared(NotFound, MomentUnsettled))
async def get_loan(
    code: Code,
    books: ReadBooks,
    as_of: AsOf = (),
    known_by: KnownBy = None,
) -> LoanWithFigures:
    """A loan: its rules, its schedule, and what it owes."""
    loan = (await contracts.loans(books, [code]))[code]
    agreed = loan.agreement
    await access.authorise_either(books, Right.READ, agreed.lender, agreed.organisation)
    asked = days(books, as_of)
    found = await arrears.figures_of(books, loan, asked, known_by=known_by)
    return LoanWithFigures(
        **dict(LoanAnswer.of(loan)),
        terms=ProductAnswer.of(loan.contract.product),
        schedule=[InstalmentAnswer(**asdict(part), total=part.total) for part in loan.schedule],
        figures=[FiguresAnswer.of(*pair) for pair in zip(asked, found, strict=True)],
    )
