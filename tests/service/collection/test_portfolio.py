"""Measures of the pilot's portfolio: those of portfolio at risk, and of its instalments."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from service import arrears, portfolio
from service.reports import registry
from service.reports.report import Query

if TYPE_CHECKING:
    from service.books import Books

DAYS: Final = (date(2025, 3, 12), date(2025, 12, 31), date(2026, 6, 15))


@pytest.mark.parametrize("on", DAYS)
async def test_the_buckets_are_those_of_portfolio_at_risk(pilot: Books, on: date) -> None:
    """Of every node; what is more than a day late is late, so PAR>0 is no less than PAR>1."""
    asked = Query(as_of=(on,))
    par = (await registry.run(pilot, "par", asked)).rows
    found = (await registry.run(pilot, "portfolio", asked)).rows
    measures = {(row[1], row[2]): row[3:] for row in found}
    assert par
    for _, node, days, *figures in par:
        assert measures[node, f"par_{days}"] == tuple(figures)
        assert measures[node, f"par_{days}_or_rescheduled"] == tuple(figures)
    assert {node for node, _ in measures} == {row[1] for row in par}


@pytest.mark.parametrize("on", DAYS)
async def test_what_matures_is_what_falls_due_last(pilot: Books, on: date) -> None:
    """Of every lender alone: running loans by the last of their instalments."""
    ends = dict(await pilot.fetch("SELECT loan, max(due_on) FROM service.instalment GROUP BY loan"))
    loans = await arrears.standings(pilot, on)
    below = await pilot.fetch("SELECT node_id, count(*) FROM ledger.under GROUP BY 1")
    alone = {row[0] for row in below if row[1] == 1}
    found = await portfolio.measured(pilot, on, nodes=alone)
    assert found
    for one in (one for one in found if one.measure.startswith("maturing_")):
        until = on + timedelta(days=int(one.measure.removeprefix("maturing_")))
        hers = [loan for loan in loans if loan.lender_book == one.node]
        mature = [x.outstanding_principal for x in hers if on <= ends[x.loan] <= until]
        assert one.numerator == sum(mature)
        assert one.denominator == sum(loan.outstanding_principal for loan in hers)
    late = {one.node: one.numerator for one in found if one.measure == "par_0"}
    for node, numerator in late.items():
        hers = [loan for loan in loans if loan.lender_book == node and loan.days_past_due]
        assert numerator == sum(loan.outstanding_principal for loan in hers)
