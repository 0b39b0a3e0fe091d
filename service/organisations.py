"""Organisations of all kinds; each has one book, opened when it is registered."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.calendar import business_date
from service import access, geography
from service.access import Right
from service.conditions import where
from service.geography import NOWHERE, Place
from service.refusals import AlreadyExists, Malformed, NotFound, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from service.books import Books, WritableBooks


class OrganisationKind(StrEnum):
    """The tier of an organisation (DOMAIN 1)."""

    RSPN = "RSPN"
    RSP = "RSP"
    NETWORK = "NETWORK"
    LSO = "LSO"
    VO = "VO"
    CO = "CO"


class OrganisationGender(StrEnum):
    """Whose group a CO is."""

    WOMEN = "women"
    MEN = "men"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation, from the day it was formed."""

    code: str
    kind: OrganisationKind
    name: str
    formed_on: date
    name_ur: str | None = None
    gender: OrganisationGender | None = None
    place: Place = NOWHERE
    version: int = 1


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which organisations are meant; None leaves a condition out."""

    limit: int
    codes: list[str] | None = None
    kind: OrganisationKind | None = None
    node: int | None = None
    parent: str | None = None
    on: date | None = None
    after: str = ""
    name: str | None = None


_SAY_GENDERS = "SELECT ledger.set_genders(CAST(:books AS bigint[]), CAST(:genders AS text[]))"
_KNOWN = "SELECT code FROM service.organisation WHERE code = ANY (:codes)"
_OPEN = "SELECT organisation, id FROM ledger.open_books(:codes)"
_INSERT = """
    INSERT INTO service.organisation
        (code, book_id, kind, name, name_ur, gender, place_id, formed_on)
    VALUES (:code, :book_id, :kind, :name, :name_ur, :gender, :place_id, :formed_on)
"""
_SELECT = """
    SELECT o.code, o.kind, o.name, o.formed_on, o.name_ur, o.gender, o.place_id, o.version
    FROM service.organisation o
"""
_CONDITIONS = {
    "codes": "o.code = ANY (:codes)",
    "after": "o.code > :after",
    "name": """(strpos(lower(o.name), lower(:name)) > 0 OR strpos(o.name_ur, :name) > 0
        OR strpos(lower(o.code), lower(:name)) = 1)""",
    "kind": "o.kind = :kind",
    "node": """o.book_id IN (
        SELECT u.book_id FROM ledger.under u
        WHERE u.node_id = :node AND u.from_on <= :on AND u.to_on > :on)""",
    "parent": """o.code IN (
        SELECT m.organisation FROM service.membership m
        WHERE m.parent = :parent AND m.from_on <= :on AND m.to_on > :on)""",
}
_UNDER = """
    SELECT book_id FROM ledger.under WHERE node_id = :node AND from_on <= :on AND to_on > :on
"""
_AMEND = """
    UPDATE service.organisation
    SET name = :name, name_ur = :name_ur, gender = :gender, place_id = :place_id,
        version = version + 1
    WHERE code = :code AND version = :version
"""


async def register(books: WritableBooks, organisations: Sequence[Organisation]) -> dict[str, int]:
    """Register organisations and open their books; the number of each book by code.

    Raises `AlreadyExists` where a code is taken.
    """
    codes = [organisation.code for organisation in organisations]
    if taken := [row[0] for row in await books.fetch(_KNOWN, codes=codes)]:
        raise AlreadyExists(f"There is an organisation {taken[0]} already. Choose another code.")
    numbers = dict(await books.fetch(_OPEN, codes=codes))
    ids = await geography.place_ids(books, (o.place for o in organisations))
    await books.execute_many(
        _INSERT,
        [
            {
                "code": o.code,
                "book_id": numbers[o.code],
                "kind": o.kind.value,
                "name": o.name,
                "name_ur": o.name_ur,
                "gender": o.gender and o.gender.value,
                "place_id": ids.get(o.place),
                "formed_on": o.formed_on,
            }
            for o in organisations
        ],
    )
    await _say_genders(books, {numbers[o.code]: o.gender for o in organisations if o.gender})
    return numbers


async def book_of(books: Books, code: str) -> int:
    """The number of an organisation's book. Raises `NotFound`."""
    return (await books_of(books, [code]))[code]


async def books_of(books: Books, codes: Collection[str]) -> dict[str, int]:
    """The numbers of organisations' books by code. Raises `NotFound`."""
    sql = "SELECT code, book_id FROM service.organisation WHERE code = ANY (:codes)"
    numbers = dict(await books.fetch(sql, codes=sorted(set(codes))))
    if missing := sorted(set(codes) - set(numbers)):
        raise NotFound(f"There is no organisation {missing[0]}. Check the code.")
    return numbers


async def books_under(books: Books, node: int, on: date) -> list[int]:
    """The numbers of the books under a node on a day, its own among them."""
    rows = await books.fetch(_UNDER, node=node, on=on)
    return [row[0] for row in rows]


async def readable(books: Books, codes: Collection[str]) -> frozenset[str]:
    """Those of some organisations whose books one may read today. Raises `NotFound`."""
    numbers = await books_of(books, codes)
    open_now = await access.readable(books, numbers.values())
    return frozenset(code for code, number in numbers.items() if number in open_now)


async def of_books(books: Books, numbers: Collection[int]) -> dict[int, Organisation]:
    """The organisations that one may see, of some books, by the number of the book."""
    sql = "SELECT code, book_id FROM service.organisation WHERE book_id = ANY (:numbers)"
    codes = dict(await books.fetch(sql, numbers=sorted(numbers)))
    return {codes[one.code]: one for one in await named(books, codes)}


async def named(books: Books, codes: Collection[str]) -> list[Organisation]:
    """The organisations that exist of these codes."""
    codes = sorted(set(codes))
    return await _select(books, _Filter(codes=codes, limit=len(codes)))


async def organisation(books: Books, code: str) -> Organisation:
    """One organisation. Raises `NotFound`."""
    return await _one(books, code)


async def organisations(
    books: Books,
    *,
    kind: OrganisationKind | None = None,
    under: str | None = None,
    parent: str | None = None,
    on: date | None = None,
    name: str | None = None,
    right: Right = Right.SEE,
    after: str = "",
    limit: int = 1000,
) -> list[Organisation]:
    """Organisations in the order of their codes, those after `after`, on which one has a right.

    `name` is a part of the name in whichever script, or what the code begins with. On a day
    (today without one) `under` asks for an organisation and all below it, `parent` for those
    that belong to it directly. Raises `NotFound` for an organisation out of sight.
    """
    asked = _Filter(
        codes=await access.homes(books, right),
        kind=kind,
        node=await book_of(books, under) if under else None,
        parent=parent,
        on=on or business_date(books.now),
        name=name,
        after=after,
        limit=limit,
    )
    return await _select(books, asked)


async def amend(books: WritableBooks, organisation: Organisation) -> Organisation:
    """Change what an organisation is called, whose group it is and where, in its version.

    Raises `VersionChanged` where somebody changed it in the meantime.
    """
    await access.authorise(books, Right.REGISTER, organisation.code)
    ids = await geography.place_ids(books, [organisation.place])
    changed = await books.execute(
        _AMEND,
        code=organisation.code,
        name=organisation.name,
        name_ur=organisation.name_ur,
        gender=organisation.gender and organisation.gender.value,
        place_id=ids.get(organisation.place),
        version=organisation.version,
    )
    if not changed:
        raise VersionChanged(f"{organisation.code} was changed by somebody else. Read it again.")
    await _say_genders(books, {await book_of(books, organisation.code): organisation.gender})
    return await _one(books, organisation.code)


def refuse_future(books: Books, field: str, day: date) -> None:
    """Raise `Malformed` for a day still to come: the books register what is so already."""
    if day > (today := business_date(books.now)):
        raise Malformed(f"{field}: {day} is after {today}. Register it on that day, or correct it.")


async def _say_genders(
    books: WritableBooks, genders: Mapping[int, OrganisationGender | None]
) -> None:
    """Tell the roll-up whose groups books are of; it keeps their figures apart."""
    if genders:
        named = [gender.value if gender else "" for gender in genders.values()]
        async with books.whole_house():
            await books.fetch(_SAY_GENDERS, books=list(genders), genders=named)


async def _one(books: Books, code: str) -> Organisation:
    if not (found := await named(books, [code])):
        raise NotFound(f"There is no organisation {code}. Check the code.")
    return found[0]


async def _select(books: Books, asked: _Filter) -> list[Organisation]:
    values = asdict(asked)
    sql = f"{_SELECT} {where(_CONDITIONS, values)} ORDER BY o.code LIMIT :limit"
    rows = await books.fetch(sql, **values)
    places = await geography.places(books, [row.place_id for row in rows if row.place_id])
    return [
        Organisation(
            code=row.code,
            kind=OrganisationKind(row.kind),
            name=row.name,
            formed_on=row.formed_on,
            name_ur=row.name_ur,
            gender=row.gender and OrganisationGender(row.gender),
            place=places.get(row.place_id, NOWHERE),
            version=row.version,
        )
        for row in rows
    ]
