"""The closed lists of words that the columns of a bundle may hold, as the files write them."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """The tier of an organisation."""

    RSPN = "RSPN"
    RSP = "RSP"
    NETWORK = "NETWORK"
    LSO = "LSO"
    VO = "VO"
    CO = "CO"


class OrganisationGender(StrEnum):
    """Whose group a CO is."""

    WOMEN = "women"
    MEN = "men"
    MIXED = "mixed"


class Gender(StrEnum):
    """A member's gender."""

    FEMALE = "female"
    MALE = "male"


class Role(StrEnum):
    """The office that a nominated member holds in the organisation that nominates."""

    PRESIDENT = "president"
    MANAGER = "manager"
    TREASURER = "treasurer"


class Fund(StrEnum):
    """Whose money it is."""

    OWN = "own"
    CIF = "cif"
    IGG = "igg"
    PROJECT = "project"


class Charge(StrEnum):
    """How a product's service charge is worked out."""

    ZERO = "zero"
    FLAT = "flat"
    DECLINING = "declining"


class Repayment(StrEnum):
    """How a product's principal comes back. `seasonal` is reserved and never read."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    BULLET = "bullet"
    OPEN = "open"
    SEASONAL = "seasonal"


class RatePer(StrEnum):
    """What a rate is for."""

    YEAR = "year"
    MONTH = "month"
    TERM = "term"


class Frequency(StrEnum):
    """How far apart due dates are."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


class ChargeBasis(StrEnum):
    """Whether the charge follows the schedule, or the principal really outstanding."""

    SCHEDULED = "scheduled"
    ACTUAL = "actual"


class OnHoliday(StrEnum):
    """What a due date does that meets a holiday."""

    STAY = "stay"
    NEXT = "next"
    PREVIOUS = "previous"


class BorrowerKind(StrEnum):
    """Who borrows: a member or an organisation."""

    MEMBER = "member"
    ORGANISATION = "organisation"


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


class EventKind(StrEnum):
    """What happened outside a meeting."""

    BANK_DEPOSIT = "bank_deposit"
    BANK_DRAW = "bank_draw"
    GRANT_GOVERNMENT = "grant_government"
    GRANT_DONOR = "grant_donor"
    GRANT_NGO = "grant_ngo"
    GRANT_PRIVATE = "grant_private"
    GRANT_RSP = "grant_rsp"
    CIF_CAPITAL = "cif_capital"
    DONATION_CASH = "donation_cash"
    DONATION_IN_KIND = "donation_in_kind"
    BANK_PROFIT = "bank_profit"
    EXPENSE = "expense"
    WITHHELD = "withheld"
    IGG_RECEIVED = "igg_received"
    IGG_PAID = "igg_paid"
    DEPOSIT_PLACED = "deposit_placed"
    DEPOSIT_RETURNED = "deposit_returned"
    FEE_TO_PARENT = "fee_to_parent"
    ORGANISATION_LOAN_DISBURSED = "organisation_loan_disbursed"
    ORGANISATION_LOAN_REPAID = "organisation_loan_repaid"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    REVERSAL = "reversal"


class PaidBy(StrEnum):
    """Through which account the money of an event goes; an empty cell is `none`."""

    CASH = "cash"
    BANK = "bank"
    NONE = "none"
