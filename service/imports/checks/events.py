"""Events: which columns each kind needs, and that what they name exists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from service.imports.checks.federation import parents_on
from service.imports.kinds import EventKind, PaidBy
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.imports.registers import Known
    from service.imports.rows import EventRow, FederationRow


class Counterparty(Enum):
    """What the column `counterparty` holds."""

    ORGANISATION = auto()
    MEMBER = auto()
    GIVER = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Needs:
    """What an event of one kind needs."""

    counterparty: Counterparty = Counterparty.NOBODY
    loan: bool = False
    money: bool = True
    """Whether cash or bank moves."""


_BETWEEN: Final = Needs(Counterparty.ORGANISATION)
_LOAN_BETWEEN: Final = Needs(Counterparty.ORGANISATION, loan=True)
_GIFT: Final = Needs(Counterparty.GIVER)
_GRANT_TO_PASS_ON: Final = Needs(Counterparty.MEMBER)

NEEDS: Final[Mapping[EventKind, Needs]] = {
    EventKind.BANK_DEPOSIT: Needs(),
    EventKind.BANK_DRAW: Needs(),
    EventKind.GRANT_GOVERNMENT: _GIFT,
    EventKind.GRANT_DONOR: _GIFT,
    EventKind.GRANT_NGO: _GIFT,
    EventKind.GRANT_PRIVATE: _GIFT,
    EventKind.GRANT_RSP: _GIFT,
    EventKind.CIF_CAPITAL: _GIFT,
    EventKind.DONATION_CASH: _GIFT,
    EventKind.DONATION_IN_KIND: Needs(Counterparty.GIVER, money=False),
    EventKind.BANK_PROFIT: Needs(),
    EventKind.EXPENSE: Needs(),
    EventKind.WITHHELD: Needs(),
    EventKind.IGG_RECEIVED: _GRANT_TO_PASS_ON,
    EventKind.IGG_PAID: _GRANT_TO_PASS_ON,
    EventKind.DEPOSIT_PLACED: _BETWEEN,
    EventKind.DEPOSIT_RETURNED: _BETWEEN,
    EventKind.FEE_TO_PARENT: _BETWEEN,
    EventKind.ORGANISATION_LOAN_DISBURSED: _LOAN_BETWEEN,
    EventKind.ORGANISATION_LOAN_REPAID: _LOAN_BETWEEN,
    EventKind.WRITE_OFF: Needs(loan=True, money=False),
    EventKind.RECOVERY: Needs(loan=True),
    EventKind.REVERSAL: Needs(money=False),
}


def event_rows(known: Known) -> Iterator[Problem]:
    """An event's organisation exists, and it is not posted before its day."""
    file = known.tables.events.file
    for event in known.tables.events.rows:
        yield from known.organisations.missing(event.org, file, event.line, "org")
        if business_date(event.posted_at) < event.on:
            what = f"{event.posted_at.isoformat()} lies before the day of the event, {event.on}"
            todo = "Write when the book learned of it: that evening, or later."
            yield Problem(file, event.line, "posted_at", what, todo)


def event_columns(known: Known) -> Iterator[Problem]:
    """Fund, amount, loan, `reverses` and `paid_by` are filled in or empty, as the kind asks."""
    for event in known.tables.events.rows:
        reversal = event.kind is EventKind.REVERSAL
        needs = {
            "fund": not reversal,
            "amount": not reversal,
            "reverses": reversal,
            "loan": NEEDS[event.kind].loan,
        }
        for column, needed in needs.items():
            given = getattr(event, column) is not None
            if needed != given:
                yield _misplaced(known, event, column, needed=needed)
        yield from _paid_by(known, event)


def _misplaced(known: Known, event: EventRow, column: str, *, needed: bool) -> Problem:
    what = f'this is {"empty" if needed else "filled in"}, and kind "{event.kind}" '
    what += "needs it" if needed else "has none"
    todo = "Fill it in." if needed else "Leave it empty, or correct the kind."
    return Problem(known.tables.events.file, event.line, column, what, todo)


def _paid_by(known: Known, event: EventRow) -> Iterator[Problem]:
    money = NEEDS[event.kind].money
    if money == (event.paid_by is PaidBy.NONE):
        what = f'"{event.paid_by}" does not go with kind "{event.kind}"'
        todo = "Write cash or bank." if money else "Write none."
        yield Problem(known.tables.events.file, event.line, "paid_by", what, todo)


def event_counterparties(known: Known) -> Iterator[Problem]:
    """The counterparty exists: another organisation for transfers, a member for IGG."""
    file = known.tables.events.file
    for event in known.tables.events.rows:
        needs = NEEDS[event.kind].counterparty
        if needs not in {Counterparty.ORGANISATION, Counterparty.MEMBER}:
            continue
        code = event.counterparty
        if code is None:
            yield _misplaced(known, event, "counterparty", needed=True)
        elif needs is Counterparty.MEMBER:
            yield from known.members.missing(code, file, event.line, "counterparty")
        else:
            yield from known.organisations.missing(code, file, event.line, "counterparty")
            if code == event.org:
                what = f'"{code}" is the organisation of the event itself'
                todo = "Write the other organisation: money goes from org to counterparty."
                yield Problem(file, event.line, "counterparty", what, todo)


def fees_to_others(known: Known) -> Iterator[Problem]:
    """A fee to the parent goes to whoever is the parent on that day."""
    federation = known.tables.federation
    if federation.unread:
        return
    rows: dict[str, list[FederationRow]] = defaultdict(list)
    for row in federation.rows:
        rows[row.code].append(row)
    for event in known.tables.events.rows:
        if event.kind is not EventKind.FEE_TO_PARENT or event.counterparty is None:
            continue
        parents = parents_on(rows.get(event.org, ()), event.on)
        if event.counterparty not in parents:
            belongs = f"belongs to {parents[0]}" if parents else "belongs to nobody"
            what = f'on {event.on} {event.org} {belongs}, not to "{event.counterparty}"'
            todo = f"Correct the counterparty, or {federation.file}.{federation.doubt()}"
            yield Problem(known.tables.events.file, event.line, "counterparty", what, todo)
