"""The first administrators, made by whoever runs the service; nobody else is asked.

They work as the house, so they need no sign-in but the machine's own. A password is typed
twice, or made up and told once; there is none by default.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from rich.table import Table

from ledger.calendar import business_date
from service import appointments, entrance, passwords, people
from service.access import Role
from service.appointments import Appointment
from service.books import read_books, write_books
from service.passwords import Hasher

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.people import Person

_RANDOM_BYTES: Final = 12
_ADMINISTRATORS = """
    SELECT p.code, p.name, p.phone, p.disabled_at IS NOT NULL AS disabled
    FROM access.person p JOIN access.appointment a ON a.person = p.code
    WHERE a.role = 'administrator' AND a.organisation IS NULL
        AND a.from_on <= :today AND a.to_on > :today
    GROUP BY p.code ORDER BY p.code
"""


def random_password() -> str:
    """A password that nobody guesses, short enough to type once."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


async def create(
    engine: AsyncEngine,
    asked: Person,
    password: str,
    *,
    actor: str,
    clock: Callable[[], datetime],
) -> None:
    """Make an administrator of the whole house. Raises `AlreadyExists` or `PasswordWeak`."""
    passwords.refuse_weak(password, [asked.code, asked.name])
    hashed = await Hasher().hash(password)
    now = clock()
    async with write_books(engine, actor=actor, now=now, action="admin create") as books:
        await people.register(books, asked)
        today = business_date(now)
        held = Appointment(asked.code, Role.ADMINISTRATOR, None, below=True, from_on=today)
        await appointments.appoint(books, held)
        async with books.secrets():
            await entrance.renew(books, asked.code, hashed)


async def set_password(
    engine: AsyncEngine,
    person: str,
    password: str,
    *,
    actor: str,
    clock: Callable[[], datetime],
) -> None:
    """Give a person a new password; they are signed out everywhere.

    Raises `NotFound` or `PasswordWeak`.
    """
    hashed = await Hasher().hash(password)
    async with write_books(engine, actor=actor, now=clock(), action="admin password") as books:
        found = await people.person(books, person)
        passwords.refuse_weak(password, [person, found.person.name])
        async with books.secrets():
            await entrance.renew(books, person, hashed)


async def administrators(
    engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime]
) -> Table:
    """Who administers the whole house today."""
    now = clock()
    table = Table("code", "name", "phone", "disabled")
    async with read_books(engine, actor=actor, now=now) as books:
        for row in await books.fetch(_ADMINISTRATORS, today=business_date(now)):
            table.add_row(row.code, row.name, row.phone or "", "yes" if row.disabled else "")
    return table
