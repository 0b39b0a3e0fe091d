"""Deleting what is kept no longer: results of old days, and sign-ins that ended long ago.

The steps of the job `purge`. `RESULTS` says what may go and when; what is not named stays.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from jobs import schedule
from jobs.days import is_kept
from jobs.stretches import Stretch
from ledger.calendar import business_date, end_of_day
from service import purging
from service.purging import Results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from service.books import Books, WritableBooks


def nights_and_month_ends(day: date, on: date) -> bool:
    """Whether results of a day are kept in a later night: the rule of nearly all."""
    return is_kept(day, on, nights=schedule.NIGHTS_KEPT)


RESULTS: Final[Mapping[Results, Callable[[date, date], bool]]] = {
    Results("service.loan_arrears", "arrears", "loans"): nights_and_month_ends,
    Results("service.loan_due", "arrears", "loans"): nights_and_month_ends,
    Results("service.due_total", "arrears", "dues"): nights_and_month_ends,
    Results("service.portfolio_at_risk", "arrears", "portfolio_at_risk"): nights_and_month_ends,
    Results("service.mobilisation_total", "mobilisation", "quarter"): nights_and_month_ends,
    Results("service.proof_part", "proof", "books"): nights_and_month_ends,
    Results("service.proof_part", "proof", "trail"): nights_and_month_ends,
}
"""Each table of results with the step that makes it, and whether its rows of a day are kept."""


async def old_days(books: Books, *, on: date) -> list[Stretch]:
    """The days of which results, or the parts they were made in, are kept no longer."""
    there = await purging.purgeable(books, RESULTS, before=on, settled=_settled(books))
    days = {day for one, day in there.results if not RESULTS[one](day, on)}
    days |= {day for day in there.parts if (on - day).days >= schedule.NIGHTS_KEPT}
    return [_a_day(day) for day in sorted(days)]


async def purge_results(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,  # noqa: ARG001 - what is deleted names no run
    stretch: Stretch,
) -> int:
    """Delete what is kept no longer of one day; how many rows that were."""
    day = date.fromordinal(stretch.first)
    results = [one for one, is_kept in RESULTS.items() if not is_kept(day, on)]
    return await purging.delete_day(books, day, results, settled=_settled(books))


async def days_of_sessions(books: Books, *, on: date) -> list[Stretch]:
    """The days on which sessions ended that are kept no longer."""
    first = await purging.first_session_ends(books)
    if first is None:
        return []
    last = (on - schedule.SESSIONS_KEPT).toordinal()
    days = range(business_date(first).toordinal(), last + 1)
    return [Stretch(day, day) for day in days]


async def purge_sessions(
    books: WritableBooks,
    *,
    on: date,  # noqa: ARG001 - the part says which day's
    run: UUID,  # noqa: ARG001 - what is deleted names no run
    stretch: Stretch,
) -> int:
    """Delete the sessions that ended on one day; how many they were."""
    day = date.fromordinal(stretch.first)
    return await purging.forget_sessions(
        books, since=end_of_day(day - date.resolution), before=end_of_day(day)
    )


async def purge_signing_keys(
    books: WritableBooks,
    *,
    on: date,
    run: UUID,  # noqa: ARG001 - as above
    stretch: Stretch,  # noqa: ARG001 - it is one part
) -> int:
    """Delete keys of access tokens whose last token has long ended; how many they were."""
    return await purging.forget_signing_keys(books, before=end_of_day(on) - schedule.SESSIONS_KEPT)


def _a_day(day: date) -> Stretch:
    return Stretch(day.toordinal(), day.toordinal())


def _settled(books: Books) -> datetime:
    return books.now - schedule.SETTLED_FOR
