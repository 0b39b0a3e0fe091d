"""Events: everything that moves money outside a meeting, reversals included."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, ConfigDict, Field

from api import codes
from api.dependencies import FirstOn, Key, LastOn, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Name, Prose, Rupees, printable
from api.paging import LINKED, After, Limit, cut
from api.v1.posted import POSTED, PostedAnswer
from api.v1.requests import WAITING, RequestAnswer, answered, waiting
from ledger import refusals as engine
from service import access
from service import refusals as rules
from service.access import Right
from service.accounts import Fund, PaidBy
from service.events import store
from service.events.event import Event, EventKind
from service.requests import asking

router = APIRouter(tags=["events"])

MOST_CHARACTERS: Final = 120
"""Of an event's code: a correction's reversal is named after the right sheet."""
EventCode = Annotated[
    str,
    Path(max_length=MOST_CHARACTERS, description="It may hold slashes."),
    AfterValidator(printable),
]
REFUSED: Final = (
    rules.NotFound,
    rules.AlreadyExists,
    rules.NotTheParent,
    rules.LoanOfAnother,
    rules.LoanNotPaidOut,
    rules.LoanAlreadyPaidOut,
    rules.LoanCancelled,
    rules.StepNotAllowed,
    rules.GuarantorsMissing,
    rules.LoanWrittenOff,
    rules.LoanNotWrittenOff,
    rules.DisbursementDiffers,
    rules.RepaymentAboveOwed,
    rules.WriteOffNotWhole,
    rules.ReserveTooSmall,
    rules.MemberOfAnother,
    rules.RefinanceFallsShort,
    rules.NothingToAccrue,
    rules.AccruedLater,
    rules.NothingSaved,
    rules.YearClosed,
    rules.NothingToClose,
    rules.VersionChanged,
    engine.KeyReused,
    engine.FloorPassed,
    engine.SavingsPledged,
    engine.PeriodClosed,
    engine.DatedInFuture,
    engine.AlreadyReversed,
    engine.ReversalOfReversal,
    engine.ReversalTooEarly,
    engine.HalvesDisagree,
    engine.AccountFacesAnother,
    engine.LineMalformed,
)


class EventAsked(Asked):
    """An event to record; what it needs depends on its kind. Without a code it is given one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "E-91",
                    "organisation": "LSO-01",
                    "kind": "grant_donor",
                    "happened_on": "2026-06-29",
                    "fund": "own",
                    "paid_by": "bank",
                    "amount": "25000.00",
                    "counterparty": "A donor",
                    "narrative": "For the training of managers",
                },
                {
                    "code": "E-93",
                    "organisation": "LSO-01",
                    "kind": "reversal",
                    "happened_on": "2026-06-30",
                    "narrative": "The grant came for another organisation",
                    "reverses": "E-91",
                },
                {
                    "code": "E-94",
                    "organisation": "LSO-01",
                    "kind": "year_end_close",
                    "happened_on": "2026-06-30",
                    "narrative": "The year ends",
                },
            ]
        }
    )

    organisation: Code = Field(description="In an event of two books: the one that gives.")
    kind: Annotated[EventKind, Field(strict=False)]
    happened_on: Day
    code: Code | None = None
    fund: Annotated[Fund | None, Field(strict=False)] = None
    paid_by: Annotated[PaidBy, Field(strict=False)] = PaidBy.NONE
    amount: Annotated[
        AmountAboveZero | None,
        Field(description="None where the books say how much: accruals, settlements, closes."),
    ] = None
    counterparty: Name | None = Field(
        default=None,
        description="The other organisation, the member of an IGG or a settlement, or the giver.",
    )
    loan: Code | None = None
    narrative: Annotated[Prose | None, Field(description="What it was for.")] = None
    resolution: Prose | None = None
    reverses: Name | None = Field(
        default=None, description="The code of the sheet or event that a reversal undoes."
    )

    def event(self, key: str) -> Event:
        """As the service knows it; without a code it takes the one its key stands for."""
        said = dict(self)
        code = self.code or codes.derived("event", self.organisation, key)
        fund = self.fund and self.fund.value
        return Event(**{**said, "code": code, "fund": fund, "narrative": self.narrative or ""})


class TransferAsked(EventAsked):
    """Money that goes from one organisation to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "E-92",
                    "organisation": "CO-01",
                    "kind": "deposit_placed",
                    "happened_on": "2026-06-29",
                    "fund": "own",
                    "paid_by": "cash",
                    "amount": "100.00",
                    "counterparty": "VO-01",
                    "narrative": "Pooled deposit",
                },
            ]
        }
    )


class EventAnswer(Answer):
    """An event; `entry_no` is its voucher number in its organisation's book."""

    code: str
    organisation: str
    kind: EventKind
    happened_on: date
    fund: str | None
    paid_by: PaidBy
    amount: Rupees | None
    counterparty: str | None
    loan: str | None
    narrative: str
    resolution: str | None
    reverses: str | None
    entry_no: int

    @classmethod
    def of(cls, event: Event, entry_no: int) -> EventAnswer:
        """The answer for an event."""
        return cls(**asdict(event), entry_no=entry_no)


class EventPage(Answer):
    """Events in the order of their codes."""

    items: list[EventAnswer]


@router.get("/organisations/{code}/events", responses={200: LINKED, **declared(rules.NotFound)})
async def list_events(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    kind: Annotated[EventKind | None, Query(description="Those of this kind.")] = None,
    first_on: FirstOn = None,
    last_on: LastOn = None,
    limit: Limit = 100,
    after: After = "",
) -> EventPage:
    """The events that an organisation began, in the order of their codes."""
    await access.authorise(books, Right.READ, code)
    found = await store.of_organisation(
        books,
        code,
        kind=kind,
        first_on=first_on,
        last_on=last_on,
        after=after,
        limit=limit + 1,
    )
    page = cut(found, limit, lambda pair: pair[0].code, request=request, response=response)
    return EventPage(items=[EventAnswer.of(*pair) for pair in page])


@router.post(
    "/events",
    status_code=HTTPStatus.CREATED,
    response_model=PostedAnswer,
    responses={201: POSTED, **WAITING, **with_body(*REFUSED)},
)
async def record_event(
    asked: EventAsked, key: Key, books: WriteBooks, response: Response
) -> PostedAnswer | Response:
    """Record what happened in one book outside a meeting.

    A reversal, a write-off, a refinance, a settlement, the close of a year, and what lies far
    back wait for a second officer.
    """
    event = asked.event(key)
    done = await asking.record(books, event, key=key)
    at = codes.address("events", event.code)
    return await answered(books, done, event.code, at=at, response=response)


@router.get("/events/{code:path}", responses=declared(rules.NotFound))
async def get_event(code: EventCode, books: ReadBooks) -> EventAnswer:
    """One event."""
    event, entry_no = await store.load(books, code)
    await access.authorise_either(books, Right.READ, event.organisation, event.counterparty)
    return EventAnswer.of(event, entry_no)


@router.get("/organisations/{code}/transfers", responses={200: LINKED, **declared(rules.NotFound)})
async def list_transfers(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    other: Annotated[Code | None, Query(description="Those with this other organisation.")] = None,
    first_on: FirstOn = None,
    last_on: LastOn = None,
    limit: Limit = 100,
    after: After = "",
) -> EventPage:
    """What an organisation gave to others and received from them, as accepted."""
    await access.authorise(books, Right.READ, code)
    found = await store.transfers_of(
        books, code, other=other, first_on=first_on, last_on=last_on, after=after, limit=limit + 1
    )
    page = cut(found, limit, lambda pair: pair[0].code, request=request, response=response)
    return EventPage(items=[EventAnswer.of(*pair) for pair in page])


@router.post(
    "/transfers",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(*REFUSED)},
)
async def ask_transfer(asked: TransferAsked, key: Key, books: WriteBooks) -> Response:
    """Ask another organisation to accept money: one entry in each book, posted together."""
    return await waiting(books, await asking.transfer(books, asked.event(key), key=key))
