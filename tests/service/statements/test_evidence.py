"""The reversal log, and gaps in the numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from service.books import read_books
from tests.service.imports.damage import PILOT
from tests.service.statements.reading import ALL_TIME, organisations, read, records, sums
from tests.support import database
from tests.support.importing import NOW, engine_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.books import Books

LAST = date(2026, 6, 30)
_REVERSED = """
    SELECT e.no, a.fund, CAST(sum(l.debit) AS bigint)
    FROM ledger.book b JOIN ledger.entry e ON e.book_id = b.id AND e.kind = 'reversal'
    JOIN ledger.line l ON l.book_id = e.book_id AND l.entry_no = e.no
    JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE b.organisation = :organisation GROUP BY e.no, a.fund
"""


async def test_the_reversal_log_has_every_reversal(pilot: Books) -> None:
    """Which document undid which, why, when it was known; and only those of the book."""
    events = [row for row in records(PILOT / "events.csv") if row["kind"] == "reversal"]
    assert len(events) > 5
    for organisation in await organisations(pilot):
        found = await read(pilot, organisation, "reversal-log", first_on=ALL_TIME)
        told = {
            (r["reference"], r["reversed_reference"], str(r["value_date"]), r["narrative"])
            for r in found.rows
        }
        expected = {
            (e["code"], e["reverses"], e["on"], e["narrative"])
            for e in events
            if e["org"] == organisation
        }
        assert told >= expected
        assert len({row["entry_no"] for row in found.rows}) == len(told)
        for row in found.rows:
            assert row["reverses"] < row["entry_no"]
            assert row["amount"] > 0
            assert row["actor"]
            assert row["reversed_posted_at"] < row["posted_at"]


async def test_the_reversal_log_keeps_to_its_period_and_moment(pilot: Books) -> None:
    """By the reversal's own value date, and not before it was known."""
    day = date(2024, 11, 21)
    on_the_day = {"first_on": day, "last_on": day}
    found = await read(pilot, "CO-16", "reversal-log", **on_the_day)
    assert {row["reference"] for row in found.rows} == {"E-0245"}
    before = datetime.fromisoformat("2024-11-24T15:20:00+05:00")
    assert not (await read(pilot, "CO-16", "reversal-log", known_by=before, **on_the_day)).rows


async def test_the_reversal_log_says_how_much_of_each_fund(pilot: Books) -> None:
    """As the lines of the reversals have it; and of one fund where one is asked for."""
    for organisation in await organisations(pilot):
        whole = await read(pilot, organisation, "reversal-log", first_on=ALL_TIME)
        rows = await pilot.fetch(_REVERSED, organisation=organisation)
        assert whole.sums("amount", "entry_no", "fund") == {
            (no, fund): amount for no, fund, amount in rows
        }
        assert sums(whole.totals, "amount", "fund") == whole.sums("amount", "fund")
        for fund in {row["fund"] for row in whole.rows}:
            found = await read(pilot, organisation, "reversal-log", first_on=ALL_TIME, fund=fund)
            assert found.rows == [row for row in whole.rows if row["fund"] == fund]


async def test_sound_books_have_no_gap(books: tuple[str, Books]) -> None:
    """None of all of them."""
    _, opened = books
    for organisation in await organisations(opened):
        assert not (await read(opened, organisation, "number-gaps")).rows


@pytest.fixture
def forged(bundles: dict[str, str], request: pytest.FixtureRequest) -> Iterator[str]:
    """The books of one CO, forged by whoever may switch the triggers off."""
    with database.clone_of(bundles["one-co"]) as url:
        database.execute(url, f"SET session_replication_role = replica; {request.param}")
        yield url


async def _gaps(url: str) -> list[dict[str, Any]]:
    async with (
        engine_of(url) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        return (await read(books, "CO-01", "number-gaps")).rows


_BOOK = "book_id = (SELECT id FROM ledger.book WHERE organisation = 'CO-01')"


@pytest.mark.parametrize(
    "forged",
    [f"DELETE FROM ledger.entry WHERE {_BOOK} AND (no IN (1, 4, 5) OR no > 20)"],
    indirect=True,
)
async def test_numbers_that_are_missing_are_named(forged: str) -> None:
    """At the beginning, in the middle and at the end."""
    gaps = [(row["what"], row["first_no"]) for row in await _gaps(forged)]
    assert gaps == [("missing", 1), ("missing", 4), ("missing", 21)]


@pytest.mark.parametrize(
    "forged",
    [f"UPDATE ledger.entry SET posted_at = '2026-01-01T00:00:00Z' WHERE {_BOOK} AND no = 3"],
    indirect=True,
)
async def test_a_moment_that_steps_back_is_named(forged: str) -> None:
    """With the moment before it, and its own."""
    (row,) = await _gaps(forged)
    assert (row["what"], row["first_no"], row["last_no"]) == ("moment steps back", 3, 3)
    assert row["posted_at"] == datetime(2026, 1, 1, tzinfo=UTC) < row["posted_before"]
