"""Members of COs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import business_date
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


class MemberState(StrEnum):
    """Whether a member belongs to her CO on a day or has left it; before she joins, neither."""

    ACTIVE = "active"
    EXITED = "exited"


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
class Only:
    """Which members of a CO are asked for; None leaves a condition out.

    `state` is that of the day `on`, today without one; `name` is a part of the name, in
    whichever script, whether letters are large or small.
    """

    state: MemberState | None = None
    on: date | None = None
    gender: Gender | None = None
    name: str | None = None


ALL: Final = Only()
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
_PAGE = """
    WHERE organisation = :organisation AND code > :after
        AND CASE CAST(:state AS text)
            WHEN 'active' THEN joined_on <= :on AND coalesce(left_on >= :on, true)
            WHEN 'exited' THEN left_on < :on ELSE true END
        AND (CAST(:gender AS text) IS NULL OR gender = :gender)
        AND (CAST(:name AS text) IS NULL OR strpos(lower(name), lower(:name)) > 0
            OR strpos(lower(name_ur), lower(:name)) > 0)
    ORDER BY code LIMIT :limit
"""
_AMEND = """
    UPDATE service.member
    SET name = :name, gender = :gender, joined_on = :joined_on, name_ur = :name_ur,
        father_or_husband = :father_or_husband, cnic = :cnic, phone = :phone,
        household = :household, psc = :psc, psc_on = :psc_on, left_on = :left_on,
        version = version + 1
    WHERE code = :code AND version = :version
"""


_LENT: Final = """
    SELECT 1 FROM service.loan WHERE code = :code
    UNION ALL SELECT 1 FROM service.loan_application WHERE code = :code
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
    for field in ("joined_on", "psc_on", "left_on"):
        _refuse_future(books, field, getattr(member, field))
    _refuse_left_before(member)
    async with books.whole_house():  # lines say whom or what they are about by its code
        lent = await books.fetch(_LENT, code=member.code)
    if lent:
        raise AlreadyExists("This code, or this day, is taken already. Choose another.")
    await register(books, [member])


async def amend(books: WritableBooks, amended: Member) -> Member:
    """Change what is known of a member, in its version; her code and her CO stay.

    Raises `NotFound`, `Malformed`, or `VersionChanged` where somebody changed it meanwhile.
    """
    found = await member(books, amended.code)
    await access.authorise(books, Right.PREPARE, found.organisation, or_right=Right.REGISTER)
    for field in ("joined_on", "psc_on"):
        if getattr(amended, field) != getattr(found, field):
            _refuse_future(books, field, getattr(amended, field))
    _refuse_left_before(amended)
    if not await books.execute(_AMEND, **asdict(amended)):
        raise VersionChanged(f"{amended.code} was changed by somebody else. Read it again.")
    return await member(books, amended.code)


def _refuse_future(books: Books, field: str, day: date | None) -> None:
    if day is not None:
        organisations.refuse_future(books, field, day)


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
    books: Books, organisation: str, *, only: Only = ALL, after: str = "", limit: int = 1000
) -> list[Member]:
    """The members of a CO, in the order of their codes, those after `after`."""
    wanted = {**asdict(only), "on": only.on or business_date(books.now)}
    rows = await books.fetch(
        f"{_SELECT} {_PAGE}", organisation=organisation, after=after, limit=limit, **wanted
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
