"""What a step of a job is made of: its work, what it looks at before, and how it is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from jobs.stretches import Stretch
    from service.books import Books, WritableBooks


class Work(Protocol):
    """What a step does, all in the one transaction of its books; how many rows it made.

    It has statements do it that end by themselves. A COPY waits for its process, so where
    that is frozen nothing but the leader's vigilance ends it.
    """

    async def __call__(self, books: WritableBooks, *, on: date, run: UUID, stretch: Stretch) -> int:
        """Work for a business date and some books, leaving the run's id on every row made."""
        ...


class Look(Protocol):
    """What a step looks at before it works, in a snapshot of its own that holds nobody up."""

    async def __call__(self, books: Books, *, stretch: Stretch) -> Work:
        """Look at some books; the work is to keep what was seen, and takes moments."""
        ...


class Cutting(Protocol):
    """Into which parts a step is cut."""

    async def __call__(self, books: Books, *, on: date) -> list[Stretch]:
        """All parts, in order. One that is gone from here, as it is done, is not asked for."""
        ...


async def keep_nothing(
    books: WritableBooks,  # noqa: ARG001 - as every work is called
    *,
    on: date,  # noqa: ARG001 - as above
    run: UUID,  # noqa: ARG001 - as above
    stretch: Stretch,  # noqa: ARG001 - as above
) -> int:
    """No work: of a step whose work is what its look gives."""
    return 0
