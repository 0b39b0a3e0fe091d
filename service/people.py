"""People who may sign in, and the machines beside them; administrators look after them.

A person's code is what entries name as actor, so nobody is ever deleted: whoever leaves is
disabled, and every session of theirs ends with that. A person has a home organisation whose
administrators manage them; without one it is those of the whole house.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import business_date
from service import access
from service.access import Right
from service.conditions import where
from service.refusals import AlreadyExists, Malformed, NotFound, OwnAppointment, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from service.access import Role
    from service.books import Books, WritableBooks

CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
PHONE: Final = r"^\+92 3[0-9]{2} [0-9]{7}$"
PERSON: Final = "person"
MACHINE: Final = "machine"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, by code or telephone number."""

    code: str
    name: str
    name_ur: str | None = None
    phone: str | None = None
    organisation: str | None = None
    """The home organisation; None: the whole house."""
    member: str | None = None
    """Who of the members this is, where it is one: nobody decides on her own loan."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A person as kept: since when disabled, which version, and whether the phone is shown."""

    person: Person
    disabled_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Only:
    """Which people are asked for; None leaves a condition out.

    `organisation` is the home organisation, `name` a part of the name. `role` and
    `appointed_to` are of one appointment that holds today and that the actor may see.
    """

    role: Role | None = None
    appointed_to: str | None = None
    organisation: str | None = None
    name: str | None = None
    disabled: bool | None = None


ALL: Final = Only()
_SELECT = """
    SELECT p.code, p.name, p.name_ur, p.organisation, p.member, p.disabled_at, p.version,
        CASE WHEN current_user = 'amanat_system' OR p.code = access.actor()
            OR 0 = ANY (access.nodes('administer')) OR access.may('administer', o.book_id)
            THEN p.phone ELSE '*******' || right(p.phone, 3) END AS phone
    FROM access.person p LEFT JOIN service.organisation o ON o.code = p.organisation
"""
_CONDITIONS = {
    "after": "p.kind = 'person' AND p.code > :after",
    "homes": "(p.organisation = ANY (:homes) OR p.code = access.actor())",
    "organisation": "p.organisation = :organisation",
    "disabled": "(p.disabled_at IS NOT NULL) = :disabled",
    "name": """(strpos(lower(p.name), lower(:name)) > 0
        OR strpos(lower(p.name_ur), lower(:name)) > 0)""",
}
_APPOINTMENTS = {
    "today": "a.from_on <= :today AND a.to_on > :today",
    "role": "a.role = :role",
    "appointed_to": "a.organisation = :appointed_to",
}
_TAKEN = """
    SELECT EXISTS (SELECT FROM access.person WHERE code = :code) AS code,
        EXISTS (SELECT FROM access.person WHERE phone = :phone AND code <> :code) AS phone
"""
_INSERT = """
    INSERT INTO access.person (code, kind, name, name_ur, phone, organisation, member)
    VALUES (:code, :kind, :name, :name_ur, :phone, :organisation, :member)
"""
_UPDATE = """
    UPDATE access.person
    SET name = :name, name_ur = :name_ur, phone = :phone, organisation = :organisation,
        member = :member,
        disabled_at = CASE WHEN :disabled THEN coalesce(disabled_at, :now) END,
        version = version + 1
    WHERE code = :code AND version = :version
"""


async def people(
    books: Books, *, only: Only = ALL, after: str = "", limit: int = 1000
) -> list[Kept]:
    """The people whom the actor may see, in the order of their codes, those after `after`."""
    homes = await access.homes(books, Right.ADMINISTER, Right.RECOVER)
    values = {**asdict(only), "today": business_date(books.now), "after": after, "limit": limit}
    values["homes"] = homes
    sql = f"{_SELECT} {where(_CONDITIONS, values)}"
    if only.role or only.appointed_to:
        held = where(_APPOINTMENTS, values)
        sql = f"{sql} AND p.code IN (SELECT a.person FROM access.appointment a {held})"
    rows = await books.fetch(f"{sql} ORDER BY p.code LIMIT :limit", **values)
    return [_kept(row) for row in rows]


async def person(books: Books, code: str) -> Kept:
    """One person. Raises `NotFound`, also for somebody whom the actor may not see."""
    row = await books.fetch_one(f"{_SELECT} WHERE p.kind = 'person' AND p.code = :code", code=code)
    if row is None:
        raise NotFound(f"There is no person {code}. Check the code.")
    return _kept(row)


async def on_phone(books: Books, codes: Collection[str]) -> list[Person]:
    """Those of these people who may sign in, in the order of their names; asked by the house."""
    sql = f"{_SELECT} WHERE p.code = ANY (:codes) AND p.disabled_at IS NULL ORDER BY p.name, p.code"
    return [_kept(row).person for row in await books.fetch(sql, codes=list(codes))]


async def named(books: Books, codes: Collection[str]) -> list[Person]:
    """Those of these people whom the actor may see, for their names."""
    sql = f"{_SELECT} WHERE p.code = ANY (:codes) ORDER BY p.code"
    return [_kept(row).person for row in await books.fetch(sql, codes=sorted(set(codes)))]


async def authorise_home(books: Books, organisation: str | None) -> None:
    """Pass whoever administers a home organisation. Raises `NotFound` or `Forbidden`."""
    if organisation is None:
        await access.authorise_house(books, Right.ADMINISTER)
    else:
        await access.authorise(books, Right.ADMINISTER, organisation)


async def managed(books: Books, code: str) -> Kept:
    """A person, for who administers the home organisation. Raises `NotFound`, `Forbidden`."""
    found = await person(books, code)
    await authorise_home(books, found.person.organisation)
    return found


async def register(books: WritableBooks, asked: Person, *, kind: str = PERSON) -> None:
    """Register somebody, without any appointment and any proof of who they are.

    Raises `AlreadyExists`, `NotFound`, `Forbidden` or `Malformed`.
    """
    await authorise_home(books, asked.organisation)
    _refuse_malformed(asked)
    await _refuse_taken(books, asked)
    await _refuse_unknown_member(books, asked.member)
    await books.execute(_INSERT, kind=kind, **_values(asked))


async def change(books: WritableBooks, asked: Person, *, disabled: bool, version: int) -> Kept:
    """Change what is kept of a person; whoever is disabled is signed out everywhere, at once.

    Raises `NotFound`, `Forbidden`, `AlreadyExists`, `VersionChanged` or `OwnAppointment`.
    """
    found = await managed(books, asked.code)
    if asked.organisation != found.person.organisation:
        await authorise_home(books, asked.organisation)
    if asked.code == books.actor and disabled != (found.disabled_at is not None):
        raise OwnAppointment("Nobody disables themselves. Ask another administrator.")
    await _refuse_taken(books, asked, itself=True)
    await _refuse_unknown_member(books, asked.member)
    values = {**_values(asked), "disabled": disabled, "version": version, "now": books.now}
    if not await books.execute(_UPDATE, **values):
        raise VersionChanged(f"{asked.code} was changed in the meantime. Read it again.")
    return await person(books, asked.code)


def _refuse_malformed(asked: Person) -> None:
    if not re.fullmatch(CODE, asked.code):
        raise Malformed("code: up to 40 letters and digits, also with . _ and - between them.")
    if asked.phone is not None and not re.fullmatch(PHONE, asked.phone):
        raise Malformed("phone: write a mobile number as +92 300 0000001.")


async def _refuse_taken(books: WritableBooks, asked: Person, *, itself: bool = False) -> None:
    """Codes and numbers are unique in the whole house, whatever the actor may see of it."""
    async with books.whole_house():
        taken = await books.fetch_one(_TAKEN, code=asked.code, phone=asked.phone)
    if taken is not None and taken.code and not itself:
        raise AlreadyExists(f"The code {asked.code} is taken. Choose another.")
    if taken is not None and taken.phone:
        raise AlreadyExists(f"Somebody has the number {asked.phone} already. Correct it.")


async def _refuse_unknown_member(books: WritableBooks, member: str | None) -> None:
    sql = "SELECT 1 FROM service.member WHERE code = :member"
    if member is not None and not await books.fetch(sql, member=member):
        raise NotFound(f"There is no member {member}. Check the code.")


def _values(asked: Person) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Person.__slots__}


def _kept(row: Any) -> Kept:  # noqa: ANN401 - rows are as wide as their query
    found = Person(row.code, row.name, row.name_ur, row.phone, row.organisation, row.member)
    return Kept(found, row.disabled_at, row.version)


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a name at sign-in means."""

    code: str
    name: str
    phone: str | None


async def meant(books: Books, name: str, *, held: bool = False) -> Named | None:
    """Who signs in under a code or telephone number; asked by the house, which sees everybody.

    If `held`, nobody disables the person before the transaction ends.
    """
    sql = (
        "SELECT code, name, phone FROM access.person WHERE kind = 'person'"
        " AND disabled_at IS NULL AND (code = :name OR phone = :name)"
    )
    rows: Sequence[Any] = await books.fetch(f"{sql} FOR SHARE" if held else sql, name=name)
    return Named(*rows[0]) if rows else None
