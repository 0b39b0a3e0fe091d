"""Charge that is income as it is earned: through a year-end, late, paid off early, reversed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from service import arrears
from service.events import corrections
from service.loans.life import LoanState
from service.refusals import AccruedLater, NothingToAccrue
from tests.service.events.reading import figures, income

if TYPE_CHECKING:
    from tests.support.world import World

PAID_OUT = date(2026, 5, 15)
FIRST_DUE, SECOND_DUE = date(2026, 6, 15), date(2026, 7, 15)
YEAR_END, NEW_YEAR, LAST = date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 31)
YEAR_BEGAN = date(2025, 7, 1)


async def _lent(world: World, code: str, rules: str, amount: str, on: date = PAID_OUT) -> None:
    await world.agree(code, rules, amount, lender="CO-01", borrower="Zainab", on=on)
    await world.meet(on, f"Zainab disbursement {amount} {code}")


async def _accrue(world: World, on: date, *, posted: date | None = None) -> str:
    return await world.happen("charge_accrued", on, "CO-01", posted=posted)


async def test_the_same_loan_earns_the_same_in_all_but_not_in_each_year(world: World) -> None:
    """Rs 3,000 falling at 2%: 60 in June, 40 in July of which half is June's, 20 in August.

    By cash 60 and then 60; by accrual 80, as 15 of the 30 days of the second period are over.
    """
    await _lent(world, "L-C", "TWO", "3000.00")
    await _lent(world, "L-A", "TWO-A", "3000.00")
    both = [f"Zainab repayment 1040.00 {code}" for code in ("L-C", "L-A")]
    await world.meet(FIRST_DUE, *both)
    code = await _accrue(world, YEAR_END)
    assert await world.told(code) == ["CO-01: 1320 L-A 20.00 / 4100 20.00"]
    second = await world.meet(SECOND_DUE, both[1])
    assert await world.told(second) == [
        "CO-01: 1000 1040.00 / 1320 L-A 20.00, 4100 20.00, 1300 L-A 1000.00"
    ]
    await world.meet(SECOND_DUE, both[0])
    await world.meet(LAST, *both)
    years = ((YEAR_BEGAN, YEAR_END), (NEW_YEAR, LAST), (YEAR_BEGAN, LAST))
    assert [await income(world, "L-C", *year) for year in years] == ["60.00", "60.00", "120.00"]
    assert [await income(world, "L-A", *year) for year in years] == ["80.00", "40.00", "120.00"]
    cash, accrued = await figures(world, "L-C", "L-A")
    assert cash.closed
    assert accrued == cash
    assert await world.balance("CO-01", "1320", "L-A") == "0.00"
    async with world.reading() as books:
        repaid = await arrears.in_state(books, "CO-01", LoanState.REPAID, LAST)
    assert set(repaid) == {"L-A", "L-C"}


async def test_what_is_accrued_is_no_payment(world: World) -> None:
    """Lateness, what is due and what a payment settles stay what they were."""
    await _lent(world, "L-C", "TWO", "3000.00")
    await _lent(world, "L-A", "TWO-A", "3000.00")
    code = await _accrue(world, YEAR_END)
    assert await world.told(code) == ["CO-01: 1320 L-A 80.00 / 4100 80.00"]
    cash, accrued = await figures(world, "L-C", "L-A", on=YEAR_END)
    assert (accrued.accrued_charge, accrued.paid_charge, accrued.days_past_due) == (80_00, 0, 15)
    assert (accrued.overdue_charge, accrued.overdue_principal) == (60_00, 980_00)
    assert accrued.outstanding_principal == cash.outstanding_principal
    paid = await world.meet(YEAR_END, "Zainab repayment 1040.00 L-A")
    assert await world.told(paid) == ["CO-01: 1000 1040.00 / 1320 L-A 60.00, 1300 L-A 980.00"]


async def test_accruing_again_takes_only_what_has_been_earned_since(world: World) -> None:
    """Nothing on the same day; what another loan has earned, and it alone."""
    await _lent(world, "L-A", "TWO-A", "3000.00")
    await _accrue(world, YEAR_END)
    with pytest.raises(NothingToAccrue):
        await _accrue(world, YEAR_END)
    await _lent(world, "L-B", "TWO-A", "3000.00")
    again = await _accrue(world, YEAR_END)
    assert await world.told(again) == ["CO-01: 1320 L-B 80.00 / 4100 80.00"]


async def test_a_loan_that_is_90_days_late_earns_no_more_until_it_has_caught_up(
    world: World,
) -> None:
    """Rs 6,000 flat, 60 a month from 15 February: 89 days late on 15 May, with four months due.

    On 30 June five are due: the fifth is shown apart. Paid up, it is income, and so are the 15
    of 30 days of the sixth.
    """
    out = date(2026, 1, 15)
    await _lent(world, "L-A", "FLAT-A", "6000.00", on=out)
    await _accrue(world, date(2026, 3, 31))
    assert await world.balance("CO-01", "1320", "L-A") == "151.00"  # 60 + 60 + 60 * 16 / 31
    await _accrue(world, date(2026, 5, 15))
    assert await world.balance("CO-01", "1320", "L-A") == "240.00"
    for day in (date(2026, 5, 16), YEAR_END):
        with pytest.raises(NothingToAccrue):
            await _accrue(world, day)
    (late,) = await figures(world, "L-A", on=YEAR_END)
    assert (late.days_past_due, late.due_charge) == (135, 300_00)
    assert (late.accrued_charge, late.charge_suspended) == (240_00, 60_00)
    paid = await world.meet(YEAR_END, "Zainab repayment 5300.00 L-A")
    assert await world.told(paid) == [
        "CO-01: 1000 5300.00 / 1320 L-A 240.00, 4100 60.00, 1300 L-A 5000.00"
    ]
    again = await _accrue(world, YEAR_END)
    assert await world.told(again) == ["CO-01: 1320 L-A 30.00 / 4100 30.00"]
    (now,) = await figures(world, "L-A", on=YEAR_END)
    assert (now.days_past_due, now.charge_suspended) == (0, 0)


async def test_one_accrual_far_behind_stops_where_the_loan_was_89_days_late(world: World) -> None:
    """The first accrual of a loan that is late already takes what it had earned by then."""
    await _lent(world, "L-A", "FLAT-A", "6000.00", on=date(2026, 1, 15))
    code = await _accrue(world, YEAR_END)
    assert await world.told(code) == ["CO-01: 1320 L-A 240.00 / 4100 240.00"]


async def test_a_reversed_accrual_leaves_everything_as_it_was(world: World) -> None:
    """Also where it was paid meanwhile: then the payment is income once it accrues again."""
    await _lent(world, "L-A", "TWO-A", "3000.00")
    before = await figures(world, "L-A")
    code = await _accrue(world, YEAR_END)
    await world.happen("reversal", YEAR_END, "CO-01", reverses=code)
    assert await figures(world, "L-A") == before
    assert await world.balance("CO-01", "1320", "L-A") == "0.00"
    code = await _accrue(world, YEAR_END)
    await world.meet(YEAR_END, "Zainab repayment 1040.00 L-A")
    await world.happen("reversal", YEAR_END, "CO-01", reverses=code)
    assert await world.balance("CO-01", "1320", "L-A") == "-60.00"
    await _accrue(world, YEAR_END)
    assert await world.balance("CO-01", "1320", "L-A") == "20.00"
    assert await income(world, "L-A", YEAR_BEGAN, YEAR_END) == "80.00"


async def test_a_pay_off_that_turns_up_late_takes_back_what_was_never_owed(world: World) -> None:
    """58 had accrued over 30 of 31 days; paid off after 15 of them, it owes 29."""
    await _lent(world, "L-A", "TWO-D", "3000.00")
    code = await _accrue(world, date(2026, 6, 14))
    assert await world.told(code) == ["CO-01: 1320 L-A 58.00 / 4100 58.00"]
    paid = await world.meet(
        date(2026, 5, 30), "Zainab repayment 3029.00 L-A", posted=date(2026, 6, 14)
    )
    assert await world.told(paid) == [
        "CO-01: 1000 3029.00, 4100 29.00 / 1320 L-A 29.00, 1320 L-A 29.00, 1300 L-A 3000.00"
    ]
    assert await world.balance("CO-01", "1320", "L-A") == "0.00"
    (closed,) = await figures(world, "L-A")
    assert (closed.closed, closed.paid_charge, closed.accrued_charge) == (True, 29_00, 0)
    with pytest.raises(NothingToAccrue):
        await _accrue(world, YEAR_END)


async def test_a_year_that_is_accrued_late_is_put_right_by_the_next_accrual(world: World) -> None:
    """A payment of July that came first was income of July; then June's part is receivable twice.

    The next accrual takes that back, and every year has what it earned.
    """
    await _lent(world, "L-A", "TWO-A", "3000.00")
    await world.meet(SECOND_DUE, "Zainab repayment 2080.00 L-A")
    await _accrue(world, YEAR_END, posted=SECOND_DUE)
    assert await income(world, "L-A", YEAR_BEGAN, YEAR_END) == "80.00"
    code = await _accrue(world, SECOND_DUE)
    assert await world.told(code) == ["CO-01: 4100 80.00 / 1320 L-A 80.00"]
    assert await income(world, "L-A", YEAR_BEGAN, SECOND_DUE) == "100.00"
    assert await world.balance("CO-01", "1320", "L-A") == "0.00"


async def test_a_corrected_sheet_knows_what_was_paid_before_it(world: World) -> None:
    """60 were paid in June; of the second payment 40 are charge, 20 of them accrued."""
    await _lent(world, "L-A", "TWO-A", "3000.00")
    await world.meet(FIRST_DUE, "Zainab repayment 1040.00 L-A")
    await _accrue(world, YEAR_END)
    wrong = await world.meet(SECOND_DUE, "Zainab repayment 10.00 L-A")
    right = world.sheet(SECOND_DUE, "Zainab repayment 1040.00 L-A")
    async with world.at(SECOND_DUE) as books:
        await corrections.correct_sheet(
            books, wrong, right, on=SECOND_DUE, reason="Miscounted", resolution=None, key="k"
        )
    assert await world.told(right.code) == [
        "CO-01: 1000 1040.00 / 1320 L-A 20.00, 4100 20.00, 1300 L-A 1000.00"
    ]


async def test_charge_accrues_in_the_order_of_days(world: World) -> None:
    """An earlier day would be income twice; the later accrual is reversed first."""
    await _lent(world, "L-A", "TWO-A", "3000.00")
    code = await _accrue(world, SECOND_DUE)
    with pytest.raises(AccruedLater, match="accrued up to 2026-07-15 already, by E-"):
        await _accrue(world, YEAR_END, posted=SECOND_DUE)
    await world.happen("reversal", SECOND_DUE, "CO-01", reverses=code)
    await _accrue(world, YEAR_END, posted=SECOND_DUE)
    assert await income(world, "L-A", YEAR_BEGAN, YEAR_END) == "80.00"


async def test_what_an_organisation_owes_accrues_in_its_lenders_book_alone(world: World) -> None:
    """Only the payment faces the borrower, whole: between the two books nothing is left over."""
    await world.agree("L-A", "CIF-A", "6000.00", lender="LSO-01", borrower="CO-01", on=PAID_OUT)
    await world.happen(
        "organisation_loan_disbursed",
        PAID_OUT,
        "LSO-01",
        "6000.00",
        fund="cif",
        to="CO-01",
        loan="L-A",
    )
    code = await world.happen("charge_accrued", YEAR_END, "LSO-01", fund="cif")
    assert await world.told(code) == ["LSO-01: 1320 cif L-A 90.00 / 4100 cif 90.00"]
    paid = await world.happen(
        "organisation_loan_repaid",
        YEAR_END,
        "CO-01",
        "2060.00",
        fund="cif",
        to="LSO-01",
        loan="L-A",
    )
    assert await world.told(paid) == [
        "CO-01: 2200 cif L-A 2000.00, 5000 cif LSO-01 60.00 / 1000 cif 2060.00",
        (
            "LSO-01: 1000 cif 2060.00, 4100 cif 60.00 / 4100 cif CO-01 60.00, 1320 cif L-A 60.00, "
            "1310 cif L-A 2000.00"
        ),
    ]
    assert await world.balance("LSO-01", "1320", "L-A", fund="cif") == "30.00"
    assert await income(world, "L-A", YEAR_BEGAN, LAST) == "90.00"
    (found,) = await figures(world, "L-A", on=YEAR_END)
    assert (found.paid_charge, found.accrued_charge) == (60_00, 30_00)


async def test_what_is_written_off_was_no_income(world: World) -> None:
    """The principal is a loss; charge that was accrued and never paid is taken back."""
    await _lent(world, "L-A", "TWO-A", "3000.00")
    await _accrue(world, YEAR_END)
    before = await figures(world, "L-A")
    code = await world.happen("write_off", YEAR_END, "CO-01", "3000.00", loan="L-A")
    assert await world.told(code) == [
        "CO-01: 5100 3000.00, 4100 80.00 / 1300 L-A 3000.00, 1320 L-A 80.00"
    ]
    (gone,) = await figures(world, "L-A")
    assert (gone.closed, gone.paid_charge, gone.accrued_charge) == (True, 0, 0)
    assert (gone.outstanding_principal, gone.paid_principal) == (0, 0)
    with pytest.raises(NothingToAccrue):
        await _accrue(world, LAST)
    await world.happen("reversal", YEAR_END, "CO-01", reverses=code)
    assert await figures(world, "L-A") == before
