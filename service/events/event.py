"""What an event says, before anything is posted, and what its kind asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.accounts import PaidBy
from service.refusals import Malformed

if TYPE_CHECKING:
    from datetime import date


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
    }
)
IGG_KINDS = frozenset({EventKind.IGG_RECEIVED, EventKind.IGG_PAID})
WITHOUT_MONEY = frozenset({EventKind.DONATION_IN_KIND, EventKind.WRITE_OFF, EventKind.REVERSAL})


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `amount` in paisa, None for a reversal only.

    `counterparty` is the other organisation of a transfer, the member of an IGG, or the
    giver's name. `reverses` is the code of the sheet or event that a reversal undoes.
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
    rules = (
        ((event.paid_by is PaidBy.NONE) == (kind in WITHOUT_MONEY), "paid_by", "cash or bank"),
        ((event.amount is None) == reversal, "amount", "an amount above zero"),
        ((event.fund is None) == reversal, "fund", "the fund whose money it is"),
        ((event.reverses is not None) == reversal, "reverses", "the code that it undoes"),
        ((event.loan is not None) == (kind in LOAN_KINDS), "loan", "its loan"),
        (
            event.counterparty is not None or kind not in TRANSFERS | IGG_KINDS,
            "counterparty",
            "the other organisation or the member",
        ),
    )
    for kept, field, what in rules:
        if not kept:
            raise Malformed(f"{field}: a {kind} has {what} only where its kind asks for it.")
    if event.amount is not None and event.amount <= 0:
        raise Malformed("amount: it must be above zero.")
