"""Statements of lines: every line in its place, and every balance explained."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.postgres.lines import LinesAsked, lines
from service import bookkeeping
from service.refusals import Malformed, NotFound
from tests.service.statements.reading import (
    ALL_TIME,
    EXPECTED,
    organisations,
    paisa,
    read,
    records,
    sums,
)

if TYPE_CHECKING:
    from service.books import Books

YEAR: Final[dict[str, Any]] = {"first_on": date(2025, 7, 1), "last_on": date(2026, 6, 30)}
_LINES = "SELECT count(*) FROM ledger.line WHERE value_date BETWEEN :first_on AND :last_on"


def _explained(rows: list[dict[str, Any]]) -> None:
    """Each account's opening, then its lines one by one, comes to its closing."""
    assert rows[0]["part"] == "opening"
    assert rows[-1]["part"] == "closing"
    balance = rows[0]["balance"]
    for row in rows[1:-1]:
        balance += row["debit"] - row["credit"]
        assert (row["part"], row["balance"]) == ("line", balance)
    assert rows[-1]["balance"] == balance


async def test_the_general_ledger_explains_every_balance(books: tuple[str, Books]) -> None:
    """Of every account of every book: opening, lines, closing, which the trial balance has."""
    _, opened = books
    for organisation in await organisations(opened):
        found = await read(opened, organisation, "general-ledger", **YEAR)
        trial = await read(opened, organisation, "trial-balance", **YEAR)
        for _, account in groupby(found.rows, lambda row: (row["code"], row["fund"], row["party"])):
            _explained(list(account))
        for part, field in (("opening", "opening"), ("closing", "closing")):
            ends = [row for row in found.rows if row["part"] == part]
            assert sums(ends, "balance", "fund", "code") == trial.sums(field, "fund", "code")
        for side in ("debit", "credit"):
            assert found.sums(side, "fund", "code") == trial.sums(side, "fund", "code")


async def test_totals_are_those_of_the_trial_balance(pilot: Books) -> None:
    """By fund and code, from an opening to a closing."""
    for organisation in ("CO-02", "VO-01", "LSO-02"):
        trial = await read(pilot, organisation, "trial-balance", **YEAR)
        found = await read(pilot, organisation, "general-ledger", **YEAR)
        for field in ("opening", "debit", "credit", "closing"):
            assert sums(found.totals, field, "fund", "code") == trial.sums(field, "fund", "code")


async def test_the_day_book_has_every_line_once(books: tuple[str, Books]) -> None:
    """In the order of value date, voucher, line; each fund in balance, every entry too."""
    _, opened = books
    number = 0
    for organisation in await organisations(opened):
        found = await read(opened, organisation, "day-book", **YEAR)
        places = [(row["value_date"], row["entry_no"], row["n"]) for row in found.rows]
        assert places == sorted(set(places))
        by_entry = ("fund", "entry_no")
        assert found.sums("debit", *by_entry) == found.sums("credit", *by_entry)
        number += len(places)
    assert number == (await opened.fetch(_LINES, **YEAR))[0][0]


async def test_the_cash_book_closes_with_cash_in_hand(books: tuple[str, Books]) -> None:
    """With 1000 of the reference file, per fund, on every day of it; so do the other accounts."""
    name, opened = books
    expected: defaultdict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(dict)
    for row in records(EXPECTED[name] / "trial_balance.csv"):
        if row["code"] in {"1000", "1010", "1100", "1110"}:
            expected[row["org"], row["as_of"]][row["fund"], row["code"]] = paisa(row)
    assert len(expected) > 10
    for (organisation, day), balances in expected.items():
        on = date.fromisoformat(day)
        found = await read(opened, organisation, "cash-book", first_on=ALL_TIME, last_on=on)
        ends = [row for row in found.rows if row["part"] == "closing"]
        assert sums(ends, "balance", "fund", "code") == balances


async def test_the_cash_book_explains_every_balance(pilot: Books) -> None:
    """Opening, what was received, what was paid, and the balance after each line."""
    for organisation in await organisations(pilot):
        found = await read(pilot, organisation, "cash-book", **YEAR)
        accounts: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in found.rows:
            named = row | {"debit": row["received"], "credit": row["paid"]}
            accounts[row["fund"], row["code"], row["party"]].append(named)
        for rows in accounts.values():
            _explained(rows)


async def test_the_cash_book_of_one_code_has_only_that(pilot: Books) -> None:
    """Cash in hand without the bank; a code that is no money is refused."""
    found = await read(pilot, "VO-01", "cash-book", code="1000", **YEAR)
    assert {row["code"] for row in found.rows} == {"1000"}
    with pytest.raises(Malformed, match="code: the cash book has 1000"):
        await read(pilot, "VO-01", "cash-book", code="2000", **YEAR)


async def test_an_account_statement_is_that_of_the_account(pilot: Books) -> None:
    """Line for line what the account's own statement says, with its ends."""
    for number in (1, 2, 3):
        found = await read(pilot, "CO-12", "account-statement", account=number, **YEAR)
        other = await bookkeeping.statement(pilot, "CO-12", number, limit=1000, **YEAR)
        _explained(found.rows)
        assert found.rows[0]["balance"] == other.opening
        assert [
            (row["value_date"], row["entry_no"], row["n"], row["balance"])
            for row in found.rows[1:-1]
        ] == [(line.value_date, line.entry_no, line.n, line.balance) for line in other.lines]


async def test_an_account_statement_says_of_which_account(pilot: Books) -> None:
    """By a number, of an account that there is."""
    with pytest.raises(Malformed, match="account: say of which"):
        await read(pilot, "CO-12", "account-statement")
    with pytest.raises(NotFound, match="has no account 999999"):
        await read(pilot, "CO-12", "account-statement", account=999999)


async def test_a_fund_narrows_to_its_lines(pilot: Books) -> None:
    """The funds together are the whole."""
    everything = await read(pilot, "LSO-01", "day-book", **YEAR)
    funds = {row["fund"] for row in everything.rows}
    assert len(funds) > 1
    found = [await read(pilot, "LSO-01", "day-book", fund=fund, **YEAR) for fund in funds]
    assert sum(len(one.rows) for one in found) == len(everything.rows)
    assert all(
        {row["fund"] for row in one.rows} == {fund} for fund, one in zip(funds, found, strict=True)
    )


async def test_a_party_narrows_to_what_is_kept_for_it_or_about_it(pilot: Books) -> None:
    """A member's savings and her fines, and nothing of anybody else."""
    found = await read(pilot, "CO-01", "day-book", party="M-0001", first_on=ALL_TIME)
    assert {row["code"] for row in found.rows} >= {"2000", "4000"}
    assert all("M-0001" in {row["party"], row["subject"]} for row in found.rows)


async def test_what_was_not_yet_known_is_not_in_it(pilot: Books) -> None:
    """A reversal of 21 November 2024 that the book learned of three days later."""
    month = {"first_on": date(2024, 11, 1), "last_on": date(2024, 11, 30)}
    for name in ("day-book", "general-ledger", "cash-book"):
        before, after = [
            await read(pilot, "CO-16", name, known_by=datetime.fromisoformat(moment), **month)
            for moment in ("2024-11-24T15:20:59+05:00", "2024-11-24T15:21:00+05:00")
        ]
        assert "E-0245" not in {row["reference"] for row in before.rows}
        assert "E-0245" in {row["reference"] for row in after.rows}


async def test_pages_of_a_book_join_without_a_seam(pilot: Books) -> None:
    """By day and by account, each row once, with the same balances as in one piece."""
    for name in ("day-book", "cash-book", "general-ledger"):
        everything = await read(pilot, "CO-02", name, **YEAR)
        by_account = name == "general-ledger"
        (book,) = await pilot.fetch("SELECT book_id FROM service.organisation WHERE code = 'CO-02'")
        codes = ("1000", "1010", "1100", "1110") if name == "cash-book" else None
        found: list[Any] = []
        while True:
            asked = LinesAsked(
                (book[0],),
                **YEAR,
                codes=codes,
                ends=name != "day-book",
                by_account=by_account,
                after=found[-1].place if found else None,
                limit=97,
            )
            page = [row async for row in lines(pilot.ledger, asked)]
            if not page:
                break
            found += page
        assert [(r.code, r.fund, r.party, r.part, r.voucher, r.debit, r.credit) for r in found] == [
            (
                row["code"],
                row["fund"],
                row["party"],
                row.get("part", "line"),
                row["entry_no"],
                row.get("debit", row.get("received")),
                row.get("credit", row.get("paid")),
            )
            for row in everything.rows
        ]
        if name != "day-book":
            assert [r.balance for r in found] == [row["balance"] for row in everything.rows]
