"""The seal: the text of an entry whose SHA-256 is its hash (I3), format 1.

Every field stands in it, each free text behind its length in bytes, so that no two
entries share a text. It names the hash of the entry before, so that a chain runs through
the book from its genesis. An entry that opens accounts holds their openings; a line then
names its account by number. PostgreSQL builds the same text and refuses a hash that
differs (`ledger.seal` in the migrations); a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.entries import AccountKey, EntryRef

_FORMAT: Final = "amanat-entry-1;"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Opening(NamedTuple):
    """An account that an entry opens, with the number that it gets."""

    no: int
    key: AccountKey
    faces: int | None


class SealedLine(NamedTuple):
    """A line as the seal covers it; amounts in paisa."""

    account_no: int
    subject: str
    debit: int
    credit: int


def genesis(organisation: str, currency: str) -> bytes:
    """The hash before the first entry of a book."""
    return sha256(f"amanat-book-1;{_text(organisation)}{_text(currency)}".encode()).digest()


def seal(
    *,
    ref: EntryRef,
    value_date: date,
    posted_at: datetime,
    recorded_at: datetime,
    kind: str,
    narrative: str,
    actor: str,
    reference: str,
    key: str,
    part: int,
    digest: bytes,
    reverses: int | None,
    counterpart: EntryRef | None,
    openings: Iterable[Opening],
    lines: Iterable[SealedLine],
    prev_hash: bytes,
) -> bytes:
    """The SHA-256 of an entry (32 bytes)."""
    opened = "".join(
        f"{o.no}|{'' if o.faces is None else o.faces}|"
        f"{_text(o.key.code)}{_text(o.key.fund)}{_text(o.key.party)}"
        for o in openings
    )
    body = "".join(
        [
            f"{n}|{account}|{debit}|{credit}|{_text(subject) if subject else '0:;'}"
            for n, (account, subject, debit, credit) in enumerate(lines, start=1)
        ]
    )
    other = "|" if counterpart is None else f"{counterpart.book}|{counterpart.no}"
    text = (
        f"{_FORMAT}{ref.book}|{ref.no}|{value_date.isoformat()}|"
        f"{(posted_at - _EPOCH) // _MICROSECOND}|{(recorded_at - _EPOCH) // _MICROSECOND}|{kind}|"
        f"{_text(narrative)}{_text(actor)}{_text(reference)}{_text(key)}"
        f"{part}|{digest.hex()}|{'' if reverses is None else reverses}|{other}|"
        f"{prev_hash.hex()}|{opened}#{body}"
    )
    return sha256(text.encode()).digest()


def _text(text: str) -> str:
    return f"{len(text) if text.isascii() else len(text.encode())}:{text};"
