"""Resources mobilised: by quarter of the day, at the nodes of that day, reversals taken away."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from service import federation, mobilisation, organisations

if TYPE_CHECKING:
    from tests.support.world import World

FIRST = date(2026, 2, 1)
LAST = date(2026, 6, 30)


async def _mobilised(world: World, node: str, on: date = LAST) -> dict[tuple[str, str], int]:
    async with world.reading() as books:
        book = await organisations.book_of(books, node)
        found = await mobilisation.mobilised(books, on, first_on=date(2026, 1, 2), nodes=[book])
    return {(row.period, row.category): row.amount for row in found}


async def test_every_source_has_its_category(world: World) -> None:
    """The community's own above, what came from outside below; IGG and charges are neither."""
    await world.meet(
        FIRST,
        "Zainab saving_compulsory 100.00",
        "Zainab saving_voluntary 50.00",
        "Zainab membership_fee 10.00",
        "Zainab fine 5.00",
        "Zainab donation 20.00",
        "Zainab withdrawal 30.00",
    )
    for kind, amount in {
        "donation_in_kind": "7.00",
        "grant_government": "1.00",
        "grant_donor": "2.00",
        "grant_ngo": "3.00",
        "grant_private": "4.00",
        "grant_rsp": "5.00",
        "cif_capital": "6.00",
        "bank_profit": "8.00",
    }.items():
        await world.happen(kind, FIRST, "CO-01", amount)
    await world.happen("igg_received", FIRST, "CO-01", "9.00", fund="igg", to="Zainab")
    found = await _mobilised(world, "CO-01")
    assert {category: amount for (_, category), amount in found.items()} == {
        "savings_deposited": 15_000,
        "savings_withdrawn": 3_000,
        "membership_fees": 1_000,
        "fines": 500,
        "donations_cash": 2_000,
        "donations_in_kind": 700,
        "government": 100,
        "donors": 200,
        "ngos": 300,
        "private_sector": 400,
        "rsp": 1_100,
    }
    assert {period for period, _ in found} == {"FY2026-Q3"}
    assert await _mobilised(world, "LSO-01") == found


async def test_a_reversal_takes_away_where_and_when_it_is_dated(world: World) -> None:
    """A reversed saving is no withdrawal, and lowers the quarter of the reversal."""
    code = await world.meet(FIRST, "Zainab saving_voluntary 50.00", "Amina saving_voluntary 20.00")
    out = await world.meet(FIRST, "Zainab withdrawal 30.00")
    await world.happen("reversal", date(2026, 4, 1), "CO-01", reverses=out)
    await world.happen("reversal", date(2026, 4, 1), "CO-01", reverses=code)
    assert await _mobilised(world, "CO-01") == {
        ("FY2026-Q3", "savings_deposited"): 7_000,
        ("FY2026-Q3", "savings_withdrawn"): 3_000,
        ("FY2026-Q4", "savings_deposited"): -7_000,
        ("FY2026-Q4", "savings_withdrawn"): -3_000,
    }


async def test_what_two_under_one_node_pay_each_other_is_left_out_there(world: World) -> None:
    """The VO's own page leaves out the fee of its CO, as does everything above."""
    await world.happen("fee_to_parent", FIRST, "CO-01", "100.00", to="VO-01")
    assert await _mobilised(world, "VO-01") == {}
    assert await _mobilised(world, "LSO-01") == {}


async def test_turnover_stays_where_it_happened_when_an_organisation_moves_on(
    world: World,
) -> None:
    """The old VO keeps February, the new one has March."""
    await world.meet(FIRST, "Zainab saving_compulsory 100.00")
    async with world.at(FIRST) as books:
        await federation.move(books, "CO-01", to="VO-02", on=date(2026, 3, 1))
    await world.meet(date(2026, 3, 1), "Zainab saving_compulsory 40.00")
    kind = ("FY2026-Q3", "savings_deposited")
    assert (await _mobilised(world, "VO-01"))[kind] == 10_000
    assert (await _mobilised(world, "VO-02"))[kind] == 4_000
    assert (await _mobilised(world, "LSO-01"))[kind] == 14_000


async def test_turnover_goes_as_far_as_the_day_asked(world: World) -> None:
    """What happens later does not count yet."""
    await world.meet(date(2026, 4, 1), "Zainab saving_compulsory 40.00")
    assert await _mobilised(world, "CO-01", date(2026, 3, 31)) == {}
