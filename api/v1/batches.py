"""Many sheets in one request, such as a phone kept while it had no signal."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from api import codes
from api.dependencies import KEY_PATTERN, WriteBooks
from api.errors import described, with_body
from api.fields import Answer, Asked
from api.problems import Problem
from api.v1.posted import PostedAnswer, presented
from api.v1.requests import RequestAnswer, answer
from api.v1.sheets import CONTENT, SheetAsked
from ledger.refusals import Refusal
from ledger.requests import Posted
from service import refusals as rules
from service.books import Books
from service.requests import sheets as officers
from service.requests.request import Requested
from service.sheets.sheet import Sheet

router = APIRouter(tags=["sheets"])

MOST_SHEETS: Final = 200


class BatchItemAsked(Asked):
    """One sheet, with the key that makes its posting happen once."""

    key: Annotated[str, Field(pattern=KEY_PATTERN)]
    sheet: SheetAsked

    def as_sheet(self) -> Sheet:
        """As the service knows it; without a code it takes the one its key stands for."""
        organisation = self.sheet.organisation
        code = self.sheet.code or codes.derived("sheet", organisation, self.key)
        return self.sheet.sheet(code, organisation)


class BatchAsked(Asked):
    """Sheets to post, such as a phone kept while it had no signal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "key": "phone-7/41",
                            "sheet": {"code": "S-09", "organisation": "CO-01", **CONTENT},
                        }
                    ]
                }
            ]
        }
    )

    items: list[BatchItemAsked] = Field(min_length=1, max_length=MOST_SHEETS)


class BatchItemAnswer(Answer):
    """What became of one sheet: posted, waiting for a second officer, or refused."""

    key: str
    status: int = Field(description="What a request for this sheet alone would answer.")
    posted: PostedAnswer | None = None
    replayed: bool = Field(default=False, description="Whether its key was answered before.")
    waiting: RequestAnswer | None = None
    refused: Problem | None = None


class BatchAnswer(Answer):
    """What became of each sheet, in the order asked."""

    items: list[BatchItemAnswer]


@router.post(
    "/sheets/batch",
    responses=with_body(rules.AlreadyExists),
)
async def post_sheets(asked: BatchAsked, books: WriteBooks) -> BatchAnswer:
    """Post whole sheets, each accepted, kept waiting or refused by itself, under its own key.

    A sheet without a code gets the one that its key stands for, so that sending it again
    names the same sheet.
    """
    wanted = [(item.as_sheet(), item.key) for item in asked.items]
    done = await officers.post_each(books, wanted)
    return BatchAnswer(
        items=[
            await _item(books, sheet, key, one)
            for (sheet, key), one in zip(wanted, done, strict=True)
        ]
    )


async def _item(
    books: Books, sheet: Sheet, key: str, done: Posted | Requested | Refusal
) -> BatchItemAnswer:
    if isinstance(done, Refusal):
        refused = described(done)
        return BatchItemAnswer(key=key, status=refused.status, refused=refused)
    if isinstance(done, Requested):
        asked = await answer(books, done)
        if asked.outcome is None:
            waits = HTTPStatus.ACCEPTED
            return BatchItemAnswer(key=key, status=waits, waiting=asked, replayed=done.replayed)
        made = HTTPStatus.CREATED
        return BatchItemAnswer(key=key, status=made, posted=asked.outcome, replayed=True)
    posted = await presented(books, done, sheet.code, sheet.organisation)
    made = HTTPStatus.CREATED
    return BatchItemAnswer(key=key, status=made, posted=posted, replayed=done.replayed)
