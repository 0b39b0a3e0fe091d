"""The DCBO register and on-time collection of the bundles, as an accountant would work them out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import BUSINESS_ZONE
from service import arrears
from service.collection.histories import histories
from service.loans import contracts
from service.loans.plan import gaps
from service.statements.collecting import OnTimeRow
from tests.service.statements.reading import ALL_TIME, organisations, read

if TYPE_CHECKING:
    from service.books import Books

ONE: Final = timedelta(days=1)
LAST: Final = date(2026, 6, 30)
FORWARD: Final = ("brought_forward", "demand", "covered", "unpaid", "overdue", "outstanding")


def _row(rows: list[dict[str, Any]], meeting: date, loan: str) -> dict[str, Any]:
    return next(row for row in rows if (row["meeting_on"], row["loan"]) == (meeting, loan))


async def test_the_register_of_one_co_is_that_of_the_paper(one_co: Books) -> None:
    """FORMAT, parts 5 and 6, meeting by meeting; amounts in paisa."""
    found = await read(one_co, "CO-01", "dcbo", first_on=ALL_TIME, last_on=LAST)
    april, may, june = date(2026, 4, 12), date(2026, 5, 12), date(2026, 6, 12)
    late = _row(found.rows, may, "L-02")
    assert [late[name] for name in FORWARD] == [0, 333_300, 300_000, 33_300, 0, 366_700]
    assert late["after"] == april
    # 333 of May and 3,334 of June; L-02 is 31 days late on 12 June.
    late = _row(found.rows, june, "L-02")
    assert [late[name] for name in FORWARD] == [33_300, 366_700, 0, 366_700, 366_700, 366_700]
    assert late["days_past_due"] == 31
    # L-03 within its grace, then made good.
    part = _row(found.rows, april, "L-03")
    assert [part[name] for name in FORWARD] == [0, 87_100, 50_000, 37_100, 0, 203_800]
    part = _row(found.rows, may, "L-03")
    assert [part[name] for name in FORWARD] == [37_100, 124_200, 124_200, 0, 0, 83_400]
    # L-04 paid 2,000 where 1,040 was due: 960 are ahead, and cover May.
    ahead = _row(found.rows, april, "L-04")
    assert (ahead["covered"], ahead["paid_principal"], ahead["paid_charge"]) == (
        104_000,
        190_000,
        10_000,
    )
    assert ahead["ahead"] == 96_000
    assert _row(found.rows, may, "L-04")["ahead_before"] == 96_000
    # L-07 asks for 24 in May: an open loan's charge on what is outstanding.
    assert _row(found.rows, may, "L-07")["due_charge"] == 2_400


async def test_the_register_narrows_and_sums(one_co: Books) -> None:
    """One borrower, one fund; totals by meeting and fund; as known by a moment."""
    asked = {"first_on": ALL_TIME, "last_on": LAST}
    found = await read(one_co, "CO-01", "dcbo", **asked, party="M-0002")
    assert {row["loan"] for row in found.rows} == {"L-03"}
    cif = await read(one_co, "CO-01", "dcbo", **asked, fund="cif")
    assert {row["loan"] for row in cif.rows} == {"L-02"}
    june = next(t for t in cif.totals if t["meeting"] == "2026-06-12")
    assert june["overdue"] == 366_700
    night = datetime(2026, 4, 13, 12, tzinfo=BUSINESS_ZONE)
    then = await read(one_co, "CO-01", "dcbo", **asked, known_by=night)
    assert {row["meeting_on"] for row in then.rows} == {date(2026, 3, 12), date(2026, 4, 12)}
    assert _row(then.rows, date(2026, 4, 12), "L-05")["unpaid"] == 26_000


async def test_a_lender_without_meetings_has_one_period(one_co: Books) -> None:
    """LSO-01 lent 20,000 to the CO: 20,000 fell due, 13,000 came."""
    asked = {"first_on": date(2026, 4, 1), "last_on": LAST}
    (row,) = (await read(one_co, "LSO-01", "dcbo", **asked)).rows
    assert (row["loan"], row["demand"], row["covered"]) == ("L-01", 2_000_000, 1_300_000)
    assert (row["overdue"], row["days_past_due"]) == (700_000, 41)


async def test_the_register_of_every_co_adds_up(pilot: Books) -> None:
    """From one meeting to the next, and its end is what the night's statement says."""
    asked = {"first_on": date(2025, 1, 1), "last_on": date(2025, 12, 31)}
    for organisation in (code for code in await organisations(pilot) if code.startswith("CO")):
        found = await read(pilot, organisation, "dcbo", **asked)
        carried: defaultdict[str, int | None] = defaultdict(lambda: None)
        for row in found.rows:
            assert carried[row["loan"]] in {None, row["brought_forward"]}
            carried[row["loan"]] = row["unpaid"]
            left = row["demand"] - row["covered"] - row["written_off"]
            assert left == row["unpaid"]
            paid = row["paid_principal"] + row["paid_charge"]
            assert row["ahead_before"] + paid - row["covered"] == row["ahead"]
        if not found.rows:
            continue
        last = found.rows[-1]["meeting_on"]
        standings = {one.loan: one for one in await arrears.standings(pilot, last)}
        for row in (row for row in found.rows if row["meeting_on"] == last and row["outstanding"]):
            standing = standings[row["loan"]]
            overdue = standing.overdue_principal + standing.overdue_charge
            assert (row["overdue"], row["days_past_due"]) == (overdue, standing.days_past_due)
            assert row["outstanding"] == standing.outstanding_principal


# -- On time ----------------------------------------------------------------------------


async def test_on_time_collection_of_one_co_is_that_of_the_paper(one_co: Books) -> None:
    """April to June, loan by loan.

    Of the fund own: L-03 871 + 871 + 871, of which 371 came a month late; L-04 three times 1,040,
    on time; L-05 258 + 255 + 253, due on 9 and 24 April and 7 May and paid on 12 April and 12
    May; L-06 1,050, a month late; L-07 30 + 24 + 1,524, of which 500 are written off.
    """
    asked = {"first_on": date(2026, 4, 1), "last_on": LAST}
    found = await read(one_co, "CO-01", "on-time-collection", **asked)
    cif, own = found.rows
    assert (cif["fallen_due"], cif["on_time"], cif["late"]) == (1_000_000, 633_300, 0)
    assert (cif["on_time_percent"], cif["carried_forward"]) == ("63.33", 366_700)
    of_l05, of_l07 = 25_800 + 25_500 + 25_300, 3_000 + 2_400 + 152_400
    fallen = 3 * 87_100 + 3 * 104_000 + of_l05 + 105_000 + of_l07
    late = 37_100 + of_l05 + 105_000
    on_time = fallen - late - 50_000
    assert (own["fallen_due"], own["on_time"], own["late"]) == (fallen, on_time, late)
    assert (own["brought_forward"], own["written_off"], own["carried_forward"]) == (0, 50_000, 0)


async def test_a_node_leaves_out_loans_between_two_of_its_books(one_co: Books) -> None:
    """The VO's own loan to its CO is its alone; under the VO only the CO's loans to members."""
    asked = {"first_on": date(2026, 4, 1), "last_on": LAST}
    alone = await read(one_co, "VO-01", "on-time-collection", **asked)
    assert [(row["organisation"], row["fallen_due"]) for row in alone.rows] == [("VO-01", 40_800)]
    node = await read(one_co, "VO-01", "on-time-collection", **asked, consolidated=True)
    assert {row["organisation"] for row in node.rows} == {"CO-01"}


async def test_on_time_collection_of_all_is_a_walk_through_the_instalments(pilot: Books) -> None:
    """Instalment by instalment: what covers it at the close of its due date."""
    first_on, last_on = date(2025, 4, 1), date(2025, 6, 30)
    expected: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for history in await histories(pilot, list(await contracts.loans(pilot)), last_on):
        loan = history.loan
        if not history.moves or any(move.written_off for move in history.moves):
            continue
        if loan.contract.product.repayment == "open":
            continue
        for row in loan.schedule:
            if first_on <= row.due_on <= last_on:
                known = history.by(row.due_on)
                due = [one for one in loan.schedule if one.due_on <= row.due_on]
                lacks = gaps(
                    loan.contract,
                    due,
                    sum(move.charge_paid for move in known),
                    sum(move.principal_repaid for move in known),
                )
                place = due.index(row)
                figures = expected[loan.agreement.lender, loan.fund]
                figures[0] += row.total
                figures[1] += row.total - lacks[0][place] - lacks[1][place]
    compared = 0
    for (organisation, fund), (fallen, on_time) in expected.items():
        asked = {"first_on": first_on, "last_on": last_on, "fund": fund}
        found = await read(pilot, organisation, "on-time-collection", **asked)
        (total,) = found.rows
        assert total["fallen_due"] >= fallen
        assert total["on_time"] >= on_time
        compared += total["fallen_due"] == fallen and total["on_time"] == on_time
    assert compared > len(expected) // 2, "most lenders have no open loan, and wrote nothing off"


def test_the_rate_is_written_with_two_decimals() -> None:
    """Rounded half up; nothing where nothing fell due."""
    assert OnTimeRow("CO", "own", 0, 3, 2, 0, 0, 1).on_time_percent == "66.67"
    assert OnTimeRow("CO", "own", 5, 0, 0, 5, 0, 0).on_time_percent == ""


async def test_lenders_that_have_left_are_not_named(pilot: Books) -> None:
    """CO-02 left VO-01 on 12 March 2025: of February the VO reads totals, after it each lender."""
    asked = {"first_on": date(2025, 2, 1), "consolidated": True}
    before = await read(pilot, "VO-01", "on-time-collection", **asked, last_on=date(2025, 3, 11))
    assert {row["organisation"] for row in before.rows} == {""}
    lent = {"first_on": date(2025, 2, 1), "consolidated": True, "fund": "own"}
    cif = await read(pilot, "VO-01", "cif-statement", **lent, last_on=date(2025, 3, 11))
    assert {row["party"] for row in cif.rows} == {""}
    under = await pilot.fetch(
        "SELECT b.code, u.to_on > '2026-07-31' FROM ledger.under u"
        " JOIN service.book_number b USING (book_id) JOIN service.book_number n"
        " ON n.book_id = u.node_id WHERE n.code = 'VO-02'"
        " AND u.from_on <= '2026-06-30' AND u.to_on > '2026-06-30'"
    )
    assert all(row[1] for row in under)
    now = {**asked, "first_on": date(2026, 1, 1), "last_on": LAST}
    after = await read(pilot, "VO-02", "on-time-collection", **now)
    assert {row["organisation"] for row in after.rows} <= {row[0] for row in under}
    assert len(after.rows) > 1
