"""What is odd but may well be so: said as a warning, and never a reason to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service.imports.checks.events import NEEDS, Counterparty
from service.imports.kinds import EventKind, Gender, OrganisationKind, SheetLineKind
from service.imports.problems import Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.imports.registers import Known
    from service.imports.rows import MemberRow

PROVINCE_OF_CNIC: Final[Mapping[str, str]] = {
    "1": "khyber pakhtunkhwa",
    "2": "khyber pakhtunkhwa",
    "3": "punjab",
    "4": "sindh",
    "5": "balochistan",
    "6": "islamabad capital territory",
    "7": "gilgit-baltistan",
    "8": "azad jammu and kashmir",
}
"""By the first digit of a CNIC; 2 is the former tribal areas, now of Khyber Pakhtunkhwa."""


def odd_organisations(known: Known) -> Iterator[Problem]:
    """Only a CO is of women, of men, or mixed."""
    for org in known.tables.organisations.rows:
        if org.gender is not None and org.kind is not OrganisationKind.CO:
            what = f'"{org.gender}" is given, and only a CO has it'
            todo = "Leave it empty."
            yield Problem(known.tables.organisations.file, org.line, "gender", what, todo)


def odd_members(known: Known) -> Iterator[Problem]:
    """A CNIC agrees with gender and province, and a poverty score has its day."""
    for member in known.tables.members.rows:
        for column, what, todo in _odd_member(known, member):
            yield Problem(known.tables.members.file, member.line, column, what, todo)


def _odd_member(known: Known, member: MemberRow) -> Iterator[tuple[str, str, str]]:
    if member.cnic is not None:
        odd = int(member.cnic[-1]) % 2 == 1
        if odd != (member.gender is Gender.MALE):
            what = f"the last digit of {member.cnic} does not go with gender {member.gender}"
            yield "cnic", what, "It is odd for men and even for women: check both."
        yield from _odd_province(known, member, member.cnic[0])
    if (member.psc is None) != (member.psc_on is None):
        yield "psc_on", "a poverty score and the day of its survey go together", "Fill in both."


def _odd_province(known: Known, member: MemberRow, digit: str) -> Iterator[tuple[str, str, str]]:
    co = known.organisations.get(member.co)
    province = None if co is None or co.province is None else co.province.strip().lower()
    if province in PROVINCE_OF_CNIC.values() and PROVINCE_OF_CNIC.get(digit) != province:
        what = f"a CNIC that begins with {digit} is not of {co.province if co else ''}"
        yield "cnic", what, "Check it; a member may have moved."


def odd_sheets(known: Known) -> Iterator[Problem]:
    """Those present are members of the CO on that day, each named once."""
    for sheet in known.tables.sheets.rows:
        if len(set(sheet.present)) < len(sheet.present):
            yield Problem(
                known.tables.sheets.file,
                sheet.line,
                "present",
                "a member is named twice",
                "Check it.",
            )
        for member in map(known.members.get, sheet.present):
            if member is None:
                continue
            left = member.left_on is not None and member.left_on < sheet.held_on
            if member.co != sheet.co or sheet.held_on < member.joined_on or left:
                what = f'"{member.code}" is no member of {sheet.co} on {sheet.held_on}'
                todo = f"Check it, and {known.tables.members.file} line {member.line}."
                yield Problem(known.tables.sheets.file, sheet.line, "present", what, todo)


def odd_events(known: Known) -> Iterator[Problem]:
    """A counterparty stands only where the kind has one; elsewhere it is a note and no more."""
    for event in known.tables.events.rows:
        if event.counterparty and NEEDS[event.kind].counterparty is Counterparty.NOBODY:
            what = f'{shown(event.counterparty)} has no part in an event of kind "{event.kind}"'
            todo = "It makes no entry; put a name into the narrative."
            yield Problem(known.tables.events.file, event.line, "counterparty", what, todo)


def loans_never_paid_out(known: Known) -> Iterator[Problem]:
    """A loan with a day of disbursement is disbursed by a sheet or an event."""
    paid = {
        line.loan
        for line in known.tables.sheet_lines.rows
        if line.kind is SheetLineKind.DISBURSEMENT
    } | {
        event.loan
        for event in known.tables.events.rows
        if event.kind is EventKind.ORGANISATION_LOAN_DISBURSED
    }
    for loan in known.tables.loans.rows:
        if loan.disbursed_on is not None and loan.code not in paid:
            what = f"no sheet or event pays the loan out on {loan.disbursed_on}"
            todo = "Leave disbursed_on empty, or add the disbursement."
            yield Problem(known.tables.loans.file, loan.line, "disbursed_on", what, todo)


def histories_before_their_organisation(known: Known) -> Iterator[Problem]:
    """Nothing happens in a book before its organisation is formed."""
    file, first_line = known.tables.events.file, dict[str, int]()
    for event in known.tables.events.rows:
        org = known.organisations.get(event.org)
        if org is not None and event.on < org.formed_on:
            first_line.setdefault(org.code, event.line)
    for code, line in first_line.items():
        what = f"{code} is formed only after the day of this event"
        yield Problem(file, line, "on", what, "Check the day and formed_on.")
