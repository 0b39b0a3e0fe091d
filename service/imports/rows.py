"""The rows of the ten files, as types: what a bundle says once its text is understood.

Amounts are whole paisa. A period holds from `from_on` up to the day before `to_on`; None
means that it still holds. `line` is the physical line on which the record starts. Field
order is the column order of the files, with `line` last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from fractions import Fraction
    from pathlib import Path

    from ledger.money import Rounding
    from service.imports.kinds import (
        BorrowerKind,
        Charge,
        ChargeBasis,
        EventKind,
        Frequency,
        Fund,
        Gender,
        Office,
        OnHoliday,
        OrganisationGender,
        OrganisationKind,
        PaidBy,
        RatePer,
        Repayment,
        SheetLineKind,
    )
    from service.imports.problems import Problem


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation, from the day it was formed."""

    code: str
    kind: OrganisationKind
    name: str
    name_ur: str | None
    gender: OrganisationGender | None
    province: str | None
    district: str | None
    tehsil: str | None
    union_council: str | None
    village: str | None
    formed_on: date
    line: int


@dataclass(frozen=True, slots=True)
class FederationRow:
    """Whom an organisation belongs to, from day to day."""

    code: str
    parent: str
    from_on: date
    to_on: date | None
    line: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of one CO; `left_on` is the last day of membership."""

    code: str
    co: str
    name: str
    name_ur: str | None
    father_or_husband: str | None
    gender: Gender
    cnic: str | None
    phone: str | None
    household: str | None
    psc: int | None
    psc_on: date | None
    joined_on: date
    left_on: date | None
    line: int


@dataclass(frozen=True, slots=True)
class NominationRow:
    """A member whom an organisation sends to the one it belongs to."""

    member: str
    org: str
    role: Office
    from_on: date
    to_on: date | None
    line: int


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A day that due dates may move off. Two holidays may meet on one day."""

    on: date
    name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ProductRow:
    """The rules of a kind of loan; steps are paisa, `rate_percent` is exact."""

    code: str
    name: str
    fund: Fund
    charge: Charge
    repayment: Repayment
    rate_percent: Fraction
    rate_per: RatePer
    frequency: Frequency
    instalments: int
    charge_step: int
    instalment_step: int
    rounding: Rounding
    grace_principal: int
    grace_charge: int
    grace_days: int
    charge_basis: ChargeBasis
    on_holiday: OnHoliday
    line: int


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One loan; `disbursed_on` None: approved and not paid out, so without a schedule."""

    code: str
    lender: str
    borrower_kind: BorrowerKind
    borrower: str
    product: str
    principal: int
    applied_on: date
    approved_on: date
    resolution: str | None
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    purpose: str | None
    line: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One meeting's collection sheet; `cash_counted` is the net, and may be negative."""

    code: str
    co: str
    held_on: date
    posted_at: datetime
    present: tuple[str, ...]
    cash_counted: int
    line: int


@dataclass(frozen=True, slots=True)
class SheetLineRow:
    """One amount that a member brought or took at a meeting."""

    sheet: str
    member: str
    kind: SheetLineKind
    loan: str | None
    amount: int
    line: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event outside meetings; `fund` and `amount` are None for a reversal only."""

    code: str
    on: date
    posted_at: datetime
    org: str
    kind: EventKind
    fund: Fund | None
    paid_by: PaidBy
    counterparty: str | None
    loan: str | None
    amount: int | None
    narrative: str | None
    resolution: str | None
    reverses: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole bundle, read and found free of problems; rows stand in file order.

    `digest` is the SHA-256, in hex, over the names, lengths and contents of the ten files
    in a fixed order: the same bundle has the same digest wherever it lies.
    """

    name: str
    path: Path
    digest: str
    organisations: tuple[OrganisationRow, ...]
    federation: tuple[FederationRow, ...]
    members: tuple[MemberRow, ...]
    nominations: tuple[NominationRow, ...]
    holidays: tuple[HolidayRow, ...]
    products: tuple[ProductRow, ...]
    loans: tuple[LoanRow, ...]
    sheets: tuple[SheetRow, ...]
    sheet_lines: tuple[SheetLineRow, ...]
    events: tuple[EventRow, ...]
    warnings: tuple[Problem, ...]
