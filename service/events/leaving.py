"""Who is settled with has left, from that day on; and has not, where it is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from service import members

if TYPE_CHECKING:
    from service.books import WritableBooks
    from service.events.event import Event

_SETTLED: Final = """
    SELECT counterparty, happened_on FROM service.event
    WHERE code = :code AND kind = 'settlement'
"""


async def left(books: WritableBooks, event: Event) -> None:
    """Write down that a member left on the day of her settlement, unless she had left before."""
    found = await members.member(books, event.counterparty or "")
    if found.left_on is None:
        await members.amend(books, replace(found, left_on=event.happened_on))


async def returned(books: WritableBooks, reverses: str) -> None:
    """Where a settlement is reversed, a member who left on its day has not left."""
    for member, on in await books.fetch(_SETTLED, code=reverses):
        found = await members.member(books, member)
        if found.left_on == on:
            await members.amend(books, replace(found, left_on=None))
