"""A loan that pays off another: what is left is paid out, and undone all of it is undone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from service.loans.figures import NOT_PAID_OUT
from service.refusals import (
    DisbursementDiffers,
    LoanAlreadyPaidOut,
    LoanOfAnother,
    LoanWrittenOff,
    Malformed,
    NotFound,
    RefinanceFallsShort,
    StepNotAllowed,
)
from tests.service.events.reading import figures
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from tests.support.world import World

PAID_OUT, PAID, ON = date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 10)


async def _old(world: World, rules: str = "TWO") -> None:
    """Rs 3,000 falling at 2% a month, of which the first instalment is paid: 60 and 980."""
    await world.agree("L-1", rules, "3000.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    await world.meet(PAID_OUT, "Zainab disbursement 3000.00 L-1")
    await world.meet(PAID, "Zainab repayment 1040.00 L-1")


async def _new(
    world: World,
    amount: str,
    rules: str = "FLAT",
    *,
    lender: str = "CO-01",
    borrower: str = "Zainab",
) -> None:
    await world.agree(
        "L-2", rules, amount, lender=lender, borrower=borrower, on=ON, refinances="L-1"
    )


async def _refinance(world: World, amount: str, *, loan: str = "L-2", org: str = "CO-01") -> str:
    return await world.happen("refinance", ON, org, amount, loan=loan)


async def test_a_new_loan_pays_off_the_old_one_and_leaves_the_rest_in_cash(world: World) -> None:
    """The old one takes 2,020 and all its charge, 40 and 20: of 5,000 there are 2,920 left."""
    await _old(world)
    await _new(world, "5000.00")
    code = await _refinance(world, "5000.00")
    assert await world.told(code) == [
        "CO-01: 1300 L-2 5000.00 / 4100 60.00, 1300 L-1 2020.00, 1000 2920.00"
    ]
    old, new = await figures(world, "L-1", "L-2", on=ON)
    assert (old.closed, old.paid_charge, old.outstanding_principal) == (True, 120_00, 0)
    assert (new.paid_out, new.outstanding_principal, new.paid_charge) == (True, 5000_00, 0)


async def test_charge_to_the_day_takes_what_was_accrued_first(world: World) -> None:
    """Of 40.40 for 31 days 5 had accrued after four of them; after nine, 12 are owed."""
    await _old(world, "TWO-D")
    await world.happen("charge_accrued", date(2026, 3, 5), "CO-01")
    await _new(world, "5000.00")
    code = await _refinance(world, "5000.00")
    assert await world.told(code) == [
        "CO-01: 1300 L-2 5000.00 / 1320 L-1 5.00, 4100 7.00, 1300 L-1 2020.00, 1000 2968.00"
    ]
    assert await world.balance("CO-01", "1320", "L-1") == "0.00"


async def test_fees_of_the_new_loan_are_about_its_member(world: World) -> None:
    """20 brought and 50 taken off: they are no payment of either loan."""
    await _old(world)
    await _new(world, "5000.00", "FEES")
    code = await _refinance(world, "5000.00")
    assert await world.told(code) == [
        (
            "CO-01: 1300 L-2 5000.00, 1000 20.00 / 4100 60.00, 1300 L-1 2020.00, 4100 70.00, "
            "1000 2870.00"
        )
    ]
    old, new = await figures(world, "L-1", "L-2", on=ON)
    assert (old.paid_charge, new.paid_charge) == (120_00, 0)


@pytest.mark.parametrize(("amount", "rules"), [("2079.00", "FLAT"), ("2080.00", "FEES")])
async def test_a_loan_that_does_not_cover_the_old_one_is_refused(
    world: World, amount: str, rules: str
) -> None:
    """2,080 are owed; fees that are taken off lessen what there is."""
    await _old(world)
    await _new(world, amount, rules)
    before = await fingerprint(world.engine)
    with pytest.raises(RefinanceFallsShort, match=r"L-1 takes Rs 2080\.00 to pay off"):
        await _refinance(world, amount)
    assert await fingerprint(world.engine) == before


async def test_a_loan_that_just_covers_it_moves_no_money(world: World) -> None:
    """Nothing is left to pay out."""
    await _old(world)
    await _new(world, "2080.00")
    code = await _refinance(world, "2080.00")
    assert await world.told(code) == ["CO-01: 1300 L-2 2080.00 / 4100 60.00, 1300 L-1 2020.00"]


async def test_reversed_the_old_loan_runs_and_the_new_one_is_approved_again(world: World) -> None:
    """To the paisa what it was; and it can be done once more."""
    await _old(world)
    await _new(world, "5000.00")
    before = await figures(world, "L-1")
    code = await _refinance(world, "5000.00")
    await world.happen("reversal", ON, "CO-01", reverses=code)
    assert await figures(world, "L-1", "L-2") == [*before, NOT_PAID_OUT]
    await _refinance(world, "5000.00")
    with pytest.raises(LoanAlreadyPaidOut):
        await _refinance(world, "5000.00")


async def test_a_loan_that_pays_off_another_is_paid_out_in_no_other_way(world: World) -> None:
    """And no other loan in this way; nor half of it, by a stranger, or for a loan that is gone."""
    await _old(world)
    await _new(world, "5000.00")
    await world.agree("L-3", "FLAT", "5000.00", lender="CO-01", borrower="Zainab", on=ON)
    with pytest.raises(DisbursementDiffers, match="L-2 pays off L-1"):
        await world.meet(ON, "Zainab disbursement 5000.00 L-2")
    with pytest.raises(Malformed, match="loan: L-3 pays off no other"):
        await _refinance(world, "5000.00", loan="L-3")
    with pytest.raises(DisbursementDiffers):
        await _refinance(world, "4000.00")
    with pytest.raises(LoanOfAnother):
        await _refinance(world, "5000.00", org="CO-02")
    with pytest.raises(Malformed, match="fund: L-2 is money of own"):
        await world.happen("refinance", ON, "CO-01", "5000.00", loan="L-2", fund="cif")
    paid = await world.meet(ON, "Zainab repayment 2080.00 L-1")
    with pytest.raises(StepNotAllowed, match="L-1 is repaid"):
        await _refinance(world, "5000.00")
    await world.happen("reversal", ON, "CO-01", reverses=paid)
    await world.happen("write_off", ON, "CO-01", "2020.00", loan="L-1")
    with pytest.raises(LoanWrittenOff):
        await _refinance(world, "5000.00")


async def test_only_a_running_loan_between_the_same_two_is_refinanced(world: World) -> None:
    """Of the same lender, member and fund; refused when the new one is agreed."""
    with pytest.raises(NotFound):
        await _new(world, "5000.00")
    await world.agree("L-1", "TWO", "3000.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    with pytest.raises(Malformed, match="refinances: L-1 has nothing outstanding"):
        await _new(world, "5000.00")
    await world.meet(PAID_OUT, "Zainab disbursement 3000.00 L-1")
    for lender, borrower in (("CO-01", "Amina"), ("CO-02", "Salma")):
        with pytest.raises(Malformed, match="refinances: L-1 is not between"):
            await _new(world, "5000.00", lender=lender, borrower=borrower)
    with pytest.raises(Malformed, match="refinances: L-1 is money of own"):
        await _new(world, "5000.00", "QH-CIF")
    with pytest.raises(Malformed, match="refinances: a member's loan"):
        await _new(world, "5000.00", borrower="CO-02")
