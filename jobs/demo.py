"""People to try the service with: made on the first run, with random passwords told once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from dateutil.relativedelta import relativedelta

from jobs.admin import random_password
from ledger.calendar import business_date
from service import appointments, entrance, people
from service.access import Role
from service.appointments import Appointment
from service.books import write_books
from service.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import Books, WritableBooks
    from service.passwords import Hasher

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('jobs.demo'))"
_ACTION: Final = "demo"
_CHAIN = """
    SELECT co.code AS co, vo.code AS vo, lso.code AS lso
    FROM service.organisation lso
    JOIN service.membership v ON v.parent = lso.code AND v.from_on <= :on AND v.to_on > :on
    JOIN service.organisation vo ON vo.code = v.organisation AND vo.kind = 'VO'
    JOIN service.membership c ON c.parent = vo.code AND c.from_on <= :on AND c.to_on > :on
    JOIN service.organisation co ON co.code = c.organisation AND co.kind = 'CO'
    WHERE lso.kind = 'LSO' ORDER BY lso.code, vo.code, co.code LIMIT 1
"""
_ANYBODY = "SELECT 1 FROM access.person LIMIT 1"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the demo, with the password that is told once."""

    code: str
    name: str
    role: Role
    organisation: str | None
    below: bool
    password: str = field(default_factory=random_password, repr=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """A CO, its VO and its LSO."""

    co: str
    vo: str
    lso: str


async def people_of(
    engine: AsyncEngine, *, actor: str, clock: Callable[[], datetime], hasher: Hasher
) -> Sequence[Somebody]:
    """Make the people of the demo; nobody where there are people already."""
    now = clock()
    async with write_books(engine, actor=actor, now=now, action=_ACTION) as books:
        await books.fetch(_LOCK)
        place = await _place(books, business_date(now))
        if place is None or await books.fetch_one(_ANYBODY):
            return ()
        cast = _cast(place)
        hashes = await asyncio.gather(*(hasher.hash(one.password) for one in cast))
        for somebody, hashed in zip(cast, hashes, strict=True):
            await _make(books, somebody, hashed)
        return cast


async def _place(books: Books, on: date) -> _Place | None:
    row = await books.fetch_one(_CHAIN, on=on)
    return None if row is None else _Place(row.co, row.vo, row.lso)


def _cast(at: _Place) -> Sequence[Somebody]:
    parts = (
        ("rukhsana", "Rukhsana Karim", Role.ADMINISTRATOR, None, True),
        ("imran", "Imran Shah", Role.ADMINISTRATOR, None, True),
        ("nasreen", "Nasreen Bibi", Role.ACCOUNTANT, at.co, False),
        ("zainab", "Zainab Bibi", Role.PRESIDENT, at.co, False),
        ("farida", "Farida Begum", Role.ACCOUNTANT, at.vo, False),
        ("gulshan", "Gulshan Ara", Role.TREASURER, at.vo, False),
        ("shazia", "Shazia Noor", Role.TREASURER, at.lso, False),
        ("karim", "Karim Khan", Role.MANAGER, at.lso, False),
        ("javed", "Javed Iqbal", Role.FIELD_OFFICER, at.lso, True),
        ("amina", "Amina Qureshi", Role.AUDITOR, at.lso, True),
    )
    return [Somebody(*part) for part in parts]


async def _make(books: WritableBooks, somebody: Somebody, hashed: str) -> None:
    await people.register(
        books, Person(somebody.code, somebody.name, organisation=somebody.organisation)
    )
    today = business_date(books.now)
    held = Appointment(
        somebody.code, somebody.role, somebody.organisation, somebody.below, from_on=today
    )
    if somebody.role is Role.AUDITOR:
        held = replace(held, to_on=today + relativedelta(years=1))
    await appointments.appoint(books, held)
    async with books.secrets():
        await entrance.renew(books, somebody.code, hashed)
