"""The auditor pack: one form that says of which books, which days, and as known when."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from api.web import desk
from api.web.desk import Code, Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.page import at as address
from api.web.page import go
from api.web.route import router
from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, fiscal_year
from service import access, organisations
from service.access import Right
from service.organisations import OrganisationKind
from service.refusals import Malformed

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
    of: Code = "",
    first: FirstDay = "",
    on: On = "",
    known: Known = "",
    below: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """On to the pack that was asked for. Raises `NotFound`, `Forbidden`, `Malformed`."""
    async with to_read(request) as books:
        here = await organisations.organisation(books, of.strip())
        await access.authorise(books, Right.READ, here.code, below=bool(below))
        days = desk.days(books, on, known)
        first_on = day_of(first, _year_of(days.on))
        if first_on > days.on:
            raise Malformed("from: it lies after the last day. Choose an earlier one.")
    asked = {"first_on": str(first_on), "last_on": str(days.on)}
    if days.known_by:
        asked["known_by"] = days.known_by.isoformat()
    if below:
        asked["consolidated"] = "true"
    return go(f"{address('v1', 'organisations', here.code, 'pack')}?{urlencode(asked)}")


def _year_of(day: date) -> date:
    """The first day of the fiscal year of a day."""
    return date(fiscal_year(day) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
