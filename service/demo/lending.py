"""A running loan of a demo: how its borrower pays, and what a payment settles.

Payments are of whole instalments, so that their split is what `service.loans.allocation`
gives; an open loan pays the charges fallen due and a part of its principal.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from service.demo.products import INSTALMENTS, Pattern, charge_of_month

if TYPE_CHECKING:
    from collections.abc import Callable

_FORGETS: Final = 0.02
_PAYS_PRINCIPAL: Final = 0.35
_QUARTER: Final = 4


class Payer(Enum):
    """How a borrower pays; a number is by how many instalments late."""

    EARLY = -1
    ON_TIME = 0
    LATE = 1
    VERY_LATE = 3
    NEVER = 99


class Paid(NamedTuple):
    """What a payment settles, in paisa."""

    charge: int
    principal: int


NOTHING: Final = Paid(0, 0)


class Running:
    """A loan that is paid out and not repaid."""

    __slots__ = (
        "_charge_due", "_charge_paid", "_elapsed", "_paid", "asset", "code", "member", "month",
        "outstanding", "pattern", "payer", "stops",
    )  # fmt: skip

    def __init__(
        self, code: str, asset: int, member: int, month: int, pattern: Pattern, payer: Payer,
        stops: int,
    ) -> None:  # fmt: skip
        self.code = code
        self.asset = asset
        self.member = member
        self.month = month
        self.pattern = pattern
        self.payer = payer
        self.stops = stops
        self.outstanding = pattern.principal
        self._paid = 0
        self._elapsed = 0
        self._charge_due = 0
        self._charge_paid = 0

    @property
    def repaid(self) -> bool:
        """Whether nothing is owed any more."""
        return self.outstanding == 0

    def pay(self, month: int, rng: Callable[[], float]) -> Paid:
        """What comes in at the meeting of a month."""
        elapsed = month - self.month
        if self.pattern.is_open:
            return self._pay_open(elapsed, month, rng)
        if elapsed <= 0 or month >= self.stops or rng() < _FORGETS:
            return NOTHING
        paid = self._paid
        until = min(INSTALMENTS, elapsed - self.payer.value)
        if until <= paid:
            return NOTHING
        self._paid = until
        pattern = self.pattern
        principal = pattern.principals[until] - pattern.principals[paid]
        self.outstanding -= principal
        return Paid(pattern.charges[until] - pattern.charges[paid], principal)

    def _pay_open(self, elapsed: int, month: int, rng: Callable[[], float]) -> Paid:
        until = min(INSTALMENTS, elapsed)
        charge = charge_of_month(self.pattern.product, self.outstanding)
        self._charge_due += (until - self._elapsed) * charge
        self._elapsed = until
        if elapsed <= 0 or month >= self.stops or rng() < _FORGETS:
            return NOTHING
        if self.payer.value > 0 and elapsed < INSTALMENTS + self.payer.value:
            return NOTHING
        due = self._charge_due - self._charge_paid
        principal = 0
        if elapsed >= INSTALMENTS:
            principal = self.outstanding
        elif rng() < _PAYS_PRINCIPAL:
            principal = min(self.outstanding, self.pattern.principal // _QUARTER)
        self.outstanding -= principal
        self._charge_paid += due
        return Paid(due, principal)
