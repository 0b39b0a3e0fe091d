"""The chain of a book as text, so that anybody can compute every hash of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres.sql import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg

_CHAIN: Final = load("chain.sql")
_STRETCH: Final = 500
"""Entries read at a time."""


class ChainLink(NamedTuple):
    """An entry as it is sealed: `hash` is the SHA-256 of `text`, which names `prev_hash`."""

    no: int
    prev_hash: str
    hash: str
    text: str


async def chain(
    connection: asyncpg.Connection, book: int, *, after: int = 0
) -> AsyncIterator[ChainLink]:
    """The links of a book in order, those after a number."""
    while rows := await connection.fetch(_CHAIN, book, after, _STRETCH):
        for row in rows:
            yield ChainLink(*row)
        after = rows[-1]["no"]
