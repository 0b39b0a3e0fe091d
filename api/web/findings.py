"""Findings: where an auditor looks first, in one book or in all below it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Request, Response

from api.web import desk, trial
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.filled import day_of
from api.web.overview import share
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, fiscal_year
from service import findings, organisations, people
from service.organisations import OrganisationKind
from service.refusals import Malformed

if TYPE_CHECKING:
    from service.findings import Findings

pages = router()


@pages.get("/books/{code}/findings")
async def findings_page(
    request: Request,
    code: str,
    first: Annotated[str, Query(alias="from", max_length=20)] = "",
    on: On = "",
    known: Known = "",
    below: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """Gaps, reversals, what was dated back or written late, cash short and over, pairs."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        days = desk.days(books, on, known)
        of_year = date(fiscal_year(days.on) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
        first_on = day_of(first, of_year)
        if first_on > days.on:
            raise Malformed("from: it lies after the last day. Choose an earlier one.")
        found = await findings.findings(
            books, code, first_on, days.on, known_by=days.known_by, below=bool(below)
        )
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "findings.html",
            at=at,
            days=days,
            word="findings",
            found=found,
            first_on=first_on,
            below=bool(below),
            of_co=at.kind is OrganisationKind.CO,
            places={
                one.code: one for one in await organisations.named(books, _organisations(found))
            },
            people={one.person.code: one.person for one in await people.people(books)},
            share=share,
            limits=findings,
            **trial.names(reader),
        )


def _organisations(found: Findings) -> set[str]:
    kinds = (
        found.gaps,
        found.reversals,
        found.back_dated,
        found.late_sheets,
        found.differences,
        found.pairs,
    )
    return {row.organisation for kind in kinds for row in kind.rows}
