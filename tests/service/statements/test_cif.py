"""The CIF statement: from capital to what is outstanding, by tier and borrower."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.postgres import balances
from service.refusals import Malformed
from tests.service.statements.reading import ALL_TIME, organisations, read

if TYPE_CHECKING:
    from service.books import Books
    from tests.service.statements.reading import Read
    from tests.support.world import World

ONE: Final = timedelta(days=1)
START: Final = date(2026, 1, 1)
PERIODS: Final = (
    (ALL_TIME, date(2026, 6, 30)),
    (date(2025, 3, 12), date(2025, 3, 12)),
    (date(2025, 7, 1), date(2026, 2, 10)),
)


def _part(found: Read, name: str) -> dict[str, Any]:
    return next(t for t in found.totals if t["part"] == name and "tier" not in t)


async def test_five_and_a_half_million_lent_less_what_came_back(world: World) -> None:
    """5,500,000 disbursed and 2,937,000 recovered leave 2,563,000."""
    await world.happen("cif_capital", START, "LSO-01", "6000000.00", fund="cif")
    borrowers = {"VO-01": "2000000.00", "VO-02": "2000000.00", "CO-01": "1500000.00"}
    for code, amount in borrowers.items():
        loan = f"L-{code}"
        await world.agree(loan, "QH-CIF", amount, lender="LSO-01", borrower=code, on=START)
        more: Any = {"fund": "cif", "to": code, "loan": loan}
        await world.happen("organisation_loan_disbursed", START, "LSO-01", amount, **more)
    back = {"VO-01": "2000000.00", "VO-02": "937000.00"}
    for code, amount in back.items():
        more = {"fund": "cif", "to": "LSO-01", "loan": f"L-{code}"}
        await world.happen("organisation_loan_repaid", date(2026, 3, 1), code, amount, **more)
    async with world.reading() as books:
        asked = {"first_on": START, "last_on": date(2026, 6, 30)}
        found = await read(books, "LSO-01", "cif-statement", **asked)
        node = await read(books, "LSO-01", "cif-statement", **asked, consolidated=True)
        vo = await read(books, "VO-02", "cif-statement", **asked)
    lent = _part(found, "lent")
    assert (lent["given"], lent["returned"], lent["closing"]) == (
        550_000_000,
        293_700_000,
        256_300_000,
    )
    assert _part(found, "capital")["closing"] == 601_000_000  # 10,000 came before
    by_party = {row["party"]: row for row in found.rows if row["part"] == "lent"}
    assert (by_party["VO-02"]["tier"], by_party["VO-02"]["closing"]) == ("VO", 106_300_000)
    assert found.head["fund"] == "cif"
    # Under the LSO all of it is between its own books.
    assert {row["part"] for row in node.rows} == {"capital", "eliminated"}
    assert _part(node, "eliminated")["closing"] == 256_300_000
    (owed,) = (row for row in vo.rows if row["part"] == "borrowed")
    assert (owed["party"], owed["returned"], owed["closing"]) == (
        "LSO-01",
        93_700_000,
        106_300_000,
    )


async def test_a_write_off_is_no_recovery_and_a_reversal_takes_back(one_co: Books) -> None:
    """L-07: 1,500 lent, 1,000 recovered, 500 written off; S-06 stood twice until it was undone."""
    asked = {"first_on": ALL_TIME, "last_on": date(2026, 6, 30), "fund": "own"}
    found = await read(one_co, "CO-01", "cif-statement", **asked)
    rows = {row["party"]: row for row in found.rows if row["part"] == "lent"}
    assert [rows["M-0006"][n] for n in ("given", "returned", "written_off", "closing")] == [
        150_000,
        100_000,
        50_000,
        0,
    ]
    assert rows["M-0002"]["returned"] == 250_000
    (owed,) = (row for row in found.rows if row["part"] == "borrowed")
    assert (owed["party"], owed["tier"], owed["closing"]) == ("VO-01", "VO", 20_000)


@pytest.mark.parametrize(("first_on", "last_on"), PERIODS)
async def test_what_is_lent_is_the_roll_up(pilot: Books, first_on: date, last_on: date) -> None:
    """Of every node and fund, alone and consolidated, whatever moved and whenever."""
    names = dict(await pilot.fetch("SELECT book_id, code FROM service.organisation"))
    rolled = await balances.rollup(pilot.ledger, last_on)
    alone = await balances.trial_balance(pilot.ledger, last_on)
    for node in await organisations(pilot):
        for fund in ("own", "cif"):
            asked = {"first_on": first_on, "last_on": last_on, "fund": fund}
            found = await read(pilot, node, "cif-statement", **asked)
            codes = {"lent": ("1300", "1310"), "borrowed": ("2200",), "capital": ("3100",)}
            for part, of in codes.items():
                expected = sum(
                    abs(b.net)
                    for b in alone
                    if (names[b.book], b.fund) == (node, fund) and b.code in of
                )
                assert found.sums("closing", "part").get((part,), 0) == expected
            whole = await read(pilot, node, "cif-statement", **asked, consolidated=True)
            for part, of in codes.items():
                expected = sum(
                    abs(b.net - b.eliminated)
                    for b in rolled
                    if (names[b.node], b.fund) == (node, fund) and b.code in of
                )
                assert whole.sums("closing", "part").get((part,), 0) == expected
            for row in (*found.rows, *whole.rows):
                lent = row["opening"] + row["given"] - row["returned"] - row["written_off"]
                assert lent == row["closing"]


async def test_it_takes_no_code(one_co: Books) -> None:
    """One fund, a period, and nothing else."""
    with pytest.raises(Malformed, match="code"):
        await read(one_co, "CO-01", "cif-statement", code="1300")
