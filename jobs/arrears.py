"""Arrears of every running loan, and portfolio at risk of every node, day by day.

The steps of the job `arrears`. Source: DOMAIN 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jobs.days import last_seen
from service import arrears
from service.arrears import LoanStanding
from service.loans import contracts
from service.loans.figures import LoanFigures

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from jobs.stretches import Stretch
    from service.books import WritableBooks

_FIGURES: Final = (
    "outstanding_principal",
    "due_principal",
    "due_charge",
    "paid_principal",
    "paid_charge",
    "overdue_principal",
    "overdue_charge",
    "days_past_due",
)
_AGED: Final = f"""
    SELECT loan, {", ".join(_FIGURES)} FROM service.loan_arrears WHERE business_date = :on
"""
_BOOKS: Final = "SELECT id FROM ledger.book WHERE id BETWEEN :first AND :last"
_NAMES: Final = "SELECT book_id, code FROM service.organisation"


async def age_arrears(books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
    """Keep the figures of every loan of some lenders that runs on a day; how many there are."""
    lenders = [row[0] for row in await books.fetch(_BOOKS, **stretch._asdict())]
    portfolio = await arrears.portfolio(books, on, known_by=last_seen(on), in_books=lenders)
    rows = [
        (on, standing.loan.code, *(getattr(standing.figures, name) for name in _FIGURES), run)
        for standing in portfolio.running(on)
    ]
    await books.ledger.copy_records_to_table(
        "loan_arrears",
        schema_name="service",
        columns=("business_date", "loan", *_FIGURES, "run"),
        records=rows,
    )
    return len(rows)


async def measure_risk(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,
    stretch: Stretch,  # noqa: ARG001 - it looks at all books at once
) -> int:
    """Keep the portfolio at risk of every node, from the loans' figures of that day.

    It reads what `age_arrears` kept, so that the two always agree.
    """
    running = await _aged(books, on)
    names: dict[int, str] = dict(await books.fetch(_NAMES))
    rows = [
        (on, names[risk.node], risk.days, risk.numerator, risk.denominator, run)
        for risk in await arrears.at_risk(books, running, on)
    ]
    await books.ledger.copy_records_to_table(
        "portfolio_at_risk",
        schema_name="service",
        columns=("business_date", "node", "days", "numerator", "denominator", "run"),
        records=rows,
    )
    return len(rows)


async def _aged(books: WritableBooks, on: date) -> list[LoanStanding]:
    kept = await books.fetch(_AGED, on=on)
    loans = await contracts.loans(books, [row.loan for row in kept])
    return [
        LoanStanding(
            loans[row.loan],
            LoanFigures(
                **{name: getattr(row, name) for name in _FIGURES}, closed=False, paid_out=True
            ),
        )
        for row in kept
    ]
