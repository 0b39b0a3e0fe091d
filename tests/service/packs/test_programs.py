"""What hledger and beancount make of a pack's journal is what our statements say, to the paisa."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from beancount import loader
from beancount.core import realization
from beancount.core.data import Transaction

from ledger.money import parse_rupees
from service import plaintext
from service.packs.journal import TEXT
from service.statements import registry
from service.statements.statement import Asked
from tests.service.packs.conftest import FIRST, KNOWN_BY, LAST, Packed
from tests.support import programs

if TYPE_CHECKING:
    from pathlib import Path

    from service.books import Books

UNDER_LSO_01 = (*(f"CO-{n:02d}" for n in (1, 2, 3, 4, 5, 6, 12)), "LSO-01", "VO-01", "VO-02")


async def _column(books: Books, organisation: str, column: str) -> dict[str, int]:
    """A column of a trial balance by the names that accounts have in the plain text."""
    asked = Asked(first_on=FIRST, last_on=LAST, known_by=KNOWN_BY)
    made = await registry.of_organisation(books, organisation, "trial-balance", asked)
    found = {}
    async for cells in made.table_rows():
        row = dict(zip(made.names, map(str, cells), strict=True))
        name = plaintext.account(organisation, row["code"], row["fund"])
        found[name] = parse_rupees(row[column])
    return programs.without_zeros(found.items())


def _of(balances: dict[str, int], organisation: str) -> dict[str, int]:
    return {
        name: net
        for name, net in programs.rolled_up(balances, 4).items()
        if name.split(":")[1] == organisation
    }


@pytest.mark.parametrize("organisation", UNDER_LSO_01)
async def test_hledger_finds_the_trial_balance(
    packs: dict[str, Packed], pilot: Books, organisation: str
) -> None:
    """Opening and closing of every fund and code."""
    journal = packs["LSO-01"].folder / TEXT
    closing = _of(programs.balances_by_hledger(journal), organisation)
    assert closing == await _column(pilot, organisation, "closing")
    opening = _of(programs.balances_by_hledger(journal, "-e", str(FIRST)), organisation)
    assert opening == await _column(pilot, organisation, "opening")


def _of_beancount(journal: Path) -> dict[str, int]:
    entries, errors, _ = loader.load_file(str(journal))
    assert not errors
    root = realization.realize(entries)  # type: ignore[no-untyped-call] # beancount types some
    found = {}
    for account in realization.iter_children(root):  # type: ignore[no-untyped-call] # as above
        number = account.balance.get_currency_units("PKR").number
        if number:
            found[account.account] = int(number * Decimal(100))
    return found


@pytest.mark.parametrize("organisation", ["LSO-01", "CO-01"])
def test_both_programs_hold_the_same(packs: dict[str, Packed], organisation: str) -> None:
    """Account by account, and bean-check has nothing against it."""
    journal = packs[organisation].folder / TEXT
    assert programs.complaints_of_beancount(journal) == ""
    assert _of_beancount(journal) == programs.balances_by_hledger(journal)


def test_the_journal_says_which_voucher_it_was(packs: dict[str, Packed]) -> None:
    """Hledger finds an entry by its number, kind and hash; beancount by its link."""
    journal = packs["LSO-01"].folder / TEXT
    reversals = programs.asked(
        programs.hledger(), "-f", f"journal:{journal}", "print", "tag:kind=reversal"
    )
    assert reversals.count("; reverses: ") == reversals.count("#reversal") > 0
    entries, _, _ = loader.load_file(str(journal))
    linked = [e for e in entries if isinstance(e, Transaction) and "CO-05.81" in (e.links or ())]
    assert [sorted(entry.tags or ()) for entry in linked] == [["normal"], ["reversal"]]
