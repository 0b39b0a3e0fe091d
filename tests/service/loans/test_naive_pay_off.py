"""Whatever happened before: paying what `pay_off` says closes a loan, and a paisa less does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from service.loans.due_dates import due_dates
from service.loans.plan import FineImposed, RateChange, Reschedule, pays_off_early
from service.loans.preview import Dated, preview
from service.loans.terms import Charge, DayCount, Early, Fee, Fine, FineOf, Repayment
from tests.service.loans.test_loan_properties import DAY_OF_LOAN, HOLIDAYS, contracts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from service.loans.plan import Change
    from service.loans.preview import Preview
    from service.loans.terms import Contract

SOME = settings(deadline=None)
DAY = timedelta(days=1)
FINES = st.builds(
    Fine,
    amount=st.integers(1, 5000),
    rate=st.integers(0, 500).map(lambda n: Fraction(n, 10_000)),
    of=st.sampled_from(FineOf),
    every_period=st.booleans(),
)
FEES = st.lists(
    st.builds(
        Fee,
        name=st.just("form"),
        amount=st.integers(1, 5000),
        rate=st.integers(0, 500).map(lambda n: Fraction(n, 10_000)),
    ),
    max_size=2,
).map(tuple)


@st.composite
def costly(draw: st.DrawFn) -> Contract:
    """Any loan, with fees and a fine."""
    contract = draw(contracts())
    product = replace(contract.product, fees=draw(FEES), fine=draw(st.one_of(st.none(), FINES)))
    return replace(contract, product=product)


@pytest.fixture(autouse=True, scope="module")
def no_yearly_cost() -> Iterator[None]:
    """The yearly cost is tried by itself: here it would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.loans.preview.yearly_cost", lambda _: None)
        yield


def some_days(contract: Contract, start: int) -> st.SearchStrategy[int]:
    """Days after the loan, as often as not on a due date or beside one."""
    first = (contract.first_due_on - DAY_OF_LOAN).days
    near = [first - 1, first, first + 1, start, start + 1]
    days = st.one_of(st.integers(start, 500), st.sampled_from(near))
    return days.map(lambda day: max(start, day))


@st.composite
def paid(draw: st.DrawFn, contract: Contract) -> list[Dated]:
    """Payments of many sizes."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        share = draw(st.sampled_from([1, 2, 3, 6, 12, 100]))
        amount = draw(
            st.one_of(st.just(max(contract.principal // share, 1)), st.integers(1, 2_000_000))
        )
        found.append(Dated(DAY_OF_LOAN + draw(some_days(contract, 0)) * DAY, amount))
    return sorted(found)


@st.composite
def tranches_of(draw: st.DrawFn, contract: Contract) -> list[Dated]:
    """Paid out in two parts, the first on its day, the second before the last due date."""
    last = (min(due_dates(contract, ())[-1], DAY_OF_LOAN + 500 * DAY) - DAY_OF_LOAN).days - 20
    if contract.principal < 3 or last <= 1:
        return []
    first = draw(st.integers(1, contract.principal - 1))
    found = [Dated(DAY_OF_LOAN, first)]
    found.append(
        Dated(
            DAY_OF_LOAN + min(draw(some_days(contract, 1)), last) * DAY, contract.principal - first
        )
    )
    return found


@st.composite
def changes_of(draw: st.DrawFn, contract: Contract) -> list[Change]:
    """Another rate, other due dates, fines by resolution and fines let off."""
    found: list[Change] = []
    rates = st.integers(0, 0 if contract.product.charge is Charge.ZERO else 5000).map(
        lambda n: Fraction(n, 10_000)
    )
    for _ in range(draw(st.integers(0, 2))):
        on = DAY_OF_LOAN + draw(some_days(contract, 0)) * DAY
        kind = draw(st.sampled_from(["rate", "dues", "fine"]))
        if kind == "rate":
            found.append(RateChange(on=on, rate=draw(rates)))
        elif kind == "fine":
            found.append(FineImposed(on=on, amount=draw(st.integers(1, 5000))))
        elif contract.product.repayment is not Repayment.BULLET:
            count = draw(st.integers(1, 6))
            gaps = draw(st.lists(st.integers(1, 60), min_size=count, max_size=count))
            days, dues = on, []
            for gap in gaps:
                days += gap * DAY
                dues.append(days)
            found.append(
                Reschedule(
                    on=on,
                    dues=tuple(dues),
                    rate=draw(st.one_of(st.none(), rates)),
                    grace_principal=draw(st.integers(0, count - 1)),
                    overdue_too=draw(st.booleans()),
                )
            )
    return found


def sound(found: Preview, out: int) -> None:
    """Principal sums to what was paid out, and no part is below zero."""
    rows = [part.instalment for part in found.parts]
    assert sum(row.principal for row in rows) == out
    assert all(row.principal >= 0 and row.charge >= 0 for row in rows), rows
    assert all(part.unpaid_principal >= 0 and part.unpaid_charge >= 0 for part in found.parts)
    assert [row.due_on for row in rows] == sorted(row.due_on for row in rows)
    for one in found.payments:
        split = one.split
        assert split.fine + split.charge + split.principal + split.over == one.amount
        assert min(split.fine, split.charge, split.principal, split.over) >= 0
    assert found.figures.outstanding_principal >= 0
    assert found.pay_off >= found.figures.outstanding_principal


def rule(
    contract: Contract,
    on: date,
    payments: list[Dated],
    tranches: list[Dated],
    changes: list[Change],
    holidays: set[date],
) -> None:
    if tranches and pays_off_early(contract):
        payments = [one for one in payments if one.on > tranches[-1].on]
    if changes and tranches:
        changes = [one for one in changes if one.on >= tranches[-1].on]
    closes(contract, on, payments, tranches, changes, holidays)


def closes(
    contract: Contract,
    on: date,
    payments: list[Dated],
    tranches: list[Dated],
    changes: list[Change],
    holidays: set[date],
) -> None:
    """The rule itself."""

    def tried(more: list[Dated]) -> Preview:
        return preview(
            contract,
            on=on,
            payments=[*payments, *more],
            tranches=tranches,
            changes=changes,
            holidays=holidays,
        )

    note(repr((contract, str(on), payments, tranches, changes, holidays)))
    out = sum(one.amount for one in tranches if one.on <= on) if tranches else contract.principal
    before = tried([])
    sound(before, out)
    if before.figures.closed:
        assert before.pay_off == 0
        return
    assert before.pay_off > 0
    whole = Dated(on, before.pay_off)
    after = tried([whole])
    sound(after, out)
    mine = after.payments[-1].split
    assert mine.over == 0
    assert after.figures.closed
    assert after.pay_off == 0
    product = contract.product
    by_days = product.day_count is DayCount.ACTUAL_365
    cheaper = by_days and product.early is not Early.NEXT_INSTALMENTS
    if before.pay_off > 1 and not cheaper:
        short = tried([Dated(on, before.pay_off - 1)])
        sound(short, out)
        assert not short.figures.closed
        assert short.pay_off >= 1


@SOME
@given(contract=costly(), holidays=HOLIDAYS, data=st.data())
def test_paying_off_closes(contract: Contract, holidays: set[date], data: st.DataObject) -> None:
    """Any product, any payments before."""
    on = DAY_OF_LOAN + data.draw(some_days(contract, 0)) * DAY
    payments = [one for one in data.draw(paid(contract)) if one.on <= on]
    closes(contract, on, payments, [], [], holidays)


@SOME
@given(contract=costly(), holidays=HOLIDAYS, data=st.data())
def test_paying_off_closes_after_tranches(
    contract: Contract, holidays: set[date], data: st.DataObject
) -> None:
    """Paid out in parts."""
    on = DAY_OF_LOAN + data.draw(some_days(contract, 0)) * DAY
    payments = [one for one in data.draw(paid(contract)) if one.on <= on]
    rule(contract, on, payments, data.draw(tranches_of(contract)), [], holidays)


@SOME
@given(contract=costly(), holidays=HOLIDAYS, data=st.data())
def test_paying_off_closes_after_changes(
    contract: Contract, holidays: set[date], data: st.DataObject
) -> None:
    """Rates, due dates and fines were agreed anew."""
    on = DAY_OF_LOAN + data.draw(some_days(contract, 0)) * DAY
    payments = [one for one in data.draw(paid(contract)) if one.on <= on]
    changes = data.draw(changes_of(contract))
    rule(contract, on, payments, data.draw(tranches_of(contract)), changes, holidays)
