"""The fields of requests and answers: money as text, days, moments, codes, plain text.

JSON numbers lose paisa, so money is text with at most two decimals. Text holds no control
characters and no half characters: the books keep nothing that cannot be shown.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ledger.calendar import BUSINESS_ZONE
from ledger.entries import MOST_PAISA_ON_A_LINE
from ledger.money import MoneyMalformed, parse_rupees, rupees
from service.federation import FOREVER
from service.people import PHONE

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
MOST_NO: Final = 2**63 - 1

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_UNFIT: Final = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, half characters, and what separates lines and paragraphs."""
_STEPS: Final = {".", ".."}
"""What an address does not keep: "here", and "one up"."""


Phone = Annotated[str, Field(pattern=PHONE, examples=["+92 300 0000001"])]


class Asked(BaseModel):
    """What a request says: no unknown field, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """What an answer says."""

    model_config = ConfigDict(frozen=True)


def refuse(kind: str, sentence: str) -> PydanticCustomError:
    """What a validator raises: a sentence that says what to do."""
    return PydanticCustomError(kind, "{sentence}", {"sentence": sentence})


def _money(value: Any) -> int:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(value, str):
        raise refuse("money_type", 'Write an amount as text, such as "1500.00", not as a number.')
    try:
        paisa = parse_rupees(value)
    except MoneyMalformed:
        raise refuse(
            "money", "Write rupees with at most two decimals, without separators: 1500.00."
        ) from None
    if abs(paisa) > MOST_PAISA_ON_A_LINE:
        raise refuse("money_size", f"At most {rupees(MOST_PAISA_ON_A_LINE)}.")
    return paisa


def _above_zero(paisa: int) -> int:
    if paisa <= 0:
        raise refuse("money_above_zero", "Write an amount above zero.")
    return paisa


def _not_below_zero(paisa: int) -> int:
    if paisa < 0:
        raise refuse("money_from_zero", "Write zero, or an amount above it.")
    return paisa


def _day(value: Any) -> date:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise refuse("day", "Write a day as year-month-day: 2026-03-31.")
    try:
        return _within_reach(date.fromisoformat(value))
    except ValueError:
        raise refuse("day", "There is no such day. Correct the month or the day.") from None


def _moment(value: Any) -> datetime:  # noqa: ANN401 - whatever the query holds
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        sentence = "Write a moment with its offset: 2026-03-31T23:59:59+05:00 (in an address, %2B)."
        raise refuse("moment", sentence)
    try:
        moment = datetime.fromisoformat(value)
        _within_reach(moment)
    except ValueError:
        raise refuse("moment", "There is no such moment. Correct the day or the time.") from None
    return moment


def _within_reach(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refuse("day", f"Use a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _text(value: str) -> str:
    if any(unicodedata.category(character) in _UNFIT for character in value):
        raise refuse("text", "Type it again without control characters and line breaks.")
    if not value.strip():
        raise refuse("text", "This is empty. Fill it in, or leave it out.")
    return value


def _code(value: str) -> str:
    if not value.isprintable() or value.strip() != value or "/" in value:
        raise refuse("code", "A code has visible characters and no slash, no space at its ends.")
    if value in _STEPS:
        raise refuse("code", "A code is not . or .. alone: in an address they lead elsewhere.")
    return value


def printable(value: str) -> str:
    """Text without invisible characters, which may be empty."""
    if not value.isprintable():
        raise refuse("printable", "Use visible characters only.")
    return value


_AMOUNT_SCHEMA: Final = {
    "type": "string",
    "pattern": r"^-?\d{1,13}(\.\d{1,2})?$",
    "examples": ["1500.00"],
    "description": "Rupees, with at most two decimals.",
}
_DAY_SCHEMA: Final = {"type": "string", "format": "date"}
_VISIBLE: Final = r"^[^\x00-\x20\x7f-\xa0/]([^\x00-\x1f\x7f-\x9f/]*[^\x00-\x20\x7f-\xa0/])?$"
_READABLE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"

Money: TypeAlias = Annotated[int, BeforeValidator(_money), WithJsonSchema(_AMOUNT_SCHEMA)]
"""Rupees as text in JSON, whole paisa here."""
AmountAboveZero: TypeAlias = Annotated[
    int,
    BeforeValidator(_money),
    AfterValidator(_above_zero),
    WithJsonSchema({**_AMOUNT_SCHEMA, "pattern": r"^\d{1,13}(\.\d{1,2})?$"}),
]
AmountFromZero: TypeAlias = Annotated[
    int,
    BeforeValidator(_money),
    AfterValidator(_not_below_zero),
    WithJsonSchema(
        {**_AMOUNT_SCHEMA, "description": "Rupees, zero or above, at most two decimals."}
    ),
]
Day: TypeAlias = Annotated[date, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
Moment: TypeAlias = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Code: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=100, json_schema_extra={"pattern": _VISIBLE}),
    AfterValidator(_code),
]
Name: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": _READABLE}),
    AfterValidator(_text),
]
Prose: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=1000, json_schema_extra={"pattern": _READABLE}),
    AfterValidator(_text),
]
Cursor: TypeAlias = Annotated[str, Field(max_length=250), AfterValidator(printable)]
VoucherNo: TypeAlias = Annotated[int, Field(ge=1, le=MOST_NO)]

Rupees: TypeAlias = Annotated[
    int,
    PlainSerializer(rupees, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "examples": ["1500.00"]}),
]
"""Whole paisa here, rupees with two decimals as text in JSON."""
PostedAt: TypeAlias = Annotated[
    AwareDatetime, AfterValidator(lambda moment: moment.astimezone(BUSINESS_ZONE))
]


def until(to_on: date) -> date | None:
    """The end of a period for people: none while it still holds."""
    return None if to_on == FOREVER else to_on
