"""Of which organisation a page is: the one that is named, or the one whose books one keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.calendar import business_date
from service import access, appointments, organisations
from service.access import Right
from service.organisations import Organisation, OrganisationKind

if TYPE_CHECKING:
    from service.books import Books

MOST_SHOWN = 200
"""Of the COs among which one chooses."""


async def appointed(books: Books) -> list[str]:
    """The organisations that the caller is appointed to today, nearest first."""
    today = business_date(books.now)
    held = await appointments.of_person(books, books.actor)
    return [
        one.appointment.organisation
        for one in held
        if one.appointment.organisation and one.appointment.from_on <= today < one.appointment.to_on
    ]


async def own_co(books: Books) -> str | None:
    """The one CO whose books one keeps; None for who has none of her own, or several."""
    found = await organisations.named(books, await appointed(books))
    cos = {one.code for one in found if one.kind is OrganisationKind.CO}
    own = cos.pop() if len(cos) == 1 else None
    return own if own and await access.may(books, Right.READ, own) else None


async def cos(books: Books, right: Right, after: str = "") -> list[Organisation]:
    """The COs on which one has a right, those after `after`; one more than are shown."""
    return await organisations.organisations(
        books, kind=OrganisationKind.CO, right=right, after=after, limit=MOST_SHOWN + 1
    )
