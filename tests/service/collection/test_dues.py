"""Dues of a meeting agree with the night's statement over all loans, and with the paper."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from ledger.money import rupees
from service import arrears
from service.arrears import Lenders
from service.collection import dues
from service.collection.dues import Parts
from service.refusals import Malformed, NotFound
from service.sheets.sheet import SheetLine, SheetLineKind
from tests.service.statements.reading import organisations

if TYPE_CHECKING:
    from service.books import Books
    from service.collection.dues import MeetingDues, Owed
    from tests.support.world import World

DAYS: Final = (date(2025, 3, 11), date(2025, 9, 17), date(2026, 2, 9), date(2026, 6, 15))
PAID_OUT: Final = date(2026, 1, 10)
SAVING, REPAYMENT = SheetLineKind.SAVING_COMPULSORY, SheetLineKind.REPAYMENT


def _of(found: MeetingDues, loan: str) -> Owed:
    return next(one.owed for who in found.borrowers for one in who.loans if one.loan == loan)


async def test_dues_of_one_co_are_those_of_the_paper(one_co: Books) -> None:
    """FORMAT, part 6: L-03 is within its grace, L-02 lacks 333, L-07 asks for 24."""
    found = await dues.of_meeting(one_co, "CO-01", date(2026, 5, 12), as_of=date(2026, 4, 15))
    owed = _of(found, "L-03")
    assert owed.overdue == Parts()
    assert owed.in_grace == Parts(37_100)
    assert owed.falling_due == Parts(83_300, 3_800)
    assert owed.to_pay.total == 124_200
    assert owed.pay_off == 203_800 + 7_500
    assert _of(found, "L-07").to_pay == Parts(0, 2_400)
    assert _of(found, "L-04").to_pay == Parts(8_000)  # 2,000 were paid: 960 of the second row
    assert _of(found, "L-06").to_pay == Parts(100_000, 5_000)
    assert found.saved_on == date(2026, 4, 12)
    assert {one.usual_saving for one in found.borrowers} == {20_000}
    late = await dues.of_meeting(one_co, "CO-01", date(2026, 6, 12), as_of=date(2026, 5, 15))
    assert _of(late, "L-02").overdue == Parts(33_300)
    assert _of(late, "L-02").falling_due == Parts(333_400)
    assert _of(late, "L-06").in_grace == Parts(100_000, 5_000)


async def test_as_of_is_the_day_before_a_meeting_that_lies_back(one_co: Books) -> None:
    """What was paid at the meeting itself is no part of what it was to bring."""
    found = await dues.of_meeting(one_co, "CO-01", date(2026, 5, 12))
    assert found.as_of == date(2026, 5, 11)
    assert _of(found, "L-02").to_pay == Parts(333_300)
    with pytest.raises(Malformed, match="as_of"):
        await dues.of_meeting(one_co, "CO-01", date(2026, 5, 12), as_of=date(2026, 5, 12))
    with pytest.raises(NotFound):
        await dues.of_meeting(one_co, "CO-77", date(2026, 5, 12))


async def test_an_organisation_that_borrows_is_asked_by_its_lender(one_co: Books) -> None:
    """L-01: 7,000 overdue of 20 May; nobody saves with an LSO, and nothing goes on a sheet."""
    found = await dues.of_meeting(one_co, "LSO-01", date(2026, 6, 30))
    (borrower,) = found.borrowers
    assert (borrower.member, borrower.organisation) == (None, "CO-01")
    assert borrower.owed.to_pay == Parts(700_000)
    assert (found.lines, found.saved_on) == ((), None)


async def test_dues_of_every_lender_are_what_the_statement_of_all_loans_says(
    pilot: Books,
) -> None:
    """Overdue as it stands, and what falls due in the next month, loan by loan."""
    books_of = dict(await pilot.fetch("SELECT code, book_id FROM service.organisation"))
    for as_of in DAYS:
        on = as_of + 31 * dues._DAY
        for organisation in await organisations(pilot):
            lenders = Lenders([books_of[organisation]])
            standings = await arrears.standings(pilot, as_of, lenders=lenders)
            coming = await arrears.dues(pilot, as_of, on, lenders=lenders)
            found = await dues.of_meeting(pilot, organisation, on, as_of=as_of)
            loans = {one.loan: one for who in found.borrowers for one in who.loans}
            assert {s.loan for s in standings} == set(loans)
            for standing in standings:
                due = loans[standing.loan]
                rows = [row for row in coming if row.loan == standing.loan]
                expected = Parts(sum(r.principal for r in rows), sum(r.charge for r in rows))
                assert due.owed.falling_due == expected
                late = Parts(standing.overdue_principal, standing.overdue_charge)
                assert due.owed.overdue == late
                assert due.days_past_due == standing.days_past_due


async def test_the_lines_of_a_meeting_cover_what_was_due(world: World) -> None:
    """Sent back as they are, nothing that had fallen due is left; paying off closes the loan."""
    await world.agree("L-1", "FLAT", "2500.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    await world.agree("L-2", "OPEN", "1500.00", lender="CO-01", borrower="Amina", on=PAID_OUT)
    await world.meet(
        PAID_OUT,
        "Zainab saving_compulsory 200.00",
        "Amina saving_compulsory 150.00",
        "Zainab disbursement 2500.00 L-1",
        "Amina disbursement 1500.00 L-2",
    )
    on = date(2026, 3, 10)
    async with world.at(date(2026, 3, 9)) as books:
        found = await dues.of_meeting(books, "CO-01", on)
    assert found.lines == (
        SheetLine("Amina", SAVING, 15_000),
        SheetLine("Amina", REPAYMENT, 6_000, "L-2"),
        SheetLine("Zainab", SAVING, 20_000),
        SheetLine("Zainab", REPAYMENT, 174_200, "L-1"),
    )
    said = [f"{x.member} {x.kind} {rupees(x.amount)} {x.loan or ''}" for x in found.lines]
    await world.meet(on, *said)
    async with world.reading() as books:
        after = await dues.of_meeting(books, "CO-01", on + dues._DAY, as_of=on)
    assert after.owed.to_pay == Parts()
    assert after.saved_on == on
    later = date(2026, 3, 20)
    pay_off = after.owed.pay_off
    both = [(who.member, one) for who in after.borrowers for one in who.loans]
    assert sum(one.owed.pay_off for _, one in both) == pay_off
    async with world.at(later) as books:
        closing = await dues.of_meeting(books, "CO-01", later)
    lines = [
        f"{who.member} repayment {rupees(one.owed.pay_off)} {one.loan}"
        for who in closing.borrowers
        for one in who.loans
    ]
    await world.meet(later, *lines)
    async with world.reading() as books:
        assert await arrears.standings(books, later) == []
    assert await world.balance("CO-01", "2010", "Zainab") == "0.00"


async def test_whoever_was_away_is_asked_for_what_she_last_saved(world: World) -> None:
    """A fine or an extra saving is no regular saving."""
    await world.meet(
        date(2026, 1, 10),
        "Zainab saving_compulsory 200.00",
        "Amina saving_compulsory 100.00",
    )
    await world.meet(date(2026, 2, 10), "Amina saving_compulsory 120.00")
    await world.meet(date(2026, 3, 10), "Zainab fine 20.00", "Zainab saving_voluntary 500.00")
    async with world.at(date(2026, 3, 9)) as books:
        before = await dues.of_meeting(books, "CO-01", date(2026, 3, 10))
    async with world.at(date(2026, 4, 9)) as books:
        found = await dues.of_meeting(books, "CO-01", date(2026, 4, 10))
    assert (before.saved_on, found.saved_on) == (date(2026, 2, 10), date(2026, 3, 10))
    for dues_of in (before, found):
        saved = {one.member: one.usual_saving for one in dues_of.borrowers if one.usual_saving}
        assert saved == {"Zainab": 20_000, "Amina": 12_000}
