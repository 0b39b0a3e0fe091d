"""Words for statements and reports: for all that there are, in every language that is offered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from api.web import headings
from service.books import make_engine, read_books
from service.reports.registry import REPORTS, run
from service.reports.report import Query
from service.statements.passbook import PASSBOOK
from service.statements.registry import STATEMENTS
from tests.support.importing import NOW

if TYPE_CHECKING:
    from service.statements.statement import Statement

DAY = date(2026, 6, 30)


def test_every_statement_and_report_has_a_title() -> None:
    """And there is none for what is no more."""
    assert set(headings.TITLES) == {*STATEMENTS, *REPORTS, PASSBOOK.name}


@pytest.mark.parametrize("statement", [*STATEMENTS.values(), PASSBOOK], ids=lambda one: one.name)
def test_every_column_of_a_statement_has_a_head(statement: Statement) -> None:
    """Alone or consolidated."""
    columns = (*statement.columns, *statement.node_columns)
    assert {column.name for column in columns} <= set(headings.COLUMNS)


async def test_every_column_of_a_report_has_a_head(one_co_url: str) -> None:
    """Of each report, as it answers; and no head is of nothing."""
    engine = make_engine(one_co_url, connections=2)
    every = {
        c.name for s in (*STATEMENTS.values(), PASSBOOK) for c in (*s.columns, *s.node_columns)
    }
    try:
        for name in REPORTS:
            async with read_books(engine, actor="test", now=NOW) as books:
                table = await run(books, name, Query(as_of=(DAY,), known_by=None))
            every |= set(table.columns)
    finally:
        await engine.dispose()
    assert every | {"known_by"} == set(headings.COLUMNS)  # which a trial balance has if asked
