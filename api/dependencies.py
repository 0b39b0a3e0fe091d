"""What routes ask for: open books, an idempotency key, a version, days.

Books are opened by one dependency of the scope `function`: it ends, and commits, before the
response is sent. By FastAPI's default it would end after, and a failed commit would already
have been answered with 201.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Query
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from api.fields import Day, Moment, person
from api.refusals import IfMatchMissing
from ledger.calendar import business_date
from service.books import Books, WritableBooks, read_books, write_books
from service.refusals import VersionChanged

READER: Final = "reader"
"""The actor of requests that only read: no name of theirs is kept yet."""
MOST_DAYS: Final = 100
"""As many days may one request ask figures for."""
_ETAG = re.compile(r'"(\d{1,9})"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Serving:
    """What the application works with; it has no globals."""

    engine: AsyncEngine
    clock: Callable[[], datetime]


def serving(request: Request) -> Serving:
    """What the application was made with."""
    return cast("Serving", request.app.state.serving)


Actor = Annotated[
    str,
    Header(
        alias="X-Actor",
        min_length=1,
        max_length=100,
        description="Who does it. Temporary: access control will say so instead.",
        examples=["Shazia, LSO-01"],
    ),
    AfterValidator(person),
]


async def _reading(with_: Annotated[Serving, Depends(serving)]) -> AsyncIterator[Books]:
    async with read_books(with_.engine, actor=READER, now=with_.clock()) as books:
        yield books


async def _writing(
    actor: Actor, with_: Annotated[Serving, Depends(serving)]
) -> AsyncIterator[WritableBooks]:
    async with write_books(
        with_.engine, actor=actor, now=with_.clock(), clock=with_.clock
    ) as books:
        yield books


ReadBooks = Annotated[Books, Depends(_reading, scope="function")]
WriteBooks = Annotated[WritableBooks, Depends(_writing, scope="function")]

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="The same key with the same content gives the first answer again.",
        examples=["5a1f6a0e-sheet-S-08"],
    ),
]


def _version(
    if_match: Annotated[
        str | None,
        Header(description="The ETag of the version that is changed.", examples=['"1"']),
    ] = None,
) -> int:
    """The version that a change is meant for. Raises `IfMatchMissing` or `VersionChanged`."""
    if if_match is None:
        raise IfMatchMissing("Say with If-Match which version you change: its ETag.")
    match = _ETAG.fullmatch(if_match)
    if match is None:
        raise VersionChanged(f"If-Match: {if_match} is no ETag of a draft. Read it again.")
    return int(match[1])


Version = Annotated[int, Depends(_version)]

AsOf = Annotated[
    tuple[Day, ...],
    Query(
        max_length=MOST_DAYS,
        description="The days asked for, repeatable. Without any: today, where one is needed.",
        examples=[["2026-06-30"]],
    ),
]
AsOfDay = Annotated[Day | None, Query(description="The day asked for; today without it.")]
KnownBy = Annotated[
    Moment | None,
    Query(
        description="Count only what the books knew by this moment.",
        examples=["2026-06-30T23:59:59+05:00"],
    ),
]
FirstOn = Annotated[Day | None, Query(description="Nothing before this day.")]
LastOn = Annotated[Day | None, Query(description="Nothing after this day.")]


def days(books: Books, as_of: Iterable[date]) -> list[date]:
    """The days asked for in order, each once; today in Karachi where none is."""
    return sorted(set(as_of)) or [business_date(books.now)]
