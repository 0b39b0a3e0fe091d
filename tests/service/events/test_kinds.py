"""Every kind of event and the lines it makes: the table of DOMAIN 4, line by line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from service.events.event import EventKind

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 2, 1)

# kind | organisation | fund | paid by | counterparty | each book: debit / credit
TABLE = """
bank_deposit     | CO-01  | own     | cash | -          | CO-01: 1100 BANK 100.00 / 1000 100.00
bank_draw        | CO-01  | own     | bank | -          | CO-01: 1000 100.00 / 1100 BANK 100.00
grant_government | LSO-01 | project | bank | A district | LSO-01: 1100 project BANK 100.00 / 4310 project 100.00
grant_donor      | LSO-01 | own     | cash | A donor    | LSO-01: 1000 100.00 / 4320 100.00
grant_ngo        | VO-01  | own     | bank | An NGO     | VO-01: 1100 BANK 100.00 / 4330 100.00
grant_private    | CO-01  | own     | cash | A shop     | CO-01: 1000 100.00 / 4340 100.00
grant_rsp        | CO-01  | own     | cash | LSO-01     | CO-01: 1000 100.00 / 4350 100.00
cif_capital      | LSO-01 | cif     | bank | -          | LSO-01: 1100 cif BANK 100.00 / 3100 cif 100.00
donation_cash    | CO-01  | own     | cash | A shop     | CO-01: 1000 100.00 / 4200 100.00
donation_in_kind | CO-01  | own     | none | Labour     | CO-01: 5900 100.00 / 4210 100.00
bank_profit      | CO-01  | own     | bank | -          | CO-01: 1100 BANK 100.00 / 4400 100.00
expense          | CO-01  | own     | cash | -          | CO-01: 5000 100.00 / 1000 100.00
withheld         | CO-01  | own     | bank | -          | CO-01: 5300 100.00 / 1100 BANK 100.00
igg_received     | VO-01  | igg     | cash | Zainab     | VO-01: 1000 igg 100.00 / 2400 igg Zainab 100.00
igg_paid         | VO-01  | igg     | cash | Zainab     | VO-01: 2400 igg Zainab 100.00 / 1000 igg 100.00
provision_raised | CO-01  | own     | none | -          | CO-01: 5100 100.00 / 1390 100.00
provision_released | CO-01 | own    | none | -          | CO-01: 1390 100.00 / 5100 100.00
deposit_placed   | CO-01  | own     | cash | VO-01      | CO-01: 1200 VO-01 100.00 / 1000 100.00
                 |        |         |      |            | VO-01: 1000 100.00 / 2100 CO-01 100.00
deposit_returned | VO-01  | own     | cash | CO-01      | VO-01: 2100 CO-01 100.00 / 1000 100.00
                 |        |         |      |            | CO-01: 1000 100.00 / 1200 VO-01 100.00
fee_to_parent    | CO-01  | own     | bank | VO-01      | CO-01: 5000 VO-01 100.00 / 1100 BANK 100.00
                 |        |         |      |            | VO-01: 1100 BANK 100.00 / 4000 CO-01 100.00
"""  # noqa: E501 - a table is read across


def _rows() -> list[tuple[str, ...]]:
    """Each kind with its columns; the last holds one text for each book."""
    rows: list[list[str]] = []
    for line in TABLE.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1].append(cells[-1])
    return [tuple(row) for row in rows]


ROWS = _rows()


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
async def test_each_kind_of_event_makes_its_lines(world: World, row: tuple[str, ...]) -> None:
    """An event of Rs 100, in every book that it touches."""
    kind, org, fund, by, counterparty, *expected = row
    await world.happen("igg_received", ON, "VO-01", "500.00", fund="igg", to="Zainab")
    await world.happen("bank_deposit", ON, "CO-01", "500.00")
    await world.happen("deposit_placed", ON, "CO-01", "500.00", to="VO-01")
    await world.happen("provision_raised", ON, "CO-01", "500.00")
    to = None if counterparty == "-" else counterparty
    code = await world.happen(kind, ON, org, "100.00", fund=fund, by=by, to=to)
    assert await world.told(code) == expected


def test_the_table_and_the_tests_of_loans_and_reversals_name_every_kind() -> None:
    """No kind of event goes without a test of its lines."""
    elsewhere = {
        EventKind.ORGANISATION_LOAN_DISBURSED,
        EventKind.ORGANISATION_LOAN_REPAID,
        EventKind.WRITE_OFF,
        EventKind.RECOVERY,
        EventKind.CHARGE_ACCRUED,
        EventKind.REFINANCE,
        EventKind.SETTLEMENT,
        EventKind.YEAR_END_CLOSE,
        EventKind.REVERSAL,
    }
    assert {EventKind(row[0]) for row in ROWS} | elsewhere == set(EventKind)
