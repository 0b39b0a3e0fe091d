"""All pages, as one router; last of all, what is said where there is no page."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from starlette.convertors import Convertor, register_url_convertor

from api.refusals import PathUnknown
from api.web import (
    applications,
    applying,
    appointing,
    audit,
    book,
    books,
    correcting,
    dues,
    entrance,
    exits,
    files,
    findings,
    home,
    importing,
    jobs,
    keys,
    loans,
    members,
    more,
    moving,
    nominating,
    organisations,
    packs,
    papers,
    parts,
    people,
    phones,
    practice,
    products,
    raised,
    registering,
    requests,
    search,
    sending,
    settings,
    sheets,
    statements,
    treasury,
    undoing,
)
from api.web import route as routes


class OfPages(Convertor[str]):
    """A path that is no part of the API, which answers for itself."""

    regex = r"(?!(?:v1|health|docs)(?:/|$)|openapi\.json$).*"

    def convert(self, value: str) -> str:
        """The path as it stands."""
        return value

    def to_string(self, value: str) -> str:
        """The path as it stands."""
        return value


register_url_convertor("of_pages", OfPages())
nowhere: Final = routes.router()


@nowhere.get("/{path:of_pages}")
async def no_such_page(path: str) -> Response:
    """There is no such page."""
    raise PathUnknown(path)


router: Final = APIRouter()
for part in (
    files,
    papers,
    entrance,
    organisations,
    home,
    parts,
    books,
    book,
    findings,
    statements,
    audit,
    packs,
    search,
    registering,
    nominating,
    moving,
    people,
    appointing,
    importing,
    jobs,
    products,
    settings,
    keys,
    members,
    exits,
    correcting,
    undoing,
    sheets,
    applying,
    applications,
    loans,
    treasury,
    dues,
    raised,
    requests,
    sending,
    more,
    phones,
    practice,
):
    router.routes.extend(part.pages.routes)  # as they are: included, each request seeks them twice
router.routes.extend([*sending.answers.routes, *nowhere.routes])
