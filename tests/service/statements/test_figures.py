"""Statements of sums: they agree with the reference files, and with each other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.money import parse_rupees
from ledger.postgres import balances
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
    from collections.abc import Mapping

    from service.books import Books
    from tests.service.statements.reading import Read

Figures = dict[tuple[str, ...], int]

ONE: Final = timedelta(days=1)
PERIODS: Final = (
    (ALL_TIME, date(2026, 6, 30)),
    (date(2025, 7, 1), date(2026, 6, 30)),
    (date(2025, 3, 12), date(2025, 3, 12)),
    (date(2025, 3, 11), date(2025, 3, 11)),
    (date(2025, 1, 1), date(2025, 9, 17)),
    (date(2025, 9, 18), date(2026, 2, 9)),
)
"""The whole history, a year, the day of a move and the one before, stretches between moves."""
MONEY: Final = ("1000", "1010", "1100", "1110")


def _by_place(name: str, file: str, place: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    """The rows of a reference file by day and organisation, also those without any row."""
    rows = records(EXPECTED[name] / file)
    found: dict[tuple[str, str], list[dict[str, str]]] = {
        (day, code): [] for day in {r["as_of"] for r in rows} for code in {r[place] for r in rows}
    }
    for row in rows:
        found[row["as_of"], row[place]].append(row)
    return found


def _without_zeros(figures: Mapping[Any, int]) -> Figures:
    return {key: amount for key, amount in figures.items() if amount}


async def test_trial_balances_are_those_of_the_reference_file(books: tuple[str, Books]) -> None:
    """Of every book on every day: closing by fund and code."""
    name, opened = books
    for (day, organisation), rows in _by_place(name, "trial_balance.csv", "org").items():
        found = await read(opened, organisation, "trial-balance", last_on=date.fromisoformat(day))
        expected = {(row["fund"], row["code"]): paisa(row) for row in rows}
        assert found.sums("closing", "fund", "code") == expected


async def test_trial_balances_as_known_are_those_of_the_reference_file(
    books: tuple[str, Books],
) -> None:
    """Of every book, on every day and as known by every moment of the file."""
    name, opened = books
    rows = records(EXPECTED[name] / "trial_balance_known.csv")
    expected: defaultdict[tuple[str, str, str], Figures] = defaultdict(dict)
    for row in rows:
        place = (row["as_of"], row["known_by"], row["org"])
        expected[place][row["fund"], row["code"]] = paisa(row)
    for (day, moment, organisation), figures in expected.items():
        on, known_by = date.fromisoformat(day), datetime.fromisoformat(moment)
        found = await read(opened, organisation, "trial-balance", last_on=on, known_by=known_by)
        assert found.sums("closing", "fund", "code") == figures


async def test_consolidated_trial_balances_are_the_roll_up(books: tuple[str, Books]) -> None:
    """Of every node on every day: the closing, and what of it is eliminated."""
    name, opened = books
    for (day, node), rows in _by_place(name, "rollup.csv", "node").items():
        on = date.fromisoformat(day)
        found = await read(opened, node, "trial-balance", last_on=on, consolidated=True)
        for field, column in (
            ("closing", "balance"),
            ("closing_eliminated", "eliminated"),
            ("consolidated", "consolidated"),
        ):
            expected = {(r["fund"], r["code"]): parse_rupees(r[column]) for r in rows}
            assert found.sums(field, "fund", "code") == _without_zeros(expected)


@pytest.mark.parametrize(("first_on", "last_on"), PERIODS)
async def test_opening_turnover_and_moves_come_to_the_closing(
    pilot: Books, first_on: date, last_on: date
) -> None:
    """Of every node, whole and eliminated; the opening is the roll-up of the day before."""
    for node in await organisations(pilot):
        asked = {"first_on": first_on, "last_on": last_on, "consolidated": True}
        found = await read(pilot, node, "trial-balance", **asked)
        before = await read(pilot, node, "trial-balance", last_on=first_on - ONE, consolidated=True)
        for suffix in ("", "_eliminated"):
            for row in found.rows:
                movement = row[f"debit{suffix}"] - row[f"credit{suffix}"] + row[f"moved{suffix}"]
                assert row[f"opening{suffix}"] + movement == row[f"closing{suffix}"]
            opening = found.sums(f"opening{suffix}", "fund", "code")
            assert opening == before.sums(f"closing{suffix}", "fund", "code")
        for total in found.totals:
            assert total["debit"] == total["credit"]
            assert (total["opening"], total["moved"], total["closing"]) == (0, 0, 0)


async def test_what_moved_is_what_the_organisation_held(pilot: Books) -> None:
    """CO-02 left VO-01 for VO-02 on 12 March 2025, with all that it had the evening before."""
    on = date(2025, 3, 12)
    held = await read(pilot, "CO-02", "trial-balance", last_on=on - ONE)
    taken = held.sums("closing", "fund", "code")
    asked = {"first_on": date(2025, 2, 1), "last_on": date(2025, 4, 30), "consolidated": True}
    new = await read(pilot, "VO-02", "trial-balance", **asked)
    old = await read(pilot, "VO-01", "trial-balance", **asked)
    assert new.sums("moved", "fund", "code") == taken
    assert old.sums("moved", "fund", "code") == {key: -amount for key, amount in taken.items()}


async def test_turnover_stays_where_it_happened(pilot: Books) -> None:
    """What mobilisation counts of a node in a quarter is the trial balance's turnover."""
    codes = ("2000", "2010", "4000", "4010", "4100", "4200", "3100")
    first_on, last_on = date(2025, 1, 1), date(2025, 3, 31)
    every = (None, last_on, None, codes, first_on)
    rows = await pilot.ledger.fetch(balances.TURNOVER, *every)
    names = dict(await pilot.fetch("SELECT book_id, code FROM service.organisation"))
    expected: defaultdict[str, defaultdict[tuple[str, ...], int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for row in rows:
        expected[names[row["node_id"]]][(row["code"],)] += row["credit"] - row["debit"]
    for node in names.values():
        asked = {"first_on": first_on, "last_on": last_on, "consolidated": True}
        found = await read(pilot, node, "trial-balance", **asked)
        raised = [
            {
                "code": row["code"],
                "net": row["credit"]
                - row["debit"]
                - row["credit_eliminated"]
                + row["debit_eliminated"],
            }
            for row in found.rows
            if row["code"] in codes
        ]
        assert sums(raised, "net", "code") == _without_zeros(expected[node])


@pytest.mark.parametrize("consolidated", [False, True])
@pytest.mark.parametrize(("first_on", "last_on"), PERIODS)
async def test_receipts_less_payments_are_the_change_in_money(
    pilot: Books, first_on: date, last_on: date, *, consolidated: bool
) -> None:
    """Per fund, of every book and node; opening and closing are those of the trial balance."""
    for organisation in await organisations(pilot):
        asked = {"first_on": first_on, "last_on": last_on, "consolidated": consolidated}
        found = await read(pilot, organisation, "receipts-and-payments", **asked)
        trial = await read(pilot, organisation, "trial-balance", **asked)
        for amount in ("amount", "consolidated") if consolidated else ("amount",):
            _comes_to_the_closing(found, amount)
        for part in ("opening", "closing"):
            money = [row for row in trial.rows if row["code"] in MONEY]
            rows = [row for row in found.rows if row["part"] == part]
            assert sums(rows, "amount", "fund", "code") == sums(money, part, "fund", "code")


def _comes_to_the_closing(found: Read, amount: str) -> None:
    opening, received, paid, moved, closing = (
        found.part(part, amount) for part in ("opening", "receipts", "payments", "moved", "closing")
    )
    for fund in {row["fund"] for row in found.rows}:
        change = received.get(fund, 0) - paid.get(fund, 0) + moved.get(fund, 0)
        assert opening.get(fund, 0) + change == closing.get(fund, 0)


async def test_money_moved_from_hand_to_bank_is_no_receipt(pilot: Books) -> None:
    """Nor a payment: no code of money is a head."""
    for organisation in await organisations(pilot):
        found = await read(pilot, organisation, "receipts-and-payments", first_on=ALL_TIME)
        heads = {row["code"] for row in found.rows if row["part"] in {"receipts", "payments"}}
        assert not heads & set(MONEY)


async def test_balance_sheets_balance(books: tuple[str, Books]) -> None:
    """Per fund, of every book on every day of the reference file.

    Their surplus is that of income and expenditure ever since, for no year is closed yet.
    """
    name, opened = books
    days = sorted({row["as_of"] for row in records(EXPECTED[name] / "trial_balance.csv")})
    for organisation in await organisations(opened):
        for on in map(date.fromisoformat, days):
            found = await read(opened, organisation, "balance-sheet", as_of=on)
            _balances(found, "amount")
            since = {"first_on": ALL_TIME, "last_on": on}
            earned = await read(opened, organisation, "income-and-expenditure", **since)
            assert found.part("surplus") == earned.part("surplus")


def _balances(found: Read, amount: str) -> None:
    assets, liabilities, funds, surplus = (
        found.part(part, amount) for part in ("assets", "liabilities", "funds", "surplus")
    )
    for fund in {row["fund"] for row in found.rows}:
        whose = liabilities.get(fund, 0) + funds.get(fund, 0) + surplus.get(fund, 0)
        assert assets.get(fund, 0) == whose


async def test_consolidated_balance_sheets_are_the_roll_up(books: tuple[str, Books]) -> None:
    """Of every node on every day: amount, eliminated, consolidated of each code; each balances."""
    name, opened = books
    for (day, node), rows in _by_place(name, "rollup.csv", "node").items():
        on = date.fromisoformat(day)
        found = await read(opened, node, "balance-sheet", as_of=on, consolidated=True)
        for field in ("amount", "eliminated", "consolidated"):
            _balances(found, field)
            column = "balance" if field == "amount" else field
            expected = {
                (r["fund"], r["code"]): parse_rupees(r[column]) * (1 if r["code"] < "2" else -1)
                for r in rows
                if r["code"] < "4"
            }
            codes = [row for row in found.rows if row["code"]]
            assert sums(codes, field, "fund", "code") == _without_zeros(expected)
            surplus = sums(
                (
                    {"fund": r["fund"], "n": -parse_rupees(r[column])}
                    for r in rows
                    if r["code"] >= "4"
                ),
                "n",
                "fund",
            )
            assert found.part("surplus", field) == {fund: n for (fund,), n in surplus.items()}


async def test_income_less_expenditure_is_the_surplus(pilot: Books) -> None:
    """Per fund, of every node in every period, whole and consolidated."""
    for node in await organisations(pilot):
        for first_on, last_on in PERIODS:
            asked = {"first_on": first_on, "last_on": last_on, "consolidated": True}
            found = await read(pilot, node, "income-and-expenditure", **asked)
            for amount in ("amount", "eliminated", "consolidated"):
                earned, spent, surplus = (
                    found.part(part, amount) for part in ("income", "expenditure", "surplus")
                )
                for fund in {row["fund"] for row in found.rows}:
                    left = earned.get(fund, 0) - spent.get(fund, 0)
                    assert left == surplus.get(fund, 0)


async def test_a_fund_and_a_code_narrow_a_trial_balance(pilot: Books) -> None:
    """To their rows, the same as in the whole."""
    everything = await read(pilot, "VO-01", "trial-balance", consolidated=True)
    found = await read(pilot, "VO-01", "trial-balance", consolidated=True, fund="own", code="2000")
    assert found.rows == [
        row for row in everything.rows if (row["fund"], row["code"]) == ("own", "2000")
    ]


async def test_statements_of_a_fund_are_its_part_of_the_whole(pilot: Books) -> None:
    """Balance sheet, income and expenditure, receipts and payments."""
    for name in ("balance-sheet", "income-and-expenditure", "receipts-and-payments"):
        everything = await read(pilot, "LSO-01", name, consolidated=True)
        for fund in ("own", "cif", "igg"):
            found = await read(pilot, "LSO-01", name, consolidated=True, fund=fund)
            assert found.rows == [row for row in everything.rows if row["fund"] == fund]
