"""Classes and reserves by the scheme of the day, and the entry that is proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from ledger.money import rupees
from service.events.event import EventKind
from service.loans import products
from service.refusals import AlreadyExists, Malformed, NotFound, ReserveTooSmall, SchemeContradicts
from service.reserves import proposal, scheme
from service.reserves.proposal import InClass
from service.reserves.scheme import ReserveClass, Scheme
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    from service.reserves.proposal import FundReserve
    from tests.support.world import World

PAID_OUT: Final = date(2026, 1, 10)
INDICATIVE: Final = {
    "current": (0, "0"),
    "watch": (1, "0"),
    "OAEM": (30, "10"),
    "substandard": (60, "25"),
    "doubtful": (90, "50"),
    "loss": (180, "100"),
}
RAISED, RELEASED = EventKind.PROVISION_RAISED, EventKind.PROVISION_RELEASED


async def _lend(world: World) -> None:
    """Zainab and Amina owe 900 each of own money, Kausar 600 of CIF, all due from 10 February."""
    for loan, name, rules, amount in (
        ("L-1", "Zainab", "QH", "900.00"),
        ("L-2", "Amina", "QH", "900.00"),
        ("L-3", "Kausar", "QH-CIF", "600.00"),
    ):
        await world.agree(loan, rules, amount, lender="CO-01", borrower=name, on=PAID_OUT)
        await world.meet(PAID_OUT, f"{name} disbursement {amount} {loan}")


async def _funds(world: World, on: date, organisation: str = "CO-01") -> dict[str, FundReserve]:
    async with world.reading() as books:
        found = await proposal.reserves(books, organisation, on)
    return {one.fund: one for one in found.funds}


def _required(found: FundReserve) -> dict[str, tuple[int, int, int]]:
    return {
        one.of.name: (one.loans, one.principal, one.required) for one in found.classes if one.loans
    }


async def test_the_first_scheme_is_the_indicative_one(world: World) -> None:
    """DOMAIN 6, from the beginning of time."""
    async with world.reading() as books:
        (found,) = await scheme.schemes(books)
        assert await scheme.scheme_on(books, date(1899, 1, 1)) == found
    assert {one.name: (one.days_from, f"{one.percent.normalize():f}") for one in found.classes} == (
        INDICATIVE
    )


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, "current"),
        (1, "watch"),
        (29, "watch"),
        (30, "OAEM"),
        (59, "OAEM"),
        (60, "substandard"),
        (89, "substandard"),
        (90, "doubtful"),
        (179, "doubtful"),
        (180, "loss"),
        (4000, "loss"),
    ],
)
def test_a_class_runs_until_the_next_begins(days: int, name: str) -> None:
    """Its first day is its own."""
    classes = tuple(ReserveClass(n, at, Decimal(p)) for n, (at, p) in INDICATIVE.items())
    assert classes[Scheme(PAID_OUT, "R", classes).place(days)].name == name


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ([], "begins with 0"),
        ([("a", 1, "0")], "begins with 0"),
        ([("a", 0, "0"), ("b", 30, "1"), ("c", 30, "2")], "more days"),
        ([("a", 0, "0"), ("a", 30, "1")], "name of its own"),
        ([("a", 0, "101")], "from 0 to 100"),
        ([("a", 0, "0.125")], "two decimals"),
    ],
)
def test_classes_that_contradict_each_other_are_refused(
    classes: list[tuple[str, int, str]], sentence: str
) -> None:
    """Each with its sentence."""
    with pytest.raises(SchemeContradicts, match=sentence):
        Scheme(PAID_OUT, "R", tuple(ReserveClass(n, at, Decimal(p)) for n, at, p in classes))


def test_what_is_required_is_rounded_half_up_to_the_paisa() -> None:
    """10 per cent of 0.05, and of 0.04."""
    one = ReserveClass("a", 0, Decimal(10))
    assert [InClass(one, 1, principal).required for principal in (4, 5, 15, 0)] == [0, 1, 2, 0]


async def test_each_class_reserves_its_share_per_fund(world: World) -> None:
    """Amina pays one instalment: on 15 April Zainab is 64 days late, she 36, Kausar 64."""
    await _lend(world)
    await world.meet(date(2026, 2, 10), "Amina repayment 300.00 L-2")
    found = await _funds(world, date(2026, 4, 15))
    assert _required(found["own"]) == {
        "OAEM": (1, 60_000, 6_000),
        "substandard": (1, 90_000, 22_500),
    }
    assert _required(found["cif"]) == {"substandard": (1, 60_000, 15_000)}
    assert (found["own"].principal, found["own"].required) == (150_000, 28_500)
    assert (found["own"].held, found["own"].proposed) == (0, (RAISED, 28_500))
    current = await _funds(world, date(2026, 2, 10))
    assert _required(current["own"]) == {"current": (2, 150_000, 0)}
    assert current["own"].proposed is None


async def test_posting_what_is_proposed_leaves_nothing_to_propose(world: World) -> None:
    """Raised as the loans age, released as they are paid; the profit and loss bears it."""
    await _lend(world)
    late, paid = date(2026, 4, 15), date(2026, 5, 10)
    for fund, found in (await _funds(world, late)).items():
        assert found.proposed is not None
        kind, amount = found.proposed
        code = await world.happen(kind, late, "CO-01", rupees(amount), fund=fund)
        said = "" if fund == "own" else f"{fund} "
        sides = f"5100 {said}{rupees(amount)} / 1390 {said}{rupees(amount)}"
        assert await world.told(code) == [f"CO-01: {sides}"]
    assert {one.proposed for one in (await _funds(world, late)).values()} == {None}
    await world.meet(paid, "Zainab repayment 900.00 L-1", "Amina repayment 900.00 L-2")
    found = (await _funds(world, paid))["own"]
    assert (found.principal, found.held) == (0, 45_000)
    assert found.proposed == (RELEASED, 45_000)
    await world.happen(RELEASED, paid, "CO-01", "450.00")
    assert "own" not in await _funds(world, paid)
    assert await world.balance("CO-01", "5100") == "0.00"


async def test_a_loan_is_reserved_for_once_whatever_versions_its_rules_have(world: World) -> None:
    """The next version of the rules counts none of the loans of the first again."""
    await _lend(world)
    late = date(2026, 4, 15)
    before = await _funds(world, late)
    async with world.at(late) as books:
        await products.add_version(books, replace(PRODUCTS["QH"], version=2, from_on=late))
    assert await _funds(world, late) == before


async def test_no_more_is_released_than_is_held(world: World) -> None:
    """On its day, and on every later one; a provision that was used is not undone."""
    await _lend(world)
    first, later = date(2026, 4, 1), date(2026, 5, 1)
    with pytest.raises(ReserveTooSmall):
        await world.happen(RELEASED, first, "CO-01", "0.01")
    raised = await world.happen(RAISED, later, "CO-01", "500.00")
    with pytest.raises(ReserveTooSmall):
        await world.happen(RELEASED, first, "CO-01", "100.00", posted=later)
    with pytest.raises(ReserveTooSmall):
        await world.happen(RELEASED, later, "CO-01", "500.01")
    await world.happen("write_off", later, "CO-01", "900.00", loan="L-1")
    assert await world.balance("CO-01", "1390") == "0.00"
    with pytest.raises(ReserveTooSmall):
        await world.happen("reversal", later, "CO-01", reverses=raised)
    with pytest.raises(ReserveTooSmall):
        await world.happen(RELEASED, later, "CO-01", "1.00")


async def test_a_provision_is_of_nobody_and_no_money(world: World) -> None:
    """It names no counterparty, and was not paid."""
    event = world.event(RAISED, PAID_OUT, "CO-01", "1.00", to="Zainab")
    with pytest.raises(Malformed, match="counterparty"):
        await world.record(event)


async def test_a_new_scheme_holds_from_its_day_on(world: World) -> None:
    """The old one for every day before; two do not begin on one day."""
    await _lend(world)
    new = Scheme(
        date(2026, 4, 15),
        "LSO-01/2026-04-01/1",
        (ReserveClass("good", 0, Decimal("1.50")), ReserveClass("bad", 30, Decimal(100))),
    )
    async with world.at(PAID_OUT) as books:
        await scheme.add(books, new)
        with pytest.raises(AlreadyExists):
            await scheme.add(books, new)
    before = await _funds(world, date(2026, 4, 14))
    after = await _funds(world, date(2026, 4, 15))
    assert set(_required(before["cif"])) == {"substandard"}
    assert _required(after["cif"]) == {"bad": (1, 60_000, 60_000)}


async def test_the_reserves_of_nobody_are_not_found(world: World) -> None:
    """And a book without loans has nothing to reserve."""
    with pytest.raises(NotFound):
        await _funds(world, PAID_OUT, "CO-77")
    assert await _funds(world, PAID_OUT) == {}
