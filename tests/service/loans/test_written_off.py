"""What was written off and is still owed, from the lines of its lender's book."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from service.loans import written_off
from service.loans.written_off import WrittenOff

if TYPE_CHECKING:
    from tests.support.world import World

OUT, GONE, BACK = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


async def _written_off(world: World, on: date = date(2026, 7, 31)) -> list[WrittenOff]:
    async with world.reading() as books:
        return await written_off.of_lender(books, "CO-01", on)


async def test_what_came_in_since_is_taken_off_what_is_owed(world: World) -> None:
    """On each day by what had happened by then; never below nothing; a loss alone is no loan's."""
    for code, member in (("L-1", "Zainab"), ("L-2", "Amina"), ("L-3", "Kausar")):
        await world.agree(code, "TWO-A", "900.00", lender="CO-01", borrower=member, on=OUT)
        await world.meet(OUT, f"{member} disbursement 900.00 {code}")
    await world.happen("charge_accrued", GONE, "CO-01")
    for code in ("L-1", "L-2"):
        await world.happen("write_off", GONE, "CO-01", "900.00", loan=code)
    await world.happen("recovery", BACK, "CO-01", "250.00", loan="L-1")
    await world.happen("recovery", BACK, "CO-01", "1000.00", loan="L-2")
    assert await _written_off(world, GONE - timedelta(days=1)) == []
    first = [WrittenOff("L-1", "Zainab", 900_00, 0), WrittenOff("L-2", "Amina", 900_00, 0)]
    assert await _written_off(world, BACK - timedelta(days=1)) == first
    found = await _written_off(world)
    assert [one.recovered for one in found] == [250_00, 1000_00]
    assert [one.still_owed for one in found] == [650_00, 0]


async def test_what_is_undone_is_not_listed(world: World) -> None:
    """A reversed write-off, and a close of the year, change nothing about what is owed."""
    await world.agree("L-1", "QH", "900.00", lender="CO-01", borrower="Zainab", on=OUT)
    await world.meet(OUT, "Zainab disbursement 900.00 L-1")
    code = await world.happen("write_off", GONE, "CO-01", "900.00", loan="L-1")
    later = date(2026, 7, 10)
    await world.happen("year_end_close", date(2026, 6, 30), "CO-01", posted=later)
    assert await _written_off(world) == [WrittenOff("L-1", "Zainab", 900_00, 0)]
    await world.happen("reversal", later, "CO-01", reverses=code)
    assert await _written_off(world) == []
