"""Who guarantees a loan: whom it may be, how it ends, and how many a loan needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from ledger.postgres.verify import verify
from ledger.refusals import SavingsPledged
from service import guarantees, members, savings
from service.guarantees import Surety
from service.loans import contracts
from service.refusals import (
    AlreadyExists,
    GuaranteeNeeded,
    GuarantorsMissing,
    Malformed,
    NotFound,
)
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    from service.guarantees import Guarantee
    from tests.support.world import World

SAVED: Final = date(2026, 2, 1)
AGREED: Final = date(2026, 2, 10)
PAID: Final = date(2026, 2, 20)
LATER: Final = date(2026, 3, 10)


async def lent(world: World, *, paid_out: bool = True, product: str = "QH") -> None:
    """Everybody has saved Rs 1,000; Zainab borrows 600 by loan L-1."""
    for name in ("Zainab", "Amina", "Kausar"):
        await world.meet(
            SAVED, f"{name} saving_compulsory 600.00", f"{name} saving_voluntary 400.00"
        )
    await world.meet(SAVED, "Salma saving_voluntary 1000.00", co="CO-02")
    await world.agree("L-1", product, "600.00", lender="CO-01", borrower="Zainab", on=PAID)
    if paid_out:
        await world.meet(PAID, "Zainab disbursement 600.00 L-1")


async def stand(
    world: World,
    member: str,
    rupees: int = 0,
    *,
    on: date = AGREED,
    at: date = LATER,
    replaces: int | None = None,
) -> Guarantee:
    """A member stands surety for L-1."""
    async with world.at(at) as books:
        return await guarantees.stand(
            books, Surety("L-1", member, rupees * 100, on, "Resolved", replaces)
        )


async def release(world: World, n: int, *, on: date = LATER, at: date = LATER) -> Guarantee:
    """A guarantee of L-1 ends."""
    async with world.at(at) as books:
        return await guarantees.release(books, "L-1", n, on=on)


async def withdraw(world: World, member: str, amount: str, *, co: str = "CO-01") -> None:
    """A member withdraws."""
    await world.meet(LATER, f"{member} withdrawal {amount}", co=co)


async def test_what_a_guarantor_pledges_stays_in_her_own_book(world: World) -> None:
    """A neighbour's, a member's of another CO, and the borrower's own."""
    await lent(world)
    for n, (member, co) in enumerate([("Amina", "CO-01"), ("Salma", "CO-02"), ("Zainab", "CO-01")]):
        made = await stand(world, member, 700)
        assert (made.n, made.organisation, made.pledged) == (n + 1, co, 700_00)
        assert made.own is (member == "Zainab")
        with pytest.raises(SavingsPledged, match=r"Rs 300\.00 of what"):
            await withdraw(world, member, "300.01", co=co)
        await withdraw(world, member, "300.00", co=co)
    async with world.reading() as books:
        assert len(await guarantees.of_loan(books, "L-1")) == 3
        assert [g.loan for g in await guarantees.of_member(books, "Salma")] == ["L-1"]
        for day, pledged in ((SAVED, 0), (AGREED, 700_00)):
            assert await savings.pledged(books, "Amina", day) == pledged
        assert (await verify(books.ledger)).findings == ()


async def test_surety_without_a_pledge_holds_nothing_back(world: World) -> None:
    """It is a name and no money; and ends like any other."""
    await lent(world, paid_out=False)
    made = await stand(world, "Amina")
    assert (made.pledged, made.pledge, made.from_on, made.to_on) == (0, None, AGREED, None)
    await withdraw(world, "Amina", "1000.00")
    assert (await release(world, 1)).to_on == LATER
    assert (await stand(world, "Amina", on=LATER)).n == 2


async def test_a_pledge_is_never_above_what_is_free(world: World) -> None:
    """On any day from its own on; over all loans together."""
    await lent(world)
    with pytest.raises(SavingsPledged, match=r"Rs 1000\.00 of what Amina"):
        await stand(world, "Amina", 1001)
    with pytest.raises(SavingsPledged):
        await stand(world, "Amina", 1, on=date(2026, 1, 31))
    await withdraw(world, "Amina", "300.00")
    with pytest.raises(SavingsPledged):
        await stand(world, "Amina", 701)
    await stand(world, "Amina", 700)


@pytest.mark.parametrize(
    ("member", "rupees", "on", "kind"),
    [
        ("Zainab", 0, AGREED, Malformed),
        ("Nobody", 0, AGREED, NotFound),
        ("Amina", -1, AGREED, Malformed),
        ("Amina", 0, date(2026, 3, 11), Malformed),
        ("Amina", 0, date(2025, 6, 30), Malformed),
        ("Kausar", 0, AGREED, Malformed),
        ("Salma", 0, AGREED, AlreadyExists),
    ],
    ids=["borrower", "stranger", "less than nothing", "to come", "not joined", "left", "again"],
)
async def test_who_does_not_stand_surety(
    world: World, member: str, rupees: int, on: date, kind: type[Exception]
) -> None:
    """The borrower, who owes it anyway; who is no member, or no more; who stands already."""
    await lent(world)
    await stand(world, "Salma", 10)
    async with world.at(LATER) as books:
        kausar = await members.member(books, "Kausar")
        await members.amend(books, replace(kausar, left_on=LATER))
    with pytest.raises(kind):
        await stand(world, member, rupees, on=on)


async def test_no_guarantee_ends_while_the_loan_is_running(world: World) -> None:
    """Before it is paid out, and once it is repaid; not in between, nor as of a day in between."""
    await lent(world)
    await stand(world, "Amina", 500)
    await stand(world, "Kausar")
    for n in (1, 2):
        with pytest.raises(GuaranteeNeeded):
            await release(world, n)
    with pytest.raises(GuaranteeNeeded):
        await release(world, 1, on=date(2026, 2, 15))
    await world.meet(LATER, "Zainab repayment 600.00 L-1")
    with pytest.raises(GuaranteeNeeded):
        await release(world, 1, on=date(2026, 3, 9))
    with pytest.raises(NotFound):
        await release(world, 3)
    with pytest.raises(Malformed):
        await release(world, 1, on=date(2026, 2, 9))
    with pytest.raises(Malformed):
        await release(world, 1, on=date(2026, 3, 11))
    assert (await release(world, 1)).to_on == LATER
    with pytest.raises(AlreadyExists):
        await release(world, 1)
    await withdraw(world, "Amina", "1000.00")


async def test_a_guarantee_ends_where_the_loan_is_written_off(world: World) -> None:
    """It runs no longer."""
    await lent(world)
    await stand(world, "Amina", 500)
    lost = world.event("write_off", LATER, "CO-01", "600.00", loan="L-1", by="none")
    await world.record(lost)
    assert (await release(world, 1)).to_on == LATER


async def test_another_takes_the_place_of_a_guarantor(world: World) -> None:
    """Who pledges at least as much, on its first day; one place is taken once."""
    await lent(world)
    await stand(world, "Amina", 500)
    for member, amount, kind in (
        ("Kausar", 499, GuaranteeNeeded),
        ("Zainab", 500, GuaranteeNeeded),
    ):
        with pytest.raises(kind):
            await stand(world, member, amount, on=LATER, replaces=1)
    with pytest.raises(NotFound):
        await stand(world, "Kausar", 500, on=LATER, replaces=2)
    with pytest.raises(Malformed, match="stands from"):
        await stand(world, "Kausar", 500, on=SAVED, replaces=1)
    made = await stand(world, "Kausar", 500, on=LATER, replaces=1)
    assert (made.n, made.replaces) == (2, 1)
    with pytest.raises(Malformed, match="stands from"):
        await stand(world, "Salma", 500, on=LATER, replaces=1)
    await withdraw(world, "Amina", "1000.00")
    async with world.reading() as books:
        first, second = await guarantees.of_loan(books, "L-1")
        assert (first.to_on, second.to_on) == (LATER, None)


async def test_a_guarantor_pledges_more_in_place_of_less(world: World) -> None:
    """What she pledged before counts as free for that."""
    await lent(world)
    await stand(world, "Amina", 600)
    with pytest.raises(AlreadyExists):
        await stand(world, "Amina", 400, on=LATER)
    made = await stand(world, "Amina", 1000, on=LATER, replaces=1)
    assert made.pledged == 1000_00


async def test_only_two_books_are_opened_by_one_officer(world: World) -> None:
    """A pledge in a third book is replaced by a member of that CO."""
    await lent(world)
    await world.meet(SAVED, "Hajra saving_voluntary 1000.00", co="CO-03")
    await stand(world, "Salma", 500)
    with pytest.raises(Malformed, match="CO-02"):
        await stand(world, "Hajra", 500, on=LATER, replaces=1)
    await stand(world, "Amina", 500)
    made = await stand(world, "Hajra", 500, on=LATER, replaces=2)
    assert made.organisation == "CO-03"


async def test_a_back_dated_withdrawal_is_held_to_later_pledges(world: World) -> None:
    """By a sheet of an earlier day, and by a correction of the sheet that saved."""
    await lent(world)
    await stand(world, "Amina", 700)
    for day in (SAVED, AGREED):
        with pytest.raises(SavingsPledged):
            await world.meet(day, "Amina withdrawal 300.01", posted=LATER)
    await world.meet(AGREED, "Amina withdrawal 300.00", posted=LATER)


# -- How many a loan needs --------------------------------------------------------------


async def _demand_two(world: World) -> None:
    """Every product wants two guarantors: resolved before any loan was agreed."""
    async with world.at(AGREED) as books:
        await books.execute("UPDATE service.product SET limits = '{\"guarantors\": 2}'")


async def test_a_loan_is_paid_out_once_enough_members_stand_surety(world: World) -> None:
    """Guarantors of that day, who are members and not released; no borrower's own pledge."""
    await _demand_two(world)
    await lent(world, paid_out=False)
    await stand(world, "Zainab", 500, at=AGREED)
    await stand(world, "Amina", 10, at=AGREED)
    sheet = world.sheet(PAID, "Zainab disbursement 600.00 L-1")
    with pytest.raises(GuarantorsMissing, match="2 members stand surety for it; 1 do"):
        await world.close(sheet)
    await stand(world, "Kausar", at=PAID, on=PAID)
    await release(world, 3, on=PAID, at=PAID)
    with pytest.raises(GuarantorsMissing):
        await world.close_again(sheet.code, day=PAID, key="again")
    await stand(world, "Salma", at=LATER, on=LATER)
    with pytest.raises(GuarantorsMissing):
        await world.close_again(sheet.code, day=LATER, key="again")
    await stand(world, "Kausar", at=LATER, on=PAID)
    await world.close_again(sheet.code, day=LATER, key="again")
    await world.close_again(sheet.code, day=LATER, key="again")


async def test_an_organisation_too_borrows_with_guarantors(world: World) -> None:
    """The transfer that pays it out asks for them."""
    await _demand_two(world)
    await world.agree("L-1", "CIF", "600.00", lender="VO-01", borrower="CO-01", on=PAID)
    paid = world.event(
        "organisation_loan_disbursed", PAID, "VO-01", "600.00", to="CO-01", loan="L-1", fund="cif"
    )
    with pytest.raises(GuarantorsMissing):
        await world.record(paid)
    for member in ("Amina", "Kausar"):
        await stand(world, member, at=PAID)
    await world.record(paid)


async def test_most_loans_ask_for_nobody(world: World) -> None:
    """Nothing is counted for them."""
    await lent(world)
    async with world.at(LATER) as books:
        loans = await contracts.loans(books, ["L-1"])
        assert await guarantees.standing(books, loans, ["L-1"], PAID) == {}
    guarantees.refuse_too_few_guarantors(loans, {})
    assert PRODUCTS["QH"].limits.guarantors == 0
