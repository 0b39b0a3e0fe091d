"""Which organisations a report is about, and whether the actor may ask about them.

Reports that list books, members or loans show what is open to the actor. Reports on nodes are
worked out over all books, for nodes whose whole tree is open to the actor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import access, organisations
from service.access import Right
from service.conditions import where

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from service.books import Books

_EVER_UNDER = "SELECT DISTINCT book_id FROM ledger.under WHERE node_id = ANY (:nodes)"
_OPEN = """
    SELECT DISTINCT u.book_id FROM ledger.under u
    WHERE u.node_id = ANY (access.nodes('read'))
        AND u.from_on <= access.today() AND u.to_on > access.today()
    UNION
    SELECT b FROM unnest(access.nodes('read_alone')) AS b
    WHERE NOT EXISTS (SELECT FROM ledger.under u WHERE u.node_id = b AND u.book_id <> b)
    UNION
    SELECT id FROM ledger.book WHERE (SELECT 0 = ANY (access.nodes('read')))
"""
"""The nodes for which `access.may_below` holds, without asking it of every organisation."""
_READABLE = {"among": "id = ANY (:among)"}


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
    if among is None and (homes := await access.homes(books, Right.READ)) is not None:
        return list((await organisations.books_of(books, homes)).values())
    asked = {"among": among}
    rows = await books.fetch(f"SELECT id FROM ledger.book {where(_READABLE, asked)}", **asked)
    return [row[0] for row in rows]


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
