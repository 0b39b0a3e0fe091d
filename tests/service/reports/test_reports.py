"""Reports: what they refuse, how they narrow to one organisation, and how they are written."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import MomentUnsettled
from service.refusals import Malformed, NotFound
from service.reports import registry, rendering
from service.reports.report import Query, Table

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 2, 1)
LATER = date(2026, 3, 15)


async def _run(world: World, name: str, query: Query) -> list[tuple[str | int, ...]]:
    async with world.reading() as books:
        return (await registry.run(books, name, query)).rows


async def _lived(world: World) -> None:
    """A saving and a loan in each of two COs, and a fee of the one to its VO."""
    await world.agree("L-1", "QH", "900.00", lender="CO-01", borrower="Zainab", on=ON)
    await world.agree("L-2", "QH", "600.00", lender="CO-02", borrower="Salma", on=ON)
    await world.meet(ON, "Zainab saving_compulsory 100.00", "Zainab disbursement 900.00 L-1")
    await world.meet(
        ON, "Salma saving_voluntary 50.00", "Salma disbursement 600.00 L-2", co="CO-02"
    )
    await world.happen("fee_to_parent", ON, "CO-02", "10.00", to="VO-01")


async def test_an_unknown_report_is_not_found(world: World) -> None:
    """The sentence lists all there are."""
    with pytest.raises(NotFound, match="trial-balance"):
        await _run(world, "balance-sheet", Query())


@pytest.mark.parametrize("name", [n for n, one in registry.REPORTS.items() if one.dated])
async def test_a_report_as_at_a_day_asks_for_the_day(world: World, name: str) -> None:
    """Never silently today."""
    with pytest.raises(Malformed, match="as_of"):
        await _run(world, name, Query())


@pytest.mark.parametrize("name", registry.REPORTS)
async def test_every_report_refuses_a_moment_that_is_not_settled(world: World, name: str) -> None:
    """What is known by then could still change. Schedules are the same at every moment."""
    unsettled = Query(as_of=(ON,), known_by=datetime(2199, 1, 1, tzinfo=BUSINESS_ZONE))
    if name == "schedules":
        return
    with pytest.raises(MomentUnsettled):
        await _run(world, name, unsettled)


async def test_a_moment_without_its_offset_is_malformed(world: World) -> None:
    """Midnight is another moment in Karachi than in London."""
    naive = datetime(2026, 2, 1, 12)  # noqa: DTZ001 - that it is naive is the point
    with pytest.raises(Malformed, match="offset"):
        await _run(world, "journal", Query(known_by=naive))


async def test_an_unknown_organisation_is_not_found(world: World) -> None:
    """A report of nobody is no empty report."""
    for name in registry.REPORTS:
        with pytest.raises(NotFound):
            await _run(world, name, Query(as_of=(ON,), node="CO-77"))


NARROWED = {
    "journal": ({"CO-02"}, 1),
    "schedules": ({"L-2"}, 0),
    "member-savings": ({"Salma"}, 1),
    "trial-balance": ({"CO-02"}, 1),
    "rollup": ({"CO-02"}, 1),
    "loans": ({"L-2"}, 1),
    "par": ({"CO-02"}, 1),
    "portfolio": ({"CO-02"}, 1),
    "mobilisation": ({"CO-02"}, 1),
}


@pytest.mark.parametrize(("name", "expected"), NARROWED.items(), ids=NARROWED.keys())
async def test_a_report_narrows_to_one_organisation(
    world: World, name: str, expected: tuple[set[str], int]
) -> None:
    """To its books, members and loans, and to nothing else."""
    await _lived(world)
    told, column = expected
    rows = await _run(world, name, Query(as_of=(LATER,), node="CO-02"))
    assert {row[column] for row in rows} == told


@pytest.mark.parametrize(
    "name", ["journal", "schedules", "member-savings", "trial-balance", "loans"]
)
async def test_a_list_of_a_vo_is_of_all_below_it(world: World, name: str) -> None:
    """Both COs under it, on that day."""
    await _lived(world)
    narrowed = await _run(world, name, Query(as_of=(LATER,), node="VO-01"))
    everything = await _run(world, name, Query(as_of=(LATER,)))
    one = await _run(world, name, Query(as_of=(LATER,), node="CO-02"))
    assert set(one) < set(narrowed) <= set(everything)


async def test_several_days_stand_one_after_the_other(world: World) -> None:
    """In the order of the days, however they were asked for."""
    await _lived(world)
    rows = await _run(world, "loans", Query(as_of=(LATER, ON)))
    assert [row[:2] for row in rows] == [
        ("2026-02-01", "L-1"),
        ("2026-02-01", "L-2"),
        ("2026-03-15", "L-1"),
        ("2026-03-15", "L-2"),
    ]


async def test_a_trial_balance_as_known_says_the_moment_in_karachi(world: World) -> None:
    """A column more, and only what was known by then."""
    await _lived(world)
    known_by = datetime.fromisoformat("2026-01-31T18:59:59+00:00")
    async with world.reading() as books:
        table = await registry.run(
            books, "trial-balance", Query(as_of=(ON,), known_by=known_by, node="CO-02")
        )
    assert table.columns == ("as_of", "known_by", "org", "fund", "code", "debit", "credit")
    assert table.rows[-1] == (
        "2026-02-01",
        "2026-01-31T23:59:59+05:00",
        "CO-02",
        "own",
        "4200",
        "0.00",
        "10000.00",
    )


TABLE = Table(
    ("code", "name", "days"), [("CO-01", 'a "mohalla", two\nlines', 3), ("CO-02", "گل", 0)]
)


def test_csv_reads_back_as_it_was_written() -> None:
    """Quotes, commas, line breaks and Urdu; lines end with LF."""
    text = rendering.as_csv(TABLE)
    assert list(csv.reader(io.StringIO(text))) == [
        ["code", "name", "days"],
        ["CO-01", 'a "mohalla", two\nlines', "3"],
        ["CO-02", "گل", "0"],
    ]
    assert "\r" not in text
    assert "".join(rendering.csv_lines(TABLE)) == text


def test_json_names_every_cell() -> None:
    """As an object with its columns and rows."""
    assert json.loads(rendering.as_json(TABLE, "loans")) == {
        "name": "loans",
        "columns": ["code", "name", "days"],
        "rows": [
            {"code": "CO-01", "name": 'a "mohalla", two\nlines', "days": 3},
            {"code": "CO-02", "name": "گل", "days": 0},
        ],
    }
