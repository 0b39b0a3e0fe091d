"""From where on a second officer of an organisation is asked."""

from __future__ import annotations

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import ConfigDict, Field

from api.dependencies import ETAGGED, Key, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import AmountFromZero, Answer, Asked, Code, Prose, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from ledger.refusals import KeyReused
from service import limits
from service.limits import Limits
from service.refusals import NotFound, VersionChanged
from service.requests import asking

router = APIRouter(prefix="/organisations/{code}/limits", tags=["requests"])

MOST_DAYS = 36_500
Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]


class LimitsAsked(Asked):
    """What one officer may do alone, as resolved; null sets no limit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "back_dated_days": 30,
                    "withdrawal": "5000.00",
                    "reason": "Resolution CO-01/2026-06-25/2",
                }
            ]
        }
    )

    back_dated_days: Days | None = Field(description="How far before today something may lie.")
    withdrawal: AmountFromZero | None = Field(
        description="What a member may withdraw at one meeting."
    )
    reason: Prose


class LimitsAnswer(Answer):
    """What one officer may do alone; null sets no limit."""

    back_dated_days: int | None
    withdrawal: Rupees | None


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the limits that were read.",
        examples=['"5b1f0a6c2d3e4f50"'],
    ),
]


@router.get("", responses={200: ETAGGED, **declared(NotFound)})
async def get_limits(code: Code, books: ReadBooks, response: Response) -> LimitsAnswer:
    """What one officer of an organisation may do alone."""
    found = await limits.limits(books, code)
    said = LimitsAnswer(back_dated_days=found.back_dated_days, withdrawal=found.withdrawal)
    response.headers["ETag"] = _etag(said.model_dump(mode="json"))
    return said


@router.put(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(NotFound, KeyReused, VersionChanged)},
)
async def ask_limits(
    code: Code, key: Key, asked: LimitsAsked, books: WriteBooks, if_match: IfMatch = None
) -> Response:
    """Ask that an organisation's limits be others, as its meeting resolved.

    With If-Match it is asked only where they are still those that were read.
    """
    to = Limits(asked.back_dated_days, asked.withdrawal)
    waits = await asking.set_limits(books, code, to, reason=asked.reason, key=key)
    # The difference says what they were when it was asked: a replay gets the first answer.
    if if_match not in (None, _etag(waits.difference["before"])):
        raise VersionChanged(f"The limits of {code} are not those that were read. Read them again.")
    return await waiting(books, waits)


def _etag(said: dict[str, Any]) -> str:
    """The ETag of limits as JSON has them: the same limits, the same ETag."""
    return f'"{sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]}"'
