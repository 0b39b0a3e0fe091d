"""What a figure of an organisation is made of: the books below it, and what each has."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from fastapi import Request, Response

from api.web import desk
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.route import router
from service import organisations, overview
from service.overview import MONEY, SAVINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.organisations import Organisation
    from service.overview import Figures, Part

pages = router()


class Figure(StrEnum):
    """What is taken apart."""

    SAVINGS = "savings"
    MONEY = "money"


CODES: Final = {Figure.SAVINGS: sorted(SAVINGS), Figure.MONEY: sorted(MONEY)}
"""On which accounts it stands."""


class Row(NamedTuple):
    """A part of the figure, in paisa."""

    organisation: Organisation
    amount: int
    deep: int
    """How far below the whole."""
    own: bool = False
    """Whether it is what an organisation has beside its parts, in its own book above all."""
    group: bool = False
    """Whether it is the sum of the rows that follow."""


@pages.get("/organisations/{code}/parts/{figure}")
async def parts_page(
    request: Request, code: str, figure: Figure, on: On = "", known: Known = ""
) -> Response:
    """Members' savings, or cash and bank, by the organisations in whose books they stand."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, on, known)
        found = await overview.of_organisation(books, code, days.on, known_by=days.known_by)
        return await desk.render(
            request,
            books,
            "parts.html",
            at=at,
            days=days,
            word="overview",
            figure=figure,
            rows=list(_rows(found.whole, figure)),
            total=_amount(found.whole.figures, figure),
            codes=CODES[figure],
        )


def _amount(figures: Figures, figure: Figure) -> int:
    return figures.saved if figure is Figure.SAVINGS else figures.money


def _rows(part: Part, figure: Figure, deep: int = 0) -> Iterator[Row]:
    for one in part.parts:
        amount = _amount(one.figures, figure)
        yield Row(one.organisation, amount, deep, group=bool(one.parts))
        yield from _rows(one, figure, deep + 1)
    rest = _amount(part.rest, figure)
    if part.parts and rest:
        yield Row(part.organisation, rest, deep, own=True)
