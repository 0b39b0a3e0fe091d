"""Organisations of all kinds; each has one book, opened when it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service import geography
from service.geography import NOWHERE, Place
from service.refusals import AlreadyExists, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
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


_KNOWN = "SELECT code FROM service.organisation WHERE code = ANY (:codes)"
_OPEN = "SELECT organisation, id FROM ledger.open_books(:codes)"
_INSERT = """
    INSERT INTO service.organisation
        (code, book_id, kind, name, name_ur, gender, place_id, formed_on)
    VALUES (:code, :book_id, :kind, :name, :name_ur, :gender, :place_id, :formed_on)
"""
_SELECT = """
    SELECT code, kind, name, formed_on, name_ur, gender, place_id
    FROM service.organisation
    WHERE (:everything OR code = ANY (:codes)) AND code > :after
    ORDER BY code LIMIT :limit
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


async def named(books: Books, codes: Collection[str]) -> list[Organisation]:
    """The organisations that exist of these codes."""
    codes = sorted(set(codes))
    return await _select(books, codes=codes, everything=False, after="", limit=len(codes))


async def organisation(books: Books, code: str) -> Organisation:
    """One organisation. Raises `NotFound`."""
    if not (found := await named(books, [code])):
        raise NotFound(f"There is no organisation {code}. Check the code.")
    return found[0]


async def organisations(books: Books, *, after: str = "", limit: int = 1000) -> list[Organisation]:
    """Organisations in the order of their codes, those after `after`."""
    return await _select(books, codes=[], everything=True, after=after, limit=limit)


async def _select(books: Books, **values: object) -> list[Organisation]:
    rows = await books.fetch(_SELECT, **values)
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
        )
        for row in rows
    ]
