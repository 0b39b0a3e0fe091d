"""What is agreed of a loan before any money moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations

from service.loans.terms import Season  # noqa: TC001 - as above


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed before any money moved; amounts in paisa."""

    code: str
    lender: str
    member: str | None
    organisation: str | None
    product: str
    principal: int
    applied_on: date
    approved_on: date
    resolution: str | None
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    purpose: str | None
    instalment: int | None = None
    """One that was agreed, in place of one worked out."""
    seasons: tuple[Season, ...] = ()
    in_tranches: bool = False
    """Whether it may be paid out in parts, the first on its day of disbursement."""
    refinances: str | None = None
    """The loan that it pays off when it is paid out."""

    @property
    def borrower(self) -> str:
        """The member or the organisation that borrows."""
        return self.member or self.organisation or ""
