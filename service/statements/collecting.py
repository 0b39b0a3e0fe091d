"""Statements of what loans asked for and brought: the DCBO register, and the on-time rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from service import access
from service.collection import ontime, register
from service.collection.histories import Period
from service.statements.statement import Content, each, summed
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from service.books import Books
    from service.collection.ontime import LenderCollected
    from service.statements.statement import Scope

DCBO: Final = (
    Column("meeting_on", Form.DAY),
    Column("after", Form.DAY),
    Column("borrower"),
    Column("loan"),
    Column("fund"),
    Column("brought_forward", Form.MONEY),
    Column("due_principal", Form.MONEY),
    Column("due_charge", Form.MONEY),
    Column("demand", Form.MONEY),
    Column("ahead_before", Form.MONEY),
    Column("paid_principal", Form.MONEY),
    Column("paid_charge", Form.MONEY),
    Column("paid_fine", Form.MONEY),
    Column("covered", Form.MONEY),
    Column("written_off", Form.MONEY),
    Column("ahead", Form.MONEY),
    Column("unpaid", Form.MONEY),
    Column("overdue", Form.MONEY),
    Column("overdue_fine", Form.MONEY),
    Column("days_past_due", Form.NUMBER),
    Column("outstanding", Form.MONEY),
)
ON_TIME: Final = (
    Column("organisation"),
    Column("fund"),
    Column("brought_forward", Form.MONEY),
    Column("fallen_due", Form.MONEY),
    Column("on_time", Form.MONEY),
    Column("on_time_percent", Form.PERCENT),
    Column("late", Form.MONEY),
    Column("written_off", Form.MONEY),
    Column("carried_forward", Form.MONEY),
    Column("rescheduled", Form.MONEY),
)
_HUNDREDTH: Final = Decimal("0.01")


class OnTimeRow(NamedTuple):
    """What a lender collected in a fund; the rate is `on_time` over `fallen_due`."""

    organisation: str
    """Empty where lenders are counted that are under the node no more."""
    fund: str
    brought_forward: int
    fallen_due: int
    on_time: int
    late: int
    written_off: int
    carried_forward: int
    rescheduled: int = 0

    @property
    def on_time_percent(self) -> str:
        """The rate, to two decimals; nothing where nothing fell due."""
        if not self.fallen_due:
            return ""
        rate = Decimal(100 * self.on_time) / self.fallen_due
        return str(rate.quantize(_HUNDREDTH, ROUND_HALF_UP))

    @classmethod
    def of(cls, found: LenderCollected) -> OnTimeRow:
        """The row of a lender."""
        return cls(found.organisation, found.fund, *found.collected)


async def dcbo(books: Books, scope: Scope) -> Content:
    """Demand, collection, balance and overdue of every loan, meeting by meeting."""
    await access.refuse_shut(books, scope.book)
    async with books.whole_house():
        found = await register.register(
            books, scope.organisation, scope.book, _period(scope), fund=scope.asked.fund
        )
    party = scope.asked.party
    rows = [row for row in found if party in {None, row.borrower, row.loan}]
    return Content(each(rows), summed(rows, DCBO, "meeting", "fund"))


async def on_time(books: Books, scope: Scope) -> Content:
    """What first fell due and was paid then; what came late; by lender and fund."""
    await access.refuse_shut(books, scope.book)
    async with books.whole_house():
        found = await ontime.of_node(
            books,
            scope.book,
            _period(scope),
            alone=not scope.asked.consolidated,
            fund=scope.asked.fund,
        )
    rows = [OnTimeRow.of(one) for one in found]
    return Content(each(rows), summed(rows, ON_TIME, "fund"))


def _period(scope: Scope) -> Period:
    return Period(scope.first_on, scope.last_on, scope.asked.known_by)
