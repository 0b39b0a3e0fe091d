"""From what is asked to what a statement works on: days settled, nothing out of place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, business_date, fiscal_year
from service.refusals import Malformed
from service.statements.statement import Dated, Narrowing, Scope, as_text

if TYPE_CHECKING:
    from service.books import Books
    from service.statements.statement import Asked, Statement
    from service.tables.columns import Cell


def scope_of(
    books: Books, statement: Statement, asked: Asked, *, book: int, organisation: str
) -> Scope:
    """The scope of a statement. Raises `Malformed` for what it does not take.

    Without a last day it is today, without a first one that of the last day's fiscal year.
    """
    _refuse_unfit(statement, asked)
    last_on = asked.last_on or asked.as_of or business_date(books.now)
    first_on = asked.first_on or date(fiscal_year(last_on) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
    if last_on < first_on:
        raise Malformed(f"last_on: {last_on} lies before {first_on}. Choose a later day.")
    told = replace(asked, fund=asked.fund or statement.fund)
    return Scope(book, organisation, first_on, last_on, told)


def _refuse_unfit(statement: Statement, asked: Asked) -> None:
    """Raise `Malformed` where something is asked that the statement does not have."""
    if asked.known_by is not None and asked.known_by.tzinfo is None:
        raise Malformed("known_by: it needs its offset, such as 2026-03-31T23:59:59+05:00.")
    unfit = [
        *(name for name in ("first_on", "last_on") if statement.dated is not Dated.PERIOD),
        *(["as_of"] if statement.dated is not Dated.DAY else []),
        *(name.value for name in Narrowing if name not in statement.narrowed_by),
        *([] if statement.node_columns else ["consolidated"]),
        *([] if statement.paged else ["after", "limit"]),
    ]
    for name in unfit:
        if getattr(asked, name):
            raise Malformed(f"{name}: the statement {statement.name} has none. Leave it out.")


def head_of(books: Books, statement: Statement, scope: Scope) -> dict[str, Cell | bool]:
    """What stands above a statement; only what was settled, so that it can be asked again."""
    asked = scope.asked
    head: dict[str, Cell | bool] = {
        "statement": statement.name,
        "title": statement.title,
        "organisation": scope.organisation,
        "consolidated": asked.consolidated,
    }
    if statement.dated is Dated.PERIOD:
        head |= {"first_on": as_text(scope.first_on), "last_on": as_text(scope.last_on)}
    elif statement.dated is Dated.DAY:
        head["as_of"] = as_text(scope.last_on)
    head["known_by"] = None if asked.known_by is None else as_text(asked.known_by)
    head |= {name.value: getattr(asked, name) for name in sorted(statement.narrowed_by)}
    return head | {"made_at": as_text(books.now)}
