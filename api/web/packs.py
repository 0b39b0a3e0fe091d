"""The auditor pack: one form that says of which books, which days, and as known when."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request, Response

from api.dependencies import StreamedBooks
from api.refusals import PapersUnavailable, PaperTooLong, TooBusy
from api.serving import serving
from api.streaming import Stream, Streamed
from api.v1.packs import MOST_BOOKS
from api.web import desk
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.pack_cover import BookEnd, Cover, PackedFile, cover_html
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, fiscal_year
from service.organisations import OrganisationKind
from service.packs import pack, scope
from service.packs.archive import Filed, listed
from service.packs.scope import Pack, PackAsked

pages = router()

FirstDay = Annotated[str, Query(alias="from", max_length=20)]


@pages.get("/packs/new")
async def pack_page(
    request: Request, at: Code = "", first: FirstDay = "", on: On = "", known: Known = ""
) -> Response:
    """What a pack is, and the form that makes one."""
    async with to_read(request) as books:
        here = await desk.place(books, at)
        days = desk.days(books, on, known)
        return await desk.render(
            request,
            books,
            "pack.html",
            at=here,
            days=days,
            word="pack",
            first_on=day_of(first, _year_of(days.on)),
            of_co=here.kind is OrganisationKind.CO,
        )


@pages.get("/packs")
async def make_pack(
    request: Request,
    _place: Streamed,
    books: StreamedBooks,
    of: Code = "",
    first: FirstDay = "",
    on: On = "",
    known: Known = "",
    below: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """The pack that was asked for, with a cover in the reader's language.

    Raises `NotFound`, `Forbidden`, `Malformed`.
    """
    days = desk.days(books, on, known)
    asked = PackAsked(day_of(first, _year_of(days.on)), days.on, days.known_by, bool(below))
    made = await scope.prepared(books, of.strip(), asked, most=MOST_BOOKS)

    async def cover(filed: Sequence[Filed]) -> bytes | None:
        html = await asyncio.to_thread(
            cover_html, Reader.of(request), made.organisation, _cover(made, filed)
        )
        try:
            return await serving(request).press.pdf(html)
        except (PapersUnavailable, PaperTooLong, TooBusy):
            return None  # the pack proves itself without one

    saved = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Stream(pack.archive(made, cover=cover), media_type=pack.MEDIA_TYPE, headers=saved)


def _cover(made: Pack, filed: Sequence[Filed]) -> Cover:
    """What stands on the cover: files of the whole one by one, those of a book together."""
    caller = made.books.caller
    of_books = Counter(file.name.split("/")[1] for file in filed if file.name.startswith("books/"))
    whole = [
        PackedFile(file.name, Path(file.name).stem, file.rows)
        for file in filed
        if not file.name.startswith("books/")
    ]
    books = [PackedFile(f"books/{name}/", "", count) for name, count in sorted(of_books.items())]
    return Cover(
        first_on=made.first_on,
        last_on=made.last_on,
        known_by=made.known_by,
        made_by=caller.name if caller else made.books.actor,
        made_at=made.books.now,
        digest=listed(filed),
        files=(*whole, *books),
        books=tuple(
            BookEnd(one.organisation, one.head.last_no, one.head.head_hash.hex())
            for one in made.packed
        ),
    )


def _year_of(day: date) -> date:
    """The first day of the fiscal year of a day."""
    return date(fiscal_year(day) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
