"""Loading whole books: the files are checked, all that is wrong is shown at once, then loaded."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from starlette.datastructures import UploadFile

from api.web import desk
from api.web.doors import to_read, to_write
from api.web.reader import Reader
from api.web.refusals import of_error
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import Refusal
from service import access
from service.access import Right
from service.imports import archive, files, loading
from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from service.refusals import Malformed
from service.requests import importing
from service.requests import store as requests
from service.requests.request import Requested, RequestKind, RequestState
from service.requests.store import Only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.books import Books, WritableBooks
    from service.imports.loading import Loaded
    from service.imports.problems import Problem
    from service.imports.rows import Bundle

pages = router()

MOST_FILES: Final = 20
_PAST: Final = 50


@pages.get("/imports")
async def imports_page(request: Request) -> Response:
    """Files to load, and what was loaded before."""
    async with to_read(request) as books:
        return await _page(request, books)


@pages.post("/imports")
async def load(request: Request) -> Response:
    """Check files and keep nothing; or load them, where nothing is wrong with them.

    Whoever may not load them is told so before they are read.
    """
    async with to_read(request) as books:
        await access.authorise_house(books, Right.ADMINISTER)
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as sent:
        said = {name: value for name, value in sent.items() if isinstance(value, str)}
        uploads = [
            one for one in sent.getlist("files") if isinstance(one, UploadFile) and one.filename
        ]
        try:
            with tempfile.TemporaryDirectory() as room:
                async with to_write(request, said) as books:
                    await access.authorise_house(books, Right.ADMINISTER)
                    bundle = await asyncio.to_thread(_read, uploads, Path(room))
                    shown = await _done(books, bundle, said)
        except BundleRefused as error:
            shown = {"refused": error, "grouped": _grouped(error.problems)}
        except Refusal as error:
            async with to_read(request) as books:
                return await _page(request, books, error=error)
    async with to_read(request) as books:
        return await _page(request, books, **shown)


async def _done(books: WritableBooks, bundle: Bundle, said: dict[str, str]) -> dict[str, Any]:
    """What came of it: checked, loaded, or asked of another administrator."""
    if said.get("do") != "load":
        async with books.whole_house():
            done = await loading.tried(books, bundle)
        return {"checked": bundle, "done": done}
    if said.get("digest") not in {"", None, bundle.digest}:
        raise Malformed("files: these are not the files that were checked. Check these first.")
    made: Loaded | Requested = await importing.import_bundle(books, bundle)
    if isinstance(made, Requested):
        return {"asked": made, "bundle": bundle}
    return {"loaded": bundle, "done": made}


def _read(uploads: Sequence[UploadFile], room: Path) -> Bundle:
    """The bundle that was sent: one archive, or its files. Raises `BundleRefused`, `Malformed`."""
    if not uploads:
        raise Malformed("files: nothing is chosen. Choose the archive, or the ten files.")
    first = uploads[0]
    if (first.filename or "").lower().endswith(".zip"):
        return read_bundle(archive.unpack(first.file, first.filename, room))
    return read_bundle(archive.keep(((one.filename, one.file) for one in uploads), room))


def _grouped(problems: Sequence[Problem]) -> list[tuple[str, list[Problem]]]:
    found: dict[str, list[Problem]] = {}
    for one in problems:
        found.setdefault(one.file, []).append(one)
    return list(found.items())


async def _page(
    request: Request,
    books: Books,
    *,
    error: Refusal | None = None,
    **shown: Any,  # noqa: ANN401 - a template shows what it is given
) -> Response:
    await access.authorise_house(books, Right.ADMINISTER)
    waits = Only(kind=RequestKind.IMPORT, state=RequestState.WAITING)
    past = await loading.loaded(books)
    empty = dict.fromkeys(("refused", "grouped", "checked", "done", "asked", "loaded", "bundle"))
    return await desk.render(
        request,
        books,
        "imports.html",
        word="imports",
        said=of_error(Reader.of(request), error),
        past=[*reversed(past)][:_PAST],
        waits=await requests.found(books, only=waits, after="", limit=_PAST),
        names=files.NAMES,
        zone=BUSINESS_ZONE,
        **{**empty, **shown},
    )
