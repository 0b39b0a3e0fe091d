"""Reports on loans and on resources: schedules, loans, PAR, mobilisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.money import rupees
from service import access, arrears, mobilisation, portfolio
from service.access import Right
from service.arrears import Lenders
from service.loans import contracts
from service.reports import scope
from service.reports.report import Table

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.arrears import Standing
    from service.books import Books
    from service.reports.report import Cell, Query


async def schedules(books: Books, query: Query) -> Table:
    """The schedule of every loan paid out; for open loans the plan."""
    in_books = await scope.books_under(books, query.node, query.last)
    found = await contracts.loans(books)
    return Table(
        ("loan", "n", "due_on", "principal", "charge", "total"),
        [
            (
                loan.code,
                part.n,
                part.due_on.isoformat(),
                rupees(part.principal),
                rupees(part.charge),
                rupees(part.total),
            )
            for loan in sorted(found.values(), key=lambda loan: loan.code)
            if _paid_out_by(loan.agreement.disbursed_on, query.last)
            and (in_books is None or loan.lender_book in in_books)
            for part in loan.schedule
        ],
    )


def _paid_out_by(disbursed_on: date | None, last: date) -> bool:
    return disbursed_on is not None and disbursed_on <= last


async def loans(books: Books, query: Query) -> Table:
    """What each loan paid out and not closed owes, and how late it is."""
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(query.as_of):
        asked = await scope.readable(books, await scope.books_under(books, query.node, day))
        rows += await _loan_rows(books, day, query.known_by, asked)
    return Table(_LOANS, rows)


async def loan_register(books: Books, organisation: str, query: Query) -> Table:
    """The same of one lender alone, on the last day. Raises `NotFound`, `Forbidden`."""
    lender = await access.authorise(books, Right.READ, organisation)
    return Table(_LOANS, await _loan_rows(books, query.last, query.known_by, [lender]))


async def _loan_rows(
    books: Books, day: date, known_by: datetime | None, lenders: list[int] | None
) -> list[tuple[Cell, ...]]:
    async with books.whole_house():
        found = await arrears.standings(books, day, known_by=known_by, lenders=Lenders(lenders))
    return [_loan_row(day, standing) for standing in found]


_LOANS: Final = (
    "as_of",
    "loan",
    "outstanding_principal",
    "due_principal",
    "due_charge",
    "paid_principal",
    "paid_charge",
    "overdue_principal",
    "overdue_charge",
    "days_past_due",
)


def _loan_row(day: date, found: Standing) -> tuple[Cell, ...]:
    return (
        day.isoformat(),
        found.loan,
        rupees(found.outstanding_principal),
        rupees(found.due_principal),
        rupees(found.due_charge),
        rupees(found.paid_principal),
        rupees(found.paid_charge),
        rupees(found.overdue_principal),
        rupees(found.overdue_charge),
        found.days_past_due,
    )


async def par(books: Books, query: Query) -> Table:
    """Portfolio at risk of every node with loans: numerator and denominator by days late."""
    nodes = await scope.node_ids(books, query.node)
    names = await scope.codes(books)
    lenders = Lenders(await scope.ever_under(books, nodes))
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(query.as_of):
        async with books.whole_house(nodes=nodes or ()):
            found = await portfolio.at_risk(
                books, day, known_by=query.known_by, lenders=lenders, nodes=nodes
            )
        ordered = sorted(found, key=lambda row: (names[row.node], row.days))
        rows += [
            (day.isoformat(), names[r.node], r.days, rupees(r.numerator), rupees(r.denominator))
            for r in ordered
        ]
    return Table(("as_of", "node", "days", "numerator", "denominator"), rows)


async def measures(books: Books, query: Query) -> Table:
    """What is at risk of every node's portfolio, with and without rescheduled, and what matures."""
    nodes = await scope.node_ids(books, query.node)
    names = await scope.codes(books)
    lenders = Lenders(await scope.ever_under(books, nodes))
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(query.as_of):
        async with books.whole_house(nodes=nodes or ()):
            found = await portfolio.measured(
                books, day, known_by=query.known_by, lenders=lenders, nodes=nodes
            )
        ordered = sorted(found, key=lambda row: names[row.node])
        rows += [
            (day.isoformat(), names[r.node], r.measure, rupees(r.numerator), rupees(r.denominator))
            for r in ordered
        ]
    return Table(("as_of", "node", "measure", "numerator", "denominator"), rows)


async def mobilised(books: Books, query: Query) -> Table:
    """Resources mobilised by fiscal quarter, node and category, up to the last day asked."""
    nodes = await scope.node_ids(books, query.node)
    names = await scope.codes(books)
    async with books.whole_house(nodes=nodes or ()):
        found = await mobilisation.mobilised(
            books, query.last, known_by=query.known_by, nodes=nodes
        )
    return Table(
        ("period", "node", "category", "amount"),
        sorted((m.period, names[m.node], m.category, rupees(m.amount)) for m in found),
    )
