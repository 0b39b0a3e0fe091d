"""Collection sheets: drafted, revised, closed, reversed, corrected."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field, JsonValue

from api import codes
from api.dependencies import (
    ETAGGED,
    FirstOn,
    Key,
    LastOn,
    MaybeVersion,
    ReadBooks,
    Version,
    WriteBooks,
    etag,
)
from api.errors import declared, with_body
from api.fields import AmountAboveZero, Answer, Asked, Code, Day, Money, Prose, Rupees
from api.paging import LINKED, After, Limit, cut
from api.refusals import IfMatchMissing
from api.v1.posted import POSTED, PostedAnswer
from api.v1.requests import WAITING, RequestAnswer, answered, waiting
from ledger import refusals as engine
from service import access
from service import refusals as rules
from service.access import Right
from service.requests import sheets as officers
from service.sheets import actions, store
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind, SheetState
from service.sheets.store import StoredSheet

router = APIRouter(tags=["sheets"])

MOST_LINES: Final = 2000
LINES_REFUSED: Final = (
    rules.NotFound,
    rules.MemberOfAnother,
    rules.LoanOfAnother,
    rules.LoanNotPaidOut,
    rules.LoanAlreadyPaidOut,
    rules.LoanCancelled,
    rules.StepNotAllowed,
    rules.GuarantorsMissing,
    rules.LoanWrittenOff,
    rules.DisbursementDiffers,
    engine.KeyReused,
    engine.FloorPassed,
    engine.SavingsPledged,
    engine.PeriodClosed,
    engine.DatedInFuture,
    engine.LineMalformed,
    engine.EntryEmpty,
)
"""What closing a sheet may meet."""
REVERSAL_REFUSED: Final = (
    rules.SheetNotClosed,
    rules.AlreadyExists,
    engine.AlreadyReversed,
    engine.ReversalTooEarly,
)
_LINES: Final[list[dict[str, JsonValue]]] = [
    {"member": "M-0001", "kind": "saving_compulsory", "amount": "100.00"},
    {"member": "M-0002", "kind": "saving_voluntary", "amount": "250.50"},
]
CONTENT: Final[dict[str, JsonValue]] = {
    "held_on": "2026-06-29",
    "present": ["M-0001", "M-0002"],
    "cash_counted": "350.50",
    "lines": [*_LINES],
}


class SheetLineAsked(Asked):
    """What a member brought or took; a loan only where it repays or pays one out."""

    member: Code
    kind: Annotated[SheetLineKind, Field(strict=False)]
    amount: AmountAboveZero
    loan: Code | None = None


class SheetContent(Asked):
    """What a sheet says."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTENT]})

    held_on: Day
    present: list[Code] = Field(default=[], max_length=MOST_LINES)
    cash_counted: Money | None = Field(
        default=None, description="Net cash of the meeting: taken in less paid out."
    )
    lines: list[SheetLineAsked] = Field(default=[], max_length=MOST_LINES)

    def sheet(self, code: str, organisation: str = "") -> Sheet:
        """As the service knows it."""
        lines = tuple(
            SheetLine(line.member, line.kind, line.amount, line.loan) for line in self.lines
        )
        return Sheet(
            code, organisation, self.held_on, tuple(self.present), self.cash_counted, lines
        )


class SheetAsked(SheetContent):
    """A sheet to keep as a draft; without a code it is given one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "S-08", "organisation": "CO-01", **CONTENT}]}
    )

    organisation: Code
    code: Code | None = None


class ClosingOfSheet(Asked):
    """What whoever closes a sheet says to a second officer, where it takes one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The road was closed for two months"}]}
    )

    reason: Prose


class ReversalAsked(Asked):
    """Why and on which day a closed sheet is undone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-06-30", "reason": "Entered twice"}]}
    )

    on: Day
    reason: Prose
    resolution: Prose | None = None


class ReplacementAsked(SheetContent):
    """The right sheet; without a code it is given one."""

    code: Code | None = None


class CorrectionAsked(ReversalAsked):
    """Why and on which day a closed sheet is undone, and the right one in its place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on": "2026-06-30",
                    "reason": "M-0002 brought 300, not 250.50",
                    "resolution": "CO-01/2026-06-30/1",
                    "replacement": {
                        "code": "S-08B",
                        **CONTENT,
                        "cash_counted": "400.00",
                        "lines": [_LINES[0], {**_LINES[1], "amount": "300.00"}],
                    },
                }
            ]
        }
    )

    replacement: ReplacementAsked


class SheetLineAnswer(Answer):
    """What a member brought or took."""

    member: str
    kind: SheetLineKind
    amount: Rupees
    loan: str | None


class SheetAnswer(Answer):
    """A sheet; `entry_no` is its voucher number once it is closed."""

    code: str
    organisation: str
    held_on: date
    state: SheetState
    version: int
    present: list[str]
    cash_counted: Rupees | None
    lines: list[SheetLineAnswer]
    entry_no: int | None

    @classmethod
    def of(cls, found: StoredSheet) -> SheetAnswer:
        """The answer for a sheet."""
        sheet = found.sheet
        return cls(
            code=sheet.code,
            organisation=sheet.organisation,
            held_on=sheet.held_on,
            state=found.state,
            version=found.version,
            present=list(sheet.present),
            cash_counted=sheet.cash_counted,
            lines=[
                SheetLineAnswer(member=x.member, kind=x.kind, amount=x.amount, loan=x.loan)
                for x in sheet.lines
            ],
            entry_no=found.entry_no,
        )


class SheetPage(Answer):
    """Sheets in the order of their codes."""

    items: list[SheetAnswer]


def _present(found: StoredSheet, response: Response) -> SheetAnswer:
    response.headers["ETag"] = etag(found.version)
    return SheetAnswer.of(found)


@router.get("/organisations/{code}/sheets", responses={200: LINKED, **declared(rules.NotFound)})
async def list_sheets(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    state: Annotated[SheetState | None, Query()] = None,
    first_on: FirstOn = None,
    last_on: LastOn = None,
    limit: Limit = 100,
    after: After = "",
) -> SheetPage:
    """The sheets of a CO in the order of their codes."""
    await access.authorise(books, Right.READ, code)
    found = await store.of_organisation(
        books,
        code,
        state=state,
        first_on=first_on,
        last_on=last_on,
        after=after,
        limit=limit + 1,
    )
    page = cut(found, limit, lambda s: s.sheet.code, request=request, response=response)
    return SheetPage(items=[SheetAnswer.of(sheet) for sheet in page])


@router.post(
    "/sheets",
    status_code=HTTPStatus.CREATED,
    responses={
        201: ETAGGED,
        **with_body(rules.AlreadyExists, rules.NotFound, rules.MemberOfAnother),
    },
)
async def draft_sheet(asked: SheetAsked, books: WriteBooks, response: Response) -> SheetAnswer:
    """Keep a draft: nothing is posted until it is closed."""
    code = asked.code or codes.fresh(books.now)
    stored = await actions.prepare(books, asked.sheet(code, asked.organisation))
    response.headers["Location"] = codes.address("sheets", code)
    return _present(stored, response)


@router.get("/sheets/{code}", responses={200: ETAGGED, **declared(rules.NotFound)})
async def get_sheet(code: Code, books: ReadBooks, response: Response) -> SheetAnswer:
    """One sheet."""
    found = await store.load(books, code)
    await access.authorise(books, Right.READ, found.sheet.organisation)
    return _present(found, response)


@router.put(
    "/sheets/{code}",
    responses={
        200: ETAGGED,
        **with_body(
            rules.NotFound,
            rules.SheetNotDraft,
            rules.VersionChanged,
            rules.MemberOfAnother,
            IfMatchMissing,
        ),
    },
)
async def revise_sheet(
    code: Code, version: Version, asked: SheetContent, books: WriteBooks, response: Response
) -> SheetAnswer:
    """Replace a draft of the version that If-Match names."""
    return _present(await actions.revise(books, asked.sheet(code), version=version), response)


@router.post("/sheets/{code}/submit", responses=declared(rules.NotFound, rules.SheetNotDraft))
async def submit_sheet(code: Code, books: WriteBooks, response: Response) -> SheetAnswer:
    """Call a draft complete: it is closed as it stands."""
    return _present(await actions.submit(books, code), response)


@router.post(
    "/sheets/{code}/recall",
    responses=declared(rules.NotFound, rules.SheetNotSubmitted, rules.RequestWaits),
)
async def recall_sheet(code: Code, books: WriteBooks, response: Response) -> SheetAnswer:
    """Take a submitted sheet back to change it."""
    return _present(await officers.recall(books, code), response)


@router.post(
    "/sheets/{code}/close",
    status_code=HTTPStatus.CREATED,
    response_model=PostedAnswer,
    responses={
        201: POSTED,
        **WAITING,
        **with_body(rules.SheetNotDraft, rules.RequestWaits, rules.VersionChanged, *LINES_REFUSED),
    },
)
async def close_sheet(
    code: Code,
    key: Key,
    books: WriteBooks,
    response: Response,
    version: MaybeVersion,
    asked: ClosingOfSheet | None = None,
) -> PostedAnswer | Response:
    """Post a sheet whole, as one entry, or nothing of it.

    Where it lies far back, or a member withdraws much, it waits for a second officer. With
    If-Match it is closed only as it was read.
    """
    why = asked.reason if asked else None
    done = await officers.close(books, code, key=key, why=why, version=version)
    at = codes.address("sheets", code)
    return await answered(books, done, code, at=at, response=response)


@router.post(
    "/sheets/{code}/reverse",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(*REVERSAL_REFUSED, *LINES_REFUSED)},
)
async def reverse_sheet(code: Code, key: Key, asked: ReversalAsked, books: WriteBooks) -> Response:
    """Ask that a closed sheet be undone by an entry that mirrors it."""
    done = await officers.reverse(
        books,
        code,
        code=codes.derived("reversal", code, key),
        on=asked.on,
        reason=asked.reason,
        resolution=asked.resolution,
        key=key,
    )
    return await waiting(books, done)


@router.post(
    "/sheets/{code}/corrections",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(*REVERSAL_REFUSED, *LINES_REFUSED)},
)
async def correct_sheet(
    code: Code, key: Key, asked: CorrectionAsked, books: WriteBooks
) -> Response:
    """Ask that a closed sheet be undone and the right one posted, together or not at all."""
    right = asked.replacement.code or codes.derived("replacement", code, key)
    done = await officers.correct(
        books,
        code,
        asked.replacement.sheet(right),
        on=asked.on,
        reason=asked.reason,
        resolution=asked.resolution,
        key=key,
    )
    return await waiting(books, done)
