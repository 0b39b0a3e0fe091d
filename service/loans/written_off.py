"""Loans that were written off and are still owed: kept beside the books, read from their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from service import access
from service.access import Right

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books


class WrittenOff(NamedTuple):
    """A loan that was written off: its principal then, and what came in of it since; in paisa."""

    loan: str
    borrower: str
    written_off: int
    recovered: int

    @property
    def still_owed(self) -> int:
        """What has not come in yet; more may come in than was written off."""
        return max(self.written_off - self.recovered, 0)


_WRITTEN_OFF: Final = """
    SELECT w.code, w.borrower, w.written_off, w.recovered
    FROM (
        SELECT o.code, coalesce(o.member, o.organisation) AS borrower,
            coalesce(sum(l.debit - l.credit) FILTER (WHERE a.code <> '4900'), 0) AS written_off,
            coalesce(sum(l.credit - l.debit) FILTER (WHERE a.code = '4900'), 0) AS recovered
        FROM ledger.account AS a
        JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
        JOIN service.loan AS o ON o.code = l.subject AND o.lender = :lender
        WHERE a.book_id = :book AND a.code IN ('1390', '5100', '4900')
            AND l.subject <> '' AND l.value_date <= :on
        GROUP BY o.code, o.member, o.organisation
    ) AS w
    WHERE w.written_off > 0
    ORDER BY w.code
"""


async def of_lender(books: Books, lender: str, on: date) -> list[WrittenOff]:
    """The loans of a lender that are written off at the close of a day, by code."""
    book = await access.authorise(books, Right.READ, lender)
    rows = await books.fetch(_WRITTEN_OFF, lender=lender, book=book, on=on)
    return [WrittenOff(loan, who, int(gone), int(back)) for loan, who, gone, back in rows]
