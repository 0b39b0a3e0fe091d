"""A sheet that is posted at once, as a phone sends it: asked about once, posted, kept.

What `prepare` and `close` ask one after the other is one question here, for a meeting is
the commonest thing of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from service import access, members
from service.access import Right
from service.limits import HOUSE, Limits
from service.organisations import OrganisationKind
from service.refusals import Forbidden
from service.sheets import actions, store

if TYPE_CHECKING:
    from ledger.requests import Posted
    from service.books import Books, WritableBooks
    from service.sheets.sheet import Sheet

_DESK: Final = "SELECT * FROM service.desk($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the books know of a sheet's organisation."""

    book: int
    limits: Limits
    taken: bool
    """Whether a sheet or an event has the sheet's code already."""
    asked: bool
    """Whether its key has asked a second officer for something already."""


async def desk(books: Books, sheet: Sheet, key: str) -> Desk:
    """Ask what a sheet needs. Raises `NotFound`, `Forbidden`, `Malformed`, `MemberOfAnother`."""
    people = {line.member for line in sheet.lines} | set(sheet.present)
    home = sheet.organisation
    row = await books.ledger.fetchrow(_DESK, home, sheet.code, sorted(people), key)
    if row is None:
        await access.authorise(books, Right.PREPARE, home)
        raise Forbidden(f"Your roles do not allow you to prepare {home}. Ask someone who may.")
    actions.refuse_contradictions(sheet, OrganisationKind(row["kind"]))
    if strangers := row["strangers"]:
        members.refuse_strangers(await members.organisations_of(books, strangers), home)
    own = Limits(row["back_dated_days"], row["withdrawal"]) if row["limited"] else HOUSE
    return Desk(row["book_id"], own, row["taken"], row["asked"])


async def post_whole(books: WritableBooks, sheet: Sheet, at: Desk, *, key: str) -> Posted:
    """Post a sheet that was never a draft; the same key again gives the first answer.

    Raises `AlreadyExists`, and whatever the lines or the books refuse.
    """
    refuse = partial(actions.refuse_taken, [sheet.code] if at.taken else [])
    posted = await actions.post(books, sheet, at.book, key=key, refuse=refuse)
    if not posted.replayed:
        await store.add(books, [(sheet, posted.refs[0].no)])
    return posted
