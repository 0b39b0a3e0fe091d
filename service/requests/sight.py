"""What the maker of a request may name: what waits is tried as the house, which sees everything.

So whatever it names is looked up before, as its maker sees it: nobody learns by naming a
stranger's loan, member, voucher or organisation whether it exists. A new code is another
matter: codes are unique in the whole house, and a refusal says that one is taken, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service import members
from service.events.event import MEMBER_KINDS, TRANSFERS
from service.loans import contracts
from service.refusals import NotFound

if TYPE_CHECKING:
    from service.books import Books
    from service.events.event import Event

_POSTED: Final = """
    SELECT 1 FROM service.sheet WHERE code = :code
    UNION ALL SELECT 1 FROM service.event WHERE code = :code
"""
_BETWEEN: Final = [kind.value for kind in TRANSFERS]
_KNOWN: Final = """
    SELECT 1 FROM service.organisation WHERE code = :other
    UNION ALL
    SELECT 1 FROM service.event WHERE kind = ANY (:kinds)
        AND (organisation = :own AND counterparty = :other
            OR organisation = :other AND counterparty = :own)
    UNION ALL
    SELECT 1 FROM service.loan WHERE lender = :own AND organisation = :other
        OR lender = :other AND organisation = :own
"""
"""An organisation in sight; or one that moved out of it and still owes, or is owed.

Of other events than transfers the counterparty is whatever their maker wrote.
"""


async def refuse_out_of_sight(books: Books, event: Event) -> None:
    """Raise `NotFound` for what an event names and its maker may not see."""
    if event.loan is not None:
        await contracts.loans(books, [event.loan])
    if event.reverses is not None and not await books.fetch(_POSTED, code=event.reverses):
        raise NotFound(f"Nothing was posted for {event.reverses}. Check the code.")
    if event.kind in TRANSFERS:
        await refuse_unknown(books, event.organisation, event.counterparty or "")
    if event.kind in MEMBER_KINDS:
        await members.organisations_of(books, [event.counterparty or ""])


async def refuse_unknown(books: Books, own: str, other: str) -> None:
    """Raise `NotFound` for an organisation that another neither sees nor has dealt with."""
    if not await books.fetch(_KNOWN, own=own, other=other, kinds=_BETWEEN):
        raise NotFound(f"There is no organisation {other}. Check the code.")
