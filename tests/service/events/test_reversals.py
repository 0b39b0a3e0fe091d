"""Undoing: once, in every book, on a day of its own; and correcting a sheet in one posting."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.refusals import (
    AlreadyReversed,
    FloorPassed,
    ReversalOfReversal,
    ReversalTooEarly,
)
from service.events import corrections
from service.events import store as event_store
from service.refusals import AlreadyExists, Malformed, NotFound, SheetNotClosed
from service.sheets import store as sheet_store
from service.sheets.sheet import SheetState
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from ledger.requests import Posted
    from service.sheets.sheet import Sheet
    from tests.support.world import World

ON = date(2026, 2, 1)
LATER = date(2026, 2, 3)


async def _reverse(world: World, code: str, *, by: str = "CO-01", on: date = LATER) -> str:
    return await world.happen("reversal", on, by, reverses=code)


async def _correct(
    world: World, wrong: str, right: Sheet, *, on: date = LATER, key: str = "k"
) -> Posted:
    async with world.at(LATER) as books:
        return await corrections.correct_sheet(
            books, wrong, right, on=on, reason="Miscounted", resolution=None, key=key
        )


async def test_a_reversal_puts_every_line_on_the_other_side(world: World) -> None:
    """Also a repayment's split, and what was counted too much."""
    await world.agree("L-1", "FLAT", "600.00", lender="CO-01", borrower="Zainab", on=ON)
    await world.meet(ON, "Zainab disbursement 600.00 L-1")
    sheet = await world.meet(
        ON, "Zainab repayment 650.00 L-1", "Amina saving_compulsory 50.00", over="2"
    )
    assert await world.told(sheet) == [
        (
            "CO-01: 1000 702.00 / 2000 Amina 50.00, 4100 27.00, 1300 L-1 600.00, "
            "2010 Zainab 23.00, 4990 2.00"
        )
    ]
    undone = await _reverse(world, sheet)
    assert await world.told(undone) == [
        (
            "CO-01: 2000 Amina 50.00, 4100 27.00, 1300 L-1 600.00, 2010 Zainab 23.00, 4990 2.00"
            " / 1000 702.00"
        )
    ]


async def test_a_reversed_transfer_is_undone_in_both_books(world: World) -> None:
    """Either of the two organisations may ask for it."""
    code = await world.happen("deposit_placed", ON, "CO-01", "100.00", to="VO-01")
    undone = await _reverse(world, code)
    assert await world.told(undone) == [
        "CO-01: 1000 100.00 / 1200 VO-01 100.00",
        "VO-01: 2100 CO-01 100.00 / 1000 100.00",
    ]


async def test_a_reversal_asked_for_by_the_other_half_is_kept_in_its_own_book(
    world: World,
) -> None:
    """The voucher that stands with the event is one of the organisation that asked."""
    code = await world.happen("deposit_placed", ON, "CO-01", "100.00", to="VO-01")
    undone = await _reverse(world, code, by="VO-01")
    assert await world.told(undone) == [
        "VO-01: 2100 CO-01 100.00 / 1000 100.00",
        "CO-01: 1000 100.00 / 1200 VO-01 100.00",
    ]


async def test_a_stranger_reverses_nothing(world: World) -> None:
    """Only an organisation that has it in its book."""
    code = await world.happen("deposit_placed", ON, "CO-01", "100.00", to="VO-01")
    with pytest.raises(Malformed, match=r"organisation: E-.* is not in its book"):
        await _reverse(world, code, by="CO-02")


async def test_nothing_is_reversed_twice(world: World) -> None:
    """The second time there is nothing left to undo."""
    code = await world.happen("expense", ON, "CO-01", "100.00")
    await _reverse(world, code)
    with pytest.raises(AlreadyReversed):
        await _reverse(world, code)


async def test_a_reversal_is_not_reversed(world: World) -> None:
    """What is right is entered again."""
    code = await _reverse(world, await world.happen("expense", ON, "CO-01", "100.00"))
    with pytest.raises(ReversalOfReversal):
        await _reverse(world, code)


async def test_a_reversal_is_not_dated_before_what_it_reverses(world: World) -> None:
    """On the same day it may be."""
    code = await world.happen("expense", ON, "CO-01", "100.00")
    with pytest.raises(ReversalTooEarly):
        await world.record(
            world.event("reversal", date(2026, 1, 31), "CO-01", reverses=code), posted=LATER
        )
    await _reverse(world, code, on=ON)


async def test_what_does_not_exist_is_not_reversed(world: World) -> None:
    """Neither sheet nor event of that code."""
    with pytest.raises(NotFound):
        await _reverse(world, "S-99")


async def test_a_draft_is_not_reversed(world: World) -> None:
    """Nothing was posted for it."""
    async with world.at(ON) as books:
        await sheet_store.add(books, [(world.sheet(ON, "Zainab fine 1.00"), None)])
    with pytest.raises(NotFound, match="Nothing was posted for S-1"):
        await _reverse(world, "S-1")


async def test_a_reversal_that_would_pass_a_floor_is_refused(world: World) -> None:
    """Savings that have been withdrawn since cannot be undone."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    await world.meet(ON, "Zainab withdrawal 60.00")
    before = await fingerprint(world.engine)
    with pytest.raises(FloorPassed):
        await _reverse(world, sheet)
    assert await fingerprint(world.engine) == before


async def test_a_correction_passes_where_the_reversal_alone_would_pass_a_floor(
    world: World,
) -> None:
    """Floors are checked after both, so that the moment between them refuses nothing."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    await world.meet(ON, "Zainab withdrawal 60.00")
    right = world.sheet(ON, "Zainab saving_voluntary 80.00")
    posted = await _correct(world, sheet, right, on=ON)
    assert len(posted.refs) == 2
    assert await world.told(right.code) == ["CO-01: 1000 80.00 / 2010 Zainab 80.00"]
    assert await world.told(f"{right.code}/reversal") == ["CO-01: 2010 Zainab 100.00 / 1000 100.00"]
    assert await world.balance("CO-01", "2010", "Zainab") == "-20.00"
    async with world.reading() as books:
        assert (await sheet_store.load(books, sheet)).state is SheetState.REVERSED
        assert (await sheet_store.load(books, right.code)).state is SheetState.CLOSED
        event, _ = await event_store.load(books, f"{right.code}/reversal")
    assert (event.reverses, event.narrative) == (sheet, "Miscounted")


async def test_a_correction_that_goes_too_low_is_refused_whole(world: World) -> None:
    """Neither the reversal nor the right sheet is left behind."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    await world.meet(ON, "Zainab withdrawal 60.00")
    before = await fingerprint(world.engine)
    with pytest.raises(FloorPassed):
        await _correct(world, sheet, world.sheet(ON, "Zainab saving_voluntary 59.99"), on=ON)
    assert await fingerprint(world.engine) == before


async def test_a_correction_with_a_key_used_already_gives_the_first_answer(world: World) -> None:
    """A clerk whose link broke may send it again."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    right = world.sheet(ON, "Zainab saving_voluntary 80.00")
    first = await _correct(world, sheet, right)
    again = await _correct(world, sheet, right)
    assert (again.refs, again.replayed) == (first.refs, True)


async def test_a_correction_under_a_code_that_is_taken_is_refused(world: World) -> None:
    """Sheets and events share one set of codes."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    taken = await world.meet(ON, "Zainab fine 1.00")
    with pytest.raises(AlreadyExists):
        await _correct(world, sheet, world.sheet(ON, "Zainab fine 2.00", code=taken))


async def test_a_reversed_sheet_is_not_corrected_again(world: World) -> None:
    """The right one is."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    await _correct(world, sheet, world.sheet(ON, "Zainab saving_voluntary 80.00"))
    with pytest.raises(AlreadyReversed):
        await _correct(world, sheet, world.sheet(ON, "Zainab fine 2.00"), key="other")


async def test_a_draft_is_changed_and_not_corrected(world: World) -> None:
    """There is nothing to reverse yet."""
    draft = world.sheet(ON, "Zainab fine 1.00")
    async with world.at(ON) as books:
        await sheet_store.add(books, [(draft, None)])
    with pytest.raises(SheetNotClosed):
        await _correct(world, draft.code, world.sheet(ON, "Zainab fine 2.00"))
    with pytest.raises(SheetNotClosed):
        async with world.at(LATER) as books:
            await corrections.reverse_sheet(
                books, draft.code, code="E-R", on=LATER, reason="", resolution=None, key="k"
            )


async def test_a_sheet_is_reversed_with_nothing_in_its_place(world: World) -> None:
    """A meeting that never was."""
    sheet = await world.meet(ON, "Zainab saving_voluntary 100.00")
    async with world.at(LATER) as books:
        await corrections.reverse_sheet(
            books, sheet, code="E-R", on=LATER, reason="Wrong CO", resolution="CO-01/1", key="k"
        )
    assert await world.balance("CO-01", "2010", "Zainab") == "0.00"
    async with world.reading() as books:
        assert (await sheet_store.load(books, sheet)).state is SheetState.REVERSED
        event, _ = await event_store.load(books, "E-R")
    assert event.resolution == "CO-01/1"
