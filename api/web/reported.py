"""Whatever can be read of an organisation by name, made for a page or a paper.

Statements are of one book or consolidated. Reports, which the service makes for programs, are
read into the same form: columns that say what they hold, amounts in paisa, days as days.
"""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import business_date
from ledger.money import parse_rupees
from service.refusals import Malformed
from service.reports.registry import REPORTS, run
from service.reports.rendering import FORMS
from service.reports.report import Query
from service.statements import registry
from service.statements.registry import STATEMENTS
from service.statements.statement import Content, Dated, Made, as_text, each
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from service.books import Books
    from service.reports.report import Table
    from service.statements.statement import Asked
    from service.tables.columns import Cell

_OF_NO_REPORT: Final = ("first_on", "last_on", "consolidated", "fund", "code", "party", "account")


def dated(name: str) -> Dated:
    """Which days a statement or report asks for: a report is of all up to a day."""
    return STATEMENTS[name].dated if name in STATEMENTS else Dated.DAY


async def of_organisation(books: Books, code: str, name: str, asked: Asked) -> Made:
    """A statement of an organisation, or a report on it. Raises as both do.

    What a report does not take is refused as a statement refuses it, with `Malformed`.
    """
    if name in STATEMENTS or name not in REPORTS:
        return await registry.of_organisation(books, code, name, asked)
    for field in _OF_NO_REPORT:
        if getattr(asked, field):
            raise Malformed(f"{field}: the report {name} has none. Leave it out.")
    as_of = asked.as_of or business_date(books.now)
    found = await run(books, name, Query(as_of=(as_of,), known_by=asked.known_by, node=code))
    columns, rows = _read_into_columns(found)
    known = None if asked.known_by is None else as_text(asked.known_by)
    head: dict[str, Cell | bool] = {
        "as_of": as_text(as_of),
        "known_by": known,
        "consolidated": False,
    }
    return Made(head, columns, Content(each(rows)))


def _read_into_columns(report: Table) -> tuple[tuple[Column, ...], list[Any]]:
    """The columns of a report and its rows; after a code which account that is."""
    columns = [Column(name, FORMS.get(name, Form.TEXT)) for name in report.columns]
    rows = []
    for row in report.rows:
        values = zip(columns, row, strict=True)
        rows.append(SimpleNamespace(**{c.name: _read(c.form, value) for c, value in values}))
        if code := getattr(rows[-1], "code", ""):
            rows[-1].account = code
    place = report.columns.index("code") + 1 if "code" in report.columns else len(columns)
    if place < len(columns):
        columns.insert(place, Column("account"))
    return tuple(columns), rows


def _read(form: Form, value: Any) -> Any:  # noqa: ANN401 - what a report has
    match form:
        case Form.MONEY:
            return parse_rupees(value)
        case Form.DAY:
            return date.fromisoformat(value)
        case Form.MOMENT:
            return datetime.fromisoformat(value)
        case _:
            return value
