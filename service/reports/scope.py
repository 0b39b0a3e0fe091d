"""Which organisations a report is about, and whether the actor may ask about them.

Reports that list books, members or loans show what is open to the actor. Reports on nodes are
worked out over all books, for nodes whose whole tree is open to the actor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import access, organisations
from service.access import Right

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from service.books import Books

_EVER_UNDER = "SELECT DISTINCT book_id FROM ledger.under WHERE node_id = ANY (:nodes)"
_OPEN = "SELECT book_id FROM service.organisation WHERE access.may_below('read', book_id)"


async def node_ids(books: Books, node: str | None) -> list[int] | None:
    """The one node asked for, or all that are open; None for the house's own, which sees all."""
    if node is not None:
        return [await access.authorise(books, Right.READ, node, below=True)]
    if books.caller is None:
        return None
    return [row[0] for row in await books.fetch(_OPEN)]


async def books_under(books: Books, node: str | None, on: date) -> list[int] | None:
    """The books under a node on a day, or None for all."""
    if node is None:
        return None
    number = await access.authorise(books, Right.READ, node)
    return await organisations.books_under(books, number, on)


async def readable(books: Books, among: Collection[int] | None) -> list[int] | None:
    """The books open to the actor, of some or of all; None for all, where the house asks."""
    if books.caller is None:
        return None if among is None else list(among)
    sql = "SELECT id FROM ledger.book WHERE CAST(:among AS bigint[]) IS NULL OR id = ANY (:among)"
    return [row[0] for row in await books.fetch(sql, among=among)]


async def ever_under(books: Books, nodes: Collection[int] | None) -> list[int] | None:
    """The books that were ever under some nodes, or None for all."""
    if nodes is None:
        return None
    return [row[0] for row in await books.fetch(_EVER_UNDER, nodes=list(nodes))]


async def codes(books: Books) -> dict[int, str]:
    """The code of every organisation by the number of its book."""
    return dict(await books.fetch("SELECT book_id, code FROM service.book_number"))


async def federated(books: Books, on: date) -> dict[int, str]:
    """The codes of the VOs, LSOs and everything above them that were formed by a day."""
    sql = "SELECT book_id, code FROM service.organisation WHERE kind <> 'CO' AND formed_on <= :on"
    return dict(await books.fetch(sql, on=on))
