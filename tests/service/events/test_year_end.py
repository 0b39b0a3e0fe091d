"""The close of a year: income and costs go into the general fund, and nothing else changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.postgres.verify import verify
from ledger.refusals import AlreadyReversed, PeriodClosed
from ledger.requests import Request
from service import arrears, bookkeeping, organisations
from service.accounts import OWN
from service.events import drafting, preparing
from service.events.event import refuse_malformed
from service.loans import contracts
from service.refusals import Malformed, NothingToClose, VersionChanged, YearClosed
from tests.service.statements.reading import read

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 2, 1)
YEAR_END, LATER = date(2026, 6, 30), date(2026, 7, 10)
DAYS: Final = {
    "income-and-expenditure": {"first_on": date(2025, 7, 1), "last_on": YEAR_END},
    "balance-sheet": {"as_of": YEAR_END},
}
NODES: Final = ("LSO-01", "VO-01", "CO-01")
_ELIMINATED: Final = """
    SELECT a.fund, sum(l.debit - l.credit)
    FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE a.counterparty IS NOT NULL AND l.value_date <= :on
    GROUP BY a.fund HAVING sum(l.debit - l.credit) <> 0
"""


async def _year(world: World) -> None:
    """Fees, fines, costs and charges, within CO-01 and between it and others, in two funds."""
    await world.agree("L-1", "TWO-A", "3000.00", lender="CO-01", borrower="Zainab", on=ON)
    await world.agree("L-2", "CIF-A", "6000.00", lender="LSO-01", borrower="CO-01", on=ON)
    await world.meet(ON, "Zainab disbursement 3000.00 L-1", "Amina fine 20.00")
    lent = {"fund": "cif", "loan": "L-2"}
    await world.happen(
        "organisation_loan_disbursed", ON, "LSO-01", "6000.00", fund="cif", to="CO-01", loan="L-2"
    )
    await world.happen("fee_to_parent", ON, "CO-01", "75.00", to="VO-01")
    await world.happen("expense", ON, "CO-01", "30.00")
    paid = date(2026, 3, 1)
    await world.happen(
        "organisation_loan_repaid",
        paid,
        "CO-01",
        "2060.00",
        to="LSO-01",
        **lent,  # type: ignore[arg-type] # fund and loan alone
    )
    await world.meet(paid, "Zainab repayment 1040.00 L-1", over="1.00")


async def _close(world: World, org: str = "CO-01", *, on: date = YEAR_END) -> str:
    return await world.happen("year_end_close", on, org, posted=LATER)


async def _statements(world: World, name: str) -> list[list[dict[str, Any]]]:
    """A statement of the year: of each book, and of each node with all below it."""
    async with world.reading() as books:
        return [
            (await read(books, node, name, consolidated=whole, **DAYS[name])).rows
            for node in NODES
            for whole in (False, True)
        ]


async def test_a_close_takes_each_account_to_the_general_fund_of_its_counterparty(
    world: World,
) -> None:
    """Own: 10,000 given, 60 of charge, 20 of fines, 1 over; 75 to the VO and 30 of costs.

    Of CIF the charge to the LSO, 60. What is between organisations stays told apart.
    """
    await _year(world)
    code = await _close(world)
    assert await world.told(code) == [
        (
            "CO-01: 4010 20.00, 4100 60.00, 4200 10000.00, 4990 1.00, "
            "3000 cif LSO-01 60.00, 3000 30.00, 3000 VO-01 75.00 / "
            "5000 cif LSO-01 60.00, 5000 30.00, 5000 VO-01 75.00, 3000 10081.00"
        )
    ]
    async with world.reading() as books:
        left = await books.fetch(
            "SELECT a.code FROM ledger.account a JOIN service.organisation o USING (book_id)"
            " WHERE o.code = 'CO-01' AND a.code >= '4' AND a.debit <> a.credit"
        )
    assert left == []


async def test_income_and_expenditure_of_the_year_is_what_it_was(world: World) -> None:
    """Of every book and node; the balance sheet balances, its surplus now in the general fund."""
    await _year(world)
    before = await _statements(world, "income-and-expenditure")
    sheets = await _statements(world, "balance-sheet")
    for org in NODES:
        await _close(world, org)
    assert await _statements(world, "income-and-expenditure") == before
    for was, now in zip(sheets, await _statements(world, "balance-sheet"), strict=True):
        for amount in (
            ("amount", "eliminated", "consolidated") if "eliminated" in now[0] else ("amount",)
        ):
            assert _part(now, amount, "assets") == _part(was, amount, "assets")
            owed = ("liabilities", "funds", "surplus")
            assert _part(now, amount, *owed) == _part(now, amount, "assets")


def _part(rows: list[dict[str, Any]], amount: str, *parts: str) -> int:
    return sum(row[amount] for row in rows if row["part"] in parts)


async def test_eliminations_are_whole_when_one_of_two_has_closed(world: World) -> None:
    """What two books hold of each other comes to nothing in every fund, at any step."""
    await _year(world)
    for org in NODES:
        await _close(world, org)
        async with world.reading() as books:
            assert await books.fetch(_ELIMINATED, on=LATER) == []
    async with world.reading() as books:
        found = await bookkeeping.consolidated(books, "LSO-01", YEAR_END)
    sums = dict.fromkeys((row.fund for row in found), 0)
    for row in found:
        sums[row.fund] += row.eliminated
    assert sums == {"own": 0, "cif": 0}


async def test_books_that_are_closed_and_opened_again_are_proven(world: World) -> None:
    """Chains, sums, eliminations, and that a close moves no money."""
    await _year(world)
    codes = [await _close(world, org) for org in NODES]
    await world.happen("reversal", YEAR_END, "CO-01", posted=LATER, reverses=codes[-1])
    async with world.reading() as books:
        assert not (await verify(books.ledger)).findings


async def test_loans_owe_what_they_owed(world: World) -> None:
    """Charge paid and arrears are of the lines about the loan; a close is about none."""
    await _year(world)
    before = await _figures(world)
    for org in NODES:
        await _close(world, org)
    assert await _figures(world) == before


async def _figures(world: World) -> list[Any]:
    async with world.reading() as books:
        loans = await contracts.loans(books)
        return [await arrears.figures_of(books, one, [YEAR_END, LATER]) for one in loans.values()]


async def test_a_year_is_closed_once_and_in_its_order(world: World) -> None:
    """And has something to close."""
    await _year(world)
    with pytest.raises(NothingToClose):
        await _close(world, "LSO-02")
    code = await _close(world)
    with pytest.raises(YearClosed, match=f"ends on 2026-06-30 is closed already, by {code}"):
        await _close(world)
    with pytest.raises(YearClosed):
        await _close(world, on=date(2025, 6, 30))


async def test_the_same_key_closes_once(world: World) -> None:
    """Sent twice, it is answered as at first."""
    event = world.event("year_end_close", YEAR_END, "CO-01")
    first = await world.record(event, posted=LATER, key="k")
    again = await world.record(event, posted=LATER, key="k")
    assert (again.refs, again.replayed) == (first.refs, True)


async def test_a_close_is_of_the_last_day_of_a_year(world: World) -> None:
    """30 June, which names neither fund nor amount."""
    event = world.event("year_end_close", date(2026, 6, 29), "CO-01")
    with pytest.raises(Malformed, match="happened_on: the books of a year are closed on its last"):
        refuse_malformed(event)


async def test_a_period_that_is_closed_takes_no_close(world: World) -> None:
    """First the year, then the period; after it the year stays as it is."""
    await _year(world)
    code = await _close(world)
    await _close_period(world, "CO-01")
    await _close_period(world, "VO-01")
    with pytest.raises(PeriodClosed):
        await _close(world, "VO-01")
    with pytest.raises(PeriodClosed):
        await world.happen("reversal", YEAR_END, "CO-01", posted=LATER, reverses=code)
    await world.happen("expense", LATER, "CO-01", "5.00")


async def _close_period(world: World, org: str) -> None:
    async with world.at(LATER) as books:
        await bookkeeping.close_period(books, org, YEAR_END, reason="The year is audited")


async def test_a_close_that_is_taken_back_was_never_there(world: World) -> None:
    """It is no turnover either way; the year can be corrected and closed again."""
    await _year(world)
    results = await _statements(world, "income-and-expenditure")
    balances = await _statements(world, "balance-sheet")
    code = await _close(world)
    with pytest.raises(Malformed, match="happened_on: a close is taken back on its own day"):
        await world.happen("reversal", LATER, "CO-01", reverses=code)
    undone = await world.happen("reversal", YEAR_END, "CO-01", posted=LATER, reverses=code)
    assert await _statements(world, "income-and-expenditure") == results
    assert await _statements(world, "balance-sheet") == balances
    with pytest.raises(AlreadyReversed):
        await world.happen("reversal", YEAR_END, "CO-01", posted=LATER, reverses=code)
    await world.happen("expense", YEAR_END, "CO-01", "5.00", posted=LATER)
    again = await _close(world)
    (one,) = await world.told(again)
    assert "3000 35.00" in one
    assert undone != again


async def test_what_turns_up_after_the_close_is_closed_with_the_next_year(world: World) -> None:
    """Until then it is surplus, of its own day."""
    await _year(world)
    await _close(world)
    await world.happen("expense", YEAR_END, "CO-01", "5.00", posted=LATER)
    async with world.reading() as books:
        found = await read(books, "CO-01", "balance-sheet", as_of=YEAR_END)
    assert found.part("surplus") == {OWN: -5_00}


async def test_a_book_that_opened_an_account_meanwhile_is_read_again(world: World) -> None:
    """What was to be closed was looked up before the lock."""
    await _year(world)
    async with world.at(LATER) as books:
        event = world.event("year_end_close", YEAR_END, "CO-01")
        setting = await preparing.prepare(books, event)
        book = await organisations.book_of(books, "CO-01")
    assert setting.book == book
    await world.happen("withheld", ON, "CO-01", "1.00", posted=LATER, by="cash")
    async with world.at(LATER) as books:
        reads = drafting.reads(event, setting)
        with pytest.raises(VersionChanged):
            await books.post(
                Request(
                    reads=reads,
                    draft=lambda at: drafting.drafts(event, setting, at, actor="clerk"),
                )
            )
