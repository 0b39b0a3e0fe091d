"""The cover of an auditor's pack: of what it is, its digest, what is in it, where books end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.web import headings, papers
from api.web.paper_tables import moment_text
from api.web.qr import qr

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.web.reader import Reader
    from service.organisations import Organisation


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said in two languages."""
    return message


TITLES: Final = headings.TITLES | {
    "": _("Every statement of the period, as files that any program reads"),
    "README": _("How to read and check it"),
    "books": _("The journal, for accounting programs"),
    "verify": _("A small program that checks all of it without us"),
}
"""What is in a file, by the name of the statement or report in it; "" has all those of a book."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a pack: its name, and the name of what is in it."""

    name: str
    what: str
    rows: int | None = None
    """As many as it has, or files of a book; None where it has none to count."""


@dataclass(frozen=True, slots=True)
class BookEnd:
    """Where a book ends: its last voucher, and that entry's hash in hexadecimal."""

    organisation: str
    last_no: int
    head_hash: str


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on a cover; `digest` is the SHA-256 of the list of files, in hexadecimal."""

    first_on: date
    last_on: date
    known_by: datetime | None
    made_by: str
    made_at: datetime
    digest: str
    files: tuple[PackedFile, ...]
    books: tuple[BookEnd, ...]


def cover_html(reader: Reader, home: Organisation, cover: Cover, *, address: str = "") -> str:
    """The cover for a reader, of which the press makes a PDF; `address` leads back to the pack."""
    return papers.html_of(
        reader,
        "pack",
        home=home,
        cover=cover,
        titles=TITLES,
        period=papers.period_of(reader, cover.first_on, cover.last_on),
        made_at=moment_text(cover.made_at),
        qr=qr(address) if address else None,
    )
