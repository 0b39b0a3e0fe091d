"""Statements of a book, or consolidated for a node, and members' passbooks.

As JSON, a page at a time where they are long; as CSV, NDJSON and XLSX whole, streamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import FirstOn, KnownBy, LastOn, ReadBooks, StreamedBooks
from api.errors import declared
from api.fields import MOST_NO, Answer, Code, Day, VoucherNo
from api.paging import LINKED, MOST, cut
from api.streaming import (
    TABLES,
    TableFormat,
    TableFormatted,
    as_csv,
    as_ndjson,
    as_xlsx,
    refuse_pages,
)
from ledger.postgres.lines import BookLine, LinePlace
from ledger.refusals import MomentUnsettled
from service import access
from service.access import Right
from service.books import Books
from service.refusals import Malformed, NotFound
from service.statements import registry
from service.statements.registry import STATEMENTS
from service.statements.statement import Asked, Made, Statement

router = APIRouter(tags=["statements"])

USUAL_PAGE: Final = 100
_PLACE: Final = r"^(\d{1,19}\.[012]\.\d{4}-\d{2}-\d{2}\.\d{1,19}\.\d{1,9})?$"
"""Account, stage, day, voucher, line."""

AfterRow = Annotated[
    str,
    Query(
        max_length=80,
        pattern=_PLACE,
        description="Those after this place: the `next` link has it.",
    ),
]
Consolidated = Annotated[
    bool, Query(description="With all organisations below it, eliminations apart.")
]
PageLimit = Annotated[
    int | None, Query(ge=1, le=MOST, description="As many at most, where it comes in pages.")
]


class StatementKind(Answer):
    """A statement that can be asked for."""

    name: str
    title: str
    dated: str = Field(description="The days it takes: a `period`, a `day`, or `never` any.")
    consolidated: bool = Field(description="Whether there is one of a node with all below it.")
    narrowed_by: list[str] = Field(description="The parameters that narrow it.")
    columns: list[str]
    node_columns: list[str] = Field(description="The columns of a consolidated one.")


class StatementKinds(Answer):
    """All statements."""

    items: list[StatementKind]


class StatementTable(Answer):
    """A statement: what was asked, its rows by column, and what the whole amounts to."""

    statement: str
    title: str
    organisation: str
    consolidated: bool
    member: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    as_of: date | None = None
    known_by: str | None
    made_at: str
    fund: str | None = None
    code: str | None = None
    party: str | None = None
    account: int | None = None
    columns: list[str]
    items: list[dict[str, str | int | None]]
    totals: list[dict[str, str]] = Field(description="Of all rows, on whichever page.")


TABLE: Final[dict[str, Any]] = {"model": StatementTable, "content": TABLES}


async def _known_over(
    first_on: FirstOn = None,
    last_on: LastOn = None,
    known_by: KnownBy = None,
    fund: Annotated[Code | None, Query(description="One fund only.")] = None,
) -> Asked:
    """A period as known by a moment, in one fund or all: what a passbook takes too."""
    return Asked(first_on=first_on, last_on=last_on, known_by=known_by, fund=fund)


async def _asked(
    over: Annotated[Asked, Depends(_known_over)],
    as_of: Annotated[Day | None, Query(description="The day of a balance sheet.")] = None,
    consolidated: Consolidated = False,  # noqa: FBT002 - a query parameter
    account_code: Annotated[
        Code | None, Query(description="One code of the chart of accounts only.")
    ] = None,
    party: Annotated[
        Code | None,
        Query(description="What is kept for a member, loan or organisation, or is about it."),
    ] = None,
    account: Annotated[
        VoucherNo | None, Query(description="The number of the account of an account statement.")
    ] = None,
    after: AfterRow = "",
    limit: PageLimit = None,
) -> Asked:
    """Everything that any statement takes."""
    return replace(
        over,
        as_of=as_of,
        consolidated=consolidated,
        code=account_code,
        party=party,
        account=account,
        after=place_of(after),
        limit=limit,
    )


@router.get("/organisations/{code}/statements", responses=declared(NotFound))
async def list_statements(code: Code, books: ReadBooks) -> StatementKinds:
    """All statements there are of an organisation."""
    await access.authorise(books, Right.READ, code)
    return StatementKinds(items=[_kind(statement) for statement in STATEMENTS.values()])


@router.get(
    "/organisations/{code}/statements/{name}",
    response_model=StatementTable,
    response_model_exclude_unset=True,
    responses={200: TABLE | LINKED, **declared(NotFound, MomentUnsettled)},
)
async def get_statement_by_name(
    code: Code,
    name: Code,
    format: TableFormatted,  # noqa: A002 - the parameter's name
    books: StreamedBooks,
    asked: Annotated[Asked, Depends(_asked)],
    request: Request,
    response: Response,
) -> StatementTable | Response:
    """A statement of an organisation: over a period or on a day, as known by a moment.

    For auditors and treasurers, who file it: with its head, its totals and, streamed, all its
    rows. Its `trial-balance` has opening, turnover and closing of a period, alone or
    consolidated; its `account-statement` one account from opening to closing.
    """
    paged = name in STATEMENTS and STATEMENTS[name].paged
    if format is not TableFormat.JSON:
        refuse_pages(request)
        return await _streamed(
            await registry.of_organisation(books, code, name, asked), format, books
        )
    limit = asked.limit or USUAL_PAGE
    one_more = replace(asked, limit=limit + 1) if paged else asked
    made = await registry.of_organisation(books, code, name, one_more)
    rows: Sequence[Any] = [row async for row in made.content.rows]
    if paged:
        rows = cut(rows, limit, cursor_of, request=request, response=response)
    response.headers["Vary"] = "Accept"
    return _table(made, rows)


@router.get(
    "/members/{code}/passbook",
    response_model=StatementTable,
    response_model_exclude_unset=True,
    responses={200: TABLE, **declared(NotFound, MomentUnsettled)},
)
async def get_passbook(
    code: Code,
    format: TableFormatted,  # noqa: A002 - the parameter's name
    books: StreamedBooks,
    asked: Annotated[Asked, Depends(_known_over)],
    response: Response,
) -> StatementTable | Response:
    """A member's savings, loans, grants, fees and fines, with what each line left."""
    made = await registry.passbook(books, code, asked)
    if format is not TableFormat.JSON:
        return await _streamed(made, format, books)
    response.headers["Vary"] = "Accept"
    return _table(made, [row async for row in made.content.rows])


def _kind(statement: Statement) -> StatementKind:
    return StatementKind(
        name=statement.name,
        title=statement.title,
        dated=statement.dated.name.lower(),
        consolidated=bool(statement.node_columns),
        narrowed_by=sorted(statement.narrowed_by),
        columns=[column.name for column in statement.columns],
        node_columns=[column.name for column in statement.node_columns],
    )


def _table(made: Made, rows: Sequence[Any]) -> StatementTable:
    show, names = made.cells(), made.names
    items = [dict(zip(names, show(row), strict=True)) for row in rows]
    return StatementTable.model_validate(
        {**made.head, "columns": names, "items": items, "totals": made.totals}
    )


async def _streamed(
    made: Made,
    format: TableFormat,  # noqa: A002 - the parameter's name
    books: Books,
) -> Response:
    if format is TableFormat.CSV:
        return await as_csv(made.names, made.table_rows())
    if format is TableFormat.XLSX:
        book = made.workbook(made_at=books.now)
        return await as_xlsx(book, made.table_rows(), totals=made.totals)
    return await as_ndjson(made.head, made.names, made.table_rows(), totals=made.totals)


def cursor_of(row: BookLine) -> str:
    """The place of a row, as the address of what comes after it says it."""
    return ".".join(map(str, row.place))


def place_of(after: str) -> LinePlace | None:
    """A place as `cursor_of` says it. Raises `Malformed`."""
    if not after:
        return None
    account_no, stage, day, entry_no, n = after.split(".")
    try:
        value_date = date.fromisoformat(day)
    except ValueError:
        raise Malformed("after: there is no such day. Take the next link.") from None
    account, entry = min(int(account_no), MOST_NO), min(int(entry_no), MOST_NO)
    return LinePlace(account, int(stage), value_date, entry, int(n))
