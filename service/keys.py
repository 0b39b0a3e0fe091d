"""Keys: machines that ask by OAuth 2, each with a role, scopes and an end.

A machine is somebody of its own, with an appointment; its scopes are what of that it may
use, and never to approve, to administer or to recover. Its secrets are random, told once
and kept as SHA-256; a new one lets the old be good for a while, so that a machine can be
changed over without a break. What is revoked is refused at the next request.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ledger.calendar import business_date
from service import access, appointments, people
from service.access import Right, Role
from service.appointments import Appointment
from service.conditions import where
from service.devices import hashed, new_secret
from service.people import MACHINE, Person
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.books import Books, WritableBooks


class Scope(StrEnum):
    """What a machine may use of its role."""

    READ = "read"
    IDENTIFY = "identify"
    PREPARE = "prepare"
    REGISTER = "register"


MOST_OVERLAP: Final = timedelta(days=7)
_FOR_MACHINES: Final = frozenset(
    {Role.ACCOUNTANT, Role.TREASURER, Role.FIELD_OFFICER, Role.AUDITOR}
)


@dataclass(frozen=True, slots=True)
class Key:
    """A machine as OAuth 2 client."""

    code: str
    name: str
    organisation: str | None
    scopes: tuple[Scope, ...]
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a key, without the secret itself."""

    id: UUID
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


_ADMINISTERED: Final = """
    SELECT p.code, p.name, p.organisation
    FROM access.person p LEFT JOIN service.organisation o ON o.code = p.organisation
"""
_CONDITIONS: Final = {
    "after": """p.kind = 'machine' AND p.code > :after
        AND (current_user = 'amanat_system' OR 0 = ANY (access.nodes('administer'))
            OR access.may('administer', o.book_id))""",
    "homes": "p.organisation = ANY (:homes)",
    "code": "p.code = :code",
}
_KEYS = "SELECT person, scopes, expires_at, revoked_at FROM access.key WHERE person = ANY (:codes)"
_SECRETS = """
    SELECT person, id, made_at, expires_at, revoked_at FROM access.key_secret
    WHERE person = ANY (:codes) ORDER BY made_at, id
"""
_INSERT = """
    INSERT INTO access.key (person, scopes, expires_at) VALUES (:person, :scopes, :expires_at)
"""
_ADD = """
    INSERT INTO access.key_secret (id, person, hash, made_at, expires_at)
    VALUES (:id, :person, :hash, :now, :expires_at) ON CONFLICT (id) DO NOTHING
"""
_OVERLAP = """
    UPDATE access.key_secret SET expires_at = :until
    WHERE person = :person AND id <> :id AND revoked_at IS NULL AND expires_at > :until
"""
_REVOKE_ONE = """
    UPDATE access.key_secret SET revoked_at = :now
    WHERE person = :person AND id = :id AND revoked_at IS NULL
"""
_REVOKE = "UPDATE access.key SET revoked_at = coalesce(revoked_at, :now) WHERE person = :person"
_CLIENT = """
    SELECT s.id, s.hash, k.scopes FROM access.key k JOIN access.key_secret s USING (person)
    WHERE k.person = :code AND k.revoked_at IS NULL AND k.expires_at > :now
        AND s.revoked_at IS NULL AND s.expires_at > :now
"""


async def issue(
    books: WritableBooks, key: Key, *, role: Role, below: bool, number: UUID | None = None
) -> tuple[Secret, str]:
    """Register a machine, appoint it, and make its first secret, which is told only now.

    `number` is the secret's own. Raises `AlreadyExists`, `NotFound`, `Forbidden` or `Malformed`.
    """
    if role not in _FOR_MACHINES:
        raise Malformed(f"role: a machine neither approves nor administers; {role} is for people.")
    if key.expires_at <= books.now:
        raise Malformed("expires_at: choose a moment to come.")
    today = business_date(books.now)
    until = business_date(key.expires_at) + timedelta(days=1)
    held = Appointment(key.code, role, key.organisation, below, today, until)
    await people.register(
        books, Person(key.code, key.name, None, None, key.organisation), kind=MACHINE
    )
    await appointments.authorise(books, held)
    await appointments.keep(books, held)
    async with books.secrets():
        scopes = [scope.value for scope in key.scopes]
        values = {"person": key.code, "scopes": scopes, "expires_at": key.expires_at}
        await books.execute(_INSERT, **values)
        return await _add_secret(books, key, number)


async def keys(
    books: Books, *, after: str = "", limit: int = 1000, code: str | None = None
) -> list[tuple[Key, list[Secret]]]:
    """The keys that the actor administers, in the order of their codes, with their secrets."""
    homes = await access.homes(books, Right.ADMINISTER)
    asked = {"after": after, "limit": limit, "code": code, "homes": homes}
    sql = f"{_ADMINISTERED} {where(_CONDITIONS, asked)} ORDER BY p.code LIMIT :limit"
    found: Sequence[Any] = await books.fetch(sql, **asked)
    codes = [row.code for row in found]
    async with books.secrets():
        kept = {row.person: row for row in await books.fetch(_KEYS, codes=codes)}
        told = await books.fetch(_SECRETS, codes=codes)
    return [
        (_key(row, kept[row.code]), [Secret(*one[1:]) for one in told if one[0] == row.code])
        for row in found
        if row.code in kept
    ]


async def rotate(
    books: WritableBooks, code: str, *, overlap: timedelta, number: UUID | None = None
) -> tuple[Secret, str]:
    """Make a new secret; those before stay good for the overlap.

    Whoever learns it can do what the key may, so they administer all of that.
    Raises `NotFound`, `Forbidden`, `Malformed`, or `AlreadyExists` for a number that was used.
    """
    key = await _administered(books, code)
    for held in await appointments.of_person(books, code):
        await appointments.authorise(books, held.appointment)
    if key.revoked_at is not None or key.expires_at <= books.now:
        raise Malformed(f"code: the key {code} is good no longer. Make another key.")
    async with books.secrets():
        made, secret = await _add_secret(books, key, number)
        await books.execute(_OVERLAP, person=code, id=made.id, until=books.now + overlap)
    return made, secret


async def revoke_secret(books: WritableBooks, code: str, secret: UUID) -> None:
    """Revoke one secret of a key, at once. Raises `NotFound`."""
    await _administered(books, code)
    async with books.secrets():
        if not await books.execute(_REVOKE_ONE, person=code, id=secret, now=books.now):
            raise NotFound(f"{code} has no such secret, or it is revoked.")


async def revoke(books: WritableBooks, code: str) -> None:
    """Revoke a key with all its secrets and access tokens, at once. Raises `NotFound`."""
    await _administered(books, code)
    async with books.secrets():
        await books.execute(_REVOKE, person=code, now=books.now)


async def client(books: Books, code: str, secret: str) -> tuple[UUID, frozenset[str]] | None:
    """The secret's number and the key's scopes, if both are good; asked among `books.secrets()`.

    All secrets of the key are compared, each in constant time.
    """
    given = hashed(secret)
    rows = await books.fetch(_CLIENT, code=code, now=books.now)
    good = [row for row in rows if hmac.compare_digest(row.hash, given)]
    return (good[0].id, frozenset(good[0].scopes)) if good else None


async def _administered(books: Books, code: str) -> Key:
    found = await keys(books, code=code)
    if not found:
        raise NotFound(f"There is no key {code} that you administer. Check the code.")
    return found[0][0]


async def _add_secret(books: WritableBooks, key: Key, number: UUID | None) -> tuple[Secret, str]:
    secret = new_secret()
    made = Secret(number or uuid.uuid4(), books.now, key.expires_at, None)
    if not await books.execute(
        _ADD,
        id=made.id,
        person=key.code,
        hash=hashed(secret),
        now=books.now,
        expires_at=key.expires_at,
    ):
        raise AlreadyExists("This secret was made, and told, already. Make another.")
    return made, secret


def _key(row: Any, kept: Any) -> Key:  # noqa: ANN401 - rows are as wide as their query
    scopes = tuple(Scope(scope) for scope in kept.scopes)
    return Key(row.code, row.name, row.organisation, scopes, kept.expires_at, kept.revoked_at)
