"""A member's passbook: all that is hers, and nothing of anybody else."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ledger.money import parse_rupees
from service.refusals import Malformed, NotFound
from tests.service.statements.reading import ALL_TIME, EXPECTED, passbook, read, records, sums

if TYPE_CHECKING:
    from service.books import Books

LAST = date(2026, 6, 30)
_BORROWED_MOST = """
    SELECT member FROM service.loan WHERE member IS NOT NULL
    GROUP BY member ORDER BY count(*) DESC, member LIMIT 1
"""
_IN_MOST_FUNDS = """
    SELECT l.member FROM service.loan l JOIN ledger.account a ON a.party = l.code
    WHERE l.member IS NOT NULL AND a.code = '1300' GROUP BY l.member
    ORDER BY count(DISTINCT a.fund) DESC, count(*) DESC, l.member LIMIT 1
"""
_SAVINGS = {"2000": "compulsory", "2010": "voluntary"}


async def test_a_passbook_closes_with_the_members_savings(books: tuple[str, Books]) -> None:
    """With those of the reference file: every member's on the last day, some on every day."""
    name, opened = books
    for row in records(EXPECTED[name] / "member_savings.csv"):
        if row["as_of"] != str(LAST) and row["member"] not in {"M-0001", "M-0005", "M-0042"}:
            continue
        on = date.fromisoformat(row["as_of"])
        found = await passbook(opened, row["member"], last_on=on)
        ends = [r for r in found.rows if r["part"] == "closing" and r["code"] in _SAVINGS]
        expected = {(code,): parse_rupees(row[column]) for code, column in _SAVINGS.items()}
        assert sums(ends, "balance", "code") == {k: v for k, v in expected.items() if v}
        assert sums(found.totals, "closing", "code").items() >= {
            (code, total) for code, total in expected.items() if total
        }


async def test_a_passbook_shows_each_loan_to_its_outstanding_principal(pilot: Books) -> None:
    """Of every member with a loan on the last day, as the reference file has it."""
    homes = {
        row[0]: row[1]
        for row in await pilot.fetch(
            "SELECT code, member FROM service.loan WHERE member IS NOT NULL AND disbursed_on < :on",
            on=LAST,
        )
    }
    expected: defaultdict[str, dict[tuple[str], int]] = defaultdict(dict)
    for row in records(EXPECTED["pilot"] / "loans.csv"):
        owed = parse_rupees(row["outstanding_principal"])
        if row["as_of"] == str(LAST) and row["loan"] in homes and owed:
            expected[homes[row["loan"]]][row["loan"],] = owed
    assert len(expected) > 20
    for member, loans in expected.items():
        found = await passbook(pilot, member, last_on=LAST)
        ends = [r for r in found.rows if r["part"] == "closing" and r["code"] == "1300"]
        assert sums(ends, "balance", "about") == loans


async def test_every_line_of_a_passbook_follows_from_the_one_before(pilot: Books) -> None:
    """By account, in the order of value dates and vouchers, over her whole membership."""
    ((borrower,),) = await pilot.fetch(_BORROWED_MOST)
    found = await passbook(pilot, borrower, first_on=ALL_TIME, last_on=LAST)
    assert {row["code"] for row in found.rows} >= {"1300", "2000", "4000", "4100"}
    lines = [row for row in found.rows if row["part"] == "line"]
    assert [(r["value_date"], r["entry_no"]) for r in lines] == sorted(
        (r["value_date"], r["entry_no"]) for r in lines
    )
    held: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for row in lines:
        key = (row["code"], row["about"] if row["code"] == "1300" else "")
        change = row["debit"] - row["credit"]
        held[key] += change if row["code"] == "1300" else -change
        assert row["balance"] == held[key]


async def test_the_members_of_a_co_share_out_its_savings(pilot: Books) -> None:
    """The passbooks of all members together are the accounts of the book."""
    year = {"first_on": date(2025, 7, 1), "last_on": LAST}
    trial = await read(pilot, "CO-01", "trial-balance", **year)
    members = await pilot.fetch("SELECT code FROM service.member WHERE organisation = 'CO-01'")
    totals = [t for row in members for t in (await passbook(pilot, row[0], **year)).totals]
    for code, sign in (("2000", -1), ("2010", -1), ("1300", 1)):
        for field in ("opening", "closing"):
            ours = sums((t for t in totals if t["code"] == code), field, "fund")
            theirs = {
                (row["fund"],): sign * row[field]
                for row in trial.rows
                if row["code"] == code and row[field]
            }
            assert ours == theirs


async def test_a_passbook_names_the_member_and_where_she_is(pilot: Books) -> None:
    """In its head."""
    found = await passbook(pilot, "M-0001")
    assert (found.head["member"], found.head["organisation"]) == ("M-0001", "CO-01")


async def test_a_passbook_of_nobody_is_not_found(pilot: Books) -> None:
    """And nothing but a fund narrows one."""
    with pytest.raises(NotFound):
        await passbook(pilot, "M-9999")
    with pytest.raises(Malformed, match="code: the statement passbook has none"):
        await passbook(pilot, "M-0001", code="2000")


async def test_the_funds_of_a_passbook_add_up_to_all_of_it(pilot: Books) -> None:
    """Each row says its fund; those of one fund are the rows that say so, with its totals."""
    ((member,),) = await pilot.fetch(_IN_MOST_FUNDS)
    whole = await passbook(pilot, member, first_on=ALL_TIME, last_on=LAST)
    funds = {row["fund"] for row in whole.rows}
    assert len(funds) > 1
    for fund in funds:
        found = await passbook(pilot, member, first_on=ALL_TIME, last_on=LAST, fund=fund)
        assert found.head["fund"] == fund
        assert found.rows == [row for row in whole.rows if row["fund"] == fund]
        assert found.totals == [total for total in whole.totals if total["fund"] == fund]
