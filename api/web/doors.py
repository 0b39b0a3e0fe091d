"""Opening books for a page, and reading the form that it sends.

A page opens books itself, so that what they refuse can be said on the same page, with all that
was typed still in it, after nothing of it was done.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from api.dependencies import reading, writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData
    from starlette.requests import Request

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
