"""Which organisations a report is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import organisations

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books

_UNDER = """
    SELECT book_id FROM ledger.under WHERE node_id = :node AND from_on <= :on AND to_on > :on
"""


async def node_ids(books: Books, node: str | None) -> list[int] | None:
    """The one node asked for, or None for all."""
    return None if node is None else [await organisations.book_of(books, node)]


async def books_under(books: Books, node: str | None, on: date) -> list[int] | None:
    """The books under a node on a day, or None for all."""
    if node is None:
        return None
    number = await organisations.book_of(books, node)
    return [row[0] for row in await books.fetch(_UNDER, node=number, on=on)]


async def codes(books: Books) -> dict[int, str]:
    """The code of every organisation by the number of its book."""
    return dict(await books.fetch("SELECT book_id, code FROM service.organisation"))


async def federated(books: Books, on: date) -> dict[int, str]:
    """The codes of the VOs, LSOs and everything above them that were formed by a day."""
    sql = "SELECT book_id, code FROM service.organisation WHERE kind <> 'CO' AND formed_on <= :on"
    return dict(await books.fetch(sql, on=on))
