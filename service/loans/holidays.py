"""Holidays: days that due dates may move off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from service.books import Books, WritableBooks


async def add(books: WritableBooks, holidays: Iterable[tuple[date, str]]) -> None:
    """Add days that due dates may move off; those known already stay as they are."""
    sql = "INSERT INTO service.holiday (day, name) VALUES (:day, :name) ON CONFLICT DO NOTHING"
    await books.execute_many(sql, [{"day": day, "name": name} for day, name in holidays])


async def holidays(
    books: Books, *, first_on: date | None = None, last_on: date | None = None
) -> list[tuple[date, str]]:
    """Days that due dates may move off, with their names, in order."""
    rows = await books.fetch(
        "SELECT day, name FROM service.holiday WHERE day >= coalesce(:first_on, day)"
        " AND day <= coalesce(:last_on, day) ORDER BY day, name",
        first_on=first_on,
        last_on=last_on,
    )
    return [(row[0], row[1]) for row in rows]
