"""The loans that a node has lent, one by one: who borrowed of whom, and how each stands.

They are those of the portfolio: of the lenders under the node on a day, without loans between two
of its books. Of a lender that has left since, whose book is somebody else's to read, they stand in
one sum. Amounts are paisa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service import access, organisations, portfolio
from service.access import Right

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.arrears import Standing
    from service.books import Books
    from service.portfolio import Summed


@dataclass(frozen=True, slots=True)
class LentLoan:
    """A loan that runs, as on a day."""

    standing: Standing
    lender: str
    borrower: str
    name: str | None
    """None: who borrows belongs to another organisation now."""
    name_ur: str | None

    @property
    def overdue(self) -> int:
        """What should have come before: principal, charge and fines."""
        one = self.standing
        return one.overdue_principal + one.overdue_charge + one.overdue_fine


@dataclass(frozen=True, slots=True)
class Loans:
    """Some loans of a node, and what all of them come to."""

    shown: tuple[LentLoan, ...]
    everything: Summed
    unnamed: Summed
    """Of it, what lenders lent that belonged to the node that day and have left since."""


_NAMED: Final = """
    SELECT l.code, l.lender, coalesce(l.member, l.organisation) AS borrower,
        coalesce(m.name, o.name) AS name, coalesce(m.name_ur, o.name_ur) AS name_ur
    FROM service.loan AS l
    LEFT JOIN service.member AS m ON m.code = l.member
    LEFT JOIN service.organisation AS o ON o.code = l.organisation
    WHERE l.code = ANY (:codes)
"""


async def of_node(
    books: Books,
    organisation: str,
    on: date,
    *,
    which: str = "",
    known_by: datetime | None = None,
    skip: int = 0,
    limit: int = 200,
) -> Loans:
    """The loans that run, or those of `portfolio.WHICH`, the latest first.

    Raises `NotFound`, `Forbidden`, `MomentUnsettled`.
    """
    book = await access.authorise(books, Right.READ, organisation, below=True)
    lenders = await organisations.books_under(books, book, on)
    open_now = await access.readable(books, lenders)
    async with books.whole_house(nodes=[book]):
        found = await portfolio.listed(
            books,
            on,
            which=which,
            known_by=known_by,
            lenders=lenders,
            named=open_now,
            skip=skip,
            limit=limit,
        )
    rows = await books.fetch(_NAMED, codes=[one.loan for one in found.loans])
    named = {row.code: row for row in rows}
    shown = tuple(_lent(one, named[one.loan]) for one in found.loans)
    return Loans(shown, found.everything, found.unnamed)


def _lent(standing: Standing, row: Any) -> LentLoan:  # noqa: ANN401 - as wide as its query
    return LentLoan(standing, row.lender, row.borrower, row.name, row.name_ur)
