"""Loans as they are agreed: products, holidays, and schedules that freeze."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from service.loans import contracts, holidays, products
from service.loans.agreement import Agreement
from service.loans.terms import ContractContradicts
from service.refusals import AlreadyExists, Malformed, NotFound
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 2, 1)
AGREED = Agreement(
    code="L-1",
    lender="CO-01",
    member="Zainab",
    organisation=None,
    product="TWO",
    principal=300_000,
    applied_on=date(2026, 1, 10),
    approved_on=date(2026, 1, 20),
    resolution="CO-01/2026-01-20/1",
    disbursed_on=ON,
    first_due_on=date(2026, 3, 1),
    instalments=3,
    purpose="goats",
)


async def _agree(world: World, agreement: Agreement) -> None:
    async with world.at(ON) as books:
        await contracts.agree(books, agreement)


async def test_a_loan_is_read_back_as_it_was_agreed(world: World) -> None:
    """With its contract, its schedule, and the books that it is in."""
    await _agree(world, AGREED)
    async with world.reading() as books:
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
    assert (loan.agreement, loan.code, loan.fund, str(loan.asset)) == (
        AGREED,
        "L-1",
        "own",
        "1300 own L-1",
    )
    assert [(p.due_on.isoformat(), p.principal, p.charge) for p in loan.schedule] == [
        ("2026-03-01", 98_000, 6_000),
        ("2026-04-01", 100_000, 4_000),
        ("2026-05-01", 102_000, 2_000),
    ]
    assert loan.borrower_book is None


async def test_a_loan_to_an_organisation_is_another_asset(world: World) -> None:
    """And it knows the borrower's book, which its accounts face."""
    await _agree(world, replace(AGREED, lender="LSO-01", member=None, organisation="CO-01"))
    async with world.reading() as books:
        loan = (await contracts.loans(books))["L-1"]
    assert (str(loan.asset), loan.agreement.borrower) == ("1310 own L-1", "CO-01")
    assert loan.borrower_book != loan.lender_book


async def test_due_dates_freeze_when_a_loan_is_paid_out(world: World) -> None:
    """A holiday that is declared later moves nothing; one known before does."""
    async with world.at(ON) as books:
        await holidays.add(books, [(date(2026, 4, 1), "Eid"), (date(2026, 4, 1), "Eid")])
    await _agree(world, AGREED)
    async with world.at(ON) as books:
        await holidays.add(books, [(date(2026, 3, 1), "Flood")])
    async with world.reading() as books:
        loan = (await contracts.loans(books))["L-1"]
        days_off = await holidays.holidays(books, first_on=date(2026, 3, 2))
    assert [part.due_on.day for part in loan.schedule] == [1, 2, 1]
    assert days_off == [(date(2026, 4, 1), "Eid")]


async def test_a_loan_that_is_only_approved_has_no_schedule(world: World) -> None:
    """It falls due on no day."""
    await _agree(world, replace(AGREED, disbursed_on=None))
    async with world.reading() as books:
        assert (await contracts.loans(books))["L-1"].schedule == ()


REFUSED = {
    "a code that is taken": (AlreadyExists, {}),
    "of no product": (NotFound, {"code": "L-2", "product": "NONE"}),
    "of no lender": (NotFound, {"code": "L-2", "lender": "CO-77"}),
    "to no member": (NotFound, {"code": "L-2", "member": "Nobody"}),
    "to two": (Malformed, {"code": "L-2", "organisation": "VO-01"}),
    "to nobody": (Malformed, {"code": "L-2", "member": None}),
    "to itself": (Malformed, {"code": "L-2", "member": None, "organisation": "CO-01"}),
    "of nothing": (ContractContradicts, {"code": "L-2", "principal": 0}),
}


@pytest.mark.parametrize(("refusal", "changed"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_loan_that_cannot_be_meant_is_refused(
    world: World, refusal: type[Exception], changed: dict[str, object]
) -> None:
    """Between whom, of what, and under which rules."""
    await _agree(world, AGREED)
    with pytest.raises(refusal):
        await _agree(world, replace(AGREED, **changed))  # type: ignore[arg-type] # as the table says


async def test_grace_that_leaves_no_schedule_is_refused_before_any_money_moves(
    world: World,
) -> None:
    """Also of a loan that is only approved yet: it could never be paid out."""
    graced = replace(PRODUCTS["TWO"], code="GRACE", grace_principal=3)
    async with world.at(ON) as books:
        await products.add(books, [graced])
    with pytest.raises(ContractContradicts, match="grace on principal"):
        await _agree(world, replace(AGREED, product="GRACE", disbursed_on=None))
    await _agree(world, replace(AGREED, product="GRACE", instalments=4))


async def test_an_unknown_loan_is_not_found(world: World) -> None:
    """The sentence names the first that is missing."""
    async with world.reading() as books:
        with pytest.raises(NotFound, match="L-8"):
            await contracts.loans(books, ["L-9", "L-8"])


async def test_the_loans_of_a_lender_are_listed_page_by_page(world: World) -> None:
    """In the order of their codes."""
    for code in ("L-3", "L-1", "L-2"):
        await _agree(world, replace(AGREED, code=code))
    async with world.reading() as books:
        found = await contracts.of_lender(books, "CO-01", after="L-1", limit=1)
        assert await contracts.of_lender(books, "CO-02") == []
    assert [loan.code for loan in found] == ["L-2"]


@pytest.mark.parametrize("percent", ["0", "2", "19.5", "33.333333333333", "0.000000000001"])
async def test_a_rate_is_kept_exactly(world: World, percent: str) -> None:
    """As the decimal that it was resolved as."""
    new = replace(PRODUCTS["TWO"], code="NEW", rate=Fraction(percent) / 100)
    async with world.at(ON) as books:
        await products.add(books, [new])
    async with world.reading() as books:
        found = await products.products(books)
    assert found == {code: (one,) for code, one in (PRODUCTS | {"NEW": new}).items()}


async def test_a_product_code_is_taken_once(world: World) -> None:
    """A loan keeps the rules in force when it was approved, so rules never change."""
    with pytest.raises(AlreadyExists):
        async with world.at(ON) as books:
            await products.add(books, [PRODUCTS["TWO"]])
