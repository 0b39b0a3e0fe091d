"""The engine in plain Python: entries in a list, every rule by looking at all of them again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.chart import CHART
from ledger.entries import AccountKey, Draft, EntryRef, Kind
from ledger.refusals import (
    AlreadyReversed,
    DatedInFuture,
    FloorPassed,
    HalvesDisagree,
    KeyReused,
    PeriodClosed,
    Refusal,
    ReversalOfReversal,
    ReversalTooEarly,
)
from ledger.requests import Posted
from tests.support.ledger import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


@dataclass(frozen=True)
class Asked:
    """A request as the model reads it."""

    drafts: tuple[Draft, ...]
    then: tuple[Draft, ...] = ()
    key: str = ""
    digest: bytes = bytes(32)


@dataclass(frozen=True)
class Kept:
    """A posted draft."""

    ref: EntryRef
    draft: Draft
    key: str
    digest: bytes


@dataclass
class Model:
    """Everything posted, and up to which day each book is closed."""

    entries: list[Kept] = field(default_factory=list)
    closed: dict[int, date] = field(default_factory=dict)

    def post(self, asked: Asked) -> Posted | type[Refusal]:
        """What becomes of a request; posted if it may be."""
        books = {draft.book for draft in (*asked.drafts, *asked.then)}
        known = [e for e in self.entries if asked.key and e.key == asked.key and e.ref[0] in books]
        if any(entry.digest != asked.digest for entry in known):
            return KeyReused
        if known:
            return Posted(tuple(sorted(entry.ref for entry in known)), replayed=True)
        tried = list(self.entries)
        for stage in (asked.drafts, asked.then):
            refused = self._halves(stage)
            for draft in () if refused else stage:
                refused = refused or self._day(draft) or _reversal(draft, tried)
                tried.append(Kept(_next(tried, draft.book), draft, asked.key, asked.digest))
            if refused:
                return refused
        if _below_a_floor(entry.draft for entry in tried):
            return FloorPassed
        made = tried[len(self.entries) :]
        self.entries = tried
        return Posted(tuple(entry.ref for entry in made))

    def close(self, book: int, day: date) -> bool:
        """Close a book up to a day; whether that was allowed."""
        allowed = day < TODAY and (book not in self.closed or day > self.closed[book])
        if allowed:
            self.closed[book] = day
        return allowed

    def nets(self, book: int) -> dict[AccountKey, int]:
        """Debits less credits of every account of a book."""
        nets: defaultdict[AccountKey, int] = defaultdict(int)
        for entry in self.entries:
            for line in entry.draft.lines if entry.ref.book == book else ():
                nets[line.account] += line.debit - line.credit
        return dict(nets)

    def _day(self, draft: Draft) -> type[Refusal] | None:
        if draft.book in self.closed and draft.value_date <= self.closed[draft.book]:
            return PeriodClosed
        return DatedInFuture if draft.value_date > TODAY else None

    def _halves(self, drafts: Sequence[Draft]) -> type[Refusal] | None:
        for place, draft in enumerate(drafts):
            named = draft.counterpart is not None and draft.counterpart < len(drafts)
            other = drafts[draft.counterpart or 0] if named else None
            if other is not None and (
                other.counterpart != place
                or other.value_date != draft.value_date
                or _faced(draft, other.book) != -_faced(other, draft.book)
            ):
                return HalvesDisagree
            if other is None and draft.counterpart is not None:
                return HalvesDisagree
            undone = draft.reverses.counterpart if draft.reverses else None
            together = other.reverses.ref if other and other.reverses else None
            if draft.reverses and undone != together:
                return HalvesDisagree
        return None


def _next(entries: list[Kept], book: int) -> EntryRef:
    return EntryRef(book, 1 + sum(entry.ref.book == book for entry in entries))


def _reversal(draft: Draft, entries: list[Kept]) -> type[Refusal] | None:
    if draft.reverses is None:
        return None
    if draft.reverses.kind is Kind.REVERSAL:
        return ReversalOfReversal
    if any(e.draft.reverses and e.draft.reverses.ref == draft.reverses.ref for e in entries):
        return AlreadyReversed
    return ReversalTooEarly if draft.value_date < draft.reverses.value_date else None


def _faced(draft: Draft, book: int) -> int:
    return sum(line.debit - line.credit for line in draft.lines if line.faces == book)


def _below_a_floor(drafts: Iterable[Draft]) -> bool:
    moves: defaultdict[tuple[int, AccountKey], defaultdict[date, int]]
    moves = defaultdict(lambda: defaultdict(int))
    for draft in drafts:
        for line in draft.lines:
            code = CHART[line.account.code]
            if code.floored:
                net = code.sign * (line.debit - line.credit)
                moves[draft.book, line.account][draft.value_date] += net
    return any(
        sum(net for day, net in days.items() if day <= on) < 0
        for days in moves.values()
        for on in days
    )
