"""What a pack is of, for whoever may read it: days and moment settled, the books that are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import FIRST_MONTH_OF_FISCAL_YEAR, business_date, fiscal_year
from ledger.postgres import books as heads
from ledger.postgres.settled import newest_settled, refuse_unsettled
from service import access, organisations
from service.access import Right
from service.plaintext import component
from service.refusals import Malformed

if TYPE_CHECKING:
    from ledger.postgres.books import BookHead
    from service.books import Books
    from service.organisations import Organisation

_OPEN: Final = """
    SELECT n.code, b.id FROM ledger.book b JOIN service.book_number n ON n.book_id = b.id
    WHERE b.id = ANY (:among)
"""


class PackAsked(NamedTuple):
    """What somebody asks of a pack; what is None was left out."""

    first_on: date | None = None
    last_on: date | None = None
    known_by: datetime | None = None
    consolidated: bool = False
    """With all organisations below it."""


@dataclass(slots=True)
class Posted:
    """What the journal has of a book, in paisa."""

    entries: int = 0
    lines: int = 0
    turnover: int = 0


@dataclass(frozen=True, slots=True)
class PackedBook:
    """A book in a pack, as far as it was known."""

    organisation: str
    head: BookHead
    posted: Posted = field(default_factory=Posted)

    @property
    def folder(self) -> str:
        """Where its files are."""
        return f"books/{component(self.organisation)}"


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack is of; every day and the moment are settled."""

    books: Books
    organisation: Organisation
    first_on: date
    last_on: date
    known_by: datetime
    consolidated: bool
    packed: tuple[PackedBook, ...]
    closed: int
    """How many organisations are counted below that are closed to whoever asks."""

    @property
    def name(self) -> str:
        """What the file may be called."""
        return f"{component(self.organisation.code)}_{self.first_on}_{self.last_on}.zip"


async def prepared(
    books: Books, organisation: str, asked: PackAsked, *, most: int | None = None
) -> Pack:
    """What a pack is of, for whoever may read all of it.

    Without a last day it is today, without a first one that of the last day's fiscal year, without
    a moment the newest that is settled; of `most` books at most. Raises `NotFound`, `Forbidden`,
    `Malformed`, `MomentUnsettled`.
    """
    number = await access.authorise(books, Right.READ, organisation, below=asked.consolidated)
    await access.refuse_shut(books, number)
    last_on = asked.last_on or business_date(books.now)
    first_on = asked.first_on or date(fiscal_year(last_on) - 1, FIRST_MONTH_OF_FISCAL_YEAR, 1)
    if last_on < first_on:
        raise Malformed(f"last_on: {last_on} lies before {first_on}. Choose a later day.")
    known_by = asked.known_by or await newest_settled(books.ledger)
    if known_by.tzinfo is None:
        raise Malformed("known_by: it needs its offset, such as 2026-03-31T23:59:59+05:00.")
    await refuse_unsettled(books.ledger, known_by)
    among = [number]
    if asked.consolidated:
        async with books.whole_house(nodes=[number]):
            among = await organisations.books_under(books, number, last_on)
    if most is not None and len(among) > most:
        raise Malformed(
            f"{organisation} has {len(among)} books with all below it, and a pack {most} at most."
            " Ask for an organisation below it."
        )
    open_to_them = sorted(await books.fetch(_OPEN, among=among))
    packed = [
        PackedBook(code, await heads.head(books.ledger, book, known_by=known_by))
        for code, book in open_to_them
    ]
    return Pack(
        books,
        await organisations.organisation(books, organisation),
        first_on,
        last_on,
        known_by,
        asked.consolidated,
        tuple(packed),
        len(among) - len(packed),
    )
