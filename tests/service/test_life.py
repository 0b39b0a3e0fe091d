"""The table of a loan's steps: what reversals lead to in the books, and what stands as written."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy.exc import DBAPIError

from ledger.refusals import Refusal
from service.loans import amending
from service.loans.life import RULES, LoanState, Step
from service.loans.plan import FineImposed
from service.refusals import StepNotAllowed

if TYPE_CHECKING:
    from tests.support.world import World

OUT: Final = date(2026, 1, 10)
LATER: Final = date(2026, 3, 10)
END: Final = date(2026, 4, 10)
STATES: Final = (LoanState.PAID_OUT, LoanState.REPAID, LoanState.WRITTEN_OFF)
OF_REVERSALS: Final = {
    Step.REVERSE_PAY_OUT: "paid out",
    Step.REVERSE_REPAYMENT: "repaid",
    Step.REVERSE_WRITE_OFF: "written off",
}


async def _live(world: World, state: LoanState) -> dict[str, str]:
    """A loan without charge that is lent and comes to a state; the events or sheets, by what."""
    await world.agree("L-1", "QH", "1000.00", lender="CO-01", borrower="Zainab", on=OUT)
    done = {"paid out": await world.meet(OUT, "Zainab disbursement 1000.00 L-1")}
    paid = "1000.00" if state is LoanState.REPAID else "400.00"
    done["repaid"] = await world.meet(LATER, f"Zainab repayment {paid} L-1")
    if state is LoanState.WRITTEN_OFF:
        done["written off"] = await world.happen("write_off", LATER, "CO-01", "600.00", loan="L-1")
    return done


async def _state(world: World) -> LoanState:
    async with world.at(END) as books:
        return (await amending.standing_now(books, "L-1")).state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", list(OF_REVERSALS))
async def test_a_reversal_leads_where_the_table_says(
    world: World, step: Step, state: LoanState
) -> None:
    """From each state in which there is something to reverse; else the books refuse it."""
    done = await _live(world, state)
    assert await _state(world) is state
    wrong = done.get(OF_REVERSALS[step])
    leads = RULES[step].leads.get(state)
    if wrong is None:
        assert leads is None
    elif leads is None or step is Step.REVERSE_PAY_OUT:  # something of it is paid
        with pytest.raises(Refusal):
            await world.happen("reversal", END, "CO-01", reverses=wrong)
    else:
        await world.happen("reversal", END, "CO-01", reverses=wrong)
        assert await _state(world) in leads


async def test_a_payment_is_reversed_and_then_the_loan_is_taken_back(world: World) -> None:
    """One by one they lead back to a loan that is approved."""
    done = await _live(world, LoanState.PAID_OUT)
    for what, state in (("repaid", LoanState.PAID_OUT), ("paid out", LoanState.APPROVED)):
        await world.happen("reversal", END, "CO-01", reverses=done[what])
        assert await _state(world) is state


async def test_what_is_owed_again_of_a_loan_is_written_off_again(world: World) -> None:
    """A payment before the write-off is reversed; nothing is written off of nothing."""
    done = await _live(world, LoanState.WRITTEN_OFF)
    with pytest.raises(StepNotAllowed):
        await world.happen("write_off", END, "CO-01", "1.00", loan="L-1")
    await world.happen("reversal", END, "CO-01", reverses=done["repaid"])
    assert await _state(world) is LoanState.PAID_OUT
    await world.happen("write_off", END, "CO-01", "400.00", loan="L-1")
    assert await _state(world) is LoanState.WRITTEN_OFF


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE service.loan_change SET amount = amount + 1",
        "UPDATE service.loan_change SET undone_by = NULL, undone_at = NULL",
        "UPDATE service.loan_change SET undone_at = undone_at + interval '1 day'",
        "DELETE FROM service.loan_change",
        "TRUNCATE service.loan_change",
    ],
)
async def test_what_was_agreed_is_undone_once_and_never_otherwise_changed(
    world: World, change: str
) -> None:
    """Whoever writes: what was known before is worked out from it."""
    await _live(world, LoanState.PAID_OUT)
    fine = FineImposed(on=LATER, amount=1500)
    async with world.at(LATER) as books:
        n = await amending.agree(books, "L-1", fine, reason="Late", resolution="7")
        await amending.undo(books, "L-1", n)
    with pytest.raises(DBAPIError, match=r"never changed|permission denied"):
        async with world.at(END) as books:
            await books.execute(change)
