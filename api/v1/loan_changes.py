"""What is agreed of loans later, and their story: what became known, and what it changed."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from api.dependencies import Key, KnownBy, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Prose, Rupees
from api.v1.loan_previews import RescheduleAsked
from api.v1.loans import FiguresAnswer
from api.v1.products import percent
from api.v1.requests import WAITING, RequestAnswer, waiting
from api.v1.terms import Percent
from ledger.refusals import KeyReused, MomentUnsettled
from service import access
from service.access import Right
from service.loans import amending, changes, contracts, story
from service.loans.changes import Agreed
from service.loans.life import LoanState
from service.loans.plan import Change, FineImposed, RateChange
from service.loans.story import Chapter, Happening, Turn
from service.loans.terms import ContractContradicts
from service.refusals import NotFound, StepNotAllowed
from service.requests import lending

router = APIRouter(prefix="/loans/{code}", tags=["loans"])

MOST_CHAPTERS = 200


class _Because(Asked):
    reason: Prose
    resolution: Prose | None = None


class RateAsked(_Because):
    """Another rate from a day on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on": "2026-06-20",
                    "rate_percent": "1.5",
                    "reason": "The fund charges less",
                    "resolution": "CO-01/2026-06-20/1",
                }
            ]
        }
    )

    on: Day
    rate_percent: Percent


class OtherDuesAsked(_Because, RescheduleAsked):
    """Other due dates for what falls due after a day; what is overdue stays so, unless taken in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on": "2026-06-20",
                    "dues": ["2026-07-20", "2026-08-20"],
                    "overdue_too": True,
                    "reason": "The flood took the harvest",
                    "resolution": "CO-01/2026-06-20/2",
                }
            ]
        }
    )


class FineAsked(_Because):
    """A fine by resolution, due on its day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"on": "2026-06-20", "amount": "50.00", "reason": "Third meeting missed"}]
        }
    )

    on: Day
    amount: AmountAboveZero


class UndoingAsked(_Because):
    """Why what was agreed is taken back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Entered for the wrong loan"}]}
    )


class CancellationAsked(_Because):
    """Why a loan that was approved is not paid out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-06-29", "reason": "She needs it no more"}]}
    )

    on: Day


class ChangeAnswer(Answer):
    """What was agreed of a loan, by whom, and whether it was taken back."""

    n: int
    kind: str
    on: date
    rate_percent: str | None = None
    dues: list[date] | None = None
    grace_principal: int | None = None
    grace_charge: int | None = None
    overdue_too: bool | None = None
    amount: Rupees | None = None
    reason: str
    resolution: str | None
    actor: str
    known_at: datetime
    undone_at: datetime | None
    undone_by: str | None


class ChangeList(Answer):
    """Changes in the order in which they were written down."""

    items: list[ChangeAnswer]


class TurnAnswer(Answer):
    """The figures of a day before something was known, and after."""

    before: FiguresAnswer
    after: FiguresAnswer

    @classmethod
    def of(cls, turn: Turn) -> TurnAnswer:
        """The answer for a turn."""
        before, after = (FiguresAnswer.of(turn.on, one) for one in (turn.before, turn.after))
        return cls(before=before, after=after)


class ChapterAnswer(Answer):
    """One thing that became known; amounts below zero were taken back."""

    no: int
    what: Happening
    happened_on: date
    known_at: datetime
    days_late: int = Field(description="From the day it happened to the day it was entered.")
    actor: str
    reference: str
    voucher: int | None
    narrative: str
    paid_out: Rupees
    principal_repaid: Rupees
    charge_paid: Rupees
    fine_paid: Rupees
    written_off: Rupees
    own_day: TurnAnswer = Field(description="The day on which it happened.")
    when_known: TurnAnswer | None = Field(
        description="The day on which it was entered; null where that is the same day."
    )


class StoryAnswer(Answer):
    """The life of a loan: how it came to be, and all that became known of it since."""

    loan: str
    state: LoanState = Field(description="Today, by all that is known.")
    applied_on: date
    approved_on: date
    disbursed_on: date | None
    cancelled_on: date | None
    days_to_disbursement: int | None
    chapters: list[ChapterAnswer]


@router.get("/changes", responses=declared(NotFound))
async def list_loan_changes(code: Code, books: ReadBooks) -> ChangeList:
    """What was agreed of a loan since it was approved, those taken back too."""
    await _authorised(books, code)
    found = await changes.of_loan(books, code)
    return ChangeList(items=[_change(one) for one in found])


ASKS: Final[dict[str, Any]] = {
    "status_code": HTTPStatus.ACCEPTED,
    "response_model": RequestAnswer,
    "responses": {
        **WAITING,
        **with_body(NotFound, StepNotAllowed, ContractContradicts, KeyReused),
    },
}
"""A route that asks for a change, which another officer decides."""


@router.post("/rates", **ASKS)
async def change_loan_rate(code: Code, asked: RateAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that a declining loan have another rate from a day on, which another officer decides."""
    change = RateChange(on=asked.on, rate=Fraction(asked.rate_percent) / 100)
    return await _ask(books, code, change, asked, key)


@router.post("/reschedules", **ASKS)
async def reschedule_loan(
    code: Code, asked: OtherDuesAsked, key: Key, books: WriteBooks
) -> Response:
    """Ask for other due dates, which another officer decides; a moratorium is a late first one.

    The request shows what the loan asks for and owes before and after. What has fallen due stays
    as old as it is, unless it is taken in by name; the balance is shown as rescheduled from then.
    """
    return await _ask(books, code, asked.reschedule(), asked, key)


@router.post("/fines", **ASKS)
async def fine_loan(code: Code, asked: FineAsked, key: Key, books: WriteBooks) -> Response:
    """Ask that a loan be fined, as a meeting resolved, which another officer decides."""
    return await _ask(books, code, FineImposed(on=asked.on, amount=asked.amount), asked, key)


@router.post(
    "/changes/{n}/undoing",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(NotFound, KeyReused)},
)
async def undo_loan_change(
    code: Code,
    n: Annotated[int, Field(ge=1, le=10_000)],
    asked: UndoingAsked,
    key: Key,
    books: WriteBooks,
) -> Response:
    """Ask that a change that was agreed in error be taken back; what was known stays known."""
    asks = await lending.undo_change(books, code, n, reason=asked.reason, key=key)
    return await waiting(books, asks)


@router.post(
    "/cancellation",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(NotFound, StepNotAllowed, KeyReused)},
)
async def cancel_loan(
    code: Code, asked: CancellationAsked, key: Key, books: WriteBooks
) -> Response:
    """Ask that a loan that was approved and never paid out be cancelled."""
    asks = await lending.cancel_loan(books, code, asked.on, reason=asked.reason, key=key)
    return await waiting(books, asks)


@router.get("/story", responses=declared(NotFound, MomentUnsettled))
async def get_loan_story(
    code: Code,
    books: ReadBooks,
    known_by: KnownBy = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CHAPTERS)] = 100,
    after: Annotated[int, Query(ge=0, description="Those after this number.")] = 0,
) -> StoryAnswer:
    """The story of a loan: all that became known of it, and the figures before and after.

    A payment entered late shows the figures of its own day and of the day it was entered, each
    before and after it was known.
    """
    await _authorised(books, code)
    async with books.whole_house():
        loan = (await contracts.loans(books, [code]))[code]
        told = await story.story(books, loan, known_by=known_by, after=after, limit=limit)
        state = (await amending.standing_now(books, code)).state
    agreed = loan.agreement
    out = agreed.disbursed_on
    return StoryAnswer(
        loan=code,
        state=state,
        applied_on=agreed.applied_on,
        approved_on=agreed.approved_on,
        disbursed_on=out,
        cancelled_on=loan.cancelled_on,
        days_to_disbursement=None if out is None else (out - agreed.applied_on).days,
        chapters=[_chapter(one) for one in told],
    )


async def _ask(books: WriteBooks, code: str, change: Change, asked: _Because, key: str) -> Response:
    asks = await lending.change_loan(
        books, code, change, reason=asked.reason, resolution=asked.resolution, key=key
    )
    return await waiting(books, asks)


async def _authorised(books: ReadBooks, code: str) -> None:
    agreed = (await contracts.loans(books, [code]))[code].agreement
    await access.authorise_either(books, Right.READ, agreed.lender, agreed.organisation)


def _change(one: Agreed) -> ChangeAnswer:
    change = one.change
    said = one._asdict()
    said.pop("change")
    if isinstance(change, FineImposed):
        return ChangeAnswer(kind="fine", on=change.on, amount=change.amount, **said)
    rate = None if change.rate is None else percent(change.rate)
    if isinstance(change, RateChange):
        return ChangeAnswer(kind="rate", on=change.on, rate_percent=rate, **said)
    return ChangeAnswer(
        kind="reschedule",
        on=change.on,
        rate_percent=rate,
        dues=list(change.dues),
        grace_principal=change.grace_principal,
        grace_charge=change.grace_charge,
        overdue_too=change.overdue_too,
        **said,
    )


def _chapter(one: Chapter) -> ChapterAnswer:
    return ChapterAnswer(
        no=one.no,
        what=one.what,
        happened_on=one.happened_on,
        known_at=one.known_at,
        days_late=0 if one.when_known is None else (one.when_known.on - one.happened_on).days,
        actor=one.actor,
        reference=one.reference,
        voucher=one.voucher,
        narrative=one.narrative,
        paid_out=one.move.disbursed,
        principal_repaid=one.move.principal_repaid,
        charge_paid=one.move.charge_paid,
        fine_paid=one.move.fine_paid,
        written_off=one.move.written_off,
        own_day=TurnAnswer.of(one.own_day),
        when_known=one.when_known and TurnAnswer.of(one.when_known),
    )
