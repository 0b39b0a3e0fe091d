"""What is asked of the engine, what it answers, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.entries import Draft, Entry, EntryRef, refuse_odd_names
from ledger.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ledger.positions import Position, Reads
    from ledger.sealing import Opening, SealedLine


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to post: all of its drafts, or none.

    `draft` is called under the lock with the position of the books, and may refuse. `then`
    is called with the position that the first drafts leave: a correction is a reversal and
    then what replaces it, and floors are checked after both. A `key` makes the request
    idempotent in every book that it writes; `digest` is the SHA-256 of its content.
    `posted_at` is given by imports alone.
    """

    reads: Reads
    draft: Callable[[Position], Sequence[Draft]]
    then: Callable[[Position], Sequence[Draft]] | None = None
    key: str = ""
    digest: bytes = bytes(32)
    posted_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_odd_names(self.key)


@dataclass(frozen=True, slots=True)
class Posted:
    """The entries that a request made, now or (a replay) when it was first asked.

    They stand in the order of the drafts; in a replay, in the order of books and numbers.
    """

    refs: tuple[EntryRef, ...]
    replayed: bool = False
    entries: tuple[Entry, ...] = field(default=(), compare=False, repr=False)
    """The entries themselves, where they are made now."""


Outcome = Posted | Refusal


@dataclass(frozen=True, slots=True)
class Record:
    """An entry ready to be written: numbered, dated and sealed."""

    entry: Entry
    key: str
    part: int
    digest: bytes
    openings: tuple[Opening, ...]
    lines: tuple[SealedLine, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of each request, in order, and the records to write."""

    outcomes: tuple[Outcome, ...]
    records: tuple[Record, ...]
