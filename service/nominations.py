"""Whom an organisation nominates to the one it belongs to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from service import access, members, organisations
from service.access import Right
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.books import Books, WritableBooks


class Office(StrEnum):
    """The office that a nominated member holds in the organisation that nominates."""

    PRESIDENT = "president"
    MANAGER = "manager"
    TREASURER = "treasurer"


@dataclass(frozen=True, slots=True)
class Nomination:
    """A member whom an organisation sends to another, from a day until before `to_on`."""

    member: str
    organisation: str
    role: Office
    from_on: date
    to_on: date = date.max


_NOMINATE = """
    INSERT INTO service.nomination (member, organisation, role, from_on, to_on)
    VALUES (:member, :organisation, :role, :from_on, :to_on)
"""
_END = """
    UPDATE service.nomination SET to_on = :to_on
    WHERE member = :member AND organisation = :organisation AND role = :role AND from_on = :from_on
"""


async def nominate(books: WritableBooks, nominations: Sequence[Nomination]) -> None:
    """Record nominations."""
    await books.execute_many(_NOMINATE, [asdict(nomination) for nomination in nominations])


async def nominate_one(books: WritableBooks, nomination: Nomination) -> None:
    """Record one nomination. Raises `NotFound`, `AlreadyExists`, `Malformed`."""
    homes = await members.organisations_of(books, [nomination.member])
    await access.authorise(books, Right.REGISTER, homes[nomination.member])
    await organisations.book_of(books, nomination.organisation)
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    held = await nominations(books, nomination.organisation)
    said = (nomination.member, nomination.role, nomination.from_on)
    if said in {(one.member, one.role, one.from_on) for one in held}:
        raise AlreadyExists(f"{nomination.member} is nominated so already.")
    await nominate(books, [nomination])


async def end(books: WritableBooks, nomination: Nomination) -> None:
    """End a nomination that began on its `from_on`, on its `to_on`.

    Raises `NotFound` where there is none, `Malformed` for a day not after it began.
    """
    homes = await members.organisations_of(books, [nomination.member])
    await access.authorise(books, Right.REGISTER, homes[nomination.member])
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    if not await books.execute(_END, **asdict(nomination)):
        raise NotFound(f"{nomination.member} has no such nomination from {nomination.from_on}.")


async def nominations(books: Books, organisation: str) -> list[Nomination]:
    """Who is nominated to an organisation, at any time, by day and member."""
    rows = await books.fetch(
        "SELECT member, organisation, role, from_on, to_on FROM service.nomination"
        " WHERE organisation = :organisation ORDER BY from_on, member, role",
        organisation=organisation,
    )
    return [Nomination(row[0], row[1], Office(row[2]), row[3], row[4]) for row in rows]
