"""Loan applications: from asking to an appraisal, and how they end without a loan."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import ETAGGED, MaybeVersion, ReadBooks, WriteBooks, etag
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Prose, Rupees
from api.paging import LINKED, After, Limit, cut
from api.v1.terms import Count
from service import access
from service.access import Right
from service.loans import applications
from service.loans.applications import Application, Appraisal, Ending, Kept
from service.loans.life import LoanState
from service.refusals import AlreadyExists, NotFound, OwnLoan, StepNotAllowed, VersionChanged

router = APIRouter(tags=["loans"])


class ApplicationAsked(Asked):
    """What is applied for; either a member borrows or an organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "L-92",
                    "lender": "CO-01",
                    "member": "M-0003",
                    "product": "FLAT",
                    "amount": "5000.00",
                    "instalments": 3,
                    "purpose": "seed and fertiliser",
                    "mip": "MIP of household H-0003, 12 May: wheat on two kanals",
                    "applied_on": "2026-06-20",
                }
            ]
        }
    )

    code: Code = Field(description="The loan that comes of it has this code.")
    lender: Code
    member: Code | None = None
    organisation: Code | None = None
    product: Code
    amount: AmountAboveZero
    instalments: Count
    purpose: Prose
    mip: Prose | None = Field(
        default=None,
        description="The household's micro investment plan, and what of it this is for.",
    )
    applied_on: Day

    def application(self) -> Application:
        """As the service knows it."""
        return Application(**{**dict(self), "mip": self.mip or ""})


class AppraisalAsked(Asked):
    """What whoever looked into it found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on": "2026-06-22",
                    "amount": "4000.00",
                    "findings": "Two kanals of her own; paid her last loan on time.",
                }
            ]
        }
    )

    on: Day
    amount: AmountAboveZero = Field(description="How much could be lent.")
    findings: Prose


class EndingAsked(Asked):
    """How it ends without a loan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ending": "withdrawn", "on": "2026-06-24", "because": "Her brother lends it."}
            ]
        }
    )

    ending: Annotated[Ending, Field(strict=False)]
    on: Day
    because: Prose


class AppraisalAnswer(Answer):
    """What an appraisal found."""

    on: date
    amount: Rupees
    findings: str


class ApplicationAnswer(Answer):
    """An application as it stands."""

    code: str
    lender: str
    member: str | None
    organisation: str | None
    product: str
    amount: Rupees
    instalments: int
    purpose: str
    mip: str
    applied_on: date
    state: LoanState
    entered_by: str
    appraisal: AppraisalAnswer | None
    appraised_by: str | None
    ended_on: date | None
    ended_by: str | None
    ended_because: str | None

    @classmethod
    def of(cls, kept: Kept) -> ApplicationAnswer:
        """The answer for an application."""
        said = asdict(kept)
        said.pop("version")
        return cls(**{**said.pop("application"), **said})


class ApplicationPage(Answer):
    """Applications in the order of their codes."""

    items: list[ApplicationAnswer]


@router.post(
    "/loan-applications",
    status_code=HTTPStatus.CREATED,
    responses={201: ETAGGED, **with_body(AlreadyExists, NotFound)},
)
async def apply_for_loan(
    asked: ApplicationAsked, books: WriteBooks, response: Response
) -> ApplicationAnswer:
    """Enter that a member or an organisation applies for a loan."""
    kept = await applications.apply(books, asked.application())
    response.headers["Location"] = codes.address("loan-applications", asked.code)
    return _answer(kept, response)


@router.get(
    "/organisations/{code}/loan-applications", responses={200: LINKED, **declared(NotFound)}
)
async def list_loan_applications(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    state: Annotated[
        LoanState | None,
        Query(description="Applied, appraised, declined or withdrawn; or approved, with a loan."),
    ] = None,
    member: Annotated[Code | None, Query(description="Those of this member.")] = None,
    limit: Limit = 100,
    after: After = "",
) -> ApplicationPage:
    """The applications to a lender, in the order of their codes."""
    await access.authorise(books, Right.READ, code)
    found = await applications.of_lender(
        books, code, state=state, member=member, after=after, limit=limit + 1
    )
    page = cut(found, limit, lambda kept: kept.application.code, request=request, response=response)
    return ApplicationPage(items=[ApplicationAnswer.of(kept) for kept in page])


@router.get("/loan-applications/{code}", responses={200: ETAGGED, **declared(NotFound)})
async def get_loan_application(
    code: Code, books: ReadBooks, response: Response
) -> ApplicationAnswer:
    """One application."""
    kept = await applications.application(books, code)
    await access.authorise_either(
        books, Right.READ, kept.application.lender, kept.application.organisation
    )
    return _answer(kept, response)


@router.post(
    "/loan-applications/{code}/appraisal",
    responses={
        200: ETAGGED,
        **with_body(NotFound, OwnLoan, StepNotAllowed, VersionChanged),
    },
)
async def appraise_loan(
    code: Code, version: MaybeVersion, asked: AppraisalAsked, books: WriteBooks, response: Response
) -> ApplicationAnswer:
    """Enter what an appraisal found; a later one takes its place."""
    found = Appraisal(asked.on, asked.amount, asked.findings)
    return _answer(await applications.appraise(books, code, found, version=version), response)


@router.post(
    "/loan-applications/{code}/ending",
    responses={
        200: ETAGGED,
        **with_body(NotFound, StepNotAllowed, VersionChanged),
    },
)
async def end_loan_application(
    code: Code, version: MaybeVersion, asked: EndingAsked, books: WriteBooks, response: Response
) -> ApplicationAnswer:
    """Enter that the meeting declined it, or that whoever applied withdrew it."""
    ended = await applications.end(
        books, code, asked.ending, on=asked.on, because=asked.because, version=version
    )
    return _answer(ended, response)


def _answer(kept: Kept, response: Response) -> ApplicationAnswer:
    response.headers["ETag"] = etag(kept.version)
    return ApplicationAnswer.of(kept)
