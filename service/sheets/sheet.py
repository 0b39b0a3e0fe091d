"""What a sheet says, before anything is posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from enum import StrEnum


class SheetLineKind(StrEnum):
    """What a member brought or took, in the order in which a sheet is posted."""

    SAVING_COMPULSORY = "saving_compulsory"
    SAVING_VOLUNTARY = "saving_voluntary"
    MEMBERSHIP_FEE = "membership_fee"
    FINE = "fine"
    DONATION = "donation"
    REPAYMENT = "repayment"
    WITHDRAWAL = "withdrawal"
    DISBURSEMENT = "disbursement"


LOAN_KINDS = frozenset({SheetLineKind.REPAYMENT, SheetLineKind.DISBURSEMENT})
ORDER = {kind: place for place, kind in enumerate(SheetLineKind)}


class SheetState(StrEnum):
    """A draft forgives all, a submitted sheet is complete and waits to be closed.

    A closed sheet is posted, a reversed one is undone.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    REVERSED = "reversed"


OPEN_STATES = frozenset({SheetState.DRAFT, SheetState.SUBMITTED})
"""Nothing is posted of it yet."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One amount, in paisa, that a member brought or took."""

    member: str
    kind: SheetLineKind
    amount: int
    loan: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One meeting: who came, who brought and took what, and the cash that was counted.

    `cash_counted` is the net cash of the meeting in paisa: taken in less paid out, all
    funds together.
    """

    code: str
    organisation: str
    held_on: date
    present: tuple[str, ...]
    cash_counted: int | None
    lines: tuple[SheetLine, ...]
