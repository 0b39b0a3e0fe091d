"""Findings: a case of each kind, worked out anew from the files that the books were made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import pytest

from ledger.money import parse_rupees
from service import findings
from service.books import read_books
from service.findings import BACK_DATED_AFTER_DAYS, LATE_AFTER_DAYS
from service.refusals import NotFound
from tests.service.imports.damage import PILOT
from tests.service.statements.conftest import bundles, pilot
from tests.service.statements.reading import organisations, records
from tests.support import database
from tests.support.importing import NOW, engine_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.books import Books
    from service.findings import Findings

__all__ = ["bundles", "pilot"]

FIRST: Final = date(2020, 1, 1)
LAST: Final = date(2026, 6, 30)
_OUT: Final = ("withdrawal", "disbursement")
_DAMAGED: Final = (
    "SET session_replication_role = replica",
    """DELETE FROM ledger.entry
    WHERE no = 4 AND book_id = (SELECT id FROM ledger.book WHERE organisation = 'CO-01')""",
    """INSERT INTO service.request (code, kind, organisation, decider, decided_with, about, content,
        difference, reason, key, digest, asked_by, asked_at, state, decided_by, decided_at)
    SELECT 'R-' || n, 'correction', 'CO-01', 'CO-01', 'approve', '', '{}', '{}', 'Why', n::text, '',
        'nasreen', '2026-06-01T10:00Z', 'approved',
        CASE WHEN n <= 4 THEN 'zainab' ELSE 'karim' END, '2026-06-02T10:00Z'
    FROM generate_series(1, 5) AS n""",
)

_TAKEN_BACK: Final = (
    "SET session_replication_role = replica",
    """UPDATE ledger.entry SET actor = 'corrector', kind = 'reversal', reverses = 1
    WHERE (book_id, no) = (
        SELECT l.book_id, l.entry_no
        FROM ledger.account a JOIN ledger.line l ON (l.book_id, l.account_no) = (a.book_id, a.no)
        JOIN ledger.book b ON b.id = a.book_id
        WHERE a.code = '5990' AND b.organisation = 'CO-01' LIMIT 1)""",
)


def late(row: dict[str, str], on: str) -> int:
    """How many days after its day something was written."""
    return (date.fromisoformat(row["posted_at"][:10]) - date.fromisoformat(row[on])).days


async def found_in(books: Books, organisation: str, **asked: object) -> Findings:
    """What is found in a book over all time."""
    return await findings.findings(books, organisation, FIRST, LAST, **asked)  # type: ignore[arg-type] # as `findings` takes it


async def test_a_sound_book_has_no_gap(pilot: Books) -> None:
    """Nor do all below an organisation."""
    found = await found_in(pilot, "LSO-01", below=True)
    assert (found.gaps.rows, found.gaps.count) == ([], 0)
    assert found.books > 5
    assert found.entries > 1000


async def test_sheets_that_were_written_late_are_those_of_the_files(pilot: Books) -> None:
    """Each once, with its days; and nothing of it as dated back."""
    expected = defaultdict(set)
    for row in records(PILOT / "sheets.csv"):
        if late(row, "held_on") > LATE_AFTER_DAYS:
            expected[row["co"]].add((row["code"], late(row, "held_on")))
    assert sum(map(len, expected.values())) > 3
    for code in await organisations(pilot):
        found = (await found_in(pilot, code)).late_sheets
        assert {(one.sheet, one.days) for one in found.rows} == expected[code]
        assert found.count == len(found.rows)
        assert found.amount == sum(one.amount for one in found.rows)


async def test_what_was_dated_back_and_reversed_is_that_of_the_files(pilot: Books) -> None:
    """By event, in the book that it was entered in."""
    told = Counter({"back": 0, "reversed": 0})
    for code in await organisations(pilot):
        found = await found_in(pilot, code)
        own = [row for row in records(PILOT / "events.csv") if row["org"] == code]
        back = {
            (date.fromisoformat(row["on"]), late(row, "on"))
            for row in own
            if late(row, "on") > BACK_DATED_AFTER_DAYS
        }
        assert back <= {(one.value_date, one.days) for one in found.back_dated.rows}
        assert all(one.days > BACK_DATED_AFTER_DAYS for one in found.back_dated.rows)
        reversed_in = {row["narrative"] for row in own if row["kind"] == "reversal"}
        assert reversed_in <= {one.narrative for one in found.reversals.rows}
        assert all(one.reverses < one.no for one in found.reversals.rows)
        told.update(back=len(back), reversed=len(reversed_in))
    assert min(told.values()) > 3


async def test_cash_short_and_over_is_that_of_the_counts(pilot: Books) -> None:
    """What was counted less what the lines say, sheet by sheet."""
    lines: Counter[str] = Counter()
    for row in records(PILOT / "sheet_lines.csv"):
        sign = -1 if row["kind"] in _OUT else 1
        lines[row["sheet"]] += sign * parse_rupees(row["amount"])
    expected: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in records(PILOT / "sheets.csv"):
        if less := parse_rupees(row["cash_counted"]) - lines[row["code"]]:
            expected[row["co"]][row["code"]] = less
    for code in await organisations(pilot):
        found = (await found_in(pilot, code)).differences
        differing = {one.sheet: one.over - one.short for one in found.rows}
        assert differing.items() >= expected[code].items()
        assert found.amount == -sum(differing.values())
    assert any(expected.values())


@pytest.fixture
def by_another(bundles: dict[str, str]) -> Iterator[str]:
    """The pilot's books, where a difference is part of what somebody else took back."""
    with database.clone_of(bundles["pilot"]) as url:
        database.execute(url, *_TAKEN_BACK)
        yield url


async def test_cash_short_and_over_is_summed_by_who_wrote_the_meeting(
    by_another: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, however few are shown; a reversal takes it off whom it was charged to."""
    async with (
        engine_of(by_another) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        every = (await found_in(books, "LSO-01", below=True)).differences.rows
        reversing = [one for one in every if one.actor == "corrector"]
        assert len(reversing) == 1
        assert len(every) == 2
        monkeypatch.setattr(findings, "MOST", 1)
        found = await found_in(books, "LSO-01", below=True)
    assert len(found.differences.rows) == 1
    (writer,) = found.by_writer.rows
    assert writer.actor != "corrector"
    assert writer.times == 1
    assert writer.short == sum(one.short for one in every)
    assert writer.over == sum(one.over for one in every)


async def test_what_was_not_known_yet_is_not_found(pilot: Books) -> None:
    """A reversal counts once the book had learned of it."""
    (one, *_) = (await found_in(pilot, "CO-16")).reversals.rows
    before = one.posted_at.replace(hour=0)
    known = await found_in(pilot, "CO-16", known_by=before)
    assert one not in known.reversals.rows
    later = await found_in(pilot, "CO-16", known_by=datetime(2026, 7, 1, tzinfo=UTC))
    assert one in later.reversals.rows


@pytest.fixture
def damaged(bundles: dict[str, str]) -> Iterator[str]:
    """The books of one CO without one of its entries, and with five approvals."""
    with database.clone_of(bundles["one-co"]) as url:
        database.execute(url, *_DAMAGED)
        yield url


async def test_a_missing_number_and_the_same_two_again_are_found(damaged: str) -> None:
    """A pair from three approvals on, with its share of what the one asked."""
    async with (
        engine_of(damaged) as engine,
        read_books(engine, actor="auditor", now=NOW) as books,
    ):
        found = await found_in(books, "CO-01")
        with pytest.raises(NotFound):
            await found_in(books, "CO-99")
    assert [(one.what, one.first_no, one.last_no) for one in found.gaps.rows] == [("missing", 4, 4)]
    (pair,) = found.pairs.rows
    assert pair == ("CO-01", "nasreen", "zainab", 4, 5)
