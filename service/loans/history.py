"""What has happened to loans: their moves, day by day, from the lines of their lenders' books."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from service.loans.plan import Move

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from service.books import Books
    from service.loans.contracts import Loan

PRINCIPAL: Final = frozenset({"1300", "1310"})
CHARGES: Final = frozenset({"4100", "1320"})
"""Charge that was paid: what is income, less what is income and still receivable."""
RECEIVABLE: Final = "1320"
FINES: Final = "4010"
LOSSES: Final = frozenset({"1390", "5100"})
ABOUT: Final = frozenset({*CHARGES, FINES, *LOSSES})
"""On these codes a line names the loan that it is about."""

_MOVES: Final = """
    WITH asked AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS a (loan, book_id))
    SELECT m.loan, m.value_date, m.code, m.reversal, sum(m.debit)::bigint AS debit,
        sum(m.credit)::bigint AS credit
    FROM (
        SELECT w.loan, l.value_date, a.code, l.kind = 'reversal' AS reversal, l.debit, l.credit,
            l.book_id, l.entry_no
        FROM asked AS w
        JOIN ledger.account AS a
            ON a.book_id = w.book_id AND a.code IN ('1300', '1310') AND a.party = w.loan
        JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
        WHERE l.value_date <= $3
        UNION ALL
        SELECT w.loan, l.value_date, a.code, false, l.debit, l.credit, l.book_id, l.entry_no
        FROM asked AS w
        JOIN ledger.line AS l ON l.book_id = w.book_id AND l.subject = w.loan AND l.subject <> ''
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE a.code = ANY ($5) AND l.value_date <= $3 AND l.kind <> 'close'
    ) AS m
    JOIN ledger.entry AS e ON e.book_id = m.book_id AND e.no = m.entry_no
    WHERE $4::timestamptz IS NULL OR e.posted_at <= $4
    GROUP BY m.loan, m.value_date, m.code, m.reversal
"""


async def moves_of(
    books: Books, loans: Iterable[Loan], on: date, *, known_by: datetime | None = None
) -> dict[str, list[Move]]:
    """The moves of loans up to a day, by their codes, in no order; as known by a moment, or now.

    Whoever asks sees the lenders' books.
    """
    asked = {loan.code: loan.lender_book for loan in loans}
    rows = await books.ledger.fetch(
        _MOVES, list(asked), list(asked.values()), on, known_by, sorted(ABOUT)
    )
    days: defaultdict[str, Days] = defaultdict(Days)
    for loan, day, code, reversal, debit, credit in rows:
        days[loan].add(day, code, debit, credit, reversal=reversal)
    return {code: days[code].moves() for code in asked}


class Days:
    """What moved of one loan, put together by day."""

    def __init__(self) -> None:
        self._lent: defaultdict[date, int] = defaultdict(int)
        self._off: defaultdict[date, int] = defaultdict(int)
        self._charge: defaultdict[date, int] = defaultdict(int)
        self._fine: defaultdict[date, int] = defaultdict(int)
        self._lost: defaultdict[date, int] = defaultdict(int)
        self._accrued: defaultdict[date, int] = defaultdict(int)

    def add(self, day: date, code: str, debit: int, credit: int, *, reversal: bool) -> None:
        """Take in lines of a day on one code; of principal, those of a reversal apart."""
        if code in PRINCIPAL:
            # A reversal takes back what stands on its other side.
            self._lent[day] += -credit if reversal else debit
            self._off[day] += -debit if reversal else credit
        elif code in CHARGES:
            self._charge[day] += credit - debit
            if code == RECEIVABLE:
                self._accrued[day] += debit - credit
        elif code == FINES:
            self._fine[day] += credit - debit
        elif code in LOSSES:
            self._lost[day] += debit - credit

    def moves(self) -> list[Move]:
        """One move a day, in the order of days."""
        days = {*self._lent, *self._off, *self._charge, *self._fine, *self._lost}
        made = [
            Move(
                value_date=day,
                disbursed=self._lent.get(day, 0),
                principal_repaid=self._off.get(day, 0) - self._lost.get(day, 0),
                charge_paid=self._charge.get(day, 0),
                fine_paid=self._fine.get(day, 0),
                written_off=self._lost.get(day, 0),
                accrued=self._accrued.get(day, 0),
            )
            for day in sorted(days)
        ]
        # What was accrued and taken back within a day is no move of that day.
        taken_back = {Move(value_date=day) for day in self._accrued}
        return [move for move in made if move not in taken_back]
