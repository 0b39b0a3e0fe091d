"""Loans on all terms, lived in real books: as when they were tried, by day and by night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pytest

from ledger.calendar import end_of_day
from ledger.money import rupees
from service import arrears
from service.arrears import EVERYBODY
from service.loans import amending, changes, contracts, products, story
from service.loans.agreement import Agreement
from service.loans.plan import FineImposed, RateChange, Reschedule
from service.loans.preview import Dated, Preview, preview
from service.loans.terms import Charge, Repayment, Season
from service.refusals import DisbursementDiffers, LoanCancelled, StepNotAllowed
from tests.support.lives import TERMS, TWO

if TYPE_CHECKING:
    from service.loans.plan import Change
    from service.loans.terms import Product
    from tests.support.world import World

DAY: Final = timedelta(days=1)
OUT: Final = date(2026, 1, 10)
DUE: Final = date(2026, 2, 10)
RS: Final = 100
PAYMENTS: Final = (
    Dated(date(2026, 2, 10), 150 * RS),
    Dated(date(2026, 3, 3), 700 * RS),
    Dated(date(2026, 5, 20), 400 * RS),
)
ASKED: Final = (date(2026, 2, 10), date(2026, 3, 1), date(2026, 4, 12), date(2026, 7, 1))
LATER: Final[tuple[Change, ...]] = (
    RateChange(on=date(2026, 2, 20), rate=Fraction(1, 100)),
    FineImposed(on=date(2026, 3, 15), amount=15 * RS),
    Reschedule(on=date(2026, 4, 1), dues=(date(2026, 5, 15), date(2026, 6, 15))),
)


def _agreement(rules: Product, **more: object) -> Agreement:
    seasonal = rules.repayment is Repayment.SEASONAL
    seasons = (Season(DUE, Fraction(1, 3)), Season(date(2026, 6, 10), Fraction(2, 3)))
    made = Agreement(
        code="L-1",
        lender="CO-01",
        member="Zainab",
        organisation=None,
        product=rules.code,
        principal=2000 * RS,
        applied_on=OUT - 20 * DAY,
        approved_on=OUT,
        resolution="CO-01/1",
        disbursed_on=OUT,
        first_due_on=DUE,
        instalments=rules.instalments,
        purpose="goats",
        seasons=seasons if seasonal else (),
    )
    return replace(made, **more)  # type: ignore[arg-type] # as the test says


async def _lend(world: World, rules: Product, **more: object) -> None:
    async with world.at(OUT) as books:
        await products.add(books, [replace(rules, code="NEW")])
        await contracts.agree(books, _agreement(replace(rules, code="NEW"), **more))


async def _tried(world: World, payments: list[Dated], on: date, **more: object) -> Preview:
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
    return preview(loan.contract, on=on, payments=payments, **more)  # type: ignore[arg-type] # as the test says


@pytest.mark.parametrize("name", list(TERMS))
async def test_a_loan_lives_as_it_was_tried(world: World, name: str) -> None:
    """Fees, splits and figures of all days, whatever the terms; the night says the same."""
    await _lend(world, TERMS[name])
    tried = await _tried(world, list(PAYMENTS), ASKED[-1])
    fees = sum(fee.amount for fee in tried.fees)
    paid_out = await world.meet(OUT, "Zainab disbursement 2000.00 L-1", over=rupees(fees))
    income = f" / 4100 {rupees(fees)}" if fees else ""
    assert not fees or income.rsplit(maxsplit=1)[-1] in (await world.told(paid_out))[0]
    for one, as_tried in zip(PAYMENTS, tried.payments, strict=True):
        line = f"Zainab repayment {rupees(one.amount)} L-1"
        [told] = await world.told(await world.meet(one.on, line))
        split = as_tried.split
        parts = {"4010": split.fine, "4100": split.charge, "1300": split.principal}
        for code, amount in parts.items():
            shown = f"{code} L-1 {rupees(amount)}" if code == "1300" else f"{code} {rupees(amount)}"
            assert not amount or shown in told, (told, split)
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        for on, found in zip(ASKED, await arrears.figures_of(books, loan, ASKED), strict=True):
            wanted = preview(loan.contract, on=on, payments=PAYMENTS)
            assert found == wanted.figures
            [stands] = await arrears.standings(books, on)
            for field in stands._fields[4:]:
                assert getattr(stands, field) == getattr(found, field), field


@pytest.mark.parametrize("name", ["by days", "smaller", "rebated", "fined once", "seasonal"])
async def test_what_comes_in_late_counts_on_its_day(world: World, name: str) -> None:
    """Entered in the wrong order, the total paid by a day is what it is; splits stand."""
    await _lend(world, TERMS[name])
    await world.meet(OUT, "Zainab disbursement 2000.00 L-1")
    for place, one in enumerate(reversed(PAYMENTS)):
        line = f"Zainab repayment {rupees(one.amount)} L-1"
        await world.meet(one.on, line, posted=date(2026, 6, 1) + place * DAY)
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        late = await arrears.figures_of(books, loan, ASKED)
        before = end_of_day(date(2026, 5, 31))
        unknown = await arrears.figures_of(books, loan, ASKED, known_by=before)
        told = await story.story(books, loan)
    for on, found in zip(ASKED, late, strict=True):
        paid = sum(one.amount for one in PAYMENTS if one.on <= on)
        assert found.paid_principal + found.paid_charge + found.paid_fine == paid
    for on, found in zip(ASKED, unknown, strict=True):
        assert found == preview(loan.contract, on=on).figures
    assert [chapter.what.value for chapter in told] == ["paid_out", "repaid", "repaid", "repaid"]
    first = told[1]
    assert first.happened_on == PAYMENTS[-1].on
    assert first.when_known is not None
    assert first.own_day.before.outstanding_principal == 2000 * RS
    assert first.own_day.after.outstanding_principal < 2000 * RS


async def test_what_is_agreed_later_holds_from_its_day(world: World) -> None:
    """A rate, a fine, other dates; taken back, the loan is what it was; what was known stays."""
    await _lend(world, TWO)
    await world.meet(OUT, "Zainab disbursement 2000.00 L-1")
    await world.meet(PAYMENTS[0].on, f"Zainab repayment {rupees(PAYMENTS[0].amount)} L-1")
    on = date(2026, 7, 1)
    paid = [PAYMENTS[0]]
    for day, change in enumerate(LATER, start=1):
        async with world.at(date(2026, 6, day)) as books:
            await amending.agree(books, "L-1", change, reason="Resolved", resolution="CO-01/7")
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        [changed] = await arrears.figures_of(books, loan, [on])
        [stands] = await arrears.standings(books, on)
        [before] = await arrears.figures_of(
            books, loan, [on], known_by=end_of_day(date(2026, 5, 31))
        )
        told = await story.story(books, loan)
    assert changed == (await _tried(world, paid, on, changes=LATER)).figures
    assert changed != before
    assert before == (await _tried(world, paid, on)).figures
    assert (stands.overdue_principal, stands.overdue_charge, stands.overdue_fine) == (
        changed.overdue_principal,
        changed.overdue_charge,
        changed.overdue_fine,
    )
    assert [chapter.what.value for chapter in told[2:]] == ["rate_changed", "fined", "rescheduled"]
    async with world.at(date(2026, 6, 9)) as books:
        for n in (1, 2, 3):
            await amending.undo(books, "L-1", n)
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        [again] = await arrears.figures_of(books, loan, [on])
        [known] = await arrears.figures_of(books, loan, [on], known_by=end_of_day(date(2026, 6, 4)))
        assert [one.undone_by for one in await changes.of_loan(books, "L-1")] == ["clerk"] * 3
    assert again == before
    assert known == changed


async def test_a_loan_is_paid_out_in_tranches(world: World) -> None:
    """The first on its day, never more than was agreed, none after the end."""
    await _lend(world, TWO, in_tranches=True)
    await world.meet(OUT, "Zainab disbursement 500.00 L-1")
    with pytest.raises(DisbursementDiffers, match=r"1500\.00 left"):
        await world.meet(OUT + DAY, "Zainab disbursement 1600.00 L-1")
    await world.meet(date(2026, 2, 20), "Zainab disbursement 900.00 L-1")
    await world.meet(PAYMENTS[0].on, f"Zainab repayment {rupees(PAYMENTS[0].amount)} L-1")
    with pytest.raises(DisbursementDiffers, match="before 2026-05-10"):
        await world.meet(date(2026, 5, 10), "Zainab disbursement 600.00 L-1")
    tranches = [Dated(OUT, 500 * RS), Dated(date(2026, 2, 20), 900 * RS)]
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
        found = await arrears.figures_of(books, loan, ASKED)
    for on, figures in zip(ASKED, found, strict=True):
        tried = await _tried(world, [PAYMENTS[0]], on, tranches=tranches)
        assert figures.due_principal == tried.figures.due_principal
        assert figures.outstanding_principal == tried.figures.outstanding_principal


async def test_the_night_forgets_a_settled_loan_until_it_moves_again(world: World) -> None:
    """As others: it is not worked out again, until its payment is reversed or a fine imposed."""
    await _lend(world, TERMS["fined once"])
    await world.meet(OUT, "Zainab disbursement 2000.00 L-1")
    sheet = await world.meet(OUT + DAY, "Zainab repayment 2100.00 L-1")

    async def night(on: date) -> int:
        async with world.at(on + DAY) as books:
            known_by = end_of_day(on)
            return await arrears.keep_standings(
                books, on, known_by=known_by, lenders=EVERYBODY, run=uuid4()
            )

    assert await night(OUT) == 2  # the loan, and its next instalment
    assert await night(OUT + 2 * DAY) == 0
    await world.happen("reversal", OUT + 3 * DAY, "CO-01", reverses=sheet)
    assert await night(OUT + 3 * DAY) == 2
    async with world.reading() as books:
        again = await arrears.standings(books, OUT + 2 * DAY, known_by=end_of_day(OUT + 2 * DAY))
        assert again == []


async def test_a_cancelled_loan_is_not_paid_out(world: World) -> None:
    """It is cancelled once, while nothing of it is paid out."""
    await _lend(world, TWO)
    async with world.at(OUT + DAY) as books:
        await amending.cancel(books, "L-1", OUT)
    with pytest.raises(LoanCancelled):
        await world.meet(OUT, "Zainab disbursement 2000.00 L-1", posted=OUT + DAY)
    async with world.at(OUT + DAY) as books:
        with pytest.raises(StepNotAllowed, match="L-1 is cancelled"):
            await amending.cancel(books, "L-1", OUT)


async def test_a_loan_that_does_not_run_is_not_changed(world: World) -> None:
    """Neither before it is paid out nor once it is repaid."""
    await _lend(world, TWO)
    fine = FineImposed(on=OUT, amount=100)
    with pytest.raises(StepNotAllowed, match="approved"):
        async with world.at(OUT) as books:
            await amending.agree(books, "L-1", fine, reason="Late", resolution=None)
    await world.meet(OUT, "Zainab disbursement 2000.00 L-1")
    await world.meet(OUT + DAY, "Zainab repayment 2200.00 L-1")
    late = replace(fine, on=OUT + 2 * DAY)
    with pytest.raises(StepNotAllowed, match="repaid"):
        async with world.at(OUT + 2 * DAY) as books:
            await amending.agree(books, "L-1", late, reason="Late", resolution=None)


async def test_a_loan_keeps_the_version_under_which_it_was_approved(world: World) -> None:
    """The next version holds for loans approved from its day on."""
    await _lend(world, TWO)
    dearer = replace(TWO, code="NEW", rate=Fraction(3, 100), version=2, from_on=OUT + 30 * DAY)
    async with world.at(OUT) as books:
        await products.add_version(books, dearer)
        again = _agreement(dearer, code="L-2", member="Amina", disbursed_on=None)
        await contracts.agree(books, again)
    async with world.at(OUT + 30 * DAY) as books:
        later = replace(
            again, code="L-3", approved_on=OUT + 30 * DAY, first_due_on=date(2026, 3, 15)
        )
        await contracts.agree(books, later)
    async with world.reading() as books:
        found = await contracts.loans(books, ["L-1", "L-2", "L-3"])
    assert [found[f"L-{n}"].contract.product.version for n in (1, 2, 3)] == [1, 1, 2]
    assert found["L-3"].contract.product.rate == Fraction(3, 100)
    assert found["L-1"].contract.product.charge is Charge.DECLINING
