"""What a batch needs to know of its books: read once under the lock, then carried along.

A `Position` is the state of some books at one moment of a batch. `draft` functions ask
it; `decide` moves it on with every request that it posts. Amounts are paisa; a net is
debits less credits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from ledger.chart import CHART
from ledger.entries import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.entries import AccountKey, Draft, EntryRef
    from ledger.pledges import Savings

BEFORE_EVERYTHING = date.min


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a book: what the next entry continues."""

    book: int
    last_no: int
    last_account: int
    head_hash: bytes
    last_posted_at: datetime | None
    closed_to: date | None
    importing: bool = False
    """Whether all entries of the book were made by the import that is running now."""


class Account(NamedTuple):
    """An account as far as a batch needs it."""

    no: int
    key: AccountKey
    faces: int | None
    net: int
    """Debits less credits over all days."""
    later: tuple[tuple[date, int], ...] = ()
    """The nets of single days, oldest first, of every day that the batch may look behind."""

    def lowest_from(self, day: date) -> int:
        """The least balance, on the account's own side, at the end of `day` or any later day."""
        sign = CHART[self.key.code].sign
        running = lowest = sign * self.net
        for later, net in reversed(self.later):
            if later <= day:
                break
            running -= sign * net
            lowest = min(lowest, running)
        return lowest

    def net_on(self, day: date) -> int:
        """Debits less credits at the end of a day, of those that the batch may look behind."""
        return self.net - sum(net for later, net in self.later if later > day)

    def moved(self, day: date, net: int) -> Account:
        """The account after lines of `net` with value date `day`."""
        if self.later and self.later[-1][0] == day:
            later = (*self.later[:-1], (day, self.later[-1][1] + net))
        elif not self.later or self.later[-1][0] < day:
            later = (*self.later, (day, net))
        else:
            nets = dict(self.later)
            nets[day] = nets.get(day, 0) + net
            later = tuple(sorted(nets.items()))
        return Account(self.no, self.key, self.faces, self.net + net, later)


class Move(NamedTuple):
    """What one day's entries of one kind did to an account; amounts in paisa."""

    day: date
    reversal: bool
    debit: int
    credit: int


class NamedMove(NamedTuple):
    """What one day's lines that name a subject come to on a code: debits less credits, in paisa."""

    day: date
    code: str
    net: int


class Known(NamedTuple):
    """An entry that an idempotency key already made."""

    ref: EntryRef
    digest: bytes


@dataclass(frozen=True, slots=True)
class Reads:
    """What to read under the lock before a request can be drafted.

    `books` are all books that it writes. `accounts` are all accounts that it may move, or
    asks about. `moves` are accounts of which every day's moves are wanted. `subjects` are the
    members or loans, each in a book, of which the nets by code are wanted, and `named` those of
    which every day's are. `reversals` are the entries that it reverses.
    """

    books: frozenset[int]
    accounts: frozenset[tuple[int, AccountKey]] = frozenset()
    moves: frozenset[tuple[int, AccountKey]] = frozenset()
    subjects: frozenset[tuple[int, str]] = frozenset()
    named: frozenset[tuple[int, str]] = frozenset()
    reversals: frozenset[EntryRef] = frozenset()
    since: date = BEFORE_EVERYTHING
    """The earliest value date that the request may have."""


@dataclass(slots=True)
class Position:
    """The state of some books at one moment of a batch."""

    heads: dict[int, Head]
    accounts: dict[tuple[int, AccountKey], Account]
    subjects: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)
    moved: dict[tuple[int, AccountKey], list[Move]] = field(default_factory=dict)
    named: dict[tuple[int, str], list[NamedMove]] = field(default_factory=dict)
    keys: dict[tuple[int, str], list[Known]] = field(default_factory=dict)
    reversed: set[EntryRef] = field(default_factory=set)
    pledged: dict[tuple[int, str], Savings] = field(default_factory=dict)
    """The savings of those parties, each in a book, that have pledged any of them."""

    def net(self, book: int, key: AccountKey) -> int:
        """Debits less credits of an account over all that is posted; 0 where there is none."""
        account = self.accounts.get((book, key))
        return account.net if account else 0

    def balance(self, book: int, key: AccountKey) -> int:
        """The balance of an account on its own side, over all that is posted."""
        return CHART[key.code].sign * self.net(book, key)

    def lowest_from(self, book: int, key: AccountKey, day: date) -> int:
        """The least balance of an account on `day` or any later day."""
        account = self.accounts.get((book, key))
        return account.lowest_from(day) if account else 0

    def moves(self, book: int, key: AccountKey) -> list[Move]:
        """The moves of an account that was asked for in `Reads.moves`, in no order."""
        return self.moved.get((book, key), [])

    def named_moves(self, book: int, subject: str) -> list[NamedMove]:
        """The moves of a subject that was asked for in `Reads.named`, in no order."""
        return self.named.get((book, subject), [])

    def subject_net(self, book: int, subject: str, code: str) -> int:
        """Debits less credits over the lines that name the subject, on a code summed by subject."""
        return self.subjects.get((book, subject), {}).get(code, 0)

    def learn(self, draft: Draft) -> None:
        """Take in what a posted draft says of subjects, moves and reversals."""
        if draft.reverses is not None:
            self.reversed.add(draft.reverses.ref)
        if not (self.subjects or self.moved or self.named):
            return
        for line in draft.lines:
            nets = self.subjects.get((draft.book, line.subject))
            if nets is not None:
                code = line.account.code
                nets[code] = nets.get(code, 0) + line.debit - line.credit
            named = self.named.get((draft.book, line.subject))
            if named is not None:
                net = line.debit - line.credit
                named.append(NamedMove(draft.value_date, line.account.code, net))
            moves = self.moved.get((draft.book, line.account))
            if moves is not None:
                reversal = draft.kind is Kind.REVERSAL
                moves.append(Move(draft.value_date, reversal, line.debit, line.credit))

    def remember(self, key: str, digest: bytes, refs: Iterable[EntryRef]) -> None:
        """Bind an idempotency key to the entries that it made."""
        for ref in refs if key else ():
            self.keys.setdefault((ref.book, key), []).append(Known(ref, digest))

    def copy(self) -> Position:
        """A position of its own, to try something on."""
        return Position(
            heads=dict(self.heads),
            accounts=dict(self.accounts),
            subjects={subject: dict(nets) for subject, nets in self.subjects.items()},
            moved={place: list(moves) for place, moves in self.moved.items()},
            named={subject: list(moves) for subject, moves in self.named.items()},
            keys=self.keys,
            reversed=set(self.reversed),
            pledged=dict(self.pledged),
        )

    def become(self, other: Position) -> None:
        """Take over the state of another."""
        self.heads, self.accounts, self.subjects = other.heads, other.accounts, other.subjects
        self.reversed, self.moved, self.named = other.reversed, other.moved, other.named
        self.pledged = other.pledged
