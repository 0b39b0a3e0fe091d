"""Reports by name, as JSON, CSV or XLSX."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.dependencies import AsOf, KnownBy, ReadBooks
from api.errors import declared
from api.fields import Answer, Code
from api.streaming import WORKBOOK, as_xlsx
from ledger.refusals import MomentUnsettled
from service.refusals import NotFound
from service.reports import rendering
from service.reports.registry import REPORTS, run
from service.reports.report import Query as ReportQuery

router = APIRouter(prefix="/reports", tags=["reports"])


class Format(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class ReportAnswer(Answer):
    """A report that can be asked for."""

    name: str
    title: str
    dated: bool = Field(description="Whether it needs at least one day: as_of.")


class ReportList(Answer):
    """All reports."""

    items: list[ReportAnswer]


class TableAnswer(Answer):
    """A report: its columns, and its rows by column in the order of their keys."""

    name: str
    columns: list[str]
    rows: list[dict[str, str | int]]


TABLE: Final[dict[str, Any]] = {
    "model": TableAnswer,
    "content": {"text/csv": {"schema": {"type": "string"}}} | WORKBOOK,
}


@router.get("", responses=declared())
async def list_reports(_books: ReadBooks) -> ReportList:
    """All reports there are, for whoever is signed in."""
    found = REPORTS.values()
    return ReportList(
        items=[ReportAnswer(name=r.name, title=r.title, dated=r.dated) for r in found]
    )


@router.get(
    "/{name}",
    response_class=Response,
    responses={200: TABLE, **declared(NotFound, MomentUnsettled)},
)
async def run_report(
    name: Code,
    books: ReadBooks,
    as_of: AsOf = (),
    known_by: KnownBy = None,
    node: Annotated[Code | None, Query(description="One organisation, or those under it.")] = None,
    format: Annotated[Format, Query()] = Format.JSON,  # noqa: A002 - the parameter's name
) -> Response:
    """A report by name: one table over all books open to the caller, or those under a node.

    For who compares organisations or loads them elsewhere; `amanat report` prints the same.
    Its `trial-balance` has the balance of each book, fund and code, on its side, day by day.
    """
    query = ReportQuery(as_of=tuple(sorted(set(as_of))), known_by=known_by, node=node)
    table = await run(books, name, query)
    if format is Format.XLSX:
        book = rendering.workbook(table, name, query, made_at=books.now)
        return await as_xlsx(book, rendering.rows(table))
    if format is Format.CSV:
        return Response(rendering.as_csv(table), media_type="text/csv")
    return Response(rendering.as_json(table, name), media_type="application/json")
