"""Loading a bundle: whole or not at all, and only once; then every figure follows."""

from __future__ import annotations

import asyncio
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from service.books import write_books
from service.imports.loading import BATCH, load
from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from tests.service.imports.damage import (
    ONE_CO,
    PILOT,
    added,
    cell,
    copied,
    line,
    more,
    one,
)
from tests.support import importing
from tests.support.importing import (
    FILES,
    NOW,
    days_of,
    difference,
    engine_of,
    fingerprint,
    load_folder,
)
from tests.support.oracle import records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.service.imports.damage import Case, Edit

JULY = "2026-07-01,2026-07-01T10:00:00+05:00"
LATER = "2026-07-02,2026-07-02T10:00:00+05:00"


def event(row: str, *, on: str = "2026-07-01") -> Edit:
    """One more event, E-28, on line 29, posted on 1 July."""
    return added("events.csv", f"E-28,{on},2026-07-01T10:00:00+05:00,{row}")


def meeting(counted: str, *lines: str) -> tuple[Edit, Edit]:
    """One more sheet, S-08 of 1 July, on line 9; its lines begin on line 82."""
    everybody = " ".join(f"M-000{n}" for n in range(1, 7))
    return (
        added("sheets.csv", f"S-08,CO-01,{JULY},{everybody},{counted}"),
        added("sheet_lines.csv", *(f"S-08,{text}" for text in lines)),
    )


def changed(file: str, number: int, column: str, value: str, piece: str) -> Case:
    """A case of one cell, which posting refuses with its whole row."""
    return more(file, number, "", piece, cell(file, number, column, value))


FLOORS = {
    "cash in hand": more(
        "events.csv", 29, "", "(1000 own)", event("CO-01,expense,own,cash,,,99999.00,Rent,,")
    ),
    "cash on an earlier day only": more(
        "events.csv",
        29,
        "",
        "(1000 own) would fall to Rs -300.00 on 2026-03-06 or a later day",
        event("CO-01,expense,own,cash,,,1500.00,Rent,,", on="2026-03-06"),
    ),
    "bank account": more(
        "events.csv", 29, "", "(1100 own BANK)", event("LSO-01,expense,own,bank,,,99999.00,Rent,,")
    ),
    "deposit placed": more(
        "events.csv", 29, "", "(1200 own VO-01)", event("CO-01,reversal,,none,,,,Wrong,,E-07")
    ),
    "deposit held": more(
        "events.csv",
        29,
        "",
        "(2100 own CO-01)",
        event("VO-01,deposit_returned,own,cash,CO-01,,300.01,Returned,,"),
    ),
    "loan to a member": more(
        "events.csv", 29, "", "(1300 cif L-02)", event("CO-01,reversal,,none,,,,Wrong,,S-02")
    ),
    "loan to an organisation": more(
        "events.csv", 29, "", "(1310 cif L-01)", event("LSO-01,reversal,,none,,,,Wrong,,E-03")
    ),
    "borrowing, reversed by the borrower": more(
        "events.csv",
        30,
        "",
        "(2200 cif L-01)",
        event("CO-01,cif_capital,cif,bank,,,20000.00,Grant,,"),
        added("events.csv", f"E-29,{LATER},CO-01,reversal,,none,,,,Wrong,,E-03"),
    ),
    "compulsory savings": more(
        "sheets.csv",
        9,
        "",
        "(2000 own M-0006)",
        *meeting("-2200.01", "M-0006,withdrawal,,2200.01"),
    ),
    "voluntary savings": more(
        "events.csv",
        29,
        "",
        "(2010 own M-0002)",
        added("sheets.csv", "S-08,CO-01,2026-07-01,2026-07-01T09:00:00+05:00,M-0002,300.00"),
        added("sheets.csv", "S-09,CO-01,2026-07-01,2026-07-01T09:30:00+05:00,M-0002,-300.00"),
        added("sheet_lines.csv", "S-08,M-0002,saving_voluntary,,300.00"),
        added("sheet_lines.csv", "S-09,M-0002,withdrawal,,300.00"),
        event("CO-01,reversal,,none,,,,Wrong,,S-08"),
    ),
    "grant to pass on": more(
        "events.csv", 29, "", "(2400 igg M-0006)", event("VO-01,igg_paid,igg,bank,M-0006,,1.00,,,")
    ),
}

LOANS = {
    "organisation repays too much": changed(
        "events.csv", 25, "amount", "424.01", "not owed so much"
    ),
    "write-off of a part": changed("events.csv", 27, "amount", "499.00", "Write off the whole"),
    "write-off of more": changed("events.csv", 27, "amount", "501.00", "Write off the whole"),
    "recovery before the write-off": more(
        "events.csv",
        28,
        "",
        "is not written off",
        cell("events.csv", 28, "on", "2026-06-28"),
        cell("events.csv", 28, "posted_at", "2026-06-28T09:00:00+05:00"),
    ),
    "repayment of a written-off loan": more(
        "sheet_lines.csv",
        82,
        "amount",
        "Enter this money as a recovery",
        *meeting("10.00", "M-0006,repayment,L-07,10.00"),
    ),
    "repayment before its disbursement is posted": more(
        "events.csv",
        12,
        "",
        "L-01 is not paid out by 2026-04-20. Post its disbursement first",
        cell("events.csv", 4, "posted_at", "2026-04-20T14:00:00+05:00"),
    ),
    "repayment after the disbursement is reversed": more(
        "sheet_lines.csv",
        83,
        "amount",
        "L-10 is not paid out by 2026-07-01",
        added(
            "loans.csv",
            "L-10,CO-01,member,M-0001,QH,100.00,2026-06-01,2026-06-01,,2026-06-30,2026-07-30,2,",
        ),
        added("sheets.csv", "S-08,CO-01,2026-06-30,2026-06-30T11:00:00+05:00,M-0001,-100.00"),
        added("sheet_lines.csv", "S-08,M-0001,disbursement,L-10,100.00"),
        event("CO-01,reversal,,none,,,,Wrong,,S-08"),
        added("sheets.csv", "S-09,CO-01,2026-07-01,2026-07-01T11:00:00+05:00,M-0001,10.00"),
        added("sheet_lines.csv", "S-09,M-0001,repayment,L-10,10.00"),
    ),
    "reversal of what was refused": more(
        "events.csv",
        30,
        "",
        "E-28 was refused, so it cannot be reversed",
        event("CO-01,expense,own,cash,,,99999.00,Rent,,"),
        added(
            "events.csv",
            f"E-29,{LATER},CO-01,reversal,,none,,,,Wrong,,E-28",
        ),
    ),
}

CASES = FLOORS | LOANS


async def _refused(engine: AsyncEngine, folder: Path, edits: Iterable[Edit]) -> BundleRefused:
    """What loading a copy of one-co says after these edits; reading finds nothing wrong."""
    copied(ONE_CO, folder)
    for edit in edits:
        edit(folder)
    bundle = read_bundle(folder)
    with pytest.raises(BundleRefused) as refused:
        async with write_books(engine, actor="clerk", now=NOW) as books:
            await load(books, bundle)
    return refused.value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_what_only_posting_can_find_is_reported_where_it_stands_and_leaves_nothing(
    case: Case, tmp_path: Path, module_database_url: str
) -> None:
    """File, line and sentence; and not a row in any table, so that it can be mended and sent."""
    async with engine_of(module_database_url) as engine:
        before = await fingerprint(engine)
        problems = (await _refused(engine, tmp_path, case.edits)).problems
        assert case.among(problems), list(map(str, problems))
        assert await fingerprint(engine) == before


async def test_later_problems_say_that_they_may_follow_from_the_first(
    tmp_path: Path, module_database_url: str
) -> None:
    """Checks go on past a bad row, so nobody mends one problem at a time; but in order."""
    late = cell("sheets.csv", 3, "posted_at", "2026-04-12T19:00:00+05:00")
    async with engine_of(module_database_url) as engine:
        problems = (await _refused(engine, tmp_path, [late])).problems
    told = {(p.file, p.line): p for p in problems}
    assert len(problems) > 1
    first = told.pop(("sheet_lines.csv", 44))
    assert first.what == "L-02 is not paid out by 2026-04-12"
    assert "may follow" not in first.todo
    assert all(
        p.todo.endswith("This may follow from sheet_lines.csv line 44.") for p in told.values()
    )


async def test_a_loaded_bundle_changes_nothing_when_it_comes_again(
    tmp_path: Path, database_url: str
) -> None:
    """The same ten files, from wherever: no row is added, and no row is touched."""
    async with engine_of(database_url) as engine:
        first = await load_folder(engine, ONE_CO)
        before = await fingerprint(engine)
        again = await load_folder(engine, copied(ONE_CO, tmp_path))
        assert (first.entries, first.again, again.entries, again.again) == (43, False, 0, True)
        assert await fingerprint(engine) == before


KNOWN = {
    "organisation": one("organisations.csv", 5, "name", "VO by another name", "other content"),
    "member": one("members.csv", 3, "household", "HH-0099", "other content"),
    "product": one("products.csv", 3, "rate_percent", "19", "other content"),
    "membership": one("federation.csv", 2, "from", "2026-01-16", "other memberships"),
    "loan": one("loans.csv", 10, "purpose", "sheep", "part of another history"),
    "sheet": one("sheets.csv", 8, "cash_counted", "4366.00", "part of another history"),
    "event": one("events.csv", 28, "narrative", "Paid by a brother", "part of another history"),
}


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN.keys())
async def test_a_known_code_with_other_content_is_refused(
    case: Case, tmp_path: Path, known_database: str
) -> None:
    """Two files that tell the same history differently cannot both be right."""
    async with engine_of(known_database) as engine:
        before = await fingerprint(engine)
        problems = (await _refused(engine, tmp_path, case.edits)).problems
        assert any(
            (p.file, p.line, p.column) == (case.file, case.line, "code") and case.piece in p.what
            for p in problems
        ), list(map(str, problems))
        assert await fingerprint(engine) == before


async def test_known_organisations_members_and_products_may_stand_in_another_bundle(
    tmp_path: Path, known_database: str
) -> None:
    """What is the same is passed over: here nothing is left but the RSPs and the products."""
    copied(ONE_CO, tmp_path)
    for file in ("loans.csv", "sheets.csv", "sheet_lines.csv", "events.csv"):
        header = (tmp_path / file).read_text(encoding="utf-8").splitlines()[0]
        (tmp_path / file).write_text(header + "\n", encoding="utf-8")
    async with engine_of(known_database) as engine:
        before = await fingerprint(engine)
        loaded = await load_folder(engine, tmp_path)
        after = await fingerprint(engine)
    assert (loaded.entries, loaded.again) == (0, False)
    assert {name for name in before if before[name] != after[name]} == {"service.bundle"}


async def test_history_is_not_imported_into_a_book_that_has_entries(
    tmp_path: Path, known_database: str
) -> None:
    """Only an import says when something was posted, and only in a book without entries."""
    copied(ONE_CO, tmp_path)
    for file in ("loans.csv", "sheets.csv", "sheet_lines.csv", "events.csv"):
        header = (tmp_path / file).read_text(encoding="utf-8").splitlines()[0]
        (tmp_path / file).write_text(header + "\n", encoding="utf-8")
    added("events.csv", f"E-90,{JULY},CO-01,expense,own,cash,,,1.00,Tea,,")(tmp_path)
    async with engine_of(known_database) as engine:
        with pytest.raises(BundleRefused, match=r"events.csv line 2: Only an import"):
            await load_folder(engine, tmp_path)


async def test_two_imports_of_one_bundle_at_once_load_it_once(database_url: str) -> None:
    """The second waits for the first, and then finds the bundle loaded."""
    async with engine_of(database_url) as engine:
        both = await asyncio.gather(load_folder(engine, ONE_CO), load_folder(engine, ONE_CO))
    assert sorted((done.entries, done.again) for done in both) == [(0, True), (43, False)]


async def test_two_imports_that_contradict_each_other_at_once_are_told_so(
    tmp_path: Path, database_url: str
) -> None:
    """One loads; the other is refused in words, and leaves nothing."""
    other = copied(ONE_CO, tmp_path)
    cell("members.csv", 3, "household", "HH-0099")(other)
    async with engine_of(database_url) as engine:
        done = await asyncio.gather(
            load_folder(engine, ONE_CO), load_folder(engine, other), return_exceptions=True
        )
    (refused,) = (told for told in done if isinstance(told, BaseException))
    assert isinstance(refused, BundleRefused)
    assert "M-0002 is known already" in str(refused)


async def test_progress_is_told_batch_by_batch(pilot: tuple[str, list[tuple[int, int]]]) -> None:
    """Whoever waits for a long import sees how far it is."""
    _, told = pilot
    done, of = told[-1]
    assert done == of == 2358
    assert [now for now, _ in told] == sorted({now for now, _ in told})
    assert all(later - sooner <= BATCH for (sooner, _), (later, _) in pairwise(told))


@pytest.mark.parametrize("name", FILES)
async def test_every_report_of_one_co_equals_its_reference_file(
    name: str, known_database: str
) -> None:
    """To the paisa, row by row and in order."""
    await _compare(known_database, ONE_CO, name)


async def test_every_report_of_the_pilot_equals_its_reference_file(
    pilot: tuple[str, list[tuple[int, int]]],
) -> None:
    """Two years of eighteen COs: moves, late sheets, corrections, arrears, write-offs."""
    url, _ = pilot
    async with engine_of(url) as engine:
        found = await importing.reports(engine, days_of(PILOT / "expected"))
    for name in FILES:
        expected = list(records(PILOT / "expected" / f"{name}.csv"))
        assert not difference(found[name], expected), name


async def test_the_pilot_changes_nothing_when_it_comes_again(
    pilot: tuple[str, list[tuple[int, int]]],
) -> None:
    """A second import of the same digest is over at once."""
    url, _ = pilot
    async with engine_of(url) as engine:
        before = await fingerprint(engine)
        assert (await load_folder(engine, PILOT)).again
        assert await fingerprint(engine) == before


async def _compare(url: str, folder: Path, name: str) -> None:
    expected = folder / "expected"
    async with engine_of(url) as engine:
        found = await importing.reports(engine, days_of(expected))
    assert not difference(found[name], list(records(expected / f"{name}.csv")))


async def test_what_a_row_leaves_open_is_no_reason_to_refuse(
    tmp_path: Path, database_url: str
) -> None:
    """The format does not refuse these, so they load.

    A product's usual number of instalments may be shorter than its grace, for each loan has
    its own; a loan that is only approved has no schedule; a product without charge has a
    rate that says nothing.
    """
    copied(ONE_CO, tmp_path)
    for edit in (
        cell("products.csv", 3, "instalments", "1"),
        cell("products.csv", 3, "grace_principal", "1"),
        cell("loans.csv", 10, "instalments", "1"),
        cell("products.csv", 2, "rate_percent", "12"),
        line("holidays.csv", 3, "2026-04-23,"),
    ):
        edit(tmp_path)
    async with engine_of(database_url) as engine:
        await load_folder(engine, tmp_path)
        found = await importing.reports(engine, [date(2026, 6, 30)])
    rows = [row for row in found["schedules"] if row[0] == "L-02"]
    assert [row[3:5] for row in rows] == [
        ["3333.00", "0.00"],
        ["3333.00", "0.00"],
        ["3334.00", "0.00"],
    ]
