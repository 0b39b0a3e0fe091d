"""Members' savings: where a withdrawal comes from, and what each member has on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import MomentUnsettled
from service import savings
from service.refusals import NotFound
from service.savings import MemberSavings, Withdrawal, withdraw

if TYPE_CHECKING:
    from tests.support.world import World

JANUARY, FEBRUARY, MARCH = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)


@pytest.mark.parametrize(
    ("amount", "available", "expected"),
    [
        (100, 500, Withdrawal(100, 0)),
        (500, 500, Withdrawal(500, 0)),
        (600, 500, Withdrawal(500, 100)),
        (600, 0, Withdrawal(0, 600)),
        (600, -50, Withdrawal(0, 600)),
    ],
)
def test_a_withdrawal_takes_voluntary_savings_first(
    amount: int, available: int, expected: Withdrawal
) -> None:
    """As far as they go; the rest is asked of the compulsory ones."""
    assert withdraw(amount, voluntary_available=available) == expected


@given(st.integers(1, 10**9), st.integers(-(10**9), 10**9))
def test_a_withdrawal_is_paid_out_in_full(amount: int, available: int) -> None:
    """Its two parts sum to it, and neither is below zero."""
    taken = withdraw(amount, voluntary_available=available)
    assert taken.voluntary + taken.compulsory == amount
    assert min(taken) >= 0


async def _saved(world: World) -> None:
    await world.meet(JANUARY, "Zainab saving_compulsory 200.00", "Amina saving_voluntary 50.00")
    await world.meet(MARCH, "Zainab withdrawal 80.00")
    await world.meet(FEBRUARY, "Zainab saving_voluntary 30.00", posted=date(2026, 3, 12))
    await world.meet(JANUARY, "Salma saving_compulsory 70.00", co="CO-02")


async def test_savings_are_as_at_a_day(world: World) -> None:
    """Every member's, or those of some books."""
    await _saved(world)
    async with world.reading() as books:
        assert await savings.savings(books, JANUARY) == [
            MemberSavings("Amina", 0, 5_000),
            MemberSavings("Salma", 7_000, 0),
            MemberSavings("Zainab", 20_000, 0),
        ]
        assert await savings.of_member(books, "Zainab", MARCH) == ("Zainab", 12_000, 3_000)
        assert await savings.of_member(books, "Kausar", MARCH) == ("Kausar", 0, 0)
        assert await savings.savings(books, MARCH, in_books=[]) == []
        with pytest.raises(NotFound):
            await savings.of_member(books, "Nobody", MARCH)


async def test_savings_are_as_known_by_a_moment(world: World) -> None:
    """The deposit of February was not known before 12 March."""
    await _saved(world)
    known_by = datetime(2026, 3, 11, 12, tzinfo=BUSINESS_ZONE)
    async with world.reading() as books:
        found = await savings.of_member(books, "Zainab", MARCH, known_by=known_by)
        assert found == MemberSavings("Zainab", 12_000, 0)
        with pytest.raises(MomentUnsettled):
            await savings.of_member(
                books, "Zainab", MARCH, known_by=datetime(2199, 1, 1, tzinfo=BUSINESS_ZONE)
            )
