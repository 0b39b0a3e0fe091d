"""A clerk who goes through every day of a loan with a few counters, against the figures."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.money import Rounding
from service.loans.figures import figures
from service.loans.fines import FineDue, fines
from service.loans.plan import FineImposed, Move, Plan, schedule
from service.loans.terms import (
    Charge,
    ChargeBasis,
    DayCount,
    Early,
    Fine,
    FineOf,
    Frequency,
    OnHoliday,
    RatePer,
    Repayment,
)
from tests.service.loans.test_loan_properties import DAY_OF_LOAN, HOLIDAYS, contracts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.loans.terms import Contract, Product

DAY = timedelta(days=1)
SOME = settings(deadline=None)


def rounded(exact: Fraction, step: int, mode: Rounding) -> int:
    """To a multiple of a step, written down again."""
    times, rest = divmod(exact, step)
    twice = 2 * rest
    if mode is Rounding.UP:
        up = rest > 0
    elif mode is Rounding.HALF_UP:
        up = twice >= step
    else:
        up = twice > step or (twice == step and times % 2 == 1)
    return (times + up) * step


def later(first: date, product: Product, n: int) -> date:
    """The n-th date of a series that keeps its seed day."""
    if product.frequency is not Frequency.MONTH:
        return first + n * (7 if product.frequency is Frequency.WEEK else 14) * DAY
    year, month = divmod(first.month - 1 + n, 12)
    year, month = first.year + year, month + 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))


def days_due(contract: Contract, closed: Collection[date]) -> list[date]:
    """Counted from the first, each moved by itself."""
    product = contract.product
    if contract.seasons:
        return [season.due_on for season in contract.seasons]
    count = 1 if product.repayment is Repayment.BULLET else contract.instalments
    found = [later(contract.first_due_on, product, n * product.every) for n in range(count)]
    if product.on_holiday is not OnHoliday.STAY:
        step = DAY if product.on_holiday is OnHoliday.NEXT else -DAY
        for n in range(count):
            while found[n] in closed:
                found[n] += step
    return found


def rates(contract: Contract, dues: Sequence[date]) -> list[Fraction]:
    """The rate of each period, by the table of the bundle's format or by its days."""
    product = contract.product
    yearly = product.rate * (12 if product.rate_per is RatePer.MONTH else 1)
    if product.day_count is DayCount.ACTUAL_365:
        starts = [contract.disbursed_on, *dues]
        return [yearly * (due - was).days / 365 for was, due in zip(starts, dues, strict=False)]  # type: ignore[operator] # starts are days
    if product.rate_per is RatePer.TERM:
        one = product.rate / contract.instalments
    else:
        in_a_year = {Frequency.WEEK: 52, Frequency.FORTNIGHT: 26, Frequency.MONTH: 12}
        one = yearly * product.every / in_a_year[product.frequency]
    if product.repayment is Repayment.BULLET:
        return [one * contract.instalments]
    return [one] * len(dues)


def level(principal: int, each: Sequence[Fraction]) -> Fraction:
    """By bisection of nothing: what is left after all instalments is linear in the instalment."""
    grown, paid = Fraction(principal), Fraction(0)
    for rate in each:
        grown, paid = grown * (1 + rate), paid * (1 + rate) + 1
    return grown / paid


@dataclass
class Clerk:
    """Counters of a scheduled loan: what falls due on which day."""

    contract: Contract
    dues: list[date]
    rows: list[tuple[date, int, int]] = field(default_factory=list)

    def work_out(self) -> list[tuple[date, int, int]]:
        """Steps 1 to 3 of the format."""
        contract, product = self.contract, self.contract.product
        step, mode = product.charge_step, product.rounding
        each, n, bullet = rates(contract, self.dues), len(self.dues), len(self.dues) == 1
        is_bullet = product.repayment is Repayment.BULLET
        grace_p = 0 if is_bullet else product.grace_principal
        grace_c = 0 if is_bullet else product.grace_charge
        left, waiting = contract.principal, 0
        whole = rounded(contract.principal * sum(each, Fraction(0)), step, mode)
        spread = rounded(contract.principal * sum(each, Fraction(0)) / (n - grace_c), step, mode)
        annuity = None
        if (
            product.repayment is Repayment.EQUAL_INSTALMENT
            and product.charge is Charge.DECLINING
            and any(each)
        ):
            annuity = level(contract.principal, each[grace_p:])
        for k, due in enumerate(self.dues):
            last = k == n - 1
            if product.charge is Charge.ZERO:
                own = 0
            elif product.charge is Charge.FLAT:
                own = 0 if k < grace_c else min(spread, whole)
                own = whole if last else own
                whole -= own
            else:
                own = rounded(left * each[k], step, mode)
            part = Fraction(contract.principal, max(n - grace_p, 1))
            if contract.seasons:
                part = contract.seasons[k].share * contract.principal
            target = part + own if annuity is None else annuity
            principal = rounded(target, product.instalment_step, mode) - own
            principal = min(max(principal, 0), left)
            if k < grace_p:
                principal = 0
            if last:
                principal = left
            left -= principal
            if product.charge is Charge.DECLINING and k < grace_c:
                waiting += own
                asked = 0
            else:
                asked, waiting = own + waiting, 0
            self.rows.append((due, principal, asked))
        assert left == 0
        assert bullet or not is_bullet
        return self.rows


def lacking(rows: Sequence[tuple[date, int, int]], paid: int) -> list[tuple[date, int, int]]:
    """Rupee by rupee: oldest first, charge before principal."""
    found = []
    for due, principal, charge in rows:
        to_charge = min(paid, charge)
        paid -= to_charge
        to_principal = min(paid, principal)
        paid -= to_principal
        found.append((due, principal - to_principal, charge - to_charge))
    return found


def is_walkable(contract: Contract) -> bool:
    """By the schedule, and early payments go to the next instalments."""
    product = contract.product
    by_schedule = product.charge_basis is ChargeBasis.SCHEDULED
    return by_schedule and product.early is Early.NEXT_INSTALMENTS


WALKABLE = contracts([one for one in Repayment if one is not Repayment.OPEN]).filter(is_walkable)


@st.composite
def paid_in_parts(draw: st.DrawFn, principal: int, charge: int) -> list[Move]:
    """Payments, whatever was booked as what, never more than there is; some are reversed."""
    moves = []
    for _ in range(draw(st.integers(0, 6))):
        to_principal = draw(st.one_of(st.just(principal), st.integers(0, principal)))
        to_charge = draw(st.one_of(st.just(charge), st.integers(0, charge)))
        on = DAY_OF_LOAN + draw(st.integers(0, 500)) * DAY
        if to_principal + to_charge:
            one = Move(value_date=on, principal_repaid=to_principal, charge_paid=to_charge)
            moves.append(one)
            principal, charge = principal - to_principal, charge - to_charge
    return draw(st.permutations(moves))


@SOME
@given(contract=WALKABLE, holidays=HOLIDAYS, data=st.data())
def test_a_scheduled_loan_agrees_with_a_clerk_who_walks(
    contract: Contract, holidays: set[date], data: st.DataObject
) -> None:
    """What has fallen due, what is covered, how late it is: by counters, day by day."""
    product = contract.product
    rows = Clerk(contract, days_due(contract, holidays)).work_out()
    frozen = schedule(contract, holidays)
    assert [(row.due_on, row.principal, row.charge) for row in frozen] == rows
    charges = sum(charge for _, _, charge in rows)
    most = contract.principal - (0 if product.pay_off == "whole_charge" else 1)
    payments = data.draw(paid_in_parts(most, charges))
    moves = [Move(value_date=DAY_OF_LOAN, disbursed=contract.principal), *payments]
    stop = DAY_OF_LOAN + data.draw(st.integers(0, 700)) * DAY
    due_principal = due_charge = paid_principal = paid_charge = 0
    today = DAY_OF_LOAN
    while today <= stop:
        for due, principal, charge in rows:
            if due == today:
                due_principal += principal
                due_charge += charge
        for one in payments:
            if one.value_date == today:
                paid_principal += one.principal_repaid
                paid_charge += one.charge_paid
        today += DAY
    paid = paid_principal + paid_charge
    open_ones = [
        one for one in lacking([row for row in rows if row[0] <= stop], paid) if one[1] + one[2]
    ]
    days = (stop - open_ones[0][0]).days if open_ones else 0
    if days <= product.grace_days:
        days, open_ones = 0, []
    found = figures(contract, frozen, moves, stop)
    assert found.outstanding_principal == contract.principal - paid_principal
    assert (found.due_principal, found.due_charge) == (due_principal, due_charge)
    assert (found.paid_principal, found.paid_charge) == (paid_principal, paid_charge)
    assert found.days_past_due == days
    assert found.overdue_principal == sum(principal for _, principal, _ in open_ones)
    assert found.overdue_charge == sum(charge for _, _, charge in open_ones)
    assert found.closed == (paid_principal == contract.principal and paid_charge >= charges)


@SOME
@given(
    contract=contracts([Repayment.OPEN]).filter(
        lambda one: one.product.day_count is DayCount.PERIOD
    ),
    holidays=HOLIDAYS,
    data=st.data(),
)
def test_an_open_loan_agrees_with_a_clerk_who_walks(
    contract: Contract, holidays: set[date], data: st.DataObject
) -> None:
    """The charge of a period is on what is outstanding at the close of its first day."""
    product = contract.product
    dues = days_due(contract, holidays)
    each = rates(contract, dues)
    payments = data.draw(paid_in_parts(contract.principal, contract.principal))
    stop = DAY_OF_LOAN + data.draw(st.integers(0, 700)) * DAY
    outstanding, paid_principal, paid_charge, running, number = contract.principal, 0, 0, 0, 0
    due: list[tuple[date, int]] = []
    today = DAY_OF_LOAN
    while today <= stop:
        for one in payments:
            if one.value_date == today:
                outstanding -= one.principal_repaid
                paid_principal += one.principal_repaid
                paid_charge += one.charge_paid
        begins = False
        if today == DAY_OF_LOAN:  # to which a holiday may bring the first due date
            running = rounded(outstanding * each[0], product.charge_step, product.rounding)
        for other in dues:
            if other == today:
                due.append((today, running))
                number += 1
                begins, running = number < len(dues), 0
        if begins:
            running = rounded(outstanding * each[number], product.charge_step, product.rounding)
        today += DAY
    due_charge = sum(charge for _, charge in due)
    due_principal = contract.principal if number == len(dues) else 0
    found = figures(
        contract,
        schedule(contract, holidays),
        [*payments, Move(value_date=DAY_OF_LOAN, disbursed=contract.principal)],
        stop,
    )
    assert (found.due_principal, found.due_charge) == (due_principal, due_charge)
    excess = max(paid_charge - due_charge, 0)
    lacks, left = [], paid_charge
    for day, charge in due:
        lacks.append((day, charge - min(left, charge)))
        left -= min(left, charge)
    principal = max(due_principal - paid_principal - excess, 0)
    late = [day for day, lack in lacks if lack] + ([dues[-1]] if principal else [])
    days = (stop - min(late)).days if late else 0
    if not found.closed:
        is_late = days > product.grace_days
        assert found.days_past_due == (days if is_late else 0)
        assert found.overdue_principal == (principal if is_late else 0)
        assert found.overdue_charge == (sum(lack for _, lack in lacks) if is_late else 0)
    owed = due_charge + running
    assert found.closed == (outstanding == 0 and paid_charge >= owed)


FINES = st.builds(
    Fine,
    amount=st.integers(1, 5000),
    rate=st.integers(0, 500).map(lambda n: Fraction(n, 10_000)),
    of=st.sampled_from(FineOf),
    every_period=st.booleans(),
)


@SOME
@given(contract=WALKABLE, fine=FINES, holidays=HOLIDAYS, data=st.data())
def test_fines_agree_with_a_clerk_who_walks(
    contract: Contract, fine: Fine, holidays: set[date], data: st.DataObject
) -> None:
    """On the day after the grace days, of what lacked the evening before; again each period."""
    product = replace(contract.product, fine=fine)
    contract = replace(contract, product=product)
    rows = Clerk(contract, days_due(contract, holidays)).work_out()
    most = contract.principal - (0 if product.pay_off == "whole_charge" else 1)
    payments = data.draw(paid_in_parts(most, sum(charge for _, _, charge in rows)))
    moves = [Move(value_date=DAY_OF_LOAN, disbursed=contract.principal), *payments]
    stop = DAY_OF_LOAN + data.draw(st.integers(0, 700)) * DAY
    times, settled = [0] * len(rows), [False] * len(rows)
    expected, paid, today = [], 0, DAY_OF_LOAN
    while today <= stop:
        lacks = lacking(rows, paid)
        for n, (due, principal, charge) in enumerate(lacks):
            if settled[n]:
                continue
            if (
                today
                == later(due, product, times[n] * product.every) + (1 + product.grace_days) * DAY
            ):
                if not principal + charge or (times[n] and not fine.every_period):
                    settled[n] = True
                    continue
                of = principal if fine.of is FineOf.PRINCIPAL else principal + charge
                exact = fine.amount + fine.rate * of
                expected.append(
                    FineDue(n + 1, today, rounded(exact, product.charge_step, product.rounding))
                )
                times[n] += 1
        paid += sum(p.principal_repaid + p.charge_paid for p in payments if p.value_date == today)
        today += DAY
    imposed = FineImposed(on=stop, amount=1)
    known = [move for move in moves if move.value_date <= stop]
    found = fines(contract, Plan(schedule(contract, holidays)), known, stop)
    assert sorted(found) == sorted(expected)
    again = figures(contract, schedule(contract, holidays), moves, stop, [imposed])
    assert again.due_fine == sum(one.amount for one in expected) + 1
