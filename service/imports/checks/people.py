"""Members and those whom they nominate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.imports.kinds import OrganisationKind
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.imports.registers import Known


def members_of_no_co(known: Known) -> Iterator[Problem]:
    """A member belongs to an organisation of kind CO."""
    file = known.tables.members.file
    for member in known.tables.members.rows:
        yield from not_a_co(known, member.co, file, member.line)


def not_a_co(known: Known, code: str, file: str, line: int) -> Iterator[Problem]:
    """The problem that the code in a column `co` is unknown, or is no CO's."""
    yield from known.organisations.missing(code, file, line, "co")
    org = known.organisations.get(code)
    if org is not None and org.kind is not OrganisationKind.CO:
        what = f'"{code}" is of kind {org.kind}, and only a CO has members and meetings'
        yield Problem(file, line, "co", what, "Write the code of the CO.")


def members_gone_before_they_came(known: Known) -> Iterator[Problem]:
    """The last day of membership is not before the first."""
    for member in known.tables.members.rows:
        if member.left_on is not None and member.left_on < member.joined_on:
            what = f"{member.left_on} lies before {member.joined_on}, when the member joined"
            yield Problem(
                known.tables.members.file, member.line, "left_on", what, "Correct one of the days."
            )


def nominations_used_twice(known: Known) -> Iterator[Problem]:
    """A member is nominated to an organisation in a role once from a day on."""
    file, first = known.tables.nominations.file, dict[tuple[object, ...], int]()
    for row in known.tables.nominations.rows:
        line = first.setdefault((row.member, row.org, row.role, row.from_on), row.line)
        if line != row.line:
            what = f"line {line} is of the same member, organisation, role and day"
            yield Problem(file, row.line, "", what, "Take one of the two out.")


def nomination_codes(known: Known) -> Iterator[Problem]:
    """Those nominated, and the organisation they are nominated to, exist."""
    file = known.tables.nominations.file
    for row in known.tables.nominations.rows:
        yield from known.members.missing(row.member, file, row.line, "member")
        yield from known.organisations.missing(row.org, file, row.line, "org")
