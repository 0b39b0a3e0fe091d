"""Stretches of books, or of other numbers: how a step is cut into parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books

BOOKS_OF_A_STRETCH: Final = 20_000
"""How many numbers of books a stretch has. A part is known by its first book: a step that is
half done when this changes is cut anew, and fails at what is there already."""
PARTS_AT_ONCE: Final = 2
"""How many parts a run does side by side; PostgreSQL works on each in a process of its own."""
_LAST_BOOK: Final = "SELECT coalesce(max(id), 0) AS book FROM ledger.book"


class Stretch(NamedTuple):
    """Books by their numbers, or what else a step is cut by; both ends are included."""

    first: int
    last: int


ALL_BOOKS: Final = Stretch(1, 2**63 - 1)


def stretches(last_book: int) -> list[Stretch]:
    """All stretches up to a book, in order."""
    width = BOOKS_OF_A_STRETCH
    return [Stretch(first, first + width - 1) for first in range(1, last_book + 1, width)]


async def of_books(books: Books, *, on: date) -> list[Stretch]:  # noqa: ARG001 - every day alike
    """All stretches of the books that there are."""
    row = await books.fetch_one(_LAST_BOOK)
    return stretches(row.book if row else 0)
