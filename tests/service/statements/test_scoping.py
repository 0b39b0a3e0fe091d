"""What statements take, and what they take where nothing is said."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ledger.calendar import BUSINESS_ZONE
from ledger.refusals import MomentUnsettled
from service.refusals import Malformed, NotFound
from service.statements.registry import STATEMENTS
from service.statements.statement import Dated
from tests.service.statements.reading import passbook, read

if TYPE_CHECKING:
    from service.books import Books

DAY = date(2025, 3, 31)
GIVEN: dict[str, Any] = {
    "first_on": DAY,
    "last_on": DAY,
    "as_of": DAY,
    "consolidated": True,
    "fund": "own",
    "code": "1000",
    "party": "M-0001",
    "account": 1,
    "limit": 5,
}


def _takes(name: str) -> set[str]:
    statement = STATEMENTS[name]
    days = {Dated.PERIOD: {"first_on", "last_on"}, Dated.DAY: {"as_of"}, Dated.NEVER: set[str]()}
    return {
        *days[statement.dated],
        *statement.narrowed_by,
        *(["consolidated"] if statement.node_columns else []),
        *(["limit"] if statement.paged else []),
    }


@pytest.mark.parametrize("name", STATEMENTS)
async def test_what_a_statement_does_not_take_is_refused(pilot: Books, name: str) -> None:
    """By the name of the field; what it takes is answered."""
    needed = {"account": 1} if name == "account-statement" else {}
    for field, value in GIVEN.items():
        asked = needed | {field: value}
        if field in _takes(name):
            assert (await read(pilot, "VO-01", name, **asked)).head["statement"] == name
        else:
            with pytest.raises(Malformed, match=f"{field}: the statement {name} has none"):
                await read(pilot, "VO-01", name, **asked)


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_refuses_a_moment_that_is_not_settled(
    pilot: Books, name: str
) -> None:
    """What is known by then could still change."""
    needed = {"account": 1} if name == "account-statement" else {}
    unsettled = datetime(2199, 1, 1, tzinfo=BUSINESS_ZONE)
    with pytest.raises(MomentUnsettled):
        await read(pilot, "VO-01", name, known_by=unsettled, **needed)
    with pytest.raises(MomentUnsettled):
        await passbook(pilot, "M-0001", known_by=unsettled)


async def test_without_days_it_is_the_fiscal_year_up_to_today(pilot: Books) -> None:
    """Today is 31 July 2026; with a last day it is the fiscal year of that."""
    found = await read(pilot, "VO-01", "day-book")
    assert (found.head["first_on"], found.head["last_on"]) == ("2026-07-01", "2026-07-31")
    found = await read(pilot, "VO-01", "trial-balance", last_on=DAY)
    assert (found.head["first_on"], found.head["last_on"]) == ("2024-07-01", "2025-03-31")
    assert (await read(pilot, "VO-01", "balance-sheet")).head["as_of"] == "2026-07-31"


async def test_a_period_that_ends_before_it_begins_is_malformed(pilot: Books) -> None:
    """Also where one of its days is not said."""
    with pytest.raises(Malformed, match="lies before 2025-03-31"):
        await read(pilot, "VO-01", "day-book", first_on=DAY, last_on=date(2025, 3, 30))
    with pytest.raises(Malformed, match="lies before"):
        await read(pilot, "VO-01", "day-book", first_on=date(2199, 1, 1))


async def test_a_moment_without_its_offset_is_malformed(pilot: Books) -> None:
    """Midnight is another moment in Karachi than in London."""
    naive = datetime(2026, 2, 1, 12)  # noqa: DTZ001 - that it is naive is the point
    with pytest.raises(Malformed, match="known_by: it needs its offset"):
        await read(pilot, "VO-01", "day-book", known_by=naive)


async def test_an_unknown_statement_or_organisation_is_not_found(pilot: Books) -> None:
    """The sentence lists all statements there are."""
    with pytest.raises(NotFound, match="trial-balance"):
        await read(pilot, "VO-01", "tarot")
    with pytest.raises(NotFound):
        await read(pilot, "VO-77", "day-book")


async def test_the_head_says_what_was_asked(pilot: Books) -> None:
    """Enough to ask for the same again."""
    moment = datetime.fromisoformat("2025-04-14T18:59:59+00:00")
    found = await read(
        pilot, "VO-01", "trial-balance", last_on=DAY, known_by=moment, fund="own", consolidated=True
    )
    assert found.head == {
        "statement": "trial-balance",
        "title": "Trial balance",
        "organisation": "VO-01",
        "consolidated": True,
        "first_on": "2024-07-01",
        "last_on": "2025-03-31",
        "known_by": "2025-04-14T23:59:59+05:00",
        "code": None,
        "fund": "own",
        "made_at": "2026-07-31T14:00:00+05:00",
    }
