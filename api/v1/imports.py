"""Imports: whole books with their history, as one bundle of files."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi.routing import APIRoute
from pydantic import Field

from api.dependencies import ReadBooks, WriteBooks, reading
from api.errors import declared, with_body
from api.fields import Answer
from api.v1.requests import WAITING, waiting
from service import access
from service.access import Right
from service.books import WritableBooks
from service.imports import archive, loading
from service.imports.loading import Loaded
from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from service.imports.rows import Bundle
from service.refusals import RequestDecided
from service.requests import importing
from service.requests.request import Requested


class AllowedFirst(APIRoute):
    """A route that reads nothing of a body before it knows that it may be sent."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, for who administers the whole house. Raises `Forbidden`."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            async with reading(request) as books:
                await access.authorise_house(books, Right.ADMINISTER)
            return await handle(request)

        return handled


router = APIRouter(prefix="/imports", tags=["imports"], route_class=AllowedFirst)

MOST_BYTES: Final = 64 * 2**20
"""Of a bundle, packed. A larger one is loaded by `amanat import`."""


CheckOnly = Annotated[bool, Query(description="Only check it: load it, answer, and keep nothing.")]


class ImportAnswer(Answer):
    """What a bundle brought."""

    name: str
    digest: str = Field(description="SHA-256 over its files: the same bundle is loaded once.")
    entries: int = Field(description="Entries posted; none where it was loaded before.")
    again: bool = Field(description="Whether it was loaded before.")
    checked_only: bool
    warnings: list[str]


class BundleAnswer(Answer):
    """A bundle that was loaded."""

    name: str
    digest: str
    entries: int
    imported_at: datetime
    imported_by: str


class BundleList(Answer):
    """All bundles that were loaded, oldest first."""

    items: list[BundleAnswer]


@router.get("", responses=declared())
async def list_imports(books: ReadBooks) -> BundleList:
    """All bundles that were loaded."""
    await access.authorise_house(books, Right.ADMINISTER)
    found = await loading.loaded(books)
    return BundleList(items=[BundleAnswer(**row._asdict()) for row in found])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=ImportAnswer,
    responses={**WAITING, **with_body(BundleRefused, RequestDecided)},
)
async def import_bundle(
    bundle: Annotated[UploadFile, File(description="The ten files, as one ZIP file.")],
    books: WriteBooks,
    response: Response,
    check: CheckOnly = False,  # noqa: FBT002 - a query parameter
) -> ImportAnswer | Response:
    """Load a bundle whole, or refuse it with every problem found.

    It waits for another administrator, who sends the same bundle.
    """
    await access.authorise_house(books, Right.ADMINISTER)
    with tempfile.TemporaryDirectory() as room:
        content = await asyncio.to_thread(_read, bundle, Path(room))
        done = await (_checked if check else importing.import_bundle)(books, content)
    if isinstance(done, Requested):
        return await waiting(books, done)
    if check or done.again:
        response.status_code = HTTPStatus.OK
    return ImportAnswer(
        name=content.name,
        digest=content.digest,
        entries=done.entries,
        again=done.again,
        checked_only=check,
        warnings=[str(warning) for warning in content.warnings],
    )


async def _checked(books: WritableBooks, content: Bundle) -> Loaded:
    async with books.whole_house():
        return await loading.tried(books, content)


def _read(upload: UploadFile, room: Path) -> Bundle:
    return read_bundle(archive.unpack(upload.file, upload.filename, room))
