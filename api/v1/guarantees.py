"""Who guarantees a loan, and what a member has pledged."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field

from api.dependencies import AsOfDay, Key, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountFromZero, Answer, Asked, Code, Day, Prose, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from ledger.calendar import business_date
from ledger.refusals import KeyReused, SavingsPledged
from service import guarantees, savings
from service.guarantees import Guarantee, Surety
from service.refusals import AlreadyExists, GuaranteeNeeded, NotFound
from service.requests import asking

router = APIRouter(tags=["loans"])

MOST_GUARANTEES = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=MOST_GUARANTEES)]
N = Annotated[
    int, Path(ge=1, le=MOST_GUARANTEES, description="The number among the loan's guarantees.")
]


class GuaranteeAsked(Asked):
    """A member who stands surety, and what of her savings is pledged for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "member": "M-0002",
                    "pledged": "0.00",
                    "from_on": "2026-06-25",
                    "resolution": "CO-01/2026-06-25/1",
                    "reason": "Stands surety for her neighbour",
                }
            ]
        }
    )

    member: Code = Field(description="Of any CO; the borrower may only pledge savings of her own.")
    pledged: AmountFromZero = Field(description="0.00 for surety without a pledge.")
    from_on: Day
    resolution: Prose | None = None
    replaces: Number | None = Field(
        default=None,
        description="The number of the guarantee whose place it takes, with at least as much.",
    )
    reason: Prose


class ReleaseAsked(Asked):
    """From when on a guarantee is no more, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-06-29", "reason": "The loan was not taken"}]}
    )

    on: Day = Field(description="The first day it no longer holds; no day to come.")
    reason: Prose


class GuaranteeAnswer(Answer):
    """A guarantee of a loan, from a day until before `to_on`."""

    loan: str
    n: int = Field(description="Its number among the guarantees of the loan.")
    member: str
    organisation: str = Field(description="Her CO, in whose book her savings are pledged.")
    pledged: Rupees
    from_on: date
    to_on: date | None
    resolution: str | None
    replaces: int | None
    own: bool = Field(description="Whether the borrower herself pledges: she is no guarantor.")

    @classmethod
    def of(cls, found: Guarantee) -> GuaranteeAnswer:
        """The answer for a guarantee."""
        said = asdict(found)
        return cls(**{name: said[name] for name in cls.model_fields})


class GuaranteeList(Answer):
    """The guarantees of a loan in the order of their numbers, also those that have ended."""

    items: list[GuaranteeAnswer]


class PledgesAnswer(Answer):
    """What a member guarantees, and what of her savings is pledged and free on a day."""

    member: str
    as_of: date
    saved: Rupees = Field(description="Compulsory and voluntary together.")
    pledged: Rupees
    free: Rupees
    items: list[GuaranteeAnswer] = Field(description="By loan; also those that have ended.")


@router.get("/loans/{code}/guarantees", responses=declared(NotFound))
async def list_guarantees(code: Code, books: ReadBooks) -> GuaranteeList:
    """Who guarantees a loan, and what is pledged for it."""
    found = await guarantees.of_loan(books, code)
    return GuaranteeList(items=[GuaranteeAnswer.of(one) for one in found])


@router.post(
    "/loans/{code}/guarantees",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={
        **WAITING,
        **with_body(NotFound, AlreadyExists, GuaranteeNeeded, SavingsPledged, KeyReused),
    },
)
async def ask_guarantee(code: Code, key: Key, asked: GuaranteeAsked, books: WriteBooks) -> Response:
    """Ask that a member stand surety for a loan; an officer of her CO decides."""
    said = dict(asked)
    reason = said.pop("reason")
    waits = await asking.stand_surety(books, Surety(loan=code, **said), reason=reason, key=key)
    return await waiting(books, waits)


@router.post(
    "/loans/{code}/guarantees/{n}/release",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(NotFound, AlreadyExists, GuaranteeNeeded, KeyReused)},
)
async def ask_release(
    code: Code, n: N, key: Key, asked: ReleaseAsked, books: WriteBooks
) -> Response:
    """Ask that a guarantee end and its pledge be released: not while the loan is running."""
    waits = await asking.release_guarantee(
        books, code, n, on=asked.on, reason=asked.reason, key=key
    )
    return await waiting(books, waits)


@router.get("/members/{code}/pledges", responses=declared(NotFound))
async def list_pledges(code: Code, books: ReadBooks, as_of: AsOfDay = None) -> PledgesAnswer:
    """What a member has pledged for whose loans, and what of her savings is free."""
    on = as_of or business_date(books.now)
    found = await guarantees.of_member(books, code)
    saved = await savings.of_member(books, code, on)
    pledged = await savings.pledged(books, code, on)
    whole = saved.compulsory + saved.voluntary
    return PledgesAnswer(
        member=code,
        as_of=on,
        saved=whole,
        pledged=pledged,
        free=whole - pledged,
        items=[GuaranteeAnswer.of(one) for one in found],
    )
