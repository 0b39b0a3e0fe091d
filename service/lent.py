"""The loans that a node has lent, one by one: who borrowed of whom, and how each stands.

They are those of the portfolio: of the lenders under the node on a day, without loans between two
of its books. Who lent or borrowed is named as far as the reader may see it. Amounts are paisa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service import access, arrears, organisations
from service.access import Right
from service.arrears import Lenders

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from service.arrears import Standing
    from service.books import Books


@dataclass(frozen=True, slots=True)
class LentLoan:
    """A loan that runs, as on a day; of what the reader may not see there is no name."""

    standing: Standing
    lender: str | None
    borrower: str | None
    name: str | None
    name_ur: str | None

    @property
    def overdue(self) -> int:
        """What should have come before: principal, charge and fines."""
        return _overdue(self.standing)


@dataclass(frozen=True, slots=True)
class Loans:
    """Some loans of a node, and what all of them come to."""

    shown: tuple[LentLoan, ...]
    count: int
    outstanding: int
    overdue: int


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
    known_by: datetime | None = None,
    late: bool = False,
    skip: int = 0,
    limit: int = 200,
) -> Loans:
    """The loans that run, or those of them that are late, the latest first.

    Raises `NotFound`, `Forbidden`, `MomentUnsettled`.
    """
    book = await access.authorise(books, Right.READ, organisation, below=True)
    async with books.whole_house(nodes=[book]):
        lenders = await organisations.books_under(books, book, on)
        found = await arrears.standings(books, on, known_by=known_by, lenders=Lenders(lenders))
    counted = _outside(found, frozenset(lenders), late=late)
    counted.sort(key=lambda one: (-one.days_past_due, one.loan))
    shown = counted[skip : skip + limit]
    names = await books.fetch(_NAMED, codes=[one.loan for one in shown])
    named: dict[str, Any] = {row.code: row for row in names}
    loans = tuple(_lent(one, named.get(one.loan)) for one in shown)
    return Loans(
        loans,
        len(counted),
        sum(one.outstanding_principal for one in counted),
        sum(_overdue(one) for one in counted),
    )


def _outside(found: Collection[Standing], inside: frozenset[int], *, late: bool) -> list[Standing]:
    return [
        one for one in found if one.borrower_book not in inside and (_overdue(one) > 0 or not late)
    ]


def _overdue(one: Standing) -> int:
    return one.overdue_principal + one.overdue_charge + one.overdue_fine


def _lent(standing: Standing, row: Any | None) -> LentLoan:  # noqa: ANN401 - as wide as its query
    if row is None:
        return LentLoan(standing, None, None, None, None)
    return LentLoan(standing, row.lender, row.borrower, row.name, row.name_ur)
