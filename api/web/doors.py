"""Opening books for a page, and reading the form that it sends.

A page opens books itself, so that what they refuse can be said on the same page, with all that
was typed still in it, after nothing of it was done.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from api import database_errors
from api.dependencies import reading, writing
from api.web.page import go
from ledger.refusals import Refusal
from service.refusals import AlreadyExists, VersionChanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from service.books import Books, WritableBooks

MOST_FIELDS: Final = 20_000
"""Of a form: a sheet of a large CO has some for each member."""


async def form(request: Request) -> dict[str, str]:
    """What a form says, by field; the last where one comes twice."""
    return {name: value for name, value in await fields(request) if name}


async def fields(request: Request) -> list[tuple[str, str]]:
    """What a form says, in its order."""
    sent: FormData = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]


@asynccontextmanager
async def to_read(request: Request) -> AsyncIterator[Books]:
    """Books as they are open to whoever asks. Raises `NotSignedIn`."""
    async with reading(request) as books:
        yield books


@asynccontextmanager
async def to_write(request: Request, sent: dict[str, str]) -> AsyncIterator[WritableBooks]:
    """Books to write, for a form that carries its session's token. Raises `NotSignedIn`."""
    async with writing(request, sent.get("csrf", "")) as books:
        yield books


async def written(
    request: Request,
    act: Callable[[WritableBooks, dict[str, str]], Awaitable[str]],
    again: Callable[[Request, Books, dict[str, str], Refusal], Awaitable[Response]],
    done: Callable[[Books, dict[str, str]], Awaitable[str | None]] | None = None,
) -> Response:
    """Do what a form asks, and go on; or show its page again, with what was refused.

    `act` says where to go on. `done` says so, too, where what the form asks for is kept just so:
    whoever sends a form twice finds done what she asked, not what stood against it.
    """
    sent = await form(request)
    try:
        async with to_write(request, sent) as books:
            to = await act(books, sent)
    except Refusal as refusal:
        error = refusal
    except IntegrityError as failure:
        error = _taken(failure)
    else:
        return go(to)
    async with to_read(request) as books:
        if done is not None and isinstance(error, AlreadyExists | VersionChanged):
            with suppress(Refusal):
                if found := await done(books, sent):
                    return go(found)
        return await again(request, books, sent, error)


def _taken(failure: IntegrityError) -> Refusal:
    """What is taken by somebody whom one does not see, or was a moment ago. Raises all else."""
    refusal = database_errors.refusal(failure)
    if not isinstance(refusal, AlreadyExists):
        raise failure
    return refusal
