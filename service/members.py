"""Members of COs, and whom an organisation nominates to the one it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from service import organisations
from service.organisations import OrganisationKind
from service.refusals import AlreadyExists, Malformed, MemberOfAnother, NotFound

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
        household, psc, psc_on, left_on
    FROM service.member
"""
_NOMINATE = """
    INSERT INTO service.nomination (member, organisation, role, from_on, to_on)
    VALUES (:member, :organisation, :role, :from_on, :to_on)
"""


async def register(books: WritableBooks, members: Sequence[Member]) -> None:
    """Register members. Raises `AlreadyExists` where a code is taken."""
    sql = "SELECT code FROM service.member WHERE code = ANY (:codes)"
    if taken := await books.fetch(sql, codes=[member.code for member in members]):
        raise AlreadyExists(f"There is a member {taken[0][0]} already. Choose another code.")
    await books.execute_many(_INSERT, [asdict(member) for member in members])


async def admit(books: WritableBooks, member: Member) -> None:
    """Register one member of a CO. Raises `AlreadyExists`, `NotFound` or `Malformed`."""
    home = await organisations.organisation(books, member.organisation)
    if home.kind is not OrganisationKind.CO:
        raise Malformed(f"organisation: {home.code} is a {home.kind}; only a CO has members.")
    if member.left_on is not None and member.left_on < member.joined_on:
        raise Malformed(f"left_on: {member.left_on} lies before {member.joined_on}.")
    await register(books, [member])


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


async def appoint(books: WritableBooks, nomination: Nomination) -> None:
    """Record one nomination. Raises `NotFound`, `AlreadyExists`, `Malformed`."""
    await organisations.book_of(books, nomination.organisation)
    await organisations_of(books, [nomination.member])
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    held = await nominations(books, nomination.organisation)
    said = (nomination.member, nomination.role, nomination.from_on)
    if said in {(one.member, one.role, one.from_on) for one in held}:
        raise AlreadyExists(f"{nomination.member} is nominated so already.")
    await nominate(books, [nomination])


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
