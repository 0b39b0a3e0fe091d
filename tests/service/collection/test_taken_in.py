"""What a reschedule takes in did fall due; and a loan that lives within one period counts in it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from service.collection import ontime, register
from service.collection.histories import Period, histories
from service.collection.ontime import Collected
from service.loans import amending
from service.loans.plan import Reschedule

if TYPE_CHECKING:
    from tests.support.world import World

OUT: Final = date(2026, 1, 10)
APRIL: Final = Period(date(2026, 4, 1), date(2026, 4, 30))
MAY: Final = Period(date(2026, 5, 1), date(2026, 5, 31))


async def test_what_is_taken_in_keeps_its_place_in_the_period_in_which_it_fell_due(
    world: World,
) -> None:
    """Two dues of 200.00 are unpaid when other dates are agreed: no denominator is below zero."""
    await world.agree("L-1", "QH", "600.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.meet(OUT, "Zainab disbursement 600.00 L-1")
    dues = (date(2026, 5, 15), date(2026, 6, 15))
    later = Reschedule(on=APRIL.first_on, dues=dues, overdue_too=True)
    async with world.at(MAY.last_on) as books:
        await amending.agree(books, "L-1", later, reason="Flood", resolution="CO-01/1")
    async with world.reading() as books:
        [history] = await histories(books, ["L-1"], MAY.last_on)
    assert ontime.of_loan(history, APRIL) == Collected(40_000, 0, 0, 0, 0, 0, 40_000)
    assert ontime.of_loan(history, MAY) == Collected(0, 30_000, 0, 0, 0, 30_000)
    whole = ontime.of_loan(history, Period(OUT, MAY.last_on))
    assert whole == Collected(0, 70_000, 0, 0, 0, 30_000, 40_000)


async def test_a_loan_that_lives_within_a_period_is_counted(world: World) -> None:
    """Paid out and paid off before its first due date, at the charge of a part of the month."""
    await world.agree("L-1", "TWO-D", "900.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.meet(OUT, "Zainab disbursement 900.00 L-1")
    await world.meet(date(2026, 1, 20), "Zainab repayment 906.00 L-1")
    january = Period(date(2026, 1, 1), date(2026, 1, 31))
    async with world.reading() as books:
        [history] = await histories(books, ["L-1"], january.last_on)
        book = history.loan.lender_book
        [found] = await ontime.of_node(books, book, january, alone=True)
        rows = await register.register(books, "CO-01", book, january)
    assert found.collected == Collected(0, 90_600, 90_600, 0, 0, 0)
    assert [(row.demand, row.covered, row.unpaid) for row in rows[-1:]] == [(90_600, 90_600, 0)]
