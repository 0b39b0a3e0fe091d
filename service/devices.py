"""Devices that several people share, and the PINs that are good on one device alone.

Whoever signed in by password registers the device that they hold; it keeps a secret, which
is told once. On it each person sets a PIN of their own.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from service.refusals import DeviceUnknown, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from service.books import Books, WritableBooks

SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Device:
    """A registered telephone or computer."""

    id: UUID
    name: str
    registered_by: str
    registered_at: datetime


_MINE = """
    SELECT id, name, registered_by, registered_at FROM access.device d
    WHERE revoked_at IS NULL AND (registered_by = :person OR EXISTS (
        SELECT FROM access.pin p WHERE p.device = d.id AND p.person = :person))
    ORDER BY registered_at, id
"""
_INSERT = """
    INSERT INTO access.device (id, name, secret_hash, registered_by, registered_at)
    VALUES (:id, :name, :secret_hash, :person, :now)
"""
_SET_PIN = """
    INSERT INTO access.pin (device, person, hash, set_at) VALUES (:device, :person, :hash, :now)
    ON CONFLICT (device, person) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
"""
_WITH_PIN = "SELECT device, set_at FROM access.pin WHERE person = :person"
_REVOKE = "UPDATE access.device SET revoked_at = :now WHERE id = :id"
_PEOPLE = "SELECT person FROM access.pin WHERE device = :device"
_HERE = """
    SELECT id FROM access.device WHERE secret_hash = :secret_hash AND revoked_at IS NULL
"""
_PIN = """
    SELECT p.hash FROM access.pin p JOIN access.device d ON d.id = p.device
    WHERE p.device = :device AND p.person = :person AND d.revoked_at IS NULL
"""


def new_secret() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> bytes:
    """How a random secret is kept: it needs no slow hash, for nobody guesses it."""
    return sha256(secret.encode("utf-8", "replace")).digest()


async def register(books: WritableBooks, name: str) -> tuple[Device, str]:
    """Register a device for the actor; it, and its secret. Done among `books.secrets()`."""
    device = Device(uuid.uuid4(), name, books.actor, books.now)
    secret = new_secret()
    await books.execute(
        _INSERT,
        id=device.id,
        name=name,
        secret_hash=hashed(secret),
        person=books.actor,
        now=books.now,
    )
    return device, secret


async def of_person(books: Books, person: str) -> Sequence[Device]:
    """The devices that somebody registered, or has a PIN on; asked among `books.secrets()`."""
    rows: Sequence[Any] = await books.fetch(_MINE, person=person)
    return [Device(*row) for row in rows]


async def pins_of(books: Books, person: str) -> dict[UUID, datetime]:
    """Where somebody has a PIN, and since when; asked among `books.secrets()`."""
    return {row[0]: row[1] for row in await books.fetch(_WITH_PIN, person=person)}


async def revoke(books: WritableBooks, device: UUID) -> None:
    """Revoke a device of the actor, with its PINs and every session on it. Raises `NotFound`.

    Done among `books.secrets()`.
    """
    await require(books, device)
    await books.execute(_REVOKE, id=device, now=books.now)
    await books.execute("DELETE FROM access.pin WHERE device = :device", device=device)
    await books.execute(
        "UPDATE access.session SET revoked_at = :now WHERE device = :device AND revoked_at IS NULL",
        device=device,
        now=books.now,
    )


async def require(books: Books, device: UUID) -> None:
    """Raise `NotFound` but for a device of the actor; asked among `books.secrets()`."""
    if device not in {found.id for found in await of_person(books, books.actor)}:
        raise NotFound("You have no such device. Read them again.")


async def of_secret(books: Books, secret: str | None) -> UUID | None:
    """The registered device that has a secret; asked among `books.secrets()`."""
    if not secret:
        return None
    row = await books.fetch_one(_HERE, secret_hash=hashed(secret))
    return None if row is None else row.id


async def people_on(books: Books, device: UUID) -> list[str]:
    """Who has a PIN on a device, by code; asked among `books.secrets()`."""
    return [row[0] for row in await books.fetch(_PEOPLE, device=device)]


async def pin_kept(books: Books, device: UUID, person: str, *, held: bool = False) -> str | None:
    """The hash of a person's PIN on a device; asked among `books.secrets()`.

    If `held`, nobody changes it, nor revokes the device, before the transaction ends.
    """
    sql = f"{_PIN} FOR UPDATE" if held else _PIN
    row = await books.fetch_one(sql, device=device, person=person)
    return None if row is None else str(row.hash)


async def keep_pin(books: WritableBooks, secret: str | None, hashed_pin: str) -> UUID:
    """Keep the hash of the actor's PIN on the device of a secret. Raises `DeviceUnknown`.

    Done among `books.secrets()`.
    """
    device = await of_secret(books, secret)
    if device is None:
        raise DeviceUnknown("This device is not registered. POST /v1/devices from it first.")
    values = {"device": device, "person": books.actor, "hash": hashed_pin, "now": books.now}
    await books.execute(_SET_PIN, **values)
    return device


async def forget_pin(books: WritableBooks, device: UUID, person: str) -> None:
    """Delete a person's PIN on a device; done among `books.secrets()`."""
    sql = "DELETE FROM access.pin WHERE device = :device AND person = :person"
    await books.execute(sql, device=device, person=person)


async def forget_pins(books: WritableBooks, person: str) -> None:
    """Delete all PINs of a person; done among `books.secrets()`."""
    await books.execute("DELETE FROM access.pin WHERE person = :person", person=person)
