"""A member leaves, or has died: her savings pay her loans, and what is left is paid out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.refusals import FloorPassed, SavingsPledged
from service import guarantees, members
from service.events import owing
from service.events.event import refuse_malformed
from service.guarantees import Surety
from service.refusals import Malformed, MemberOfAnother, NothingSaved
from tests.service.events.reading import figures
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from tests.support.world import World

OUT, LATER_OUT, ON = date(2026, 2, 1), date(2026, 2, 2), date(2026, 3, 10)


async def _zainab(world: World, compulsory: str, voluntary: str) -> None:
    """She owes 627 of own money, lent first, and 600 of CIF without charge; and has savings."""
    await world.agree("L-9", "FLAT", "600.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.agree("L-1", "QH-CIF", "600.00", lender="CO-01", borrower="Zainab", on=LATER_OUT)
    await world.meet(OUT, "Zainab disbursement 600.00 L-9")
    await world.meet(
        LATER_OUT,
        "Zainab disbursement 600.00 L-1",
        f"Zainab saving_compulsory {compulsory}",
        f"Zainab saving_voluntary {voluntary}",
    )


async def _settle(world: World, *, member: str = "Zainab", by: str = "cash") -> str:
    why = "She died on 8 March; resolved with her family"
    return await world.happen("settlement", ON, "CO-01", to=member, by=by, narrative=why)


async def _left_on(world: World, member: str = "Zainab") -> date | None:
    async with world.reading() as books:
        return (await members.member(books, member)).left_on


async def test_what_she_pledges_for_her_own_loan_pays_it(world: World) -> None:
    """It is let go with the settlement that it was pledged for; what she pledges for others not."""
    await _zainab(world, "1500.00", "500.00")
    await world.agree("L-2", "QH", "100.00", lender="CO-01", borrower="Amina", on=OUT)
    async with world.at(LATER_OUT) as books:
        await guarantees.stand(books, Surety("L-9", "Zainab", 60_000, LATER_OUT))
        other = await guarantees.stand(books, Surety("L-2", "Zainab", 10_000, LATER_OUT))
    with pytest.raises(SavingsPledged):
        await _settle(world)
    async with world.reading() as books:
        assert (await guarantees.one(books, "L-9", 1)).to_on is None
    async with world.at(ON) as books:
        await guarantees.release(books, "L-2", other.n, on=ON)
    await _settle(world)
    assert [found.closed for found in await figures(world, "L-9", "L-1", on=ON)] == [True, True]
    async with world.reading() as books:
        assert (await guarantees.one(books, "L-9", 1)).to_on == ON


async def test_savings_pay_every_loan_and_the_rest_is_paid_out(world: World) -> None:
    """2,000 less 627 and 600 are 773; what the loan of CIF takes goes from own cash to its fund."""
    await _zainab(world, "1500.00", "500.00")
    code = await _settle(world)
    assert await world.told(code) == [
        (
            "CO-01: 2010 Zainab 500.00, 2000 Zainab 1500.00, 1000 cif 600.00 / 4100 27.00, "
            "1300 L-9 600.00, 1300 cif L-1 600.00, 1000 600.00, 1000 773.00"
        )
    ]
    assert [found.closed for found in await figures(world, "L-9", "L-1", on=ON)] == [True, True]
    assert await _left_on(world) == ON


async def test_savings_that_do_not_suffice_pay_the_oldest_loan_first(world: World) -> None:
    """700 pay the 627 of L-9, and 73 of L-1: of that she still owes 527."""
    await _zainab(world, "400.00", "300.00")
    code = await _settle(world)
    assert await world.told(code) == [
        (
            "CO-01: 2010 Zainab 300.00, 2000 Zainab 400.00, 1000 cif 73.00 / 4100 27.00, "
            "1300 L-9 600.00, 1300 cif L-1 73.00, 1000 73.00"
        )
    ]
    async with world.reading() as books:
        event = world.event("settlement", ON, "CO-01", to="Zainab")
        assert await owing.still_owed(books, event) == [
            {"loan": "L-1", "principal": "527.00", "overdue_charge": "0.00", "overdue_fine": "0.00"}
        ]


async def test_a_part_of_a_loan_is_paid_oldest_instalment_first(world: World) -> None:
    """250 of Rs 627: charge 9 and principal 200, then 9 and 32 of the next instalment."""
    await _zainab(world, "250.00", "1.00")
    await world.meet(LATER_OUT, "Zainab withdrawal 1.00")
    code = await _settle(world)
    assert await world.told(code) == ["CO-01: 2000 Zainab 250.00 / 4100 18.00, 1300 L-9 232.00"]


async def test_accrued_charge_is_settled_as_by_any_payment(world: World) -> None:
    """60 were income already, 40 and 20 are now."""
    await world.agree("L-1", "TWO-A", "3000.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.meet(OUT, "Zainab disbursement 3000.00 L-1", "Zainab saving_compulsory 4000.00")
    await world.happen("charge_accrued", date(2026, 3, 1), "CO-01")
    code = await _settle(world)
    assert await world.told(code) == [
        ("CO-01: 2000 Zainab 4000.00 / 1320 L-1 60.00, 4100 60.00, 1300 L-1 3000.00, 1000 880.00")
    ]


async def test_who_owes_nothing_is_paid_out_through_the_bank_if_so_wished(world: World) -> None:
    """A written-off loan is no running one."""
    await world.agree("L-1", "QH", "900.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.meet(OUT, "Zainab disbursement 900.00 L-1", "Zainab saving_compulsory 100.00")
    await world.happen("write_off", ON, "CO-01", "900.00", loan="L-1")
    await world.happen("bank_deposit", OUT, "CO-01", "500.00")
    code = await _settle(world, by="bank")
    assert await world.told(code) == ["CO-01: 2000 Zainab 100.00 / 1100 BANK 100.00"]


async def test_a_reversed_settlement_leaves_everything_as_it_was(world: World) -> None:
    """Loans, savings, and that she is a member; who had left before is still gone."""
    await _zainab(world, "400.00", "300.00")
    before = await figures(world, "L-9", "L-1")
    code = await _settle(world)
    await world.happen("reversal", ON, "CO-01", reverses=code)
    assert await figures(world, "L-9", "L-1") == before
    assert await world.balance("CO-01", "2000", "Zainab") == "-400.00"
    assert await world.balance("CO-01", "2010", "Zainab") == "-300.00"
    assert await _left_on(world) is None


async def test_the_day_on_which_she_left_before_stays(world: World) -> None:
    """Also when the settlement is reversed."""
    await _zainab(world, "400.00", "300.00")
    async with world.at(ON) as books:
        found = await members.member(books, "Zainab")

        await members.amend(books, replace(found, left_on=LATER_OUT))
    code = await _settle(world)
    assert await _left_on(world) == LATER_OUT
    await world.happen("reversal", ON, "CO-01", reverses=code)
    assert await _left_on(world) == LATER_OUT


async def test_a_settlement_says_why_and_with_whom_and_no_amount(world: World) -> None:
    """How much, her savings say."""
    event = world.event("settlement", ON, "CO-01", to="Zainab", narrative="She moves away")
    refuse_malformed(event)
    wrong: tuple[tuple[str, object], ...] = (
        ("narrative", ""),
        ("counterparty", None),
        ("amount", 100),
        ("fund", "own"),
    )
    for field, value in wrong:
        with pytest.raises(Malformed, match=f"^{field}: "):
            refuse_malformed(replace(event, **{field: value}))  # type: ignore[arg-type] # wrong on purpose


async def test_what_cannot_be_settled_is_refused_and_leaves_no_trace(world: World) -> None:
    """No savings; a member of another; and more than there is in own cash."""
    await _zainab(world, "1500.00", "500.00")
    await world.happen("expense", ON, "CO-01", "9500.00")
    before = await fingerprint(world.engine)
    with pytest.raises(NothingSaved, match="Amina has no savings"):
        await _settle(world, member="Amina")
    with pytest.raises(MemberOfAnother):
        await _settle(world, member="Salma")
    assert await fingerprint(world.engine) == before
    await world.happen("expense", ON, "CO-01", "1000.00")
    before = await fingerprint(world.engine)
    with pytest.raises(FloorPassed, match=r"Cash in hand \(1000 own\)"):
        await _settle(world)
    assert await fingerprint(world.engine) == before
    assert await _left_on(world) is None
