"""Bundles that nobody has seen: random histories, whose statements must still agree."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.money import parse_rupees
from service.books import read_books
from tests.service.statements.reading import organisations, read, sums
from tests.support.bundles import generate
from tests.support.importing import NOW, engine_of, load_folder

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from service.books import Books

FEW = range(1, 5)
MANY = range(5, 65)


@pytest.mark.parametrize("seed", FEW)
async def test_statements_of_a_random_history_agree(
    seed: int, tmp_path: Path, database_url: str
) -> None:
    """Of every node over random periods, with each other and with the oracle's roll-up."""
    await _agree(seed, tmp_path, database_url)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
async def test_statements_of_many_random_histories_agree(
    seed: int, tmp_path: Path, database_url: str
) -> None:
    """The same, further afield."""
    await _agree(seed, tmp_path, database_url)


async def _agree(seed: int, folder: Path, url: str) -> None:
    bundle = generate(seed)
    bundle.write(folder)
    chance = random.Random(seed)  # noqa: S311 - a history, no secret
    periods = [tuple(sorted(chance.sample(sorted(bundle.as_of), 2))) for _ in range(4)]
    rollup = bundle.oracle.files(bundle.as_of)["rollup"]
    async with engine_of(url) as engine:
        await load_folder(engine, folder)
        async with read_books(engine, actor="auditor", now=NOW) as books:
            for node in await organisations(books):
                for first_on, last_on in periods:
                    await _trial_balance_agrees(books, node, first_on, last_on, rollup)
                    await _money_agrees(books, node, first_on, last_on)


async def _trial_balance_agrees(
    books: Books, node: str, first_on: date, last_on: date, rollup: list[list[str]]
) -> None:
    """Opening + debit - credit + moved = closing; both ends are the oracle's."""
    asked = {"first_on": first_on, "last_on": last_on, "consolidated": True}
    found = await read(books, node, "trial-balance", **asked)
    for row in found.rows:
        for part in ("", "_eliminated"):
            change = row[f"debit{part}"] - row[f"credit{part}"] + row[f"moved{part}"]
            assert row[f"opening{part}"] + change == row[f"closing{part}"]
    if node.startswith("CO"):
        return
    for part, place in (("closing", 4), ("closing_eliminated", 5)):
        expected = {
            (row[2], row[3]): amount
            for row in rollup
            if (row[0], row[1]) == (str(last_on), node) and (amount := parse_rupees(row[place]))
        }
        assert found.sums(part, "fund", "code") == expected
    before = await read(
        books, node, "trial-balance", last_on=first_on - timedelta(days=1), consolidated=True
    )
    assert found.sums("opening", "fund", "code") == before.sums("closing", "fund", "code")


async def _money_agrees(books: Books, node: str, first_on: date, last_on: date) -> None:
    """Receipts less payments are the change in money, and the balance sheet balances."""
    asked = {"first_on": first_on, "last_on": last_on, "consolidated": True}
    found = await read(books, node, "receipts-and-payments", **asked)
    signs = {"opening": 1, "receipts": 1, "payments": -1, "moved": 1, "closing": -1}
    sheet = await read(books, node, "balance-sheet", as_of=last_on, consolidated=True)
    sides = {"assets": 1, "liabilities": -1, "funds": -1, "surplus": -1}
    for rows, sign in ((found.rows, signs), (sheet.rows, sides)):
        for amount in ("amount", "eliminated", "consolidated"):
            signed = [row | {amount: sign[row["part"]] * row[amount]} for row in rows]
            assert not sums(signed, amount, "fund")
