"""The closed lists of words that the columns of a bundle may hold, as the files write them.

They are the service's own words; only what a file may say beyond them is defined here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from service.accounts import Fund, PaidBy
from service.events.event import PROVISIONS, EventKind
from service.loans.terms import Charge, ChargeBasis, Frequency, OnHoliday, RatePer
from service.members import Gender
from service.nominations import Office
from service.organisations import OrganisationGender, OrganisationKind
from service.sheets.sheet import SheetLineKind

__all__ = [
    "EVENT_KINDS",
    "BorrowerKind",
    "Charge",
    "ChargeBasis",
    "EventKind",
    "Frequency",
    "Fund",
    "Gender",
    "Office",
    "OnHoliday",
    "OrganisationGender",
    "OrganisationKind",
    "PaidBy",
    "RatePer",
    "Repayment",
    "SheetLineKind",
]


EVENT_KINDS: Final = tuple(
    kind
    for kind in EventKind
    if kind
    not in {
        *PROVISIONS,
        EventKind.CHARGE_ACCRUED,
        EventKind.REFINANCE,
        EventKind.SETTLEMENT,
        EventKind.YEAR_END_CLOSE,
    }
)
"""The kinds that a file may say; others happen here only."""


class Repayment(StrEnum):
    """How a product's principal comes back. `seasonal` is reserved and never read."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    BULLET = "bullet"
    OPEN = "open"
    SEASONAL = "seasonal"


class BorrowerKind(StrEnum):
    """Who borrows: a member or an organisation."""

    MEMBER = "member"
    ORGANISATION = "organisation"
