"""Arrears and portfolio at risk of any day, from the lines alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from ledger.calendar import BUSINESS_ZONE, end_of_day
from ledger.refusals import MomentUnsettled
from service import arrears, federation, organisations, portfolio
from service.arrears import EVERYBODY, Lenders
from service.loans import contracts
from tests.support.world import Details

if TYPE_CHECKING:
    from service.arrears import Standing
    from tests.support.world import World

PAID_OUT = date(2026, 1, 10)


async def _running(world: World, on: date, known_by: datetime | None = None) -> dict[str, Standing]:
    async with world.reading() as books:
        found = await arrears.standings(books, on, known_by=known_by)
    return {standing.loan: standing for standing in found}


async def _at_risk(world: World, on: date, *nodes: str) -> dict[tuple[str, int], tuple[int, int]]:
    async with world.reading() as books:
        numbers = await organisations.books_of(books, nodes)
        found = await portfolio.at_risk(books, on, nodes=numbers.values())
    names = {number: code for code, number in numbers.items()}
    return {(names[r.node], r.days): (r.numerator, r.denominator) for r in found}


async def _lend(world: World) -> None:
    """Zainab owes three times 300 from 10 February; CO-01 owes LSO-01 6,000 of CIF."""
    await world.agree("L-1", "QH", "900.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    await world.agree("L-2", "CIF", "6000.00", lender="LSO-01", borrower="CO-01", on=PAID_OUT)
    await world.meet(PAID_OUT, "Zainab disbursement 900.00 L-1")
    more = Details(fund="cif", to="CO-01", loan="L-2")
    await world.happen("organisation_loan_disbursed", PAID_OUT, "LSO-01", "6000.00", **more)


async def test_a_loan_ages_from_its_oldest_unpaid_instalment(world: World) -> None:
    """0 days on the due date itself; then day by day, and back to 0 once it is paid."""
    await _lend(world)
    await world.meet(date(2026, 3, 20), "Zainab repayment 300.00 L-1")
    days = {
        date(2026, 2, 10): (0, 0),
        date(2026, 2, 11): (1, 30_000),
        date(2026, 3, 19): (37, 60_000),
        date(2026, 3, 20): (10, 30_000),
    }
    for on, expected in days.items():
        found = (await _running(world, on))["L-1"]
        assert (found.days_past_due, found.overdue_principal) == expected, on


async def test_a_late_sheet_changes_the_figures_of_its_day_but_not_what_was_known(
    world: World,
) -> None:
    """Paid on 10 February, learned on 1 March."""
    await _lend(world)
    await world.meet(date(2026, 2, 10), "Zainab repayment 300.00 L-1", posted=date(2026, 3, 1))
    on, then = date(2026, 2, 20), datetime(2026, 2, 20, 23, 59, 59, tzinfo=BUSINESS_ZONE)
    assert (await _running(world, on))["L-1"].days_past_due == 0
    assert (await _running(world, on, then))["L-1"].days_past_due == 10
    with pytest.raises(MomentUnsettled):
        await _running(world, on, datetime(2199, 1, 1, tzinfo=BUSINESS_ZONE))


async def test_a_loan_is_gone_once_it_is_repaid_and_back_once_that_is_reversed(
    world: World,
) -> None:
    """Closed from the day of its last payment; running again from the day of the reversal."""
    await _lend(world)
    code = await world.meet(date(2026, 3, 1), "Zainab repayment 900.00 L-1")
    await world.happen("reversal", date(2026, 3, 5), "CO-01", reverses=code)
    assert "L-1" in await _running(world, date(2026, 2, 28))
    assert "L-1" not in await _running(world, date(2026, 3, 4))
    assert "L-1" in await _running(world, date(2026, 3, 5))


async def test_a_loan_is_not_there_before_it_is_paid_out_nor_after_that_is_reversed(
    world: World,
) -> None:
    """A disbursement that is undone leaves nothing owed."""
    await world.agree("L-1", "QH", "900.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    code = await world.meet(PAID_OUT, "Zainab disbursement 900.00 L-1")
    await world.happen("reversal", date(2026, 1, 12), "CO-01", reverses=code)
    assert await _running(world, date(2026, 1, 9)) == {}
    assert "L-1" in await _running(world, date(2026, 1, 11))
    assert await _running(world, date(2026, 1, 12)) == {}


async def test_portfolio_at_risk_counts_what_is_later_than_its_days(world: World) -> None:
    """Greater than, not equal: a loan 30 days late is not in PAR>30."""
    await _lend(world)
    found = await _at_risk(world, date(2026, 3, 12), "CO-01")
    assert found["CO-01", 1] == (90_000, 90_000)
    assert found["CO-01", 30] == (0, 90_000)
    assert (await _at_risk(world, date(2026, 3, 13), "CO-01"))["CO-01", 30] == (90_000, 90_000)


async def test_a_loan_between_two_books_under_a_node_is_not_counted_there(world: World) -> None:
    """The LSO's own book shows its loan to the CO; rolled up with the CO it is inside."""
    await _lend(world)
    on = date(2026, 2, 12)
    assert (await _at_risk(world, on, "LSO-01", "VO-01"))["LSO-01", 1] == (90_000, 90_000)
    async with world.at(PAID_OUT) as books:
        await federation.move(books, "CO-01", to=None, on=on)
    found = await _at_risk(world, on, "LSO-01", "VO-01", "CO-01")
    assert found["LSO-01", 1] == (600_000, 600_000)
    assert ("VO-01", 1) not in found


async def test_one_loan_is_followed_over_several_days(world: World) -> None:
    """Before it is paid out, while it runs, and once it is closed."""
    await _lend(world)
    await world.meet(date(2026, 3, 20), "Zainab repayment 900.00 L-1")
    days = [date(2026, 1, 9), date(2026, 2, 12), date(2026, 3, 20)]
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        found = await arrears.figures_of(books, loan, days)
    assert [(f.paid_out, f.outstanding_principal, f.days_past_due, f.closed) for f in found] == [
        (False, 0, 0, False),
        (True, 90_000, 2, False),
        (True, 0, 0, True),
    ]


async def test_some_books_may_be_asked_alone(world: World) -> None:
    """A CO's screen needs no other book."""
    await _lend(world)
    async with world.reading() as books:
        book = await organisations.book_of(books, "LSO-01")
        found = await arrears.standings(books, date(2026, 3, 1), lenders=Lenders([book]))
    assert [standing.loan for standing in found] == ["L-2"]


async def _kept_dues(world: World, on: date) -> dict[str, tuple[int, ...]]:
    """By node: principal and charge of the coming week, then of the month."""
    run = uuid4()
    async with world.at(on) as books:
        await arrears.keep_standings(books, on, known_by=end_of_day(on), lenders=EVERYBODY, run=run)
        await portfolio.keep_dues(books, on, run=run)
        rows = await books.ledger.fetch(
            "DELETE FROM service.due_total WHERE run = $1 RETURNING *", run
        )
        await books.ledger.execute("DELETE FROM service.loan_due; DELETE FROM service.loan_arrears")
    return {row["node"]: tuple(row)[2:-1] for row in rows}


async def test_dues_are_what_falls_due_after_a_day_less_what_is_paid_ahead(world: World) -> None:
    """Until the day that is asked, and without what is overdue already."""
    await _lend(world)
    await world.meet(date(2026, 1, 20), "Zainab repayment 400.00 L-1")
    async with world.reading() as books:
        month = await arrears.dues(books, date(2026, 2, 9), date(2026, 3, 11))
        week = await arrears.dues(books, date(2026, 2, 10), date(2026, 2, 17))
    found = [(due.loan, due.due_on, due.principal) for due in month if due.loan == "L-1"]
    assert found == [("L-1", date(2026, 3, 10), 20_000)]
    assert week == []


async def test_a_node_may_expect_what_its_loans_are_asked_for(world: World) -> None:
    """In a week and in a month; without what two books below it owe each other."""
    await _lend(world)
    found = await _kept_dues(world, date(2026, 2, 4))
    assert found["CO-01"] == found["VO-01"] == found["LSO-01"] == (30_000, 0, 30_000, 0)
    async with world.at(PAID_OUT) as books:
        await federation.move(books, "CO-01", to=None, on=date(2026, 2, 2))
    assert (await _kept_dues(world, date(2026, 2, 2)))["LSO-01"] == (0, 0, 200_000, 6_000)


# -- Measures of a portfolio ------------------------------------------------------------


async def _measured(world: World, on: date, node: str) -> dict[str, tuple[int, int]]:
    async with world.reading() as books:
        number = await organisations.book_of(books, node)
        found = await portfolio.measured(books, on, nodes=[number])
    return {row.measure: (row.numerator, row.denominator) for row in found}


async def test_a_day_late_is_at_risk_from_the_first(world: World) -> None:
    """PAR>0 counts what PAR>1 does not yet; the buckets agree with portfolio at risk."""
    await _lend(world)
    due = await _measured(world, date(2026, 2, 10), "CO-01")
    assert due["par_0"] == (0, 90_000)
    late = await _measured(world, date(2026, 2, 11), "CO-01")
    assert (late["par_0"], late["par_1"]) == ((90_000, 90_000), (0, 90_000))
    at_risk = await _at_risk(world, date(2026, 3, 13), "CO-01")
    measured = await _measured(world, date(2026, 3, 13), "CO-01")
    assert {days: measured[f"par_{days}"] for _, days in at_risk} == {
        days: found for (_, days), found in at_risk.items()
    }


async def test_a_loan_matures_with_its_last_due_date(world: World) -> None:
    """The last of L-1 is due on 10 April: within 30 days from 11 March, 60 and 90 before."""
    await _lend(world)
    found = {
        on: [
            (await _measured(world, on, "CO-01"))[f"maturing_{days}"][0]
            for days in portfolio.MATURING_DAYS
        ]
        for on in (date(2026, 1, 10), date(2026, 3, 10), date(2026, 3, 11), date(2026, 4, 10))
    }
    assert found == {
        date(2026, 1, 10): [0, 0, 90_000],
        date(2026, 3, 10): [0, 90_000, 90_000],
        date(2026, 3, 11): [90_000] * 3,
        date(2026, 4, 10): [90_000] * 3,
    }
    assert (await _measured(world, date(2026, 4, 11), "CO-01"))["maturing_90"] == (0, 90_000)


async def test_rescheduled_balances_are_added_to_what_is_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once each, also where a rescheduled loan is late; and they stand alone beside it."""
    await _lend(world)
    on = date(2026, 2, 10)
    plain = await _measured(world, on, "CO-01")
    assert (plain["rescheduled"], plain["par_0_or_rescheduled"]) == ((0, 90_000), (0, 90_000))

    async def one(*_: object, **__: object) -> frozenset[str]:
        return frozenset(["L-1", "L-77"])

    monkeypatch.setattr(portfolio, "rescheduled_loans", one)
    found = await _measured(world, on, "CO-01")
    assert (found["rescheduled"], found["par_365_or_rescheduled"]) == ((90_000, 90_000),) * 2
    assert found["par_0"] == (0, 90_000)
    late = await _measured(world, date(2026, 2, 11), "CO-01")
    assert late["par_0_or_rescheduled"] == (90_000, 90_000)


async def test_measures_leave_out_loans_between_two_books_under_the_node(world: World) -> None:
    """As portfolio at risk does."""
    await _lend(world)
    found = await _measured(world, date(2026, 2, 12), "LSO-01")
    assert found["par_1"] == (90_000, 90_000)
