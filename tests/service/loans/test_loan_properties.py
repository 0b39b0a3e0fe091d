"""What holds for every loan: any product, any payments, in any order."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from itertools import product as product_of
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.money import Rounding, round_to_step
from service.loans.allocation import Split
from service.loans.figures import figures
from service.loans.plan import Move, as_planned, pays_off_early, plan, schedule
from service.loans.terms import (
    IN_ORDER,
    Charge,
    ChargeBasis,
    Contract,
    DayCount,
    Early,
    Frequency,
    OnHoliday,
    PayOff,
    Product,
    ProductContradicts,
    RatePer,
    Repayment,
    Season,
    period_rate,
)
from tests.service.loans.replay import split_payment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.loans.plan import Instalment

unhurried = settings(deadline=None)
DAY_OF_LOAN = date(2026, 1, 31)
STEPS = st.sampled_from([1, 50, 100, 1000])
HOLIDAYS = st.sets(st.integers(1, 60).map(lambda days: DAY_OF_LOAN + timedelta(days=days)))


def kind_of(kind: tuple[Any, ...], **terms: Any) -> Product:  # noqa: ANN401 - any terms
    """A product of a kind, with other terms."""
    charge, repayment, rate_per, day_count, basis, early, pay_off = kind
    plain: dict[str, Any] = {
        "rate": Fraction(0 if charge is Charge.ZERO else 24, 100),
        "instalments": 1,
        "frequency": Frequency.MONTH,
        "charge_step": 1,
        "instalment_step": 1,
        "rounding": Rounding.HALF_UP,
        "grace_principal": 0,
        "grace_charge": 0,
        "grace_days": 0,
        "on_holiday": OnHoliday.STAY,
    }
    return Product(
        code="P",
        name="A product",
        fund="own",
        charge=charge,
        repayment=repayment,
        rate_per=rate_per,
        day_count=day_count,
        charge_basis=basis,
        early=early,
        pay_off=pay_off,
        **(plain | terms),
    )


def stands(kind: tuple[Any, ...]) -> bool:
    """Whether terms of a kind do not contradict each other."""
    try:
        kind_of(kind)
    except ProductContradicts:
        return False
    return True


ALL_KINDS = product_of(Charge, Repayment, RatePer, DayCount, ChargeBasis, Early, PayOff)
KINDS = [kind for kind in ALL_KINDS if stands(kind)]
PLAIN = (DayCount.PERIOD, Early.NEXT_INSTALMENTS, PayOff.WHOLE_CHARGE)


def is_plain(kind: tuple[Any, ...]) -> bool:
    """Whether nothing of what a loan asks for depends on what is paid, but of open loans."""
    _, repayment, _, day_count, basis, early, pay_off = kind
    by_schedule = basis is ChargeBasis.SCHEDULED or repayment is Repayment.OPEN
    in_seasons = repayment is Repayment.SEASONAL
    return by_schedule and not in_seasons and (day_count, early, pay_off) == PLAIN


def keeps_its_schedule(kind: tuple[Any, ...]) -> bool:
    """Whether what a scheduled loan asks for does not depend on what is paid, or when."""
    *_, basis, early, pay_off = kind
    asked_anyway = (ChargeBasis.SCHEDULED, Early.NEXT_INSTALMENTS, PayOff.WHOLE_CHARGE)
    return (basis, early, pay_off) == asked_anyway


def seasons_of(draw: st.DrawFn, instalments: int) -> tuple[Season, ...]:
    """Days one after the other, and shares that come to the whole."""
    gaps = draw(st.lists(st.integers(1, 200), min_size=instalments, max_size=instalments))
    weights = draw(st.lists(st.integers(1, 9), min_size=instalments, max_size=instalments))
    days = [DAY_OF_LOAN + timedelta(days=count) for count in accumulate(gaps)]
    return tuple(
        Season(day, Fraction(w, sum(weights))) for day, w in zip(days, weights, strict=True)
    )


@st.composite
def contracts(
    draw: st.DrawFn,
    repayments: Sequence[Repayment] = tuple(Repayment),
    *,
    plain: bool = False,
    only: Callable[[tuple[Any, ...]], bool] | None = None,
) -> Contract:
    """A loan on terms that do not contradict each other; the plain ones, or of `only` some kind."""
    wanted = only or (is_plain if plain else bool)
    kinds = [kind for kind in KINDS if kind[1] in repayments and wanted(kind)]
    kind = draw(st.sampled_from(kinds))
    charge, repayment, basis = kind[0], kind[1], kind[4]
    instalments = draw(st.integers(1, 30 if plain else 12))
    grace = st.integers(0, instalments - 1)
    put_off = basis is ChargeBasis.SCHEDULED or repayment is Repayment.OPEN
    product = kind_of(
        kind,
        rate=Fraction(draw(st.integers(0, 0 if charge is Charge.ZERO else 6000)), 10_000),
        frequency=draw(st.sampled_from(Frequency)),
        every=1 if plain else draw(st.integers(1, 3)),
        instalments=instalments,
        charge_step=draw(STEPS),
        instalment_step=draw(STEPS),
        rounding=draw(st.sampled_from(Rounding)),
        grace_principal=draw(grace),
        grace_charge=draw(grace) if put_off else 0,
        grace_days=draw(st.integers(0, 10)),
        on_holiday=draw(st.sampled_from(OnHoliday)),
        order=IN_ORDER if plain else tuple(draw(st.permutations(IN_ORDER))),
    )
    seasons = seasons_of(draw, instalments) if repayment is Repayment.SEASONAL else ()
    first = DAY_OF_LOAN + timedelta(days=draw(st.integers(1, 60)))
    return Contract(
        code="L",
        product=product,
        principal=draw(st.integers(1, 10_000_000)),
        disbursed_on=DAY_OF_LOAN,
        first_due_on=seasons[0].due_on if seasons else first,
        instalments=instalments,
        seasons=seasons,
    )


SCHEDULED = [repayment for repayment in Repayment if repayment is not Repayment.OPEN]
PAYMENTS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 4_000_000)), max_size=6)


def post(
    contract: Contract, asked: Sequence[Instalment], payments: Sequence[tuple[date, int]]
) -> tuple[list[Move], list[Split]]:
    """Moves and splits of payments posted in the order given."""
    moves = [Move(value_date=DAY_OF_LOAN, disbursed=contract.principal)]
    splits = []
    for paid_on, amount in payments:
        split = split_payment(contract, asked, moves, paid_on, amount)
        splits.append(split)
        moves.append(
            Move(value_date=paid_on, principal_repaid=split.principal, charge_paid=split.charge)
        )
    return moves, splits


def dated(payments: Sequence[tuple[int, int]]) -> list[tuple[date, int]]:
    """Payments as (value date, paisa) from (days after the loan, paisa)."""
    return [(DAY_OF_LOAN + timedelta(days=days), amount) for days, amount in payments]


@unhurried
@given(contract=contracts(), holidays=HOLIDAYS)
def test_principal_sums_to_the_loan(contract: Contract, holidays: set[date]) -> None:
    """To the paisa, for any product; no part is below zero and dates do not go back."""
    asked = schedule(contract, holidays)
    assert sum(instalment.principal for instalment in asked) == contract.principal
    assert min(min(instalment.principal, instalment.charge) for instalment in asked) >= 0
    assert [instalment.due_on for instalment in asked] == sorted(row.due_on for row in asked)
    assert [instalment.n for instalment in asked] == list(range(1, len(asked) + 1))


@unhurried
@given(contract=contracts(SCHEDULED, plain=True), payments=PAYMENTS, on=st.integers(0, 500))
def test_nothing_changes_the_schedule_of_most_loans(
    contract: Contract, payments: list[tuple[int, int]], on: int
) -> None:
    """Which is why it need not be worked out anew for each payment."""
    frozen = schedule(contract, ())
    moves, _ = post(contract, frozen, dated(payments))
    day = DAY_OF_LOAN + timedelta(days=on)
    again = plan(contract, [row.due_on for row in frozen], moves, on=day)
    assert again.instalments == frozen
    assert as_planned(contract, frozen, moves, on=day).instalments == frozen


@unhurried
@given(contract=contracts(), payments=PAYMENTS)
def test_the_parts_of_a_payment_sum_to_it(
    contract: Contract, payments: list[tuple[int, int]]
) -> None:
    """No part is below zero, no more principal is repaid than was lent, none with any over."""
    moves, splits = post(contract, schedule(contract, ()), dated(payments))
    for split, (_, amount) in zip(splits, payments, strict=True):
        assert split.charge + split.principal + split.over == amount
        assert min(split.charge, split.principal, split.over) >= 0
    outstanding = sum(move.principal_change for move in moves)
    assert outstanding >= 0
    assert not outstanding or not any(split.over for split in splits)


@unhurried
@given(contract=contracts(), holidays=HOLIDAYS)
def test_a_loan_paid_as_scheduled_is_never_late_and_ends_closed(
    contract: Contract, holidays: set[date]
) -> None:
    """Each instalment brought on its day; the last one closes the loan."""
    asked = schedule(contract, holidays)
    # Where rounding leaves no principal for the end, a loan whose pay-off gives charge back is
    # paid off before it, and what is brought after that is kept.
    assume(bool(asked) and (asked[-1].principal or not pays_off_early(contract)))
    payments = [(row.due_on, row.total) for row in asked if row.total]
    moves, splits = post(contract, asked, payments)
    assert not any(split.over for split in splits)
    for row in asked:
        assert figures(contract, asked, moves, row.due_on).days_past_due == 0
    last = figures(contract, asked, moves, asked[-1].due_on)
    assert last.closed
    assert (last.outstanding_principal, last.days_past_due) == (0, 0)


@unhurried
@given(contract=contracts(), payments=PAYMENTS, data=st.data())
def test_figures_do_not_depend_on_the_order_of_moves(
    contract: Contract, payments: list[tuple[int, int]], data: st.DataObject
) -> None:
    """They are read from value dates, whenever the book learned of each."""
    asked = schedule(contract, ())
    moves, _ = post(contract, asked, dated(payments))
    shuffled = data.draw(st.permutations(moves))
    on = DAY_OF_LOAN + timedelta(days=data.draw(st.integers(0, 500)))
    assert figures(contract, asked, moves, on) == figures(contract, asked, shuffled, on)


@unhurried
@given(contract=contracts(SCHEDULED, only=keeps_its_schedule), data=st.data())
def test_lateness_does_not_depend_on_the_order_of_posting(
    contract: Contract, data: st.DataObject
) -> None:
    """A back-dated payment can make no loan wrong that keeps its schedule, however it is split.

    Where what is asked for goes by what is paid, it goes by which payment paid principal, too:
    each is split by all that was known then, and its entry stands.
    """
    asked = schedule(contract, ())
    most = max(sum(instalment.total for instalment in asked) // 5, 1)
    amounts = st.tuples(st.integers(0, 400), st.integers(1, most))
    payments = dated(data.draw(st.lists(amounts, max_size=5)))
    assume(sum(amount for _, amount in payments) <= sum(row.total for row in asked))
    later = data.draw(st.permutations(payments))
    on = DAY_OF_LOAN + timedelta(days=data.draw(st.integers(0, 500)))
    found, again = (
        figures(contract, asked, post(contract, asked, order)[0], on) for order in (payments, later)
    )
    assert found.days_past_due == again.days_past_due
    assert found.overdue_principal == again.overdue_principal
    assert found.overdue_charge == again.overdue_charge


@unhurried
@given(contract=contracts([Repayment.OPEN], plain=True), payments=PAYMENTS)
def test_an_open_loan_agrees_with_a_clerk_who_walks_through_the_days(
    contract: Contract, payments: list[tuple[int, int]]
) -> None:
    """An independent reading of the rule, for payments that are posted as they happen."""
    asked = schedule(contract, ())
    in_time = dated(sorted(payments))
    _, splits = post(contract, asked, in_time)
    assert splits == clerk(contract, asked, in_time)


def clerk(
    contract: Contract, asked: Sequence[Instalment], payments: Sequence[tuple[date, int]]
) -> list[Split]:
    """Splits worked out day by day: what is due, what is running, what is outstanding."""
    product = contract.product
    rate = period_rate(product, contract.instalments)
    dues = [instalment.due_on for instalment in asked]
    outstanding, due, running, splits = contract.principal, 0, 0, []
    for days in range(max((asked[-1].due_on - DAY_OF_LOAN).days, 400) + 1):
        today = DAY_OF_LOAN + timedelta(days=days)
        if today in dues:
            due, running = due + running, 0
        for amount in [amount for paid_on, amount in payments if paid_on == today]:
            to_due = min(amount, due)
            principal = min(amount - to_due, outstanding)
            due, outstanding = due - to_due, outstanding - principal
            to_running = 0 if outstanding else min(amount - to_due - principal, running)
            running -= to_running
            over = amount - to_due - principal - to_running
            splits.append(Split(to_due + to_running, principal, over))
        if today in {DAY_OF_LOAN, *dues[:-1]}:
            running = round_to_step(outstanding * rate, product.charge_step, product.rounding)
    return splits
