"""The journal of a pack: every entry of the period once as CSV and once as plain text.

The entries are read once. The text goes out as it is made, the CSV waits on the disk meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from ledger.chart import CHART
from ledger.money import rupees
from ledger.postgres import balances, journal
from ledger.postgres.journal import Only
from service import plaintext
from service.packs.parts import Part
from service.statements.statement import as_text
from service.tables import chunks
from service.tables.separated import Lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from typing import IO

    from ledger.entries import Entry
    from service.packs.scope import Pack, PackedBook

TEXT: Final = "books.journal"
ROWS: Final = "journal.csv"
COLUMNS: Final = (
    "organisation",
    "entry_no",
    "n",
    "value_date",
    "posted_at",
    "recorded_at",
    "kind",
    "reference",
    "narrative",
    "actor",
    "reverses",
    "other_organisation",
    "other_no",
    "hash",
    "fund",
    "code",
    "account",
    "party",
    "subject",
    "debit",
    "credit",
)
_AT_A_TIME: Final = 200
"""Entries read at a time."""
_IN_MEMORY: Final = 2**20
_DAY: Final = timedelta(days=1)
_CODES: Final = "SELECT book_id, code FROM service.book_number WHERE book_id = ANY (:among)"
_ABOUT: Final = """\
; Read this file with hledger, or with beancount (bean-check, Fava): it is one file for both.
; Debit is above zero. What an account held before the period stands on the day before it.

"""


async def parts(pack: Pack) -> AsyncIterator[Part]:
    """The plain text of all books, one after the other, then the same lines as CSV."""
    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="") as rows:
        rows.write(Lines().line(COLUMNS))
        yield Part(TEXT, chunks.gathered(_texts(pack, rows)))
        rows.seek(0)
        yield Part(ROWS, _read(rows), sum(book.posted.lines for book in pack.packed))


async def _texts(pack: Pack, rows: IO[str]) -> AsyncIterator[str]:
    yield _ABOUT
    for book in pack.packed:
        async for text in _book(pack, book, rows):
            yield text


async def _book(pack: Pack, book: PackedBook, rows: IO[str]) -> AsyncIterator[str]:
    """A book's accounts, opening, entries and closing, as plain text; its lines into `rows`."""
    ledger, number, lines = pack.books.ledger, book.head.book, Lines()
    stretch = plaintext.Stretch(book.organisation, pack.first_on, pack.last_on, pack.known_by)
    before, closing = [
        await balances.account_balances(ledger, number, on, known_by=pack.known_by)
        for on in (pack.first_on - _DAY, pack.last_on)
    ]
    yield plaintext.beginning(stretch, before, plaintext.held(book.organisation, closing))
    async for entries in _stretches(pack, book):
        codes = await _codes(pack, entries)
        for entry in entries:
            yield plaintext.transaction(book.organisation, entry, codes)
            rows.writelines(map(lines.line, _cells(book.organisation, entry, codes)))
            book.posted.entries += 1
            book.posted.lines += len(entry.lines)
            book.posted.turnover += sum(line.debit for line in entry.lines)
    yield plaintext.ending(stretch, closing)


async def _stretches(pack: Pack, book: PackedBook) -> AsyncIterator[list[Entry]]:
    """The entries of the period that were known, in the order of their numbers."""
    only, after = Only(pack.first_on, pack.last_on), 0
    while found := await journal.page(
        pack.books.ledger, book.head.book, only=only, after=after, limit=_AT_A_TIME
    ):
        after = found[-1].ref.no
        yield [entry for entry in found if entry.ref.no <= book.head.last_no]


async def _codes(pack: Pack, entries: list[Entry]) -> dict[int, str]:
    """The organisations whose books have the other halves: an entry names its other half.

    Whoever may read the entry reads that code, and nothing else of an organisation closed to them.
    """
    among = {entry.counterpart.book for entry in entries if entry.counterpart}
    return dict(await pack.books.fetch(_CODES, among=sorted(among))) if among else {}


def _cells(
    organisation: str, entry: Entry, codes: Mapping[int, str]
) -> Iterator[tuple[object, ...]]:
    other = entry.counterpart
    for n, line in enumerate(entry.lines, start=1):
        code, fund, party = line.account
        yield (
            organisation,
            entry.ref.no,
            n,
            entry.value_date.isoformat(),
            as_text(entry.posted_at),
            as_text(entry.recorded_at),
            entry.kind.value,
            entry.reference,
            entry.narrative,
            entry.actor,
            entry.reverses,
            other and codes.get(other.book),
            other and other.no,
            entry.hash.hex(),
            fund,
            code,
            CHART[code].name,
            party,
            line.subject,
            rupees(line.debit),
            rupees(line.credit),
        )


async def _read(rows: IO[str]) -> AsyncIterator[bytes]:
    while text := rows.read(chunks.CHUNK):
        yield text.encode()
