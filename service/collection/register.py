"""The register of demand, collection, balance and overdue (DCBO), loan by loan, meeting by meeting.

A meeting's period runs from the day after the meeting before it until its own day. Where nothing
is prepaid, demand less what is collected is what is overdue; so that it is so in every case, what
was paid ahead stands beside:

    brought forward + fallen due - covered - written off = unpaid
    ahead before + paid principal + paid charge - covered = ahead

`unpaid` has fallen due and is covered by nothing, grace or not; `overdue` is as much of it as is
in arrears (DOMAIN 6), nothing while the days of grace last. Source: DOMAIN 6.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from service.collection.cover import NOT_PAID_OUT, stood
from service.collection.histories import of_period
from service.loans.figures import figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.books import Books
    from service.collection.cover import History
    from service.collection.histories import Period

BEFORE_EVERYTHING: Final = date(1900, 1, 1)
DAY: Final = timedelta(days=1)


class Demand(NamedTuple):
    """One loan from one meeting to the next; amounts in paisa."""

    meeting_on: date
    after: date | None
    """The meeting before; None where there was none."""
    borrower: str
    loan: str
    fund: str
    brought_forward: int
    due_principal: int
    due_charge: int
    ahead_before: int
    paid_principal: int
    paid_charge: int
    paid_fine: int
    covered: int
    written_off: int
    ahead: int
    unpaid: int
    overdue: int
    overdue_fine: int
    days_past_due: int
    outstanding: int

    @property
    def meeting(self) -> str:
        """The day of the meeting as text, to sum by."""
        return self.meeting_on.isoformat()

    @property
    def demand(self) -> int:
        """What the meeting was to bring: brought forward and fallen due since."""
        return self.brought_forward + self.due_principal + self.due_charge


_MEETINGS: Final = """
    SELECT DISTINCT s.held_on FROM service.sheet s
    JOIN service.book_number b ON b.code = s.organisation
    JOIN ledger.entry e ON e.book_id = b.book_id AND e.no = s.entry_no
    WHERE s.organisation = :organisation AND s.state = 'closed' AND s.held_on <= :last_on
        AND e.posted_at <= coalesce(:known_by, e.posted_at)
    ORDER BY s.held_on
"""


async def meetings(
    books: Books, organisation: str, last_on: date, *, known_by: datetime | None = None
) -> list[date]:
    """The days until a last one on which an organisation has a closed meeting."""
    rows = await books.fetch(
        _MEETINGS, organisation=organisation, last_on=last_on, known_by=known_by
    )
    return [row[0] for row in rows]


async def register(
    books: Books, organisation: str, book: int, period: Period, *, fund: str | None = None
) -> list[Demand]:
    """The register of a lender, by meeting and loan.

    Of a lender without meetings (a VO, an LSO) the period asked for is the only one. Whoever asks
    has authorised it, and sees the whole house.
    """
    held = await meetings(books, organisation, period.last_on, known_by=period.known_by)
    ends = _ends(held, period)
    since = BEFORE_EVERYTHING if ends[0] is None else ends[0] + DAY
    found: list[Demand] = []
    async for part in of_period(books, [book], replace(period, first_on=since)):
        chosen = [one for one in part if fund in {None, one.loan.fund}]
        found += [row for history in chosen for row in of_loan(history, ends)]
    return sorted(found)


def _ends(held: Sequence[date], period: Period) -> list[date | None]:
    """The meetings within the period, after the last one before it."""
    if not held:
        return [period.day_before, period.last_on]
    earlier = [day for day in held if day < period.first_on]
    return [earlier[-1] if earlier else None, *held[len(earlier) :]]


def of_loan(history: History, ends: Sequence[date | None]) -> Iterator[Demand]:
    """One loan from each day to the next; periods in which it was not yet there, or is gone, not.

    None stands for the time before everything.
    """
    loan = history.loan
    marks = [NOT_PAID_OUT if end is None else stood(history, end) for end in ends]
    for (after, before), (on, now) in pairwise(zip(ends, marks, strict=True)):
        if on is None or now is NOT_PAID_OUT:
            continue
        owed = figures(loan.contract, loan.schedule, history.moves, on, history.changes)
        row = Demand(
            meeting_on=on,
            after=after,
            borrower=loan.agreement.borrower,
            loan=loan.code,
            fund=loan.fund,
            brought_forward=before.unpaid,
            due_principal=now.due_principal - before.due_principal,
            due_charge=now.due_charge - before.due_charge,
            ahead_before=before.ahead,
            paid_principal=now.paid_principal - before.paid_principal,
            paid_charge=now.paid_charge - before.paid_charge,
            paid_fine=now.paid_fine - before.paid_fine,
            covered=now.covered - before.covered,
            written_off=now.lost - before.lost,
            ahead=now.ahead,
            unpaid=now.unpaid,
            overdue=owed.overdue_principal + owed.overdue_charge,
            overdue_fine=owed.overdue_fine,
            days_past_due=owed.days_past_due,
            outstanding=now.outstanding,
        )
        if _says_something(row):
            yield row


def _says_something(row: Demand) -> bool:
    moved = row.demand or row.covered or row.written_off or row.paid_fine
    return bool(moved or row.paid_principal or row.paid_charge or row.outstanding)
