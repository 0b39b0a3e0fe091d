"""From where on a second officer of an organisation is asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from api.dependencies import Key, ReadBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Money, Prose, Rupees
from api.v1.requests import WAITING, RequestAnswer, waiting
from ledger.refusals import KeyReused
from service import limits
from service.limits import Limits
from service.refusals import NotFound
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
    withdrawal: Money | None = Field(description="What a member may withdraw at one meeting.")
    reason: Prose


class LimitsAnswer(Answer):
    """What one officer may do alone; null sets no limit."""

    back_dated_days: int | None
    withdrawal: Rupees | None


@router.get("", responses=declared(NotFound))
async def get_limits(code: Code, books: ReadBooks) -> LimitsAnswer:
    """What one officer of an organisation may do alone."""
    found = await limits.limits(books, code)
    return LimitsAnswer(back_dated_days=found.back_dated_days, withdrawal=found.withdrawal)


@router.put(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RequestAnswer,
    responses={**WAITING, **with_body(NotFound, KeyReused)},
)
async def ask_limits(code: Code, key: Key, asked: LimitsAsked, books: WriteBooks) -> Response:
    """Ask that an organisation's limits be others, as its meeting resolved."""
    to = Limits(asked.back_dated_days, asked.withdrawal)
    return await waiting(
        books, await asking.set_limits(books, code, to, reason=asked.reason, key=key)
    )
