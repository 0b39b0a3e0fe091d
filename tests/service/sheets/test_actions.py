"""What people do with a sheet: prepare, revise, close; and what is refused on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.refusals import DatedInFuture, FloorPassed, KeyReused
from service.refusals import (
    AlreadyExists,
    Malformed,
    MemberOfAnother,
    NotFound,
    SheetNotDraft,
    VersionChanged,
)
from service.sheets import actions, store
from service.sheets.sheet import SheetLine, SheetLineKind, SheetState
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.sheets.sheet import Sheet
    from service.sheets.store import StoredSheet
    from tests.support.world import World

ON = date(2026, 2, 1)


async def _prepare(world: World, sheet: Sheet) -> StoredSheet:
    async with world.at(ON) as books:
        return await actions.prepare(books, sheet)


async def _revise(world: World, sheet: Sheet, version: int) -> StoredSheet:
    async with world.at(ON) as books:
        return await actions.revise(books, sheet, version=version)


async def test_a_draft_is_kept_as_it_was_written(world: World) -> None:
    """Cash may still be uncounted, and lines keep their order."""
    sheet = replace(
        world.sheet(ON, "Zainab withdrawal 50.00", "Amina saving_voluntary 20.00"),
        cash_counted=None,
        present=("Amina", "Zainab", "Kausar"),
    )
    stored = await _prepare(world, sheet)
    assert (stored.sheet, stored.state, stored.version, stored.entry_no) == (
        sheet,
        SheetState.DRAFT,
        1,
        None,
    )


async def test_a_draft_is_revised_whole_and_its_version_moves_on(world: World) -> None:
    """Day, people, count and lines."""
    first = await _prepare(world, world.sheet(ON, "Zainab fine 5.00"))
    other = world.sheet(date(2026, 1, 31), "Amina fine 6.00", over="1", code=first.sheet.code)
    second = await _revise(world, other, 1)
    assert (second.sheet, second.version) == (other, 2)


async def test_a_stale_version_is_refused(world: World) -> None:
    """Whoever read the sheet before somebody else changed it must read it again."""
    sheet = world.sheet(ON, "Zainab fine 5.00")
    await _prepare(world, sheet)
    await _revise(world, sheet, 1)
    before = await fingerprint(world.engine)
    with pytest.raises(VersionChanged):
        await _revise(world, sheet, 1)
    assert await fingerprint(world.engine) == before


async def test_closing_posts_the_sheet_and_names_its_voucher(world: World) -> None:
    """One entry, in the CO's book, that refers to the sheet."""
    sheet = world.sheet(ON, "Zainab saving_compulsory 200.00", "Amina saving_voluntary 50.00")
    await _prepare(world, sheet)
    stored, posted = await world.close_again(sheet.code, day=ON, key="k")
    assert (stored.state, stored.entry_no, posted.replayed) == (
        SheetState.CLOSED,
        posted.refs[0].no,
        False,
    )
    assert await world.told(sheet.code) == [
        "CO-01: 1000 250.00 / 2000 Zainab 200.00, 2010 Amina 50.00"
    ]


async def test_a_closed_sheet_is_neither_changed_nor_prepared_again(world: World) -> None:
    """It is corrected by a reversal."""
    sheet = world.sheet(ON, "Zainab fine 5.00")
    await world.close(sheet)
    with pytest.raises(SheetNotDraft):
        await _revise(world, sheet, 2)
    with pytest.raises(AlreadyExists):
        await _prepare(world, sheet)


async def test_the_same_key_closes_once_and_answers_twice(world: World) -> None:
    """The link broke after the commit: sending it again changes nothing."""
    sheet = world.sheet(ON, "Zainab fine 5.00")
    first = await world.close(sheet, key="k")
    before = await fingerprint(world.engine)
    stored, again = await world.close_again(sheet.code, day=ON, key="k")
    assert (again.refs, again.replayed, stored.state) == (first.refs, True, SheetState.CLOSED)
    assert await fingerprint(world.engine) == before


async def test_another_key_does_not_close_a_sheet_twice(world: World) -> None:
    """It is closed already."""
    sheet = world.sheet(ON, "Zainab fine 5.00")
    await world.close(sheet, key="k")
    with pytest.raises(SheetNotDraft, match="is closed"):
        await world.close_again(sheet.code, day=ON, key="other")


async def test_a_key_of_one_sheet_closes_no_other(world: World) -> None:
    """A key belongs to one content."""
    await world.close(world.sheet(ON, "Zainab fine 5.00"), key="k")
    with pytest.raises(KeyReused):
        await world.close(world.sheet(ON, "Zainab fine 5.00"), key="k")


async def test_two_who_close_a_sheet_at_once_post_it_once(world: World) -> None:
    """The second waits for the first, and finds it closed."""
    sheet = world.sheet(ON, "Zainab fine 5.00")
    await _prepare(world, sheet)
    done = await asyncio.gather(
        world.close_again(sheet.code, day=ON, key="a"),
        world.close_again(sheet.code, day=ON, key="b"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["SheetNotDraft", "tuple"]
    assert await world.balance("CO-01", "4010") == "-5.00"


FLOORS = {
    "more than was saved": ("Zainab withdrawal 300.01",),
    "more than the cash in hand": (
        "Zainab saving_voluntary 1.00",
        "Amina disbursement 20000.00 L-2",
    ),
    "more CIF than there is": ("Amina disbursement 10000.01 L-3",),
}


@pytest.mark.parametrize("lines", FLOORS.values(), ids=FLOORS.keys())
async def test_a_sheet_that_would_pass_a_floor_stays_a_draft(
    world: World, lines: tuple[str, ...]
) -> None:
    """Nothing is posted, no voucher number is used up, and it can be mended."""
    await world.meet(ON, "Zainab saving_compulsory 200.00", "Zainab saving_voluntary 100.00")
    await world.agree("L-2", "QH", "20000.00", lender="CO-01", borrower="Amina", on=ON)
    await world.agree("L-3", "QH-CIF", "10000.01", lender="CO-01", borrower="Amina", on=ON)
    sheet = world.sheet(ON, *lines)
    await _prepare(world, sheet)
    before = await fingerprint(world.engine)
    with pytest.raises(FloorPassed):
        await world.close_again(sheet.code, day=ON, key="k")
    assert await fingerprint(world.engine) == before


async def test_a_late_sheet_may_not_take_what_a_later_day_has_spent(world: World) -> None:
    """Savings of 1 February that were withdrawn on the 10th are not there for the 5th."""
    await world.meet(ON, "Zainab saving_voluntary 100.00")
    await world.meet(date(2026, 2, 10), "Zainab withdrawal 80.00")
    with pytest.raises(FloorPassed):
        await world.meet(date(2026, 2, 5), "Zainab withdrawal 20.01", posted=date(2026, 2, 12))
    await world.meet(date(2026, 2, 5), "Zainab withdrawal 20.00", posted=date(2026, 2, 12))
    assert await world.balance("CO-01", "2010", "Zainab") == "0.00"


async def test_a_meeting_of_tomorrow_is_not_closed_today(world: World) -> None:
    """Its day has not come."""
    with pytest.raises(DatedInFuture):
        await world.meet(date(2026, 2, 2), "Zainab fine 5.00", posted=ON)


async def test_a_sheet_that_nobody_counted_stays_a_draft(world: World) -> None:
    """The net cash of the meeting is what makes it whole."""
    sheet = replace(world.sheet(ON, "Zainab fine 5.00"), cash_counted=None)
    await _prepare(world, sheet)
    with pytest.raises(Malformed, match="not counted yet"):
        await world.close_again(sheet.code, day=ON, key="k")


MALFORMED: dict[str, tuple[type[Refusal], str, tuple[SheetLine, ...]]] = {
    "nothing": (Malformed, "above zero", (SheetLine("Zainab", SheetLineKind.FINE, 0),)),
    "repayment of no loan": (
        Malformed,
        "names a loan only where",
        (SheetLine("Zainab", SheetLineKind.REPAYMENT, 1),),
    ),
    "saving on a loan": (
        Malformed,
        "names a loan only where",
        (SheetLine("Zainab", SheetLineKind.FINE, 1, "L-1"),),
    ),
    "two lines of a kind": (
        Malformed,
        "has two lines fine",
        (SheetLine("Zainab", SheetLineKind.FINE, 1), SheetLine("Zainab", SheetLineKind.FINE, 2)),
    ),
    "member of another CO": (
        MemberOfAnother,
        "Salma is a member of CO-02, not of CO-01",
        (SheetLine("Salma", SheetLineKind.FINE, 1),),
    ),
    "unknown member": (NotFound, "no member Nobody", (SheetLine("Nobody", SheetLineKind.FINE, 1),)),
    "unknown loan": (
        NotFound,
        "no loan L-9",
        (SheetLine("Zainab", SheetLineKind.REPAYMENT, 1, "L-9"),),
    ),
}


@pytest.mark.parametrize(("refusal", "sentence", "lines"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_sheet_that_cannot_be_meant_is_not_even_a_draft(
    world: World, refusal: type[Refusal], sentence: str, lines: tuple[SheetLine, ...]
) -> None:
    """A draft forgives what may be completed, not what contradicts itself."""
    before = await fingerprint(world.engine)
    with pytest.raises(refusal, match=sentence):
        await _prepare(world, replace(world.sheet(ON), lines=lines))
    assert await fingerprint(world.engine) == before


@pytest.mark.parametrize(("co", "refusal"), [("VO-01", Malformed), ("CO-99", NotFound)])
async def test_only_a_co_has_meetings(world: World, co: str, refusal: type[Refusal]) -> None:
    """Members belong to COs."""
    with pytest.raises(refusal):
        await _prepare(world, world.sheet(ON, co=co))


async def test_a_stranger_is_not_present(world: World) -> None:
    """Also without a line."""
    with pytest.raises(MemberOfAnother):
        await _prepare(world, replace(world.sheet(ON), present=("Salma",)))


async def test_an_absent_member_may_have_lines_at_a_live_meeting(world: World) -> None:
    """Neighbours bring their savings."""
    await world.close(replace(world.sheet(ON, "Zainab fine 5.00"), present=("Amina",)))


async def test_the_sheets_of_a_co_are_listed_in_the_order_of_their_codes(world: World) -> None:
    """Drafts and closed ones, page by page."""
    for n in range(3):
        await _prepare(world, world.sheet(ON, f"Zainab fine {n + 1}.00"))
    await _prepare(world, world.sheet(ON, "Salma fine 1.00", co="CO-02"))
    async with world.reading() as books:
        found = await store.of_organisation(books, "CO-01", after="S-1", limit=1)
        with pytest.raises(NotFound):
            await store.load(books, "S-99")
    assert [(one.sheet.code, one.sheet.lines[0].amount) for one in found] == [("S-2", 200)]


async def test_every_kind_of_line_closes_in_one_entry(world: World) -> None:
    """The whole meeting of a CO, in the words of its sheet."""
    before = date(2026, 1, 2)
    await world.agree("L-1", "TWO", "3000.00", lender="CO-01", borrower="Zainab", on=before)
    await world.agree("L-2", "QH-CIF", "900.00", lender="CO-01", borrower="Kausar", on=ON)
    await world.meet(before, "Zainab disbursement 3000.00 L-1")
    code = await world.meet(
        ON,
        "Kausar disbursement 900.00 L-2",
        "Amina withdrawal 60.00",
        "Zainab repayment 1040.00 L-1",
        "Kausar donation 30.00",
        "Kausar fine 5.00",
        "Kausar membership_fee 10.00",
        "Amina saving_voluntary 50.00",
        "Amina saving_compulsory 20.00",
        over="-1",
    )
    assert await world.told(code) == [
        (
            "CO-01: 1000 1155.00, 2010 Amina 50.00, 2000 Amina 10.00, 1300 cif L-2 900.00,"
            " 5990 1.00"
            " / 1000 61.00, 1000 cif 900.00, 2000 Amina 20.00, 2010 Amina 50.00, 4000 10.00,"
            " 4010 5.00, 4200 30.00, 4100 60.00, 1300 L-1 980.00"
        )
    ]
