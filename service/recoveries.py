"""Recovery: an officer above gives somebody a one-time code to choose a new password with.

Above means the right to recover on all organisations where the person is appointed, from
higher up than each of them; administrators give it at their own level, too, as far as they
might appoint to what the person holds. Nobody gives one to themselves. The code is told once
and is good for a day.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from service import access, people
from service.devices import hashed
from service.refusals import Malformed, OwnAppointment, VersionChanged

if TYPE_CHECKING:
    from service.books import Books, WritableBooks

GOOD_FOR: Final = timedelta(days=1)
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is easily misread or misheard."""
GROUPS, LETTERS = 4, 5
_ABOVE = """
    SELECT count(*) AS appointments,
        coalesce(bool_and(coalesce(CASE WHEN a.organisation IS NULL
            THEN 0 = ANY (access.nodes('administer'))
            ELSE 0 = ANY (access.nodes('recover')) OR EXISTS (
                SELECT FROM ledger.under u
                WHERE u.book_id = o.book_id AND u.from_on <= :today AND u.to_on > :today
                    AND (u.node_id <> o.book_id AND u.node_id = ANY (access.nodes('recover'))
                        OR u.node_id = ANY (access.nodes('administer'))
                        OR u.node_id = o.book_id AND NOT a.below AND a.role <> 'treasurer'
                            AND u.node_id = ANY (access.nodes('administer_alone'))))
            END, false)), false) AS above
    FROM access.appointment a LEFT JOIN service.organisation o ON o.code = a.organisation
    WHERE a.person = :person AND a.to_on > :today
"""
_KEEP = """
    INSERT INTO access.recovery (person, code_hash, given_by, given_at, expires_at)
    VALUES (:person, :code_hash, :given_by, :now, :expires_at)
    ON CONFLICT (person) DO UPDATE SET code_hash = excluded.code_hash,
        given_by = excluded.given_by, given_at = excluded.given_at,
        expires_at = excluded.expires_at
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('access.recovery'), hashtext(:person))"
_STANDING = """
    SELECT (SELECT code_hash FROM access.recovery WHERE person = :person) AS code,
        (SELECT set_at FROM access.password WHERE person = :person) AS set_at
"""
_USE = """
    DELETE FROM access.recovery
    WHERE person = :person AND code_hash = :code_hash AND expires_at > :now
"""


@dataclass(frozen=True, slots=True)
class Recovery:
    """A code to choose a new password with, once."""

    person: str
    code: str
    expires_at: datetime


async def standing(books: Books, person: str) -> str:
    """What is another whenever a code was given or used, and tells nothing of it."""
    async with books.secrets():
        row = await books.fetch_one(_STANDING, person=person)
    return sha256(str(row and tuple(row)).encode()).hexdigest()[:16]


async def give(books: WritableBooks, person: str, *, as_stood: str | None = None) -> Recovery:
    """Give somebody a code; where `as_stood` says how it stood, only as long as it stands so.

    Raises `NotFound`, `Forbidden`, `OwnAppointment`, `Malformed` or `VersionChanged`.
    """
    if person == books.actor:
        raise OwnAppointment("Nobody recovers their own account. Ask an officer above you.")
    await _authorise(books, person)
    await books.fetch(_LOCK, person=person)
    if as_stood is not None and as_stood != await standing(books, person):
        raise VersionChanged("A code was given, or used, in the meantime. Read it again.")
    given = Recovery(person, _new_code(), books.now + GOOD_FOR)
    async with books.secrets():
        await books.execute(
            _KEEP,
            person=person,
            code_hash=hashed(_bare(given.code)),
            given_by=books.actor,
            now=books.now,
            expires_at=given.expires_at,
        )
    return given


async def use(books: WritableBooks, person: str, code: str) -> bool:
    """Use a code up, if it is the person's and still good; done among `books.secrets()`."""
    values = {"person": person, "code_hash": hashed(_bare(code)), "now": books.now}
    return bool(await books.execute(_USE, **values))


async def _authorise(books: WritableBooks, person: str) -> None:
    """Pass an officer above all that the person holds; all of it is seen for that."""
    async with books.whole_house():
        found = await people.person(books, person)
        row = await books.fetch_one(_ABOVE, person=person, today=business_date(books.now))
    if row is None or not row.appointments:
        await people.managed(books, person)
    elif not row.above:
        await _refuse(books, person)
    if found.disabled_at is not None:
        raise Malformed(f"code: {person} is disabled. Let an administrator restore the account.")


async def _refuse(books: WritableBooks, person: str) -> None:
    """Say so to whoever sees the person; to others there is none."""
    await people.person(books, person)
    access.refuse(f"Only an officer above all offices of {person} may do this.")


def _new_code() -> str:
    """A hundred random bits, almost, in groups that can be read out."""
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS)
    )


def _bare(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())
