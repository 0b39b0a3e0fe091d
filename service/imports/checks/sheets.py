"""Sheets and their lines: who was there, and what each line may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from ledger.money import rupees
from service.imports.checks.people import not_a_co
from service.imports.kinds import BorrowerKind, SheetLineKind
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.imports.registers import Known
    from service.imports.rows import LoanRow, SheetLineRow, SheetRow

LOAN_KINDS: Final = (SheetLineKind.REPAYMENT, SheetLineKind.DISBURSEMENT)


def sheet_rows(known: Known) -> Iterator[Problem]:
    """A sheet is a CO's, is not posted before it is held, and names members who exist."""
    file = known.tables.sheets.file
    for sheet in known.tables.sheets.rows:
        yield from not_a_co(known, sheet.co, file, sheet.line)
        if business_date(sheet.posted_at) < sheet.held_on:
            what = f"{sheet.posted_at.isoformat()} lies before the meeting of {sheet.held_on}"
            todo = "Write when the book learned of it: that evening, or later."
            yield Problem(file, sheet.line, "posted_at", what, todo)
        for member in sheet.present:
            yield from known.members.missing(member, file, sheet.line, "present")


def sheet_line_rows(known: Known) -> Iterator[Problem]:
    """Each line is of a member of the sheet's CO who was present, and there is one of it."""
    file = known.tables.sheet_lines.file
    present = {sheet.code: frozenset(sheet.present) for sheet in known.sheets.by_code.values()}
    for line in known.tables.sheet_lines.rows:
        yield from known.sheets.missing(line.sheet, file, line.line, "sheet")
        yield from known.members.missing(line.member, file, line.line, "member")
        yield from _loan_column(known, line)
        sheet = known.sheets.get(line.sheet)
        if sheet is None:
            continue
        if line.member not in present[line.sheet]:
            yield _absent(known, line, sheet)
        member = known.members.get(line.member)
        if member is not None and member.co != sheet.co:
            what = f'"{line.member}" is a member of {member.co}, and {sheet.code} is of {sheet.co}'
            yield Problem(file, line.line, "member", what, "Correct the member or the sheet.")


def _absent(known: Known, line: SheetLineRow, sheet: SheetRow) -> Problem:
    what = f'"{line.member}" was not present at {line.sheet}'
    todo = (
        f"Add the member to present ({known.tables.sheets.file} line {sheet.line}), or correct it."
    )
    return Problem(known.tables.sheet_lines.file, line.line, "member", what, todo)


def _loan_column(known: Known, line: SheetLineRow) -> Iterator[Problem]:
    file = known.tables.sheet_lines.file
    if line.kind in LOAN_KINDS and line.loan is None:
        what = f"a {line.kind} names its loan, and this is empty"
        yield Problem(file, line.line, "loan", what, "Write the code of the loan.")
    if line.loan is None:
        return
    if line.kind not in LOAN_KINDS:
        what = f"a {line.kind} has no loan"
        yield Problem(file, line.line, "loan", what, "Leave it empty, or correct the kind.")
    yield from known.loans.missing(line.loan, file, line.line, "loan")


def sheet_lines_used_twice(known: Known) -> Iterator[Problem]:
    """At most one line for each sheet, member, kind and loan."""
    first: dict[tuple[str, str, SheetLineKind, str | None], int] = {}
    for row in known.tables.sheet_lines.rows:
        place = first.setdefault((row.sheet, row.member, row.kind, row.loan), row.line)
        if place != row.line:
            what = f"line {place} is of the same sheet, member, kind and loan"
            todo = "Write one line with the whole amount."
            yield Problem(known.tables.sheet_lines.file, row.line, "", what, todo)


def sheet_line_loans(known: Known) -> Iterator[Problem]:
    """A repayment or disbursement agrees with its loan."""
    file = known.tables.sheet_lines.file
    for line in known.tables.sheet_lines.rows:
        loan, sheet = known.loans.get(line.loan), known.sheets.get(line.sheet)
        if loan is None or sheet is None or line.kind not in LOAN_KINDS:
            continue
        for column, what in _parties(line, loan, sheet):
            todo = f"Correct the line, or loans.csv line {loan.line}."
            yield Problem(file, line.line, column, what, todo)
        differs = _paid_back if line.kind is SheetLineKind.REPAYMENT else _paid_out
        for column, what in differs(line, loan, sheet):
            todo = f"Correct the line, its sheet, or loans.csv line {loan.line}."
            yield Problem(file, line.line, column, what, todo)


def _parties(line: SheetLineRow, loan: LoanRow, sheet: SheetRow) -> Iterator[tuple[str, str]]:
    if loan.lender != sheet.co:
        yield "loan", f'the lender of "{loan.code}" is {loan.lender}, not {sheet.co}'
    if (loan.borrower_kind, loan.borrower) != (BorrowerKind.MEMBER, line.member):
        yield "loan", f'the borrower of "{loan.code}" is {loan.borrower}, not {line.member}'


def _paid_back(_: SheetLineRow, loan: LoanRow, sheet: SheetRow) -> Iterator[tuple[str, str]]:
    paid_out, held = loan.disbursed_on, sheet.held_on
    if paid_out is None:
        yield "loan", f'"{loan.code}" is not paid out: its disbursed_on is empty'
    elif paid_out > held:
        yield "loan", f'"{loan.code}" is paid out on {paid_out}, after the meeting of {held}'


def _paid_out(line: SheetLineRow, loan: LoanRow, sheet: SheetRow) -> Iterator[tuple[str, str]]:
    paid_out, held = loan.disbursed_on, sheet.held_on
    if line.amount != loan.principal:
        given, agreed = rupees(line.amount), rupees(loan.principal)
        yield "amount", f'{given} is paid out, and "{loan.code}" is of {agreed}'
    if paid_out is None:
        yield "loan", f'"{loan.code}" is not paid out: its disbursed_on is empty'
    elif paid_out != held:
        yield "loan", f'"{loan.code}" is paid out on {paid_out}, and the meeting was on {held}'
