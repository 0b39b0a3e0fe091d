"""Events about loans: the right books, the right fund, and what was agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.money import rupees
from service.imports.checks.events import NEEDS
from service.imports.kinds import BorrowerKind, EventKind
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.imports.registers import Known
    from service.imports.rows import EventRow, LoanRow


def event_loan_codes(known: Known) -> Iterator[Problem]:
    """A loan that an event names exists."""
    file = known.tables.events.file
    for event in known.tables.events.rows:
        if event.loan is not None:
            yield from known.loans.missing(event.loan, file, event.line, "loan")


def event_loans(known: Known) -> Iterator[Problem]:
    """An event agrees with its loan: lender, borrower, fund, day and, paid out, amount."""
    for event in known.tables.events.rows:
        loan = known.loans.get(event.loan)
        if loan is None or not NEEDS[event.kind].loan:
            continue
        differences = [*_fund(known, event, loan), *_parties(event, loan), *_day(event, loan)]
        for column, what in differences:
            todo = f"Correct the event, or {known.tables.loans.file} line {loan.line}."
            yield Problem(known.tables.events.file, event.line, column, what, todo)


def _fund(known: Known, event: EventRow, loan: LoanRow) -> Iterator[tuple[str, str]]:
    product = known.products.get(loan.product)
    if product is not None and event.fund is not None and event.fund is not product.fund:
        yield "fund", f'"{event.fund}" is not the fund of "{loan.code}", which is {product.fund}'


def _parties(event: EventRow, loan: LoanRow) -> Iterator[tuple[str, str]]:
    """Money goes from `org` to `counterparty`: the lender pays out, the borrower pays back."""
    if event.kind in {EventKind.WRITE_OFF, EventKind.RECOVERY}:
        yield from _one("org", event.org, "lender", loan)
        return
    if loan.borrower_kind is not BorrowerKind.ORGANISATION:
        yield "loan", f'"{loan.code}" is a loan to a member, which is paid at meetings'
        return
    paid_out = event.kind is EventKind.ORGANISATION_LOAN_DISBURSED
    giver, taker = ("lender", "borrower") if paid_out else ("borrower", "lender")
    yield from _one("org", event.org, giver, loan)
    if event.counterparty is not None:
        yield from _one("counterparty", event.counterparty, taker, loan)


def _one(column: str, code: str, part: str, loan: LoanRow) -> Iterator[tuple[str, str]]:
    agreed = loan.lender if part == "lender" else loan.borrower
    if code != agreed:
        yield column, f'"{code}" is not the {part} of "{loan.code}", which is {agreed}'


def _day(event: EventRow, loan: LoanRow) -> Iterator[tuple[str, str]]:
    if loan.disbursed_on is None:
        yield "loan", f'"{loan.code}" is not paid out: its disbursed_on is empty'
    elif event.kind is EventKind.ORGANISATION_LOAN_DISBURSED:
        if event.on != loan.disbursed_on:
            yield "on", f'"{loan.code}" is paid out on {loan.disbursed_on}, not on {event.on}'
    elif event.on < loan.disbursed_on:
        yield "on", f'{event.on} lies before {loan.disbursed_on}, when "{loan.code}" is paid out'
    if event.kind is EventKind.ORGANISATION_LOAN_DISBURSED and event.amount is not None:
        yield from _amount(event.amount, loan)


def _amount(amount: int, loan: LoanRow) -> Iterator[tuple[str, str]]:
    if amount != loan.principal:
        yield (
            "amount",
            f'{rupees(amount)} is paid out, and "{loan.code}" is of {rupees(loan.principal)}',
        )
