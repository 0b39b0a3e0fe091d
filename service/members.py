"""Members of COs, and whom an organisation nominates to the one it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from service import access, organisations
from service.access import Right
from service.organisations import OrganisationKind
from service.refusals import (
    AlreadyExists,
    Malformed,
    MemberOfAnother,
    NotFound,
    VersionChanged,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from service.books import Books, WritableBooks


class Gender(StrEnum):
    """A member's gender."""

    FEMALE = "female"
    MALE = "male"


class Role(StrEnum):
    """The office that a nominated member holds in the organisation that nominates."""

    PRESIDENT = "president"
    MANAGER = "manager"
    TREASURER = "treasurer"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of one CO; `left_on` is the last day of membership."""

    code: str
    organisation: str
    name: str
    gender: Gender
    joined_on: date
    name_ur: str | None = None
    father_or_husband: str | None = None
    cnic: str | None = None
    phone: str | None = None
    household: str | None = None
    psc: int | None = None
    psc_on: date | None = None
    left_on: date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Nomination:
    """A member whom an organisation sends to another, from a day until before `to_on`."""

    member: str
    organisation: str
    role: Role
    from_on: date
    to_on: date = date.max


_INSERT = """
    INSERT INTO service.member (code, organisation, name, gender, joined_on, name_ur,
        father_or_husband, cnic, phone, household, psc, psc_on, left_on)
    VALUES (:code, :organisation, :name, :gender, :joined_on, :name_ur,
        :father_or_husband, :cnic, :phone, :household, :psc, :psc_on, :left_on)
"""
_SELECT = """
    SELECT code, organisation, name, gender, joined_on, name_ur, father_or_husband, cnic, phone,
        household, psc, psc_on, left_on, version
    FROM service.member
"""
_AMEND = """
    UPDATE service.member
    SET name = :name, gender = :gender, joined_on = :joined_on, name_ur = :name_ur,
        father_or_husband = :father_or_husband, cnic = :cnic, phone = :phone,
        household = :household, psc = :psc, psc_on = :psc_on, left_on = :left_on,
        version = version + 1
    WHERE code = :code AND version = :version
"""
_NOMINATE = """
    INSERT INTO service.nomination (member, organisation, role, from_on, to_on)
    VALUES (:member, :organisation, :role, :from_on, :to_on)
"""


_END_NOMINATION = """
    UPDATE service.nomination SET to_on = :to_on
    WHERE member = :member AND organisation = :organisation AND role = :role AND from_on = :from_on
"""


async def register(books: WritableBooks, members: Sequence[Member]) -> None:
    """Register members. Raises `AlreadyExists` where a code is taken."""
    sql = "SELECT code FROM service.member WHERE code = ANY (:codes)"
    if taken := await books.fetch(sql, codes=[member.code for member in members]):
        raise AlreadyExists(f"There is a member {taken[0][0]} already. Choose another code.")
    await books.execute_many(_INSERT, [asdict(member) for member in members])


async def admit(books: WritableBooks, member: Member) -> None:
    """Register one member of a CO. Raises `AlreadyExists`, `NotFound` or `Malformed`."""
    await access.authorise(books, Right.PREPARE, member.organisation, or_right=Right.REGISTER)
    home = await organisations.organisation(books, member.organisation)
    if home.kind is not OrganisationKind.CO:
        raise Malformed(f"organisation: {home.code} is a {home.kind}; only a CO has members.")
    _refuse_left_before(member)
    await register(books, [member])


async def amend(books: WritableBooks, amended: Member) -> Member:
    """Change what is known of a member, in its version; her code and her CO stay.

    Raises `NotFound`, `Malformed`, or `VersionChanged` where somebody changed it meanwhile.
    """
    found = await member(books, amended.code)
    await access.authorise(books, Right.PREPARE, found.organisation, or_right=Right.REGISTER)
    _refuse_left_before(amended)
    if not await books.execute(_AMEND, **asdict(amended)):
        raise VersionChanged(f"{amended.code} was changed by somebody else. Read it again.")
    return await member(books, amended.code)


def _refuse_left_before(member: Member) -> None:
    if member.left_on is not None and member.left_on < member.joined_on:
        raise Malformed(f"left_on: {member.left_on} lies before {member.joined_on}.")


def masked(member: Member) -> Member:
    """A member for who need not know more than the end of her identity and telephone number."""
    cnic = member.cnic and f"*****-*****{member.cnic[-4:]}"
    phone = member.phone and f"+92 *** ****{member.phone[-3:]}"
    return replace(member, cnic=cnic, phone=phone)


def doubts(member: Member) -> list[str]:
    """What is odd about a member but may well be so: warnings, never a reason to refuse."""
    found = []
    if member.cnic is not None and int(member.cnic[-1]) % 2 != (member.gender is Gender.MALE):
        found.append(
            f"cnic: its last digit is odd for men and even for women; {member.gender} is given."
        )
    if (member.psc is None) != (member.psc_on is None):
        found.append("psc_on: a poverty score and the day of its survey go together.")
    return found


async def nominate(books: WritableBooks, nominations: Sequence[Nomination]) -> None:
    """Record nominations."""
    await books.execute_many(_NOMINATE, [asdict(nomination) for nomination in nominations])


async def nominate_one(books: WritableBooks, nomination: Nomination) -> None:
    """Record one nomination. Raises `NotFound`, `AlreadyExists`, `Malformed`."""
    homes = await organisations_of(books, [nomination.member])
    await access.authorise(books, Right.REGISTER, homes[nomination.member])
    await organisations.book_of(books, nomination.organisation)
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    held = await nominations(books, nomination.organisation)
    said = (nomination.member, nomination.role, nomination.from_on)
    if said in {(one.member, one.role, one.from_on) for one in held}:
        raise AlreadyExists(f"{nomination.member} is nominated so already.")
    await nominate(books, [nomination])


async def end_nomination(books: WritableBooks, nomination: Nomination) -> None:
    """End a nomination that began on its `from_on`, on its `to_on`.

    Raises `NotFound` where there is none, `Malformed` for a day not after it began.
    """
    homes = await organisations_of(books, [nomination.member])
    await access.authorise(books, Right.REGISTER, homes[nomination.member])
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    if not await books.execute(_END_NOMINATION, **asdict(nomination)):
        raise NotFound(f"{nomination.member} has no such nomination from {nomination.from_on}.")


async def nominations(books: Books, organisation: str) -> list[Nomination]:
    """Who is nominated to an organisation, at any time, by day and member."""
    rows = await books.fetch(
        "SELECT member, organisation, role, from_on, to_on FROM service.nomination"
        " WHERE organisation = :organisation ORDER BY from_on, member, role",
        organisation=organisation,
    )
    return [Nomination(row[0], row[1], Role(row[2]), row[3], row[4]) for row in rows]


async def named(books: Books, codes: Collection[str]) -> list[Member]:
    """The members that exist of these codes."""
    rows = await books.fetch(f"{_SELECT} WHERE code = ANY (:codes)", codes=sorted(set(codes)))
    return [_member(row) for row in rows]


async def member(books: Books, code: str) -> Member:
    """One member. Raises `NotFound`."""
    if not (found := await named(books, [code])):
        raise NotFound(f"There is no member {code}. Check the code.")
    return found[0]


async def members(
    books: Books, organisation: str, *, after: str = "", limit: int = 1000
) -> list[Member]:
    """The members of a CO, in the order of their codes, those after `after`."""
    where = "WHERE organisation = :organisation AND code > :after ORDER BY code LIMIT :limit"
    rows = await books.fetch(
        f"{_SELECT} {where}", organisation=organisation, after=after, limit=limit
    )
    return [_member(row) for row in rows]


async def organisations_of(books: Books, codes: Collection[str]) -> dict[str, str]:
    """The organisation of each member by code. Raises `NotFound`."""
    sql = "SELECT code, organisation FROM service.member WHERE code = ANY (:codes)"
    found = dict(await books.fetch(sql, codes=sorted(set(codes))))
    if missing := sorted(set(codes) - set(found)):
        raise NotFound(f"There is no member {missing[0]}. Check the code.")
    return found


def refuse_strangers(homes: Mapping[str, str], organisation: str) -> None:
    """Raise `MemberOfAnother` unless every member belongs to the organisation."""
    for code, home in homes.items():
        if home != organisation:
            raise MemberOfAnother(f"{code} is a member of {home}, not of {organisation}.")


def _member(row: tuple[Any, ...]) -> Member:
    code, organisation, name, gender, *rest = row
    return Member(code, organisation, name, Gender(gender), *rest)
