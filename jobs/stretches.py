"""Stretches of books: how a step over all of them is cut into parts."""

from __future__ import annotations

from typing import Final, NamedTuple

BOOKS_OF_A_STRETCH: Final = 20_000
"""How many numbers of books a stretch has. A part is known by its first book: a step that is
half done when this changes is cut anew, and fails at what is there already."""


class Stretch(NamedTuple):
    """Books by their numbers, from one to another, both included."""

    first: int
    last: int


ALL_BOOKS: Final = Stretch(1, 2**63 - 1)


def stretches(last_book: int) -> list[Stretch]:
    """All stretches up to a book, in order."""
    width = BOOKS_OF_A_STRETCH
    return [Stretch(first, first + width - 1) for first in range(1, last_book + 1, width)]
