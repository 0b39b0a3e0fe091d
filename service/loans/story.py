"""The story of a loan: everything that became known of it, in that order, and what each changed.

An entry or a change that was entered late changes the figures of its own day and of all later
ones; what was known before is shown beside. Nothing of it is kept: it is told from the ledger's
lines and what was agreed. Source: DOMAIN 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import business_date
from service.loans import changes
from service.loans.figures import LoanFigures, figures
from service.loans.history import ABOUT, PRINCIPAL, Days
from service.loans.plan import FineImposed, Move, RateChange, Reschedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from service.books import Books
    from service.loans.changes import Agreed
    from service.loans.contracts import Loan
    from service.loans.plan import Change


class Happening(StrEnum):
    """What became known."""

    PAID_OUT = "paid_out"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"
    RECOVERED = "recovered"
    ACCRUED = "accrued"
    REVERSED = "reversed"
    RATE_CHANGED = "rate_changed"
    RESCHEDULED = "rescheduled"
    FINED = "fined"
    UNDONE = "undone"


class Turn(NamedTuple):
    """The figures of a day before something was known, and after."""

    on: date
    before: LoanFigures
    after: LoanFigures


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that became known: amounts in paisa, below zero where they are taken back.

    `own_day` are the figures of the day it happened; `when_known` those of the day it was
    entered, and None where that is the same day.
    """

    no: int
    what: Happening
    happened_on: date
    known_at: datetime
    actor: str
    reference: str
    voucher: int | None
    narrative: str
    move: Move
    own_day: Turn
    when_known: Turn | None


@dataclass(slots=True)
class _News:
    what: Happening
    on: date
    known_at: datetime
    actor: str
    reference: str
    voucher: int | None
    narrative: str
    days: Days = field(default_factory=Days)
    agreed: Change | None = None
    undone: Change | None = None


_ENTRIES: Final = """
    SELECT e.no, e.posted_at, e.value_date, e.kind = 'reversal' AS reversal, e.actor, e.reference,
        e.narrative, m.code, sum(m.debit)::bigint, sum(m.credit)::bigint
    FROM (
        SELECT a.code, l.debit, l.credit, l.book_id, l.entry_no, l.value_date
        FROM ledger.account AS a
        JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
        WHERE a.book_id = $1 AND a.code IN ('1300', '1310') AND a.party = $2
        UNION ALL
        SELECT a.code, l.debit, l.credit, l.book_id, l.entry_no, l.value_date
        FROM ledger.line AS l
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE l.book_id = $1 AND l.subject = $2 AND l.subject <> '' AND l.kind <> 'close'
            AND a.code = ANY ($3)
    ) AS m
    JOIN ledger.entry AS e ON e.book_id = m.book_id AND e.no = m.entry_no
    WHERE $4::timestamptz IS NULL OR e.posted_at <= $4
    GROUP BY e.no, e.posted_at, e.value_date, e.kind, e.actor, e.reference, e.narrative, m.code
    ORDER BY e.no
"""
RECOVERY: Final = "4900"
_KINDS: Final = {
    RateChange: Happening.RATE_CHANGED,
    Reschedule: Happening.RESCHEDULED,
    FineImposed: Happening.FINED,
}


async def story(
    books: Books, loan: Loan, *, known_by: datetime | None = None, after: int = 0, limit: int = 100
) -> list[Chapter]:
    """The chapters of a loan in the order in which they became known, those after `after`.

    Whoever asks sees the lender's book.
    """
    told = [*await _entries(books, loan, known_by), *await _agreed(books, loan, known_by)]
    told.sort(key=lambda news: news.known_at)
    return _told(loan, told, after, limit)


async def _entries(books: Books, loan: Loan, known_by: datetime | None) -> list[_News]:
    rows = await books.ledger.fetch(
        _ENTRIES, loan.lender_book, loan.code, sorted({*ABOUT, RECOVERY}), known_by
    )
    found: dict[int, _News] = {}
    for no, posted_at, day, reversal, actor, reference, narrative, code, debit, credit in rows:
        what = Happening.REVERSED if reversal else _what(code, debit)
        news = found.setdefault(no, _News(what, day, posted_at, actor, reference, no, narrative))
        news.what = min(news.what, what, key=_ORDER.index)
        news.days.add(day, code, debit, credit, reversal=reversal)
    return list(found.values())


def _what(code: str, debit: int) -> Happening:
    if code in PRINCIPAL:
        return Happening.PAID_OUT if debit else Happening.REPAID
    if code in {"1390", "5100"}:
        return Happening.WRITTEN_OFF
    if code == RECOVERY:
        return Happening.RECOVERED
    return Happening.ACCRUED if code == "1320" and debit else Happening.REPAID


_ORDER: Final = (
    Happening.REVERSED,
    Happening.WRITTEN_OFF,
    Happening.PAID_OUT,
    Happening.RECOVERED,
    Happening.ACCRUED,
    Happening.REPAID,
)
"""What an entry is called whose lines say several things: the first of these."""


async def _agreed(books: Books, loan: Loan, known_by: datetime | None) -> list[_News]:
    found = await changes.of_loan(books, loan.code)
    return [
        news
        for one in found
        for news in _of_change(one)
        if known_by is None or news.known_at <= known_by
    ]


def _of_change(one: Agreed) -> Iterator[_News]:
    change, reference = one.change, f"change {one.n}"
    yield _News(
        _KINDS[type(change)],
        change.on,
        one.known_at,
        one.actor,
        reference,
        None,
        one.reason,
        agreed=change,
    )
    if one.undone_at is not None:
        who = one.undone_by or ""
        yield _News(
            Happening.UNDONE, change.on, one.undone_at, who, reference, None, "", undone=change
        )


def _told(loan: Loan, told: Sequence[_News], after: int, limit: int) -> list[Chapter]:
    chapters: list[Chapter] = []
    moves: list[Move] = []
    agreed: list[Change] = []
    for no, news in enumerate(told, start=1):
        if len(chapters) == limit:
            break
        moves_then, agreed_then = list(moves), list(agreed)
        mine = news.days.moves()
        moves += mine
        if news.agreed is not None:
            agreed.append(news.agreed)
        if news.undone is not None:
            agreed.remove(news.undone)
        if no <= after:
            continue

        now, then = _Known(loan, list(moves), list(agreed)), _Known(loan, moves_then, agreed_then)
        known_on = business_date(news.known_at)
        chapters.append(
            Chapter(
                no=no,
                what=news.what,
                happened_on=news.on,
                known_at=news.known_at,
                actor=news.actor,
                reference=news.reference,
                voucher=news.voucher,
                narrative=news.narrative,
                move=mine[0] if mine else Move(value_date=news.on),
                own_day=_turn(then, now, news.on),
                when_known=None if known_on <= news.on else _turn(then, now, known_on),
            )
        )
    return chapters


class _Known(NamedTuple):
    """What was known of a loan at a moment."""

    loan: Loan
    moves: list[Move]
    agreed: list[Change]

    def on(self, day: date) -> LoanFigures:
        """The figures of a day, by what was known."""
        loan = self.loan
        return figures(loan.contract, loan.schedule, self.moves, day, self.agreed)


def _turn(then: _Known, now: _Known, day: date) -> Turn:
    return Turn(day, then.on(day), now.on(day))
