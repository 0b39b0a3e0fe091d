"""Loan-loss reserves: what a book's loans ask for, and the scheme by which they do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from api.dependencies import AsOfDay, Key, KnownBy, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Day, Name, Prose, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from ledger.calendar import business_date
from ledger.refusals import KeyReused, MomentUnsettled
from service.accounts import PaidBy
from service.events.drafting import SIMPLE
from service.events.event import EventKind
from service.refusals import AlreadyExists, NotFound, SchemeContradicts
from service.requests import asking
from service.reserves import proposal, scheme
from service.reserves.proposal import FundReserve, InClass, Reserves
from service.reserves.scheme import ReserveClass, Scheme

router = APIRouter(tags=["reserves"])

MOST_CLASSES: Final = 20
MOST_DAYS: Final = 36_500

Percent = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]


class ClassAsked(Asked):
    """A class: it begins with so many days past due, and reserves so many per cent."""

    name: Name
    days_from: Annotated[int, Field(ge=0, le=MOST_DAYS)]
    percent: Percent


class SchemeAsked(Asked):
    """A scheme as resolved: it holds from its day on until the next one begins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from_on": "2026-07-01",
                    "resolution": "LSO-01/2026-06-20/3",
                    "classes": [
                        {"name": "current", "days_from": 0, "percent": "1"},
                        {"name": "late", "days_from": 30, "percent": "25"},
                        {"name": "loss", "days_from": 180, "percent": "100"},
                    ],
                }
            ]
        }
    )

    from_on: Day
    resolution: Prose
    classes: Annotated[list[ClassAsked], Field(min_length=1, max_length=MOST_CLASSES)]

    def scheme(self) -> Scheme:
        """As the service knows it. Raises `SchemeContradicts`."""
        classes = tuple(
            ReserveClass(one.name, one.days_from, Decimal(one.percent)) for one in self.classes
        )
        return Scheme(self.from_on, self.resolution, classes)


class ClassAnswer(Answer):
    """A class of a scheme."""

    name: str
    days_from: int
    percent: str

    @classmethod
    def of(cls, found: ReserveClass) -> ClassAnswer:
        """The answer for a class."""
        return cls(
            name=found.name, days_from=found.days_from, percent=f"{found.percent.normalize():f}"
        )


class SchemeAnswer(Answer):
    """A scheme."""

    from_on: date
    resolution: str
    classes: list[ClassAnswer]

    @classmethod
    def of(cls, found: Scheme) -> SchemeAnswer:
        """The answer for a scheme."""
        classes = [ClassAnswer.of(one) for one in found.classes]
        return cls(from_on=found.from_on, resolution=found.resolution, classes=classes)


class SchemeList(Answer):
    """All schemes by the day on which they begin."""

    items: list[SchemeAnswer]


class InClassAnswer(ClassAnswer):
    """The loans of a fund in a class."""

    loans: int
    outstanding_principal: Rupees
    required: Rupees = Field(description="Per cent of the principal, rounded half up.")

    @classmethod
    def of_fund(cls, found: InClass) -> InClassAnswer:
        """The answer for the loans of a fund in a class."""
        return cls(
            **dict(ClassAnswer.of(found.of)),
            loans=found.loans,
            outstanding_principal=found.principal,
            required=found.required,
        )


class ProposedEvent(Answer):
    """An event as `POST /v1/events` takes it."""

    organisation: str
    kind: EventKind
    happened_on: date
    fund: str
    paid_by: PaidBy
    amount: Rupees
    narrative: str


class ProposedAnswer(Answer):
    """The entry that makes what is held what is required; an officer posts it, or does not."""

    debit: str = Field(description="The code of account that it debits.")
    credit: str
    amount: Rupees
    event: ProposedEvent = Field(description="What to send to `POST /v1/events`.")

    @classmethod
    def of(cls, of: Reserves, fund: FundReserve) -> ProposedAnswer | None:
        """The answer for a fund; None where as much is held as is required."""
        if fund.proposed is None:
            return None
        kind, amount = fund.proposed
        event = ProposedEvent(
            organisation=of.organisation,
            kind=kind,
            happened_on=of.as_of,
            fund=fund.fund,
            paid_by=PaidBy.NONE,
            amount=amount,
            narrative=f"Reserve as at {of.as_of}, by the scheme from {of.scheme.from_on} on",
        )
        debit, credit = SIMPLE[kind]
        return cls(debit=debit, credit=credit, amount=amount, event=event)


class FundAnswer(Answer):
    """What the loans of a fund ask to be reserved."""

    fund: str
    classes: list[InClassAnswer]
    outstanding_principal: Rupees
    required: Rupees
    held: Rupees = Field(description="The balance of 1390.")
    proposed: ProposedAnswer | None


class ReservesAnswer(Answer):
    """What the loans of a book ask to be reserved, by the scheme that holds on the day."""

    organisation: str
    as_of: date
    scheme: SchemeAnswer
    funds: list[FundAnswer]

    @classmethod
    def of(cls, found: Reserves) -> ReservesAnswer:
        """The answer for a book."""
        funds = [
            FundAnswer(
                fund=fund.fund,
                classes=[InClassAnswer.of_fund(one) for one in fund.classes],
                outstanding_principal=fund.principal,
                required=fund.required,
                held=fund.held,
                proposed=ProposedAnswer.of(found, fund),
            )
            for fund in found.funds
        ]
        return cls(
            organisation=found.organisation,
            as_of=found.as_of,
            scheme=SchemeAnswer.of(found.scheme),
            funds=funds,
        )


@router.get("/organisations/{code}/reserves", responses=declared(NotFound, MomentUnsettled))
async def get_reserves(
    code: Code, books: ReadBooks, as_of: AsOfDay = None, known_by: KnownBy = None
) -> ReservesAnswer:
    """What a book's loans ask to be reserved, what is held, and the entry that is proposed."""
    on = as_of or business_date(books.now)
    return ReservesAnswer.of(await proposal.reserves(books, code, on, known_by=known_by))


@router.get("/reserve-schemes", responses=declared())
async def list_reserve_schemes(books: ReadBooks) -> SchemeList:
    """All schemes of classes and reserves, by the day on which they begin."""
    return SchemeList(items=[SchemeAnswer.of(one) for one in await scheme.schemes(books)])


@router.post(
    "/reserve-schemes",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(AlreadyExists, SchemeContradicts, KeyReused)},
)
async def ask_reserve_scheme(asked: SchemeAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that loans be reserved for otherwise from a day on; another administrator decides."""
    return await waiting(books, await asking.add_reserve_scheme(books, asked.scheme(), key=key))
