"""What an event says, before anything is posted, and what its kind asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from enum import StrEnum

from ledger.calendar import is_year_end
from service.accounts import PaidBy
from service.refusals import Malformed


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
    PROVISION_RAISED = "provision_raised"
    PROVISION_RELEASED = "provision_released"
    CHARGE_ACCRUED = "charge_accrued"
    REFINANCE = "refinance"
    SETTLEMENT = "settlement"
    YEAR_END_CLOSE = "year_end_close"
    REVERSAL = "reversal"


TRANSFERS = frozenset(
    {
        EventKind.DEPOSIT_PLACED,
        EventKind.DEPOSIT_RETURNED,
        EventKind.FEE_TO_PARENT,
        EventKind.ORGANISATION_LOAN_DISBURSED,
        EventKind.ORGANISATION_LOAN_REPAID,
    }
)
"""Money goes from one book to another: one event, two entries."""
LOAN_KINDS = frozenset(
    {
        EventKind.ORGANISATION_LOAN_DISBURSED,
        EventKind.ORGANISATION_LOAN_REPAID,
        EventKind.WRITE_OFF,
        EventKind.RECOVERY,
        EventKind.REFINANCE,
    }
)
IGG_KINDS = frozenset({EventKind.IGG_RECEIVED, EventKind.IGG_PAID})
PROVISIONS = frozenset({EventKind.PROVISION_RAISED, EventKind.PROVISION_RELEASED})
"""The loan-loss reserve is made larger, or smaller; of no loan in particular."""
MEMBER_KINDS = IGG_KINDS | {EventKind.SETTLEMENT}
"""The counterparty is a member."""
WORKED_OUT = frozenset({EventKind.CHARGE_ACCRUED, EventKind.SETTLEMENT, EventKind.YEAR_END_CLOSE})
"""How much, the books say when it is posted."""
OF_ALL_FUNDS = frozenset({EventKind.REVERSAL, EventKind.SETTLEMENT, EventKind.YEAR_END_CLOSE})
WITHOUT_MONEY = PROVISIONS | frozenset(
    {
        EventKind.DONATION_IN_KIND,
        EventKind.WRITE_OFF,
        EventKind.CHARGE_ACCRUED,
        EventKind.YEAR_END_CLOSE,
        EventKind.REVERSAL,
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `amount` in paisa, None for a reversal and for what the books work out.

    `counterparty` is the other organisation of a transfer, the member of an IGG or of a
    settlement, or the giver's name. The loan of a refinance is the new one. `reverses` is the
    code of the sheet or event that a reversal undoes.
    """

    code: str
    organisation: str
    kind: EventKind
    happened_on: date
    fund: str | None
    paid_by: PaidBy
    amount: int | None
    counterparty: str | None = None
    loan: str | None = None
    narrative: str = ""
    resolution: str | None = None
    reverses: str | None = None


def refuse_malformed(event: Event) -> None:
    """Raise `Malformed` where an event lacks what its kind needs, or has what it must not."""
    kind = event.kind
    reversal = kind is EventKind.REVERSAL
    lent = kind in LOAN_KINDS
    paired = kind in TRANSFERS | MEMBER_KINDS
    without = kind in WITHOUT_MONEY
    rules = (
        ("paid_by", event.paid_by is PaidBy.NONE, without, "how it was paid: cash or bank"),
        ("amount", event.amount is None, reversal or kind in WORKED_OUT, "an amount"),
        ("fund", event.fund is None, kind in OF_ALL_FUNDS, "the fund whose money it is"),
        ("reverses", event.reverses is None, not reversal, "the code of what it undoes"),
        ("loan", event.loan is None, not lent, "its loan"),
    )
    for field, absent, must_be_absent, what in rules:
        if absent and not must_be_absent:
            raise Malformed(f"{field}: a {kind} says {what}.")
        if must_be_absent and not absent:
            raise Malformed(f"{field}: a {kind} has none. Leave it out.")
    if paired and event.counterparty is None:
        raise Malformed(f"counterparty: a {kind} names the other organisation, or the member.")
    if kind in PROVISIONS and event.counterparty is not None:
        raise Malformed(f"counterparty: a {kind} has none. Leave it out.")
    if event.amount is not None and event.amount <= 0:
        raise Malformed("amount: it must be above zero.")
    if kind is EventKind.SETTLEMENT and not event.narrative:
        raise Malformed("narrative: say why the member leaves, or that she died.")
    if kind is EventKind.YEAR_END_CLOSE and not is_year_end(event.happened_on):
        raise Malformed("happened_on: the books of a year are closed on its last day, 30 June.")
