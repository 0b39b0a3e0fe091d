"""What an event's entries need beside the event, found before anything is locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.entries import AccountKey, Entry
    from ledger.refusals import Refusal
    from service.loans.contracts import Loan


@dataclass(frozen=True, slots=True)
class Setting:
    """Books, loans, parent, what it undoes."""

    book: int
    other_book: int | None = None
    """The counterparty's, where that is an organisation with a book."""
    loan: Loan | None = None
    parent: str | None = None
    """The parent of the event's organisation on its day."""
    undoes: tuple[Entry, ...] = ()
    """The entries that a reversal undoes, its own organisation's first."""
    history: bool = False
    """Whether the event is imported, and may stand twice until its reversal."""
    loans: tuple[Loan, ...] = ()
    """Those that a refinance or a settlement pays off, or whose charge accrues; oldest first."""
    accounts: tuple[AccountKey, ...] = ()
    """The accounts of income and costs of a book that is closed for a year."""
    last_account: int = 0
    """The number of the newest account of that book."""
    objection: Refusal | None = None
    """What stands in the way, unless the event is posted already."""
