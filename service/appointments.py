"""Appointments: a role of a person on an organisation, or on the whole house, with dates.

An administrator appoints within what he administers, and nobody appoints themselves. What
was held is never taken back: an appointment ends today at the earliest.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ledger.calendar import business_date
from service import access, people
from service.access import Right, Role
from service.refusals import Malformed, NotFound, OwnAppointment, VersionChanged

if TYPE_CHECKING:
    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role from a day until the day before `to_on`; without organisation on the whole house."""

    person: str
    role: Role
    organisation: str | None
    below: bool
    """Whether it is held with all that is below the organisation."""
    from_on: date
    to_on: date = date.max


@dataclass(frozen=True, slots=True)
class Kept:
    """An appointment as kept."""

    id: UUID
    appointment: Appointment
    version: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What a right opens to the actor."""

    right: Right
    whole_house: bool
    below: list[str]
    """Organisations with all below them."""
    alone: list[str]


_SELECT = """
    SELECT id, person, role, organisation, below, from_on, to_on, version
    FROM access.appointment
"""
_INSERT = """
    INSERT INTO access.appointment (id, person, role, organisation, below, from_on, to_on)
    VALUES (:id, :person, :role, :organisation, :below, :from_on, :to_on)
"""
_END = """
    UPDATE access.appointment SET to_on = :to_on, version = version + 1
    WHERE id = :id AND version = :version
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('access.appointment'), hashtext(:person))"
_OPENED = """
    SELECT r."right", coalesce(0 = ANY (access.nodes(r."right")), false) AS whole_house,
        ARRAY (SELECT o.code FROM service.organisation o
            WHERE o.book_id = ANY (access.nodes(r."right")) ORDER BY o.code) AS below,
        ARRAY (SELECT o.code FROM service.organisation o
            WHERE o.book_id = ANY (access.nodes(r."right" || '_alone')) ORDER BY o.code) AS alone
    FROM (SELECT DISTINCT "right" FROM access.role_right) AS r ORDER BY r."right"
"""
_REACHES_BELOW = """
    SELECT EXISTS (
        SELECT FROM access.role_right r WHERE r.role = :role AND r.always_below
        AND r."right" NOT IN (
            SELECT "right" FROM access.role_right WHERE role = 'administrator' AND always_below))
"""
"""Whether a role opens something on all below it, beyond what every administrator has there."""


async def of_person(books: Books, person: str) -> list[Kept]:
    """The appointments of a person, as far as the actor may see them, oldest first."""
    where = "WHERE person = :person ORDER BY from_on, role, id"
    return [_kept(row) for row in await books.fetch(f"{_SELECT} {where}", person=person)]


async def opened(books: Books) -> list[Opened]:
    """What is open to the actor, right by right, without those that open nothing."""
    rows = await books.fetch(_OPENED)
    found = [Opened(Right(row[0]), *row[1:]) for row in rows]
    return [one for one in found if one.whole_house or one.below or one.alone]


async def appoint(books: WritableBooks, asked: Appointment, *, number: UUID | None = None) -> Kept:
    """Appoint somebody; what was appointed under the same number already is not appointed again.

    Raises `NotFound`, `Forbidden`, `OwnAppointment` or `Malformed`.
    """
    await people.person(books, asked.person)
    _refuse_own(books, asked.person)
    await authorise(books, asked)
    if asked.to_on <= asked.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    _refuse_endless(asked.role, asked.to_on)
    await books.fetch(_LOCK, person=asked.person)
    before = (kept for kept in await of_person(books, asked.person) if kept.id == number)
    return next(before, None) or await keep(books, asked, number=number)


async def keep(books: WritableBooks, asked: Appointment, *, number: UUID | None = None) -> Kept:
    """Write an appointment down, for whoever authorised it."""
    kept = Kept(number or uuid.uuid4(), asked, 1)
    values = {name: getattr(asked, name) for name in Appointment.__slots__}
    await books.execute(_INSERT, id=kept.id, **values)
    return kept


async def end(
    books: WritableBooks, person: str, appointment: UUID, *, to_on: date, version: int
) -> Kept:
    """Let an appointment end on another day, today at the earliest; at once means today.

    Raises `NotFound`, `Forbidden`, `OwnAppointment`, `VersionChanged` or `Malformed`.
    """
    await people.person(books, person)
    held = next((k for k in await of_person(books, person) if k.id == appointment), None)
    if held is None:
        raise NotFound(f"{person} has no such appointment. Read them again.")
    _refuse_own(books, person)
    await authorise(books, held.appointment)
    _refuse_past(held.appointment, to_on, business_date(books.now))
    if not await books.execute(_END, id=appointment, to_on=to_on, version=version):
        raise VersionChanged("The appointment was changed in the meantime. Read it again.")
    return next(k for k in await of_person(books, person) if k.id == appointment)


async def authorise(books: Books, asked: Appointment) -> None:
    """Pass whoever administers all that the appointment opens."""
    if asked.organisation is None:
        if not asked.below:
            raise Malformed("below: the whole house is held with all that is below.")
        await access.authorise_house(books, Right.ADMINISTER)
        return
    row = await books.fetch_one(_REACHES_BELOW, role=asked.role)
    below = asked.below or bool(row and row[0])
    await access.authorise(books, Right.ADMINISTER, asked.organisation, below=below)


def _refuse_own(books: Books, person: str) -> None:
    if person == books.actor:
        raise OwnAppointment("Nobody appoints themselves, or ends it. Ask another administrator.")


def _refuse_endless(role: Role, to_on: date) -> None:
    if role is Role.AUDITOR and to_on == date.max:
        raise Malformed("to_on: an auditor is appointed until a day; say which.")


def _refuse_past(held: Appointment, to_on: date, today: date) -> None:
    _refuse_endless(held.role, to_on)
    if held.to_on <= today:
        raise Malformed(f"to_on: the appointment ended on {held.to_on}; appoint anew.")
    if to_on < max(today, held.from_on):
        raise Malformed(f"to_on: it ends on {max(today, held.from_on)} at the earliest.")


def _kept(row: Any) -> Kept:  # noqa: ANN401 - rows are as wide as their query
    number, person, role, *rest, version = row
    return Kept(number, Appointment(person, Role(role), *rest), version)
