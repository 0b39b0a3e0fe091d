"""The life of a loan: what may be done in which state, and what comes of it. One table.

Where a loan is on a day is never kept: before it is approved its application says it, from then on
the ledger's lines and the contract. `docs/reference/life.md` prints the table. Source: DOMAIN 5.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from service.refusals import (
    LoanAlreadyPaidOut,
    LoanCancelled,
    LoanNotPaidOut,
    LoanNotWrittenOff,
    LoanWrittenOff,
    StepNotAllowed,
)

if TYPE_CHECKING:
    from ledger.refusals import Refusal


class LoanState(StrEnum):
    """Where a loan is on a day; one whose disbursement is reversed is approved again."""

    APPLIED = "applied"
    APPRAISED = "appraised"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    PAID_OUT = "paid_out"
    REPAID = "repaid"
    WRITTEN_OFF = "written_off"


class Step(StrEnum):
    """What people do with a loan."""

    APPRAISE = "appraise"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    CANCEL = "cancel"
    PAY_OUT = "pay_out"
    PAY_OUT_MORE = "pay_out_more"
    REPAY = "repay"
    CHANGE = "change"
    REFINANCE = "refinance"
    SETTLE = "settle"
    WRITE_OFF = "write_off"
    RECOVER = "recover"
    REVERSE_PAY_OUT = "reverse_pay_out"
    REVERSE_REPAYMENT = "reverse_repayment"
    REVERSE_WRITE_OFF = "reverse_write_off"


class Rule(NamedTuple):
    """From which states a step leads where, in words for who meets a refusal."""

    does: str
    leads: dict[LoanState, tuple[LoanState, ...]]


_APPLIED, _APPRAISED = LoanState.APPLIED, LoanState.APPRAISED
_APPROVED, _CANCELLED = LoanState.APPROVED, LoanState.CANCELLED
_RUNNING, _REPAID, _WRITTEN_OFF = LoanState.PAID_OUT, LoanState.REPAID, LoanState.WRITTEN_OFF
_PAID: Final = (_RUNNING, _REPAID)

RULES: Final = {
    Step.APPRAISE: Rule("appraised", {_APPLIED: (_APPRAISED,), _APPRAISED: (_APPRAISED,)}),
    Step.DECLINE: Rule("declined", dict.fromkeys((_APPLIED, _APPRAISED), (LoanState.DECLINED,))),
    Step.WITHDRAW: Rule("withdrawn", dict.fromkeys((_APPLIED, _APPRAISED), (LoanState.WITHDRAWN,))),
    Step.APPROVE: Rule("approved", {_APPRAISED: (_APPROVED,)}),
    Step.CANCEL: Rule("cancelled", {_APPROVED: (_CANCELLED,)}),
    Step.PAY_OUT: Rule("paid out", {_APPROVED: (_RUNNING,)}),
    Step.PAY_OUT_MORE: Rule("paid out further", dict.fromkeys(_PAID, (_RUNNING,))),
    # What a loan that is repaid still takes is kept as savings.
    Step.REPAY: Rule("repaid", {_RUNNING: _PAID, _REPAID: (_REPAID,)}),
    Step.CHANGE: Rule("changed", {_RUNNING: _PAID}),
    Step.REFINANCE: Rule("paid off by another loan", {_RUNNING: (_REPAID,)}),
    Step.SETTLE: Rule("settled from savings", {_RUNNING: _PAID}),
    Step.WRITE_OFF: Rule("written off", {_RUNNING: (_WRITTEN_OFF,)}),
    Step.RECOVER: Rule("recovered", {_WRITTEN_OFF: (_WRITTEN_OFF,)}),
    Step.REVERSE_PAY_OUT: Rule("taken back", {_RUNNING: (_APPROVED, _RUNNING)}),
    Step.REVERSE_REPAYMENT: Rule("owed again", dict.fromkeys((*_PAID, _WRITTEN_OFF), (_RUNNING,))),
    Step.REVERSE_WRITE_OFF: Rule("owed again", {_WRITTEN_OFF: (_RUNNING,)}),
}
"""Each step with the states from which it is taken, and those it may lead to.

Reversals are not asked of it: the floors of the books (I6) refuse those that are not in it, since
no account of a loan may fall below nothing.
"""

_SAID: Final[dict[tuple[Step, LoanState], tuple[type[Refusal], str]]] = {
    (Step.PAY_OUT, _CANCELLED): (LoanCancelled, "{0} is cancelled. Agree a new loan."),
    (Step.PAY_OUT, _RUNNING): (LoanAlreadyPaidOut, "{0} is paid out already."),
    (Step.PAY_OUT, _WRITTEN_OFF): (LoanAlreadyPaidOut, "{0} was paid out, and is written off."),
    (Step.REPAY, _APPROVED): (
        LoanNotPaidOut,
        "{0} is not paid out by {1}. Post its disbursement first.",
    ),
    (Step.REPAY, _CANCELLED): (LoanNotPaidOut, "{0} is cancelled, and was never paid out."),
    (Step.REPAY, _WRITTEN_OFF): (
        LoanWrittenOff,
        "{0} is written off. Enter this money as a recovery.",
    ),
    (Step.WRITE_OFF, _APPROVED): (LoanNotPaidOut, "{0} is not paid out: it owes nothing."),
    **dict.fromkeys(
        ((Step.RECOVER, state) for state in (_APPROVED, _CANCELLED, *_PAID)),
        (LoanNotWrittenOff, "{0} is not written off. Enter this as a repayment."),
    ),
}
"""What is said, where there is more to say than that the step is not taken in the state."""


def refuse_illegal(step: Step, state: LoanState, code: str, on: object = "then") -> None:
    """Raise what the table refuses: `StepNotAllowed`, or the refusal of its own that it has."""
    rule = RULES[step]
    if state in rule.leads:
        return
    kind, said = _SAID.get((step, state), (StepNotAllowed, ""))
    from_states = " or ".join(before.value.replace("_", " ") for before in rule.leads)
    usual = f"{{0}} is {state.value.replace('_', ' ')}. A loan is {rule.does} from {from_states}."
    raise kind((said or usual).format(code, on))


def page() -> str:
    """The table as a page, for the reference."""
    rows = [
        f"| {step.value} | {before.value} | {' or '.join(after.value for after in leads)} |"
        for step, rule in RULES.items()
        for before, leads in rule.leads.items()
    ]
    return "\n".join((_HEAD, *rows)) + "\n"


_HEAD: Final = """\
# The life of a loan

What is done with a loan, from which state, and where it leads. Every other step is refused with
its state and the states it is taken from. States after approval are worked out from the ledger and
the contract, for any day. A reversal leads back the way it came; where it is not in the table, the
books refuse it, since a loan's account may not fall below nothing (I6).

This page is made from `service/loans/life.py` by `python -m api.openapi`.

| step | from | leads to |
|---|---|---|"""
