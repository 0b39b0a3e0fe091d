"""The chart of accounts, in Python and in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.chart import CHART, Code

if TYPE_CHECKING:
    import asyncpg


async def test_postgresql_holds_the_same_chart(connection: asyncpg.Connection) -> None:
    """Code, name, side, floor, whether it is money or summed by subject, row for row."""
    rows = await connection.fetch(
        "SELECT code, name, sign, floored, money, by_subject FROM ledger.chart"
    )
    assert {row["code"]: Code(*row) for row in rows} == CHART


def test_floors_stand_where_the_design_says() -> None:
    """I6: money that exists, what is lent, saved, placed, borrowed, and grants to pass on."""
    floored = [code.code for code in CHART.values() if code.floored]
    assert sorted(floored) == [
        *["1000", "1010", "1100", "1110", "1200", "1300", "1310"],
        *["2000", "2010", "2100", "2200", "2400"],
    ]


def test_assets_and_expenses_are_debit_normal() -> None:
    """All but the reserve, which lowers an asset."""
    debit_normal = {code.code for code in CHART.values() if code.sign == 1}
    assert debit_normal == {code for code in CHART if code[0] in "15"} - {"1390"}
