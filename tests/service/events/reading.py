"""What the tests of loans' events read back: figures, and income day by day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from ledger.money import rupees
from service import arrears
from service.loans import contracts

if TYPE_CHECKING:
    from service.loans.figures import LoanFigures
    from tests.support.world import World

LAST: Final = date(2026, 12, 31)
_INCOME: Final = """
    SELECT coalesce(sum(l.credit - l.debit), 0)
    FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE a.code = '4100' AND l.kind <> 'close' AND l.value_date BETWEEN :first_on AND :last_on
        AND l.subject = :loan
"""


async def figures(world: World, *loans: str, on: date = LAST) -> list[LoanFigures]:
    """Loans as at the close of a day, after everything that happened in the test."""
    async with world.reading() as books:
        found = await contracts.loans(books, loans)
        return [(await arrears.figures_of(books, found[loan], [on]))[0] for loan in loans]


async def income(world: World, loan: str, first_on: date, last_on: date) -> str:
    """The service charge of a loan that was income in a period, in rupees."""
    async with world.reading() as books:
        asked = {"loan": loan, "first_on": first_on, "last_on": last_on}
        ((found,),) = await books.fetch(_INCOME, **asked)
    return rupees(int(found))
