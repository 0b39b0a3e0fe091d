"""What a request is: its kind, who decides, what will be otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from service.access import Right

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.entries import EntryRef


class RequestKind(StrEnum):
    """Why something waits for a second officer."""

    CORRECTION = "correction"
    WRITE_OFF = "write_off"
    LOAN = "loan"
    LOAN_CHANGE = "loan_change"
    GUARANTEE = "guarantee"
    BACK_DATED = "back_dated"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    MOVE = "move"
    PRODUCT = "product"
    LIMITS = "limits"
    EXIT = "exit"
    IMPORT = "import"
    RESERVE_SCHEME = "reserve_scheme"
    REFINANCE = "refinance"
    SETTLEMENT = "settlement"
    YEAR_END = "year_end"


class RequestState(StrEnum):
    """Waiting, or how it ended; what has ended is kept."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asks for.

    `organisation` asks and `decider` decides, by an officer there with the right
    `decided_with`; both are None for what concerns the whole house. `do` names the
    operation and `content` what it is given, as JSON has it.
    """

    kind: RequestKind
    organisation: str | None
    decider: str | None
    decided_with: Right
    about: str
    reason: str
    do: str
    content: dict[str, Any]


def own_wish(
    kind: RequestKind, organisation: str, about: str, reason: str, do: str, content: dict[str, Any]
) -> Wish:
    """A wish that another officer of the same organisation decides."""
    return Wish(kind, organisation, organisation, Right.APPROVE, about, reason, do, content)


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did: the document it made or changed, and the entries it posted."""

    code: str
    at: str
    refs: tuple[EntryRef, ...] = ()
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Requested:
    """A request as it is kept. `difference` shows what will be otherwise, or is by now."""

    code: str
    wish: Wish
    key: str
    difference: dict[str, Any]
    asked_by: str
    asked_at: datetime
    state: RequestState
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    outcome: dict[str, Any] | None
    replayed: bool = False
    """Whether its key asked for it before."""
