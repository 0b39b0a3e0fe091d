"""What has fallen due of a loan by a day, and what payments cover of it. Pure; amounts in paisa."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service.loans.plan import as_planned, gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.loans.contracts import Loan
    from service.loans.plan import Change, Instalment, Move


@dataclass(frozen=True, slots=True)
class History:
    """A loan with all that moved it, and what was agreed of it since."""

    loan: Loan
    moves: tuple[Move, ...]
    changes: tuple[Change, ...] = ()

    def by(self, on: date) -> list[Move]:
        """What moved until the close of a day."""
        return [move for move in self.moves if move.value_date <= on]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """Where a loan stood at the close of a day.

    What it asked for before it was written off counts as fallen due; nothing after that does.
    """

    due_principal: int
    due_charge: int
    gap_principal: int
    """Fallen due, and covered by no payment."""
    gap_charge: int
    paid_principal: int
    paid_charge: int
    paid_fine: int
    outstanding: int
    written_off: bool

    @property
    def due(self) -> int:
        """Fallen due, principal and charge."""
        return self.due_principal + self.due_charge

    @property
    def gap(self) -> int:
        """Fallen due and covered by no payment, principal and charge."""
        return self.gap_principal + self.gap_charge

    @property
    def unpaid(self) -> int:
        """Fallen due, covered by no payment, and still owed."""
        return 0 if self.written_off else self.gap

    @property
    def lost(self) -> int:
        """Fallen due, covered by no payment, and written off."""
        return self.gap if self.written_off else 0

    @property
    def covered(self) -> int:
        """Fallen due, and covered by payments."""
        return self.due - self.gap

    @property
    def ahead(self) -> int:
        """Paid beyond what had fallen due: it covers what falls due next."""
        return self.paid_principal + self.paid_charge - self.covered


NOT_PAID_OUT: Final = Stood(
    due_principal=0,
    due_charge=0,
    gap_principal=0,
    gap_charge=0,
    paid_principal=0,
    paid_charge=0,
    paid_fine=0,
    outstanding=0,
    written_off=False,
)


def stood(history: History, on: date) -> Stood:
    """Where a loan stands at the close of a day, by what moved until then."""
    known = history.by(on)
    if not sum(move.disbursed for move in known):
        return NOT_PAID_OUT
    asked = _asked(history, known, on)
    charges, principals = _gaps(history, asked, known)
    return Stood(
        due_principal=sum(row.principal for row in asked),
        due_charge=sum(row.charge for row in asked),
        gap_principal=sum(principals),
        gap_charge=sum(charges),
        paid_principal=sum(move.principal_repaid for move in known),
        paid_charge=sum(move.charge_paid for move in known),
        paid_fine=sum(move.fine_paid for move in known),
        outstanding=sum(move.principal_change for move in known),
        written_off=_written_off_on(known) is not None,
    )


def paid_when_due(history: History, on: date) -> int:
    """Of what falls due on a day, what is covered at its close: paid that day, or before."""
    known = history.by(on)
    if not sum(move.disbursed for move in known):
        return 0
    asked = _asked(history, known, on)
    charges, principals = _gaps(history, asked, known)
    parts = zip(asked, charges, principals, strict=True)
    return sum(row.total - charge - gap for row, charge, gap in parts if row.due_on == on)


def taken_in(history: History, first_on: date, last_on: date) -> int:
    """Of what had fallen due, as much as reschedules of a period took in: it is due no longer."""
    loan, known = history.loan, history.by(last_on)
    planned = as_planned(loan.contract, loan.schedule, known, history.changes, on=last_on)
    after = [*(taken.instalments for taken in planned.before), planned.instalments]
    return sum(
        row.total - then.total
        for taken, later in zip(planned.before, after[1:], strict=True)
        if first_on <= taken.until <= last_on
        for row, then in zip(taken.instalments, later, strict=False)
    )


def due_days(history: History, first_on: date, last_on: date) -> list[date]:
    """The days of a period on which something falls due, as it stands at the end."""
    asked = _asked(history, history.by(last_on), last_on)
    return sorted({row.due_on for row in asked if row.due_on >= first_on})


def _asked(history: History, known: Sequence[Move], on: date) -> list[Instalment]:
    """The instalments that have fallen due by a day, and before the loan was written off."""
    loan = history.loan
    rows = as_planned(loan.contract, loan.schedule, known, history.changes, on=on).instalments
    gone_on = _written_off_on(known)
    due = [row for row in rows if row.due_on <= on]
    return due if gone_on is None else [row for row in due if row.due_on < gone_on]


def _gaps(
    history: History, asked: Sequence[Instalment], known: Sequence[Move]
) -> tuple[list[int], list[int]]:
    charge_paid = sum(move.charge_paid for move in known)
    principal_paid = sum(move.principal_repaid for move in known)
    return gaps(history.loan.contract, asked, charge_paid, principal_paid)


def _written_off_on(known: Iterable[Move]) -> date | None:
    """The day since which a loan is written off; None where it is not, or no longer."""
    by_day: defaultdict[date, int] = defaultdict(int)
    for move in known:
        by_day[move.value_date] += move.written_off
    since, total = None, 0
    for day in sorted(by_day):
        total += by_day[day]
        since = None if total <= 0 else since or day
    return since
