"""Loans by the rules alone: schedules beside a library's, and previews; without a database."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import mortgagemath

from bench.figures import Figure, rate, times
from ledger.money import Rounding
from service.loans.plan import schedule
from service.loans.preview import Dated, preview
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    DayCount,
    Frequency,
    OnHoliday,
    Product,
    RatePer,
    Repayment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DAY: Final = date(2026, 1, 5)
FIRST: Final = date(2026, 2, 5)
RUPEES: Final = 15_000
PERCENT: Final = 24
TURNS: Final = 3


def contract(instalments: int, frequency: Frequency, *, by_balance: bool = False) -> Contract:
    """A declining loan in equal instalments; by schedule, or by days on what is outstanding."""
    product = Product(
        code="P",
        name="Bench",
        fund="own",
        charge=Charge.DECLINING,
        repayment=Repayment.EQUAL_INSTALMENT,
        rate=Fraction(PERCENT, 100),
        rate_per=RatePer.YEAR,
        frequency=frequency,
        instalments=instalments,
        charge_step=1,
        instalment_step=1,
        rounding=Rounding.HALF_UP,
        grace_principal=0,
        grace_charge=0,
        grace_days=0,
        charge_basis=ChargeBasis.ACTUAL if by_balance else ChargeBasis.SCHEDULED,
        on_holiday=OnHoliday.STAY,
        day_count=DayCount.ACTUAL_365 if by_balance else DayCount.PERIOD,
    )
    return Contract(
        code="L",
        product=product,
        principal=RUPEES * 100,
        disbursed_on=DAY,
        first_due_on=FIRST,
        instalments=instalments,
    )


def measure(window_s: float) -> list[Figure]:
    """Schedules in turn with the library's; previews of a plain loan and of a dear one."""
    plain = contract(12, Frequency.MONTH)
    theirs = mortgagemath.LoanParams(
        principal=Decimal(RUPEES), annual_rate=Decimal(PERCENT), term_months=12
    )
    each_s = window_s / (2 * TURNS)
    ours_s, theirs_s = [], []
    for _ in range(TURNS):
        ours_s.append(_a_second(lambda: schedule(plain, ()), each_s))
        theirs_s.append(_a_second(lambda: mortgagemath.amortization_schedule(theirs), each_s))
    ours, peer = sorted(ours_s)[TURNS // 2], sorted(theirs_s)[TURNS // 2]
    dear = contract(52, Frequency.WEEK, by_balance=True)
    paid = [Dated(date(2026, month, 9), 150_000) for month in range(2, 8)]
    tried = _a_second(lambda: preview(plain, on=DAY), window_s)
    much = _a_second(lambda: preview(dear, on=date(2026, 8, 1), payments=paid), window_s)
    return [
        Figure(
            "schedule of a loan in 12 equal instalments",
            rate(ours, "schedules"),
            beside=f"mortgagemath {rate(peer, 'schedules')}",
            ratio=f"ours {times(ours, peer)}",
            remark="in exact fractions; theirs in decimals",
        ),
        Figure(
            "preview of that loan, with its yearly cost",
            rate(tried, "previews"),
            remark="on one core, without the request around it",
        ),
        Figure(
            "preview of 52 weeks by days on what is outstanding, six payments",
            rate(much, "previews"),
            remark="every payment splits by all that was before it",
        ),
    ]


def _a_second(work: Callable[[], object], window_s: float) -> float:
    """How often something is done in a second, for so long."""
    work()
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < window_s:
        work()
        done += 1
    return done / (time.perf_counter() - begun)
