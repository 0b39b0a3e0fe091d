"""The auditor pack: a book, or all below an organisation, for a period, with proof, as one ZIP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response

from api.dependencies import FirstOn, KnownBy, LastOn, StreamedBooks
from api.errors import declared
from api.fields import Code
from api.streaming import Stream, Streamed
from api.v1.statements import Consolidated
from ledger.refusals import MomentUnsettled
from service.packs import pack, scope
from service.packs.scope import PackAsked
from service.refusals import NotFound

router = APIRouter(tags=["statements"])

MOST_BOOKS: Final = 400
"""As many can be read while an answer may be sent; `amanat pack` takes any number."""
PACK: Final[dict[str, Any]] = {
    "content": {pack.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
}


async def _asked(
    first_on: FirstOn = None,
    last_on: LastOn = None,
    known_by: KnownBy = None,
    consolidated: Consolidated = False,  # noqa: FBT002 - a query parameter
) -> PackAsked:
    return PackAsked(first_on, last_on, known_by, consolidated)


@router.get(
    "/organisations/{code}/pack",
    response_class=Response,
    responses={200: PACK, **declared(NotFound, MomentUnsettled)},
)
async def get_pack(
    code: Code,
    _place: Streamed,
    books: StreamedBooks,
    asked: Annotated[PackAsked, Depends(_asked)],
) -> Response:
    """The books of a period to take home, as known by one moment: statements, journal, chain.

    A ZIP with its own guide, a manifest of every file, and `verify.py`, which proves all of it
    with Python alone. Without `known_by` it is the newest moment that is settled.
    """
    of = await scope.prepared(books, code, asked, most=MOST_BOOKS)
    saved = {"Content-Disposition": f'attachment; filename="{of.name}"'}
    return Stream(pack.archive(of), media_type=pack.MEDIA_TYPE, headers=saved)
