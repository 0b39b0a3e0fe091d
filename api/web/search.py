"""Search: one field for organisations, members, loans, sheets, vouchers and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request, Response

from api.web import desk
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.route import router
from service import members, organisations, search
from service.search import Found

if TYPE_CHECKING:
    from service.books import Books

pages = router()

MOST: Final = 20
MOST_OF_ONE: Final = 200
KINDS: Final = ("organisations", "members", "loans", "sheets", "vouchers", "people")


@pages.get("/search")
async def search_page(
    request: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    at: Code = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    on: On = "",
    known: Known = "",
) -> Response:
    """What some words find, by kind: twenty of each, or more of one."""
    async with to_read(request) as books:
        here = await (organisations.organisation(books, at) if at else desk.own(books))
        only = kind if kind in KINDS else ""
        most = MOST_OF_ONE if only else MOST
        code = here.code if here else ""
        found = await search.search(books, q, at=code, limit=most + 1) if q.strip() else Found()
        return await desk.render(
            request,
            books,
            "search.html",
            at=here,
            days=desk.days(books, on, known),
            q=q.strip(),
            only=only,
            most=most,
            found=found,
            kinds=[one for one in KINDS if only in {"", one} and getattr(found, one)],
            enough=len(q.strip()) >= search.LEAST_CHARACTERS,
            named=await _named(books, found),
        )


async def _named(books: Books, found: Found) -> dict[str, object]:
    """Members and organisations that are named beside what was found."""
    homes = {one.organisation for one in found.members} | {one.lender for one in found.loans}
    homes |= {one.organisation for one in found.sheets}
    homes |= {one.organisation for one in found.vouchers}
    owing = {one.member for one in found.loans if one.member}
    told: dict[str, object] = {one.code: one for one in await members.named(books, owing)}
    return told | {one.code: one for one in await organisations.named(books, homes)}
