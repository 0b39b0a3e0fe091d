"""Plain-text accounting: names that no two codes share, and texts that both programs read."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chart import CHART
from ledger.entries import AccountKey, Entry, EntryRef, Kind, Line
from ledger.postgres.balances import AccountBalance
from service import plaintext
from service.plaintext import Stretch, component, escaped
from tests.support import programs

if TYPE_CHECKING:
    from pathlib import Path

LEGAL: Final = frozenset(string.ascii_letters + string.digits + "-")
NOW: Final = datetime(2026, 4, 5, 9, tzinfo=UTC)
ODD: Final = (
    "CO-01",
    "co-01",
    "-CO",
    "CO--01",
    "CO 01",
    "تنظیم-1",
    "A/B:C;D",
    '"quoted"',
    "[2026-99-99]",
    "X--61",
    "date:2026-99-99",
    "(x) {y} @ 3",
)
NARRATIVES: Final = (
    'She said "yes"; then \\ left',
    "two\nlines\r\nand\ta tab",
    "بچت کی وصولی | نقد",
    "date:2026-99-99, x:y",
    "; a comment [2026-99-99]",
    "#tag ^link",
    "",
)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=2, unique=True))
def test_no_two_codes_are_written_alike(codes: list[str]) -> None:
    """As parts of names, and within them."""
    assert len({component(code) for code in codes}) == 2
    assert len({escaped(code) for code in codes}) == 2


@given(st.text(alphabet="aA0-2Dعx ", min_size=1, max_size=8))
def test_every_code_is_legal_in_both_programs(code: str) -> None:
    """Letters, digits and hyphens, with a capital or digit before them."""
    found = component(code)
    assert set(found) <= LEGAL
    assert found[0] in string.ascii_uppercase + string.digits


def test_an_ordinary_name_is_read_as_it_is() -> None:
    """The book, the code and its name, the fund, the party."""
    assert plaintext.account("CO-01", "2000", "own", "M-0001") == (
        "Liabilities:CO-01:2000-Member-savings-compulsory:Fund-own:M-0001"
    )
    assert {name.split(":")[0] for name in (plaintext.account("C", c, "own") for c in CHART)} == {
        *plaintext.ROOTS.values()
    }


def _entry(no: int, party: str, narrative: str, **more: object) -> Entry:
    lines = (
        Line(AccountKey("1000", "own", ""), 1_000_000_000_000_00 + no, 0),
        Line(AccountKey("2010", "own", party), 0, 1_000_000_000_000_00, party),
        Line(AccountKey("4010", "own", ""), 0, no, party),
    )
    said: dict[str, object] = {
        "ref": EntryRef(7, no),
        "value_date": date(2026, 4, 1 + no % 28),
        "posted_at": NOW,
        "recorded_at": NOW,
        "kind": Kind.NORMAL,
        "narrative": narrative,
        "actor": "nasreen",
        "reference": party,
        "lines": lines,
        "reverses": None,
        "counterpart": EntryRef(8, no),
        "hash": bytes(32),
    }
    return Entry(**(said | more))  # type: ignore[arg-type] # the fields by name


def _journal(organisation: str) -> tuple[str, dict[str, int]]:
    """A journal with every odd party and narrative, and what it comes to."""
    entries = [
        _entry(no, party, narrative)
        for no, (party, narrative) in enumerate(
            ((party, narrative) for party in ODD for narrative in NARRATIVES), start=1
        )
    ]
    nets: dict[AccountKey, int] = {}
    for entry in entries:
        for line in entry.lines:
            nets[line.account] = nets.get(line.account, 0) + line.debit - line.credit
    closing = [
        AccountBalance(n, key.code, key.fund, key.party, net)
        for n, (key, net) in enumerate(nets.items())
    ]
    stretch = Stretch(organisation, date(2026, 4, 1), date(2026, 6, 30), NOW)
    text = plaintext.beginning(stretch, [], plaintext.held(organisation, closing))
    text += "".join(plaintext.transaction(organisation, e, {8: organisation}) for e in entries)
    return text + plaintext.ending(stretch, closing), {
        plaintext.account(organisation, b.code, b.fund, b.party): b.net for b in closing
    }


@pytest.mark.parametrize("organisation", ODD)
def test_both_programs_read_whatever_people_write(tmp_path: Path, organisation: str) -> None:
    """Quotes, lines, brackets, dates, tags and Urdu, in codes and in narratives."""
    text, held = _journal(organisation)
    journal = tmp_path / "books.journal"
    journal.write_text(text, encoding="utf-8")
    assert programs.complaints_of_beancount(journal) == ""
    assert programs.balances_by_hledger(journal) == held


def test_beancount_finds_a_paisa(tmp_path: Path) -> None:
    """What is asserted is asserted to the paisa, not within beancount's tolerance."""
    text, _ = _journal("CO-01")
    before, balance, after = text.rpartition(" ~ 0 PKR")
    rupees, _, paisa = before.rpartition(".")
    journal = tmp_path / "books.journal"
    journal.write_text(f"{rupees}.{(int(paisa) + 1) % 100:02d}{balance}{after}", encoding="utf-8")
    assert "Balance failed" in programs.complaints_of_beancount(journal)
