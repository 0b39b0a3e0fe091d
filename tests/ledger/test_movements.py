"""What money was moved for, where closings and what undoes them stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.chart import CHART
from ledger.entries import EntryRef, Kind, reversal
from ledger.postgres import journal
from ledger.postgres.movements import Receipt, Stretch, receipts
from ledger.postgres.verify import verify
from tests.support.federation import Model, place
from tests.support.ledger import DAY, TODAY, credit, debit, draft, open_books, post_all, request

if TYPE_CHECKING:
    import asyncpg


async def test_a_closing_is_no_receipt_nor_is_its_reversal(connection: asyncpg.Connection) -> None:
    """The one is left out by its kind, the other because it moved no money."""
    await place(connection, Model(await open_books(connection, "CO-01")))
    paid = draft(debit("1000", 500), credit("4000", 500))
    closing = draft(debit("4000", 500), credit("3000", 500), kind=Kind.CLOSE)
    await post_all(connection, request(paid), request(closing))
    found = await journal.entries(connection, [EntryRef(1, 2)])
    undone = reversal(found[EntryRef(1, 2)], value_date=TODAY, actor="a", narrative="Too early")
    await post_all(connection, request(undone))
    rows = await connection.fetch("SELECT entry_no FROM ledger.moneyless")
    assert [row["entry_no"] for row in rows] == [3]
    money = [code.code for code in CHART.values() if code.money]
    asked = Stretch(1, alone=True, first_on=DAY, last_on=TODAY)
    assert await receipts(connection, asked, money=money) == [
        Receipt("general", "4000", 500, 0, 0, 0)
    ]
    assert (await verify(connection)).findings == ()
