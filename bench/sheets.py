"""The work of the benchmark: the sheets of a community organisation, month after month.

A sheet is one entry of 31 lines: fifteen members with compulsory and voluntary savings,
and the cash. One in eight has a membership fee in place of a saving, with the member as
subject; one in eight has a withdrawal, so that a floor is walked. Every sheet has an
idempotency key, as a request over HTTP has. Amounts are paisa.
"""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.entries import AccountKey, Draft, Line
from ledger.positions import Reads
from ledger.requests import Request
from service.accounts import OWN, cash, compulsory, voluntary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEMBERS: Final = 15
LINES: Final = 1 + 2 * MEMBERS
OPENING_LINES: Final = LINES + 1
"""The first sheet of a book has the fee too, so that it opens every account."""
ACCOUNTS: Final = OPENING_LINES
MONTHS: Final = 60
"""Meetings move through five years up to last month, and then stay on its day."""
HOT_SHEETS_A_DAY: Final = 64
FEE: Final = AccountKey("4000", OWN)
FEE_PAISA: Final = 10_000
COMPULSORY_PAISA: Final = 20_000
VOLUNTARY_PAISA: Final = 5_000
WITHDRAWN_PAISA: Final = 2_500
MEETINGS_A_CYCLE: Final = 8
FEE_MEETING: Final = 3
WITHDRAWAL_MEETING: Final = 5


class Meeting(NamedTuple):
    """The nth meeting of a book in the run, and its day."""

    book: int
    nth: int
    on: date


def meeting_day(book: int, nth: int, today: date) -> date:
    """The day of a book's nth monthly meeting; no later than last month."""
    months = today.year * 12 + today.month - 1 - MONTHS + min(nth, MONTHS - 1)
    return date(months // 12, months % 12 + 1, 1 + book % 28)


def hot_day(nth: int, today: date) -> date:
    """The day of the nth sheet of a hot book: many on a day, the days moving forward."""
    first = today - timedelta(days=365 * 5)
    return min(first + timedelta(days=nth // HOT_SHEETS_A_DAY), today - timedelta(days=1))


def rounds(books: Sequence[int], *, first: int, batch: int, today: date) -> Iterator[list[Meeting]]:
    """Batches of meetings without end: every book's nth, then every book's next."""
    waiting: list[Meeting] = []
    nth = first
    while True:
        for book in books:
            waiting.append(Meeting(book, nth, meeting_day(book, nth, today)))
            if len(waiting) == batch:
                yield waiting
                waiting = []
        nth += 1


def hot_batches(book: int, *, batch: int, today: date) -> Iterator[list[Meeting]]:
    """Batches of sheets of one book without end, after its first."""
    nth = 1
    while True:
        yield [Meeting(book, i, hot_day(i, today)) for i in range(nth, nth + batch)]
        nth += batch


def request(meeting: Meeting) -> Request:
    """What closing the meeting's sheet asks the engine; it is drafted under the lock."""
    lines = lines_of(meeting)
    key = f"sheet-{meeting.book}-{meeting.nth}"
    return Request(
        reads=Reads(
            books=frozenset([meeting.book]),
            accounts=frozenset((meeting.book, line.account) for line in lines),
            since=meeting.on,
        ),
        draft=lambda _: [_draft(meeting, lines)],
        key=key,
        digest=sha256(key.encode()).digest(),
    )


def _draft(meeting: Meeting, lines: tuple[Line, ...]) -> Draft:
    return Draft(
        book=meeting.book,
        value_date=meeting.on,
        narrative=f"Meeting of {meeting.on}",
        actor="treasurer",
        lines=lines,
        reference=f"MS-{meeting.book}-{meeting.nth}",
    )


def lines_of(meeting: Meeting) -> tuple[Line, ...]:
    """The lines of the meeting's sheet; its first meeting opens every account of the book."""
    members = [f"M-{meeting.book:06}-{n:02}" for n in range(MEMBERS)]
    special = (meeting.book + meeting.nth) % MEETINGS_A_CYCLE
    saved = [Line(compulsory(member), credit=COMPULSORY_PAISA) for member in members]
    saved += [Line(voluntary(member), credit=VOLUNTARY_PAISA) for member in members]
    if meeting.nth == 0:
        saved.append(Line(FEE, credit=FEE_PAISA, subject=members[0]))
    elif special == FEE_MEETING:
        saved[-1] = Line(FEE, credit=FEE_PAISA, subject=members[-1])
    elif special == WITHDRAWAL_MEETING:
        saved[-1] = Line(voluntary(members[-1]), debit=WITHDRAWN_PAISA)
    taken = sum(line.credit - line.debit for line in saved)
    return (Line(cash(), debit=taken), *saved)
