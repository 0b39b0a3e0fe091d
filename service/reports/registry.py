"""All reports there are, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service.refusals import Malformed, NotFound
from service.reports import ledgers, lending
from service.reports.report import Report

if TYPE_CHECKING:
    from service.books import Books
    from service.reports.report import Query, Table

REPORTS: Final = {
    report.name: report
    for report in (
        Report("journal", "Journal", dated=False, make=ledgers.journal),
        Report("schedules", "Loan schedules", dated=False, make=lending.schedules),
        Report("member-savings", "Members' savings", dated=True, make=ledgers.member_savings),
        Report("trial-balance", "Trial balance", dated=True, make=ledgers.trial_balance),
        Report("rollup", "Roll-up and consolidation", dated=True, make=ledgers.rollup),
        Report("loans", "Loans", dated=True, make=lending.loans),
        Report("par", "Portfolio at risk", dated=True, make=lending.par),
        Report("portfolio", "Portfolio: at risk, maturing", dated=True, make=lending.measures),
        Report("mobilisation", "Resources mobilised", dated=False, make=lending.mobilised),
    )
}


async def run(books: Books, name: str, query: Query) -> Table:
    """A report by name. Raises `NotFound`, or `Malformed` where it needs a day."""
    report = REPORTS.get(name)
    if report is None:
        raise NotFound(f"There is no report {name!r}. Choose one of {', '.join(REPORTS)}.")
    if report.dated and not query.as_of:
        raise Malformed(f"The report {name} is as at a day. Say which: as_of.")
    if query.known_by is not None and query.known_by.tzinfo is None:
        raise Malformed("known_by: it needs its offset, such as 2026-03-31T23:59:59+05:00.")
    return await report.make(books, query)
