"""Entries and lines: what a book records, before and after it has a number.

An entry is a balanced set of lines; an unbalanced one cannot be built, nor a closing that
moves money (I1). A `Draft` is an entry that asks to be posted; an `Entry` is posted:
numbered, dated, sealed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.money import rupees
from ledger.refusals import (
    ClosingMovesMoney,
    CodeUnknown,
    EntryEmpty,
    EntryUnbalanced,
    LineMalformed,
    ReversalNotMirrored,
    TextMalformed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

MOST_CHARACTERS: Final = 1000
MOST_CHARACTERS_OF_A_NAME: Final = 200
"""Of a fund, party, subject or key, each of which an index holds."""
MOST_PAISA_ON_A_LINE: Final = 10**15
"""Ten million million rupees: nine thousand such lines fit an account's stored turnover."""


class Kind(StrEnum):
    """What an entry is, so that turnover, mobilisation and balances take what is theirs."""

    NORMAL = "normal"
    REVERSAL = "reversal"
    CLOSE = "close"


class AccountKey(NamedTuple):
    """An account within its book: the code, whose money it is, and for whom it is kept."""

    code: str
    fund: str
    party: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


class EntryRef(NamedTuple):
    """An entry by its book and its voucher number."""

    book: int
    no: int


@dataclass(frozen=True, slots=True)
class Line:
    """One debit or credit, in paisa.

    `subject` is the member or loan that the line is about where the account does not say.
    `faces` is the book of the organisation that the account faces, fixed at its opening.
    """

    account: AccountKey
    debit: int = 0
    credit: int = 0
    subject: str = ""
    faces: int | None = None

    def __post_init__(self) -> None:
        most = MOST_PAISA_ON_A_LINE
        if not (0 <= self.debit <= most and 0 <= self.credit <= most):
            raise LineMalformed(f"{self.account}: an amount is negative or too large.")
        if (self.debit == 0) == (self.credit == 0):
            raise LineMalformed(f"{self.account}: a line is either a debit or a credit.")
        if self.account.code not in CHART:
            raise CodeUnknown(f"The chart of accounts has no code {self.account.code!r}.")
        if not self.account.fund:
            raise LineMalformed(f"{self.account}: a line is of a fund.")
        refuse_odd_names(self.account.fund, self.account.party, self.subject)

    def mirrored(self) -> Line:
        """The same line on the other side."""
        return Line(self.account, self.credit, self.debit, self.subject, self.faces)


def funds_out_of_balance(lines: Iterable[Line]) -> dict[str, int]:
    """Debits less credits of every fund in which they differ, in paisa."""
    nets: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        nets[line.account.fund] += line.debit - line.credit
    return {fund: net for fund, net in nets.items() if net}


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that asks to be posted; an unbalanced one cannot be built.

    `reference` is the code of the document that it books, such as a sheet. `counterpart`
    is the place, among the drafts of the same request, of the other half of a transfer.
    """

    book: int
    value_date: date
    narrative: str
    actor: str
    lines: tuple[Line, ...]
    reference: str = ""
    kind: Kind = Kind.NORMAL
    reverses: Entry | None = None
    counterpart: int | None = None

    def __post_init__(self) -> None:
        if not self.lines:
            raise EntryEmpty("An entry needs lines: nothing was paid, received or moved.")
        if unbalanced := funds_out_of_balance(self.lines):
            parts = ", ".join(f"{fund} by {rupees(net)}" for fund, net in unbalanced.items())
            raise EntryUnbalanced(f"Debits and credits differ in fund {parts}.")
        _refuse_odd_text((self.narrative, self.actor, self.reference), MOST_CHARACTERS)
        if not self.actor:
            raise TextMalformed("An entry names who makes it.")
        if not self._mirrors_what_it_reverses():
            raise ReversalNotMirrored("A reversal mirrors every line of one entry.")
        if self.kind is Kind.CLOSE:
            _refuse_money(self.lines)

    def _mirrors_what_it_reverses(self) -> bool:
        if self.reverses is None:
            return self.kind is not Kind.REVERSAL
        ours = self.kind is Kind.REVERSAL and self.book == self.reverses.ref.book
        return ours and self.lines == self.reverses.mirrored()


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted entry, as the book keeps it for good."""

    ref: EntryRef
    value_date: date
    posted_at: datetime
    recorded_at: datetime
    kind: Kind
    narrative: str
    actor: str
    reference: str
    lines: tuple[Line, ...]
    reverses: int | None
    counterpart: EntryRef | None
    hash: bytes

    def mirrored(self) -> tuple[Line, ...]:
        """Its lines, each on the other side."""
        return tuple(line.mirrored() for line in self.lines)


def reversal(
    entry: Entry,
    *,
    value_date: date,
    actor: str,
    narrative: str,
    reference: str = "",
    counterpart: int | None = None,
) -> Draft:
    """The draft that undoes an entry: every line of it on the other side."""
    return Draft(
        book=entry.ref.book,
        value_date=value_date,
        narrative=narrative,
        actor=actor,
        lines=entry.mirrored(),
        reference=reference,
        kind=Kind.REVERSAL,
        reverses=entry,
        counterpart=counterpart,
    )


def refuse_odd_names(*names: str) -> None:
    """Raise `TextMalformed` for a name that the books could not keep, or not find again."""
    together = "".join(names)
    if len(together) > MOST_CHARACTERS_OF_A_NAME or not together.isprintable():
        _refuse_odd_text(names, MOST_CHARACTERS_OF_A_NAME)


def _refuse_money(lines: Iterable[Line]) -> None:
    """Receipts and payments leave closings out, and would miss what one had moved."""
    for line in lines:
        if CHART[line.account.code].money:
            raise ClosingMovesMoney(
                f"{line.account}: a year-end closing moves no money. Post what was paid or "
                "received as an entry of its own, and close income and expenses alone."
            )


def _refuse_odd_text(texts: Iterable[str], most: int) -> None:
    for text in texts:
        if len(text) > most:
            raise TextMalformed(f"A text holds more than {most} characters.")
        if not text.isprintable() and any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text):
            raise TextMalformed("A text holds a null character, or half a character.")
