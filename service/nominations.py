"""Whom an organisation nominates to the one it belongs to.

A CO nominates its members; whoever it nominated to its VO, the VO may nominate to its LSO.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from service import access, federation, members, organisations
from service.access import Right
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.books import Books, WritableBooks
    from service.members import Member


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
        AND to_on >= :to_on
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('service.nomination'), hashtext(:member))"
_SELECT = "SELECT member, organisation, role, from_on, to_on FROM service.nomination"


async def nominate(books: WritableBooks, nominations: Sequence[Nomination]) -> None:
    """Record nominations."""
    await books.execute_many(_NOMINATE, [asdict(nomination) for nomination in nominations])


async def nominate_one(books: WritableBooks, nomination: Nomination) -> None:
    """Record one nomination, as it is by now.

    Raises `NotFound`; `Forbidden` for who registers nobody where she is nominated from;
    `AlreadyExists` where she is nominated there on one of its days; `Malformed` for days still
    to come or on which she is no member, and where nobody nominates to that organisation.
    """
    member = await members.member(books, nomination.member)
    await access.authorise(books, Right.REGISTER, member.organisation)
    await organisations.book_of(books, nomination.organisation)
    _refuse_days(books, nomination)
    _refuse_no_member(member, nomination)
    await books.fetch(_LOCK, member=member.code)
    held = await _of_member(books, member.code)
    sender = await _sender(books, member, held, nomination)
    await access.authorise(books, Right.REGISTER, sender)
    for other in held:
        if other.organisation == nomination.organisation and _overlap(other, nomination):
            raise AlreadyExists(
                f"{member.code} is nominated to {other.organisation} already, as {other.role} from"
                f" {other.from_on}. End that first, or choose other days."
            )
    await nominate(books, [nomination])


async def end(books: WritableBooks, nomination: Nomination) -> None:
    """End a nomination that began on its `from_on`, on its `to_on`; it never lasts longer.

    Raises `NotFound` where there is none, `Malformed` for a day not after it began, still to
    come, or after the day on which it ended already.
    """
    homes = await members.organisations_of(books, [nomination.member])
    await access.authorise(books, Right.REGISTER, homes[nomination.member])
    _refuse_days(books, nomination)
    if await books.execute(_END, **asdict(nomination)):
        return
    for held in await _of_member(books, nomination.member):
        if replace(held, to_on=nomination.to_on) == nomination:
            raise Malformed(
                f"to_on: it ended on {held.to_on} already. Take that day or an earlier."
            )
    raise NotFound(f"{nomination.member} has no such nomination from {nomination.from_on}.")


async def nominations(books: Books, organisation: str) -> list[Nomination]:
    """Who is nominated to an organisation, at any time, by day and member."""
    rows = await books.fetch(
        f"{_SELECT} WHERE organisation = :organisation ORDER BY from_on, member, role",
        organisation=organisation,
    )
    return [_nomination(row) for row in rows]


async def _of_member(books: Books, member: str) -> list[Nomination]:
    rows = await books.fetch(
        f"{_SELECT} WHERE member = :member ORDER BY from_on, organisation, role", member=member
    )
    return [_nomination(row) for row in rows]


def _nomination(row: Any) -> Nomination:  # noqa: ANN401 - a row is as wide as its query
    member, organisation, role, from_on, to_on = row
    return Nomination(member, organisation, Office(role), from_on, to_on)


def _refuse_days(books: Books, nomination: Nomination) -> None:
    organisations.refuse_future(books, "from_on", nomination.from_on)
    if nomination.to_on <= nomination.from_on:
        raise Malformed("to_on: it is the first day on which it no longer holds; take a later one.")
    if nomination.to_on != date.max:
        organisations.refuse_future(books, "to_on", nomination.to_on)


def _refuse_no_member(member: Member, nomination: Nomination) -> None:
    """Raise `Malformed` where she is no member on each day of a nomination."""
    if nomination.from_on < member.joined_on:
        raise Malformed(f"from_on: {member.code} joined only on {member.joined_on}.")
    left = member.left_on
    if left is not None and left < nomination.from_on:
        raise Malformed(f"from_on: {member.code} left on {left}. Nominate who is a member.")
    if left is not None and left + timedelta(days=1) < nomination.to_on:
        raise Malformed(f"to_on: {member.code} left on {left}. It ends on the day after at latest.")


async def _sender(
    books: Books, member: Member, held: Sequence[Nomination], nomination: Nomination
) -> str:
    """The organisation that nominates: hers, or one she is nominated to on that day.

    Raises `Malformed` where none of them belongs to the one she is to be nominated to.
    """
    on = nomination.from_on
    sent = [one.organisation for one in held if one.from_on <= on < one.to_on]
    for sender in (member.organisation, *sent):
        if await federation.parent_of(books, sender, on) == nomination.organisation:
            return sender
    raise Malformed(
        f"member: {member.code} is nominated upward, by the organisation that she belongs to or is"
        f" nominated to; on {on} none of these belongs to {nomination.organisation}."
    )


def _overlap(one: Nomination, other: Nomination) -> bool:
    return one.from_on < other.to_on and other.from_on < one.to_on
