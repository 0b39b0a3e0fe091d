"""The ten files: their names, their columns, and the row that each makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from ledger.money import Rounding
from service.imports import cells, kinds, rows
from service.loans.terms import MOST_GRACE_DAYS, MOST_PERIODS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Row = TypeVar("Row")

_some_text = cells.optional(cells.text)
_some_code = cells.optional(cells.code)
_some_day = cells.optional(cells.day)


@dataclass(frozen=True, slots=True)
class File(Generic[Row]):
    """One file of a bundle: columns in the order of the row's fields, each with its reader."""

    name: str
    row: Callable[..., Row]
    columns: Mapping[str, Callable[[str], object]]


ORGANISATIONS: Final = File(
    "organisations.csv",
    rows.OrganisationRow,
    {
        "code": cells.code,
        "kind": cells.choice(kinds.OrganisationKind),
        "name": cells.text,
        "name_ur": _some_text,
        "gender": cells.optional(cells.choice(kinds.OrganisationGender)),
        "province": _some_text,
        "district": _some_text,
        "tehsil": _some_text,
        "union_council": _some_text,
        "village": _some_text,
        "formed_on": cells.day,
    },
)
FEDERATION: Final = File(
    "federation.csv",
    rows.FederationRow,
    {"code": cells.code, "parent": cells.code, "from": cells.day, "to": _some_day},
)
MEMBERS: Final = File(
    "members.csv",
    rows.MemberRow,
    {
        "code": cells.spaceless_code,
        "co": cells.code,
        "name": cells.text,
        "name_ur": _some_text,
        "father_or_husband": _some_text,
        "gender": cells.choice(kinds.Gender),
        "cnic": cells.optional(cells.cnic),
        "phone": cells.optional(cells.phone),
        "household": _some_text,
        "psc": cells.optional(cells.whole(0, 100)),
        "psc_on": _some_day,
        "joined_on": cells.day,
        "left_on": _some_day,
    },
)
NOMINATIONS: Final = File(
    "nominations.csv",
    rows.NominationRow,
    {
        "member": cells.code,
        "org": cells.code,
        "role": cells.choice(kinds.Office),
        "from": cells.day,
        "to": _some_day,
    },
)
HOLIDAYS: Final = File("holidays.csv", rows.HolidayRow, {"on": cells.day, "name": _some_text})
PRODUCTS: Final = File(
    "products.csv",
    rows.ProductRow,
    {
        "code": cells.code,
        "name": cells.text,
        "fund": cells.choice([kinds.Fund.OWN, kinds.Fund.CIF]),
        "charge": cells.choice(kinds.Charge),
        "repayment": cells.repayment,
        "rate_percent": cells.percent,
        "rate_per": cells.choice(kinds.RatePer),
        "frequency": cells.choice(kinds.Frequency),
        "instalments": cells.whole(1, MOST_PERIODS),
        "charge_step": cells.amount,
        "instalment_step": cells.amount,
        "rounding": cells.choice(Rounding),
        "grace_principal": cells.whole(0, MOST_PERIODS),
        "grace_charge": cells.whole(0, MOST_PERIODS),
        "grace_days": cells.whole(0, MOST_GRACE_DAYS),
        "charge_basis": cells.choice(kinds.ChargeBasis),
        "on_holiday": cells.choice(kinds.OnHoliday),
    },
)
LOANS: Final = File(
    "loans.csv",
    rows.LoanRow,
    {
        "code": cells.code,
        "lender": cells.code,
        "borrower_kind": cells.choice(kinds.BorrowerKind),
        "borrower": cells.code,
        "product": cells.code,
        "principal": cells.amount,
        "applied_on": cells.day,
        "approved_on": cells.day,
        "resolution": _some_text,
        "disbursed_on": _some_day,
        "first_due_on": cells.day,
        "instalments": cells.whole(1, MOST_PERIODS),
        "purpose": _some_text,
    },
)
SHEETS: Final = File(
    "sheets.csv",
    rows.SheetRow,
    {
        "code": cells.code,
        "co": cells.code,
        "held_on": cells.day,
        "posted_at": cells.moment,
        "present": cells.codes,
        "cash_counted": cells.money,
    },
)
SHEET_LINES: Final = File(
    "sheet_lines.csv",
    rows.SheetLineRow,
    {
        "sheet": cells.code,
        "member": cells.code,
        "kind": cells.choice(kinds.SheetLineKind),
        "loan": _some_code,
        "amount": cells.amount,
    },
)
EVENTS: Final = File(
    "events.csv",
    rows.EventRow,
    {
        "code": cells.code,
        "on": cells.day,
        "posted_at": cells.moment,
        "org": cells.code,
        "kind": cells.choice(kinds.EVENT_KINDS),
        "fund": cells.optional(cells.choice(kinds.Fund)),
        "paid_by": cells.paid_by,
        "counterparty": _some_text,
        "loan": _some_code,
        "amount": cells.optional(cells.amount),
        "narrative": _some_text,
        "resolution": _some_text,
        "reverses": _some_code,
    },
)

NAMES: Final = tuple(
    one.name
    for one in (
        ORGANISATIONS,
        FEDERATION,
        MEMBERS,
        NOMINATIONS,
        HOLIDAYS,
        PRODUCTS,
        LOANS,
        SHEETS,
        SHEET_LINES,
        EVENTS,
    )
)
