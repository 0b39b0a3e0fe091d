"""What routes ask for: open books, an idempotency key, a version, days.

Books are opened by one dependency of the scope `function`: it ends, and commits, before the
response is sent. By FastAPI's default it would end after, and a failed commit would already
have been answered with 201.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import date
from typing import Annotated, Any, Final, cast

from asyncpg import PostgresError
from fastapi import Depends, Header, Query
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from api import credentials, masking, rates
from api.fields import Day, Moment
from api.refusals import IfMatchMissing
from api.serving import Serving, serving
from ledger.calendar import business_date
from service import sessions
from service.books import (
    Books,
    Caller,
    KeyProof,
    SessionProof,
    Visit,
    WritableBooks,
    read_books_for,
    write_books_for,
)
from service.refusals import Malformed, VersionChanged

MOST_DAYS: Final = 100
"""As many days may one request ask figures for."""
_ETAG = re.compile(r'"(\d{1,9})"', re.ASCII)


def _query_names(dependant: Dependant) -> Iterator[str]:
    """What a route may be asked in its query: a parameter misspelt is not passed over."""
    yield from (field.alias for field in dependant.query_params)
    for below in dependant.dependencies:
        yield from _query_names(below)


async def visit(request: Request) -> Visit:
    """The request as the audit trail keeps it. Raises `Malformed`."""
    route: APIRoute = request.scope["route"]
    names = request.query_params.keys()
    for name in names and names - set(_query_names(route.dependant)):
        raise Malformed(f"{name}: there is no such parameter here. Leave it out.")
    peer = request.client.host if request.client else ""
    query = request.scope["query_string"].decode("latin-1")
    asked = masking.address(request.scope["path"], query)
    return Visit(serving(request).clock(), peer, route.name, asked)


Proven = Annotated[SessionProof | KeyProof, Depends(credentials.proof)]
Visiting = Annotated[Visit, Depends(visit)]


async def _reading(request: Request) -> AsyncIterator[Books]:
    with_ = serving(request)
    opening = read_books_for(with_.engine, await credentials.proof(request), await visit(request))
    async with _in_use(with_) as used, opening as books:
        rates.proved(request, books.caller)
        used.append(books.caller)
        yield books


async def _writing(request: Request) -> AsyncIterator[WritableBooks]:
    async with writing(request, credentials.csrf_of(request)) as books:
        yield books


@asynccontextmanager
async def writing(request: Request, csrf: str) -> AsyncIterator[WritableBooks]:
    """Books to write, for a request that brought this token of its session."""
    with_ = serving(request)
    async with _in_use(with_) as used, await _to_write(request) as books:
        rates.proved(request, books.caller)
        credentials.refuse_forged(csrf, books.caller)
        used.append(books.caller)
        yield books


reading = asynccontextmanager(_reading)
"""Books to read, where a handler opens them itself."""


async def _to_write(request: Request) -> AbstractAsyncContextManager[WritableBooks]:
    with_ = serving(request)
    proof = await credentials.proof(request)
    return write_books_for(with_.engine, proof, await visit(request), clock=with_.clock)


@asynccontextmanager
async def _in_use(with_: Serving) -> AsyncIterator[list[Caller | None]]:
    """Note that the caller's session is used, once its books are closed, also by a refusal."""
    used: list[Caller | None] = []
    try:
        yield used
    finally:
        for caller in used:
            if caller is not None and caller.stale:
                with suppress(SQLAlchemyError, PostgresError, OSError):  # what was done is done
                    await sessions.touch(with_.engine, caller, with_.clock())


async def signed_in(request: Request) -> Caller:
    """Whoever asks, where no books may stay open meanwhile."""
    async with await _to_write(request) as books:
        rates.proved(request, books.caller)
        credentials.refuse_forged(credentials.csrf_of(request), books.caller)
        return cast("Caller", books.caller)


SignedIn = Annotated[Caller, Depends(signed_in)]
ReadBooks = Annotated[Books, Depends(_reading, scope="function")]
StreamedBooks = Annotated[Books, Depends(_reading, scope="request")]
"""Books that stay open while a long answer is sent; nothing is written that could be lost."""
WriteBooks = Annotated[WritableBooks, Depends(_writing, scope="function")]

KEY_PATTERN: Final = r"^[\x21-\x7e]{1,200}$"
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="The same key with the same content gives the first answer again.",
        examples=["5a1f6a0e-sheet-S-08"],
    ),
]


MaybeKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Where it waits for another officer: as in other requests.",
        examples=["5a1f6a0e-exit-M-0003"],
    ),
]


async def _version(
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
        raise VersionChanged(
            f"If-Match: {if_match} is not exactly one ETag, such as the answer to reading it has."
            " Read it again."
        )
    return int(match[1])


async def _maybe_version(
    if_match: Annotated[
        str | None, Header(description="The ETag of the version that was read.", examples=['"1"'])
    ] = None,
) -> int | None:
    """The version that is meant, where the request says one. Raises `VersionChanged`."""
    return None if if_match is None else await _version(if_match)


Version = Annotated[int, Depends(_version)]
MaybeVersion = Annotated[int | None, Depends(_maybe_version)]

ETAGGED: Final[dict[str, Any]] = {
    "headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
}
"""The answer of a route that says the version of what it shows."""


def etag(version: int) -> str:
    """A version as `_version` reads it back."""
    return f'"{version}"'


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
        description="Count only what the books knew by this moment. Who belongs to whom is"
        " always as recorded now.",
        examples=["2026-06-30T23:59:59+05:00"],
    ),
]
FirstOn = Annotated[Day | None, Query(description="Nothing before this day.")]
LastOn = Annotated[Day | None, Query(description="Nothing after this day.")]


def days(books: Books, as_of: Iterable[date]) -> list[date]:
    """The days asked for in order, each once; today in Karachi where none is."""
    return sorted(set(as_of)) or [business_date(books.now)]
