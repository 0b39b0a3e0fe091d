"""A sheet that is posted at once, as a phone sends it: asked about once, posted, kept.

What `prepare` and `close` ask one after the other is one question here, for a meeting is
the commonest thing of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from ledger.postgres.sql import beside
from service import access
from service.limits import HOUSE, Limits
from service.organisations import OrganisationKind
from service.refusals import MemberOfAnother, NotFound
from service.sheets import actions, store

if TYPE_CHECKING:
    from ledger.requests import Posted
    from service.books import Books, WritableBooks
    from service.sheets.sheet import Sheet

_DESK: Final = beside(__file__, "desk.sql")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the books know of a sheet's organisation."""

    book: int
    limits: Limits
    taken: list[str]
    """The sheet's own code, where a sheet or an event has it already."""
    asked: bool
    """Whether its key has asked a second officer for something already."""


async def desk(books: Books, sheet: Sheet, key: str) -> Desk:
    """Ask what a sheet needs. Raises `NotFound`, `Forbidden`, `Malformed`, `MemberOfAnother`."""
    people = {line.member for line in sheet.lines} | set(sheet.present)
    home = sheet.organisation
    row = await books.ledger.fetchrow(_DESK, home, sheet.code, sorted(people), key)
    if row is None:
        raise NotFound(f"There is no organisation {home}. Check the code.")
    if not row["open"]:
        access.refuse(f"Your roles do not allow you to prepare {home}. Ask someone who may.")
    actions.refuse_contradictions(sheet, OrganisationKind(row["kind"]))
    if row["unknown"]:
        raise NotFound(f"There is no member {row['unknown'][0]}. Check the code.")
    if row["strangers"]:
        raise MemberOfAnother(f"{row['strangers'][0]} is a member of another, not of {home}.")
    own = Limits(row["back_dated_days"], row["withdrawal"]) if row["limited"] else HOUSE
    return Desk(row["book_id"], own, row["taken"], row["asked"])


async def post_whole(books: WritableBooks, sheet: Sheet, at: Desk, *, key: str) -> Posted:
    """Post a sheet that was never a draft; the same key again gives the first answer.

    Raises `AlreadyExists`, and whatever the lines or the books refuse.
    """
    refuse = partial(actions.refuse_taken, at.taken)
    posted = await actions.post(books, sheet, at.book, key=key, refuse=refuse)
    if not posted.replayed:
        await store.add(books, [(sheet, posted.refs[0].no)])
    return posted
