"""Loans on all terms, and what may happen to them: histories that are made up by chance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import rupees
from ledger.refusals import Refusal
from service.events import corrections
from service.loans import amending, changes, contracts, products
from service.loans.agreement import Agreement
from service.loans.plan import FineImposed, RateChange, Reschedule
from service.loans.terms import (
    ChargeBasis,
    ContractContradicts,
    DayCount,
    Early,
    Fee,
    FeeTaken,
    Fine,
    PayOff,
    Repayment,
    Season,
    fees_of,
)
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    import random

    from service.loans.plan import Change
    from service.loans.terms import Product
    from tests.support.world import World

DAY: Final = timedelta(days=1)
RS: Final = 100
TWO: Final = replace(PRODUCTS["TWO"], instalments=4)
TERMS: Final = {
    "by days": replace(TWO, day_count=DayCount.ACTUAL_365),
    "shorter": replace(TWO, early=Early.SHORTER_TERM, pay_off=PayOff.CHARGE_TO_DAY),
    "smaller": replace(TWO, early=Early.SMALLER_INSTALMENTS, pay_off=PayOff.CHARGE_TO_PERIOD_END),
    "rebated": replace(PRODUCTS["FLAT"], pay_off=PayOff.CHARGE_TO_PERIOD_END, instalments=4),
    "actual": replace(TWO, charge_basis=ChargeBasis.ACTUAL),
    "actual by days": replace(TWO, charge_basis=ChargeBasis.ACTUAL, day_count=DayCount.ACTUAL_365),
    "open by days": replace(PRODUCTS["OPEN"], day_count=DayCount.ACTUAL_365, instalments=4),
    "open, every second month": replace(PRODUCTS["OPEN"], every=2, instalments=4),
    "every second month": replace(TWO, every=2),
    "fined once": replace(TWO, fine=Fine(rate=Fraction(5, 100)), grace_days=3),
    "fined again and again": replace(TWO, fine=Fine(amount=20 * RS, every_period=True)),
    "seasonal": replace(
        TWO, repayment=Repayment.SEASONAL, day_count=DayCount.ACTUAL_365, instalments=2
    ),
    "fees": replace(
        TWO,
        fees=(
            Fee(name="form", amount=30 * RS),
            Fee(name="upkeep", rate=Fraction(1, 100), taken=FeeTaken.DEDUCTED),
        ),
    ),
}
"""Lending rules of which the plain ones of other tests have none."""
MEMBERS: Final = ("Zainab", "Amina", "Kausar")
TERMS_OF_MEMBERS: Final = TERMS | {
    "plain": TWO,
    "flat": PRODUCTS["FLAT"],
    "open, fined": replace(
        PRODUCTS["OPEN"], instalments=4, fine=Fine(rate=Fraction(3, 100)), grace_days=2
    ),
    "no charge": replace(PRODUCTS["QH"], grace_days=5),
    "accruing": PRODUCTS["TWO-A"],
    "accruing, flat": PRODUCTS["FLAT-A"],
    "accruing to the day": PRODUCTS["TWO-D"],
    "accruing, fined": replace(
        PRODUCTS["TWO-A"], fine=Fine(rate=Fraction(5, 100), every_period=True)
    ),
    "accruing, actual": replace(PRODUCTS["TWO-A"], charge_basis=ChargeBasis.ACTUAL),
    "all at the end": replace(TWO, repayment=Repayment.BULLET, pay_off=PayOff.CHARGE_TO_DAY),
    "equal principal": replace(
        TWO,
        repayment=Repayment.EQUAL_PRINCIPAL,
        early=Early.SHORTER_TERM,
        pay_off=PayOff.CHARGE_TO_DAY,
        fine=Fine(amount=7 * RS),
    ),
    "grace": replace(TWO, grace_principal=1, grace_charge=1),
}
TERMS_OF_PLAIN: Final = {
    name: TERMS_OF_MEMBERS[name]
    for name in ("plain", "flat", "no charge", "grace", "by days", "every second month", "fees")
} | {
    "open": replace(PRODUCTS["OPEN"], instalments=4),
    "open, every second month": TERMS["open, every second month"],
    "at the end, whole": replace(TWO, repayment=Repayment.BULLET),
}
"""Under which a loan keeps its schedule, and is worked out with all others at once."""
_FEES: Final = (
    Fee(name="form", amount=30 * RS),
    Fee(name="upkeep", rate=Fraction(1, 100), taken=FeeTaken.DEDUCTED),
)
_FINED: Final = replace(PRODUCTS["TWO"], fund="cif", fine=Fine(amount=15 * RS), fees=_FEES)
TERMS_OF_ORGANISATIONS: Final = {
    "accruing": replace(
        PRODUCTS["CIF-A"], fees=_FEES, fine=Fine(rate=Fraction(5, 100), every_period=True)
    ),
    "to the day": replace(_FINED, pay_off=PayOff.CHARGE_TO_DAY),
    "open": replace(PRODUCTS["OPEN"], fund="cif", fine=Fine(amount=15 * RS)),
    "accruing to the day": replace(PRODUCTS["TWO-D"], fund="cif", fees=_FEES),
}
PAIRS: Final = (("LSO-01", "VO-01"), ("VO-01", "CO-01"), ("LSO-01", "CO-02"))
"""Who lends to whom, where organisations lend."""
LAST: Final = date(2026, 7, 25)
YEAR_END: Final = date(2026, 6, 30)
_PAUSES: Final = (0, 0, 1, 3, 7, 12)
_LATE: Final = (0, 0, 0, 0, 5, 20, 45)
_PAID: Final = (1, 99, 5000, 12345, 25000, 33333, 110000)
_TRANCHES: Final = (1, 100 * RS, 600 * RS)


class Done(NamedTuple):
    """What was posted, and may be reversed."""

    code: str
    on: date
    organisation: str
    repaid: Agreement | None = None
    """The loan of a sheet that is nothing but its repayment."""


@dataclass
class Lives:
    """Some loans, today, and what happened so far."""

    world: World
    chance: random.Random
    out: date
    today: date
    loans: dict[str, Agreement] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    """The products by which they are lent."""
    plain: bool = False
    """Whether loans are paid out whole, and so keep their schedule."""
    done: list[Done] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def lend(self, name: str, rules: Product, lender: str, borrower: str) -> None:
        """Agree to a loan under rules of its own, and pay it out or its first tranche."""
        n = len(self.loans)
        made = replace(rules, code=f"P-{n}")
        loan = self._agreement(f"L-{n}", made, lender, borrower)
        async with self.world.at(self.out) as books:
            await products.add(books, [made])
            await contracts.agree(books, loan)
            contract = (await contracts.loans(books, [loan.code]))[loan.code].contract
        self.loans[loan.code] = loan
        self.codes.append(made.code)
        amount = loan.principal * 2 // 5 if loan.in_tranches else loan.principal
        await self.pay_out(loan, self.out, amount, over=fees_of(contract).total)
        self.told.append(f"{loan.code}: {name}, in tranches: {loan.in_tranches}")

    def _agreement(self, code: str, rules: Product, lender: str, borrower: str) -> Agreement:
        first = self.out + 31 * DAY
        seasonal = rules.repayment is Repayment.SEASONAL
        seasons = (Season(first, Fraction(1, 3)), Season(first + 120 * DAY, Fraction(2, 3)))
        return Agreement(
            code=code,
            lender=lender,
            member=borrower if borrower in MEMBERS else None,
            organisation=None if borrower in MEMBERS else borrower,
            product=rules.code,
            principal=1000 * RS,
            applied_on=self.out,
            approved_on=self.out,
            resolution="7",
            disbursed_on=self.out,
            first_due_on=first,
            instalments=rules.instalments,
            purpose="goats",
            seasons=seasons if seasonal else (),
            in_tranches=not (seasonal or self.plain) and self.chance.random() < 0.3,
        )

    async def step(self, table: Mapping[Happens, int]) -> None:
        """A few days later something happens, today or late; or it is refused."""
        self.today = min(self.today + self.chance.choice(_PAUSES) * DAY, LAST)
        on = max(self.out, self.today - self.chance.choice(_LATE) * DAY)
        loan = self.chance.choice(list(self.loans.values()))
        [happens] = self.chance.choices(list(table), list(table.values()))
        with suppress(Refusal, ContractContradicts):
            await happens(self, loan, on)
            self.told.append(f"{happens.__name__} {loan.code} on {on}, known {self.today}")

    async def meet(self, on: date, line: str, *, over: int = 0, of: Agreement | None) -> None:
        """A meeting of one line, which may be reversed, and corrected as the repayment of one."""
        code = await self.world.meet(on, line, over=rupees(over), posted=self.today)
        self.done.append(Done(code, on, "CO-01", of))

    async def happen(
        self, kind: str, on: date, organisation: str, amount: int, loan: Agreement, to: str | None
    ) -> None:
        """An event about a loan, which may be reversed."""
        fund = "own" if loan.member else "cif"
        code = await self.world.happen(
            kind,
            on,
            organisation,
            rupees(amount),
            loan=loan.code,
            to=to,
            fund=fund,
            posted=self.today,
        )
        self.done.append(Done(code, on, organisation))

    async def pay_out(self, loan: Agreement, on: date, amount: int, *, over: int = 0) -> None:
        """A tranche, or the whole; `over` are the fees that a member pays with it."""
        if loan.member:
            line = f"{loan.member} disbursement {rupees(amount)} {loan.code}"
            await self.meet(on, line, over=over, of=None)
        else:
            kind = "organisation_loan_disbursed"
            await self.happen(kind, on, loan.lender, amount, loan, loan.organisation)

    async def pay(self, loan: Agreement, on: date, amount: int) -> None:
        """A repayment."""
        if loan.organisation:
            kind = "organisation_loan_repaid"
            await self.happen(kind, on, loan.organisation, amount, loan, loan.lender)
        else:
            line = f"{loan.member} repayment {rupees(amount)} {loan.code}"
            await self.meet(on, line, of=loan)

    async def change(self, loan: Agreement, change: Change) -> None:
        """Another rate, other dates or a fine."""
        async with self.world.at(self.today) as books:
            await amending.agree(books, loan.code, change, reason="Resolved", resolution="7")


Happens = Callable[[Lives, Agreement, date], Awaitable[None]]


async def some_is_paid(lives: Lives, loan: Agreement, on: date) -> None:
    """From a paisa to more than all of it."""
    await lives.pay(loan, on, lives.chance.choice(_PAID))


async def all_is_paid(lives: Lives, loan: Agreement, on: date) -> None:
    """What settles it on the day."""
    async with lives.world.reading() as books:
        stored = (await contracts.loans(books, [loan.code]))[loan.code]
        stands = await amending.on_day(books, stored, on)
    await lives.pay(loan, on, stands.plan.pay_off + stands.figures.overdue_fine)


async def a_tranche_is_paid_out(lives: Lives, loan: Agreement, on: date) -> None:
    """More of what was agreed."""
    await lives.pay_out(loan, on, lives.chance.choice(_TRANCHES))


async def the_rate_changes(lives: Lives, loan: Agreement, on: date) -> None:
    """To none, less or more."""
    await lives.change(loan, RateChange(on=on, rate=Fraction(lives.chance.choice((0, 1, 5)), 100)))


async def it_is_rescheduled(lives: Lives, loan: Agreement, on: date) -> None:
    """To some other dates, with what is overdue or without."""
    apart, times = lives.chance.choice((10, 30)), lives.chance.choice((1, 2, 4))
    later = Reschedule(
        on=on,
        dues=tuple(on + apart * n * DAY for n in range(1, times + 1)),
        overdue_too=lives.chance.random() < 0.5,
        rate=lives.chance.choice((None, None, Fraction(1, 100))),
    )
    await lives.change(loan, later)


async def a_fine_is_imposed(lives: Lives, loan: Agreement, on: date) -> None:
    """Of five rupees or a paisa."""
    await lives.change(loan, FineImposed(on=on, amount=lives.chance.choice((500, 1))))


async def a_change_is_undone(lives: Lives, loan: Agreement, _on: date) -> None:
    """One of those in force."""
    async with lives.world.at(lives.today) as books:
        found = [one.n for one in await changes.of_loan(books, loan.code) if not one.undone_at]
        if found:
            await amending.undo(books, loan.code, lives.chance.choice(found))


async def it_is_written_off(lives: Lives, loan: Agreement, on: date) -> None:
    """All that is outstanding."""
    async with lives.world.reading() as books:
        stored = (await contracts.loans(books, [loan.code]))[loan.code]
        left = (await amending.on_day(books, stored, lives.today)).figures.outstanding_principal
    await lives.happen("write_off", on, loan.lender, left, loan, None)


async def some_is_recovered(lives: Lives, loan: Agreement, on: date) -> None:
    """After it was written off."""
    await lives.happen("recovery", on, loan.lender, 50 * RS, loan, None)


async def charge_is_accrued(lives: Lives, loan: Agreement, on: date) -> None:
    """Of all loans of its lender."""
    fund = "own" if loan.member else "cif"
    await lives.world.happen("charge_accrued", on, loan.lender, fund=fund, posted=lives.today)


async def something_is_reversed(lives: Lives, _loan: Agreement, on: date) -> None:
    """Whatever it was, but for an accrual: the next one makes up for those."""
    if not lives.done:
        return
    wrong = lives.chance.choice(lives.done)
    day = max(wrong.on, on)
    await lives.world.happen(
        "reversal", day, wrong.organisation, reverses=wrong.code, posted=lives.today
    )
    lives.done.remove(wrong)


async def a_sheet_is_corrected(lives: Lives, _loan: Agreement, on: date) -> None:
    """Another amount was repaid."""
    sheets = [one for one in lives.done if one.repaid]
    if not sheets:
        return
    wrong = lives.chance.choice(sheets)
    loan = wrong.repaid
    assert loan is not None
    amount = lives.chance.choice(("10.00", "300.00"))
    right = lives.world.sheet(wrong.on, f"{loan.member} repayment {amount} {loan.code}")
    day = max(wrong.on, on)
    async with lives.world.at(lives.today) as books:
        await corrections.correct_sheet(
            books, wrong.code, right, on=day, reason="Misread", resolution=None, key=right.code
        )
    lives.done.remove(wrong)
    lives.done.append(Done(right.code, wrong.on, "CO-01", loan))


async def she_leaves(lives: Lives, loan: Agreement, on: date) -> None:
    """And is settled with: savings pay what they can."""
    await lives.world.meet(on, f"{loan.member} saving_voluntary 70.00", posted=lives.today)
    code = await lives.world.happen(
        "settlement", on, loan.lender, to=loan.member, narrative="Left", posted=lives.today
    )
    lives.done.append(Done(code, on, loan.lender))


async def it_is_refinanced(lives: Lives, loan: Agreement, on: date) -> None:
    """By a larger one, on the terms of any."""
    rules = lives.chance.choice(lives.codes)
    like = lives.loans[f"L-{rules.removeprefix('P-')}"]
    larger = replace(
        loan,
        code=f"L-{len(lives.loans)}",
        product=rules,
        principal=1500 * RS,
        applied_on=on,
        approved_on=on,
        disbursed_on=on,
        first_due_on=on + 30 * DAY,
        instalments=like.instalments,
        refinances=loan.code,
        in_tranches=False,
        seasons=(),
    )
    async with lives.world.at(lives.today) as books:
        await contracts.agree(books, larger)
    lives.loans[larger.code] = larger
    await lives.happen("refinance", on, loan.lender, larger.principal, larger, None)


async def a_year_is_closed(lives: Lives, loan: Agreement, _on: date) -> None:
    """Of the lender or the borrower."""
    organisation = lives.chance.choice((loan.lender, loan.borrower))
    code = await lives.world.happen("year_end_close", YEAR_END, organisation, posted=lives.today)
    lives.done.append(Done(code, YEAR_END, organisation))


async def a_deposit_is_placed(lives: Lives, _loan: Agreement, on: date) -> None:
    """By a CO with its VO."""
    code = await lives.world.happen(
        "deposit_placed", on, "CO-01", "5.00", to="VO-01", posted=lives.today
    )
    lives.done.append(Done(code, on, "CO-01"))


OF_PLAIN: Final[Mapping[Happens, int]] = {
    some_is_paid: 9,
    all_is_paid: 2,
    something_is_reversed: 4,
    a_sheet_is_corrected: 2,
    it_is_written_off: 1,
    some_is_recovered: 1,
}
OF_ALL: Final[Mapping[Happens, int]] = {
    some_is_paid: 9,
    all_is_paid: 2,
    a_tranche_is_paid_out: 1,
    the_rate_changes: 1,
    it_is_rescheduled: 2,
    a_fine_is_imposed: 1,
    a_change_is_undone: 2,
    charge_is_accrued: 1,
    something_is_reversed: 3,
}
OF_MEMBERS: Final[Mapping[Happens, int]] = {
    **OF_ALL,
    it_is_written_off: 1,
    some_is_recovered: 1,
    a_sheet_is_corrected: 1,
    she_leaves: 1,
    it_is_refinanced: 1,
}
OF_ORGANISATIONS: Final[Mapping[Happens, int]] = {
    **OF_ALL,
    a_year_is_closed: 1,
    a_deposit_is_placed: 1,
}
"""What may happen, and how often beside the rest."""
