"""Lines come as they are read: memory does not grow with their number."""

from __future__ import annotations

import tracemalloc
from datetime import date
from typing import TYPE_CHECKING, Final

from ledger.postgres.lines import LinesAsked, lines
from tests.service.statements.reading import ALL_TIME

if TYPE_CHECKING:
    from service.books import Books

LAST: Final = date(2026, 6, 30)
MOST_BYTES: Final = 2_000_000
"""The rows of two fetches; all lines of the pilot would take more than twenty times as much."""


async def test_every_line_of_the_house_passes_through_little_memory(pilot: Books) -> None:
    """All books at once, with the balance after each line."""
    rows = await pilot.fetch("SELECT book_id FROM service.organisation")
    asked = LinesAsked(tuple(row[0] for row in rows), first_on=ALL_TIME, last_on=LAST)
    number = 0
    tracemalloc.start()
    try:
        async for _ in lines(pilot.ledger, asked):
            number += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number > 15_000
    assert peak < MOST_BYTES, f"{peak} bytes for {number} rows"
