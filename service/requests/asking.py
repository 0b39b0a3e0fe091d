"""What one officer may do alone, and what waits for a second: each either does it or asks.

Reversals, corrections, write-offs, loans, refinances, settlements and the close of a year
always wait for a second officer of the organisation; a guarantee for one of the CO whose member
stands surety; a transfer for the organisation that receives; a move to another federation for the
one that takes in; new lending rules and reserve schemes for another administrator; that a member
leaves for a second officer. An event waits where it lies far back. Sheets: `sheets`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from service import access, federation, guarantees, limits, members
from service.access import Right
from service.events import actions as events
from service.events import store as events_store
from service.events.event import TRANSFERS, EventKind, refuse_malformed
from service.loans import contracts
from service.refusals import FederationContradicts, Malformed, NotFound
from service.requests import operations, sight
from service.requests.actions import ask, asked_by_key
from service.requests.operations import plain
from service.requests.request import RequestKind, Wish, own_wish

if TYPE_CHECKING:
    from datetime import date

    from ledger.requests import Posted
    from service.books import Books, WritableBooks
    from service.events.event import Event
    from service.guarantees import Surety
    from service.limits import Limits
    from service.loans.terms import Product
    from service.members import Member
    from service.requests.request import Requested
    from service.reserves.scheme import Scheme

_KINDS: Final = {
    EventKind.REVERSAL: RequestKind.CORRECTION,
    EventKind.WRITE_OFF: RequestKind.WRITE_OFF,
    EventKind.REFINANCE: RequestKind.REFINANCE,
    EventKind.SETTLEMENT: RequestKind.SETTLEMENT,
    EventKind.YEAR_END_CLOSE: RequestKind.YEAR_END,
}
_ITEM: Final = "item"
_FEDERATION: Final = """
    SELECT o.code FROM ledger.under u
    JOIN service.organisation o ON o.book_id = u.node_id AND o.kind = 'LSO'
    JOIN service.book_number b ON b.book_id = u.book_id
    WHERE b.code = :organisation AND u.from_on <= :on AND u.to_on > :on
"""


async def record(books: WritableBooks, event: Event, *, key: str) -> Posted | Requested:
    """Record an event of one book, or ask a second officer where its kind or its day wants one."""
    if event.kind in TRANSFERS:
        raise Malformed(f"kind: a {event.kind} has two books. Ask for it as a transfer.")
    refuse_malformed(event)
    await access.authorise(books, Right.PREPARE, event.organisation)
    if event.kind is EventKind.WRITE_OFF and not event.resolution:
        raise Malformed("resolution: a write-off names the resolution that it goes back to.")
    kind, reason = _KINDS.get(event.kind), event.narrative or event.kind
    if kind is None:
        own = await limits.limits(books, event.organisation)
        far = limits.beyond_days(own, books, event.happened_on)
        asked = await asked_by_key(books, event.organisation, key, about=event.code)
        if asked is not None:
            return asked
        if far is None:
            return await events.record(books, event, key=key)
        kind, reason = RequestKind.BACK_DATED, f"{reason}: {far}"
    await sight.refuse_out_of_sight(books, event)
    decider = await _other_half(books, event) or event.organisation
    return await ask(books, _of_event(kind, event, decider, reason), key=key)


async def transfer(books: WritableBooks, event: Event, *, key: str) -> Requested:
    """Ask the organisation that receives to accept what another gives."""
    if event.kind not in TRANSFERS:
        raise Malformed(f"kind: a {event.kind} has one book. Record it as an event.")
    refuse_malformed(event)
    await access.authorise(books, Right.PREPARE, event.organisation)
    await sight.refuse_out_of_sight(books, event)
    reason = event.narrative or event.kind
    receiver = event.counterparty or ""
    return await ask(books, _of_event(RequestKind.TRANSFER, event, receiver, reason), key=key)


async def stand_surety(books: WritableBooks, asked: Surety, *, reason: str, key: str) -> Requested:
    """Ask that a member stand surety for a loan, and pledge savings for it."""
    home = (await members.organisations_of(books, [asked.member]))[asked.member]
    content = {"surety": plain(operations.SURETY, asked)}
    return await _guarantee(books, asked.loan, home, reason, "stand_surety", content, key=key)


async def release_guarantee(
    books: WritableBooks, loan: str, n: int, *, on: date, reason: str, key: str
) -> Requested:
    """Ask that a guarantee end, and what it pledges be released."""
    found = next((one for one in await guarantees.of_loan(books, loan) if one.n == n), None)
    if found is None:
        raise NotFound(f"{loan} has no guarantee {n}. Check the number.")
    content = {"loan": loan, "n": n, "on": on.isoformat()}
    home = found.organisation
    return await _guarantee(books, loan, home, reason, "release_guarantee", content, key=key)


async def _guarantee(
    books: WritableBooks,
    loan: str,
    home: str,
    reason: str,
    do: str,
    content: dict[str, Any],
    *,
    key: str,
) -> Requested:
    """The lender asks; the CO in whose book is pledged decides: where it is the same, another."""
    lender = (await contracts.loans(books, [loan]))[loan].agreement.lender
    await access.authorise(books, Right.PREPARE, lender)
    kind = RequestKind.GUARANTEE
    wish = Wish(kind, lender, home, Right.APPROVE, loan, reason, do, content)
    return await ask(books, wish, key=key)


async def move(
    books: WritableBooks, organisation: str, *, to: str | None, on: date, reason: str, key: str
) -> Requested | None:
    """Move an organisation within its federation, or ask the one that is to take it in.

    Who leaves for nobody asks the one they leave: nobody takes a book out of its sight alone.
    A move that lies far back waits too, for it changes what was totalled before.
    None where it has moved. Raises `NotFound`, `Forbidden`, `FederationContradicts`.
    """
    await access.authorise(books, Right.REGISTER, organisation)
    decider = to or await federation.parent_of(books, organisation, on)
    far_back = limits.beyond_days(await limits.limits(books, organisation), books, on)
    if decider is None or (
        not far_back
        and (
            await access.may(books, Right.REGISTER, decider)
            if to is None
            else await _one_federation(books, organisation, to, on)
        )
    ):
        await federation.move(books, organisation, to=to, on=on)
        return None
    if organisation == to:
        raise FederationContradicts(f"{organisation} cannot be its own parent.")
    wish = Wish(
        kind=RequestKind.MOVE,
        organisation=organisation,
        decider=decider,
        decided_with=Right.REGISTER,
        about=organisation,
        reason=f"{reason} ({far_back})" if far_back else reason,
        do="move_organisation",
        content={"organisation": organisation, "to": to, "on": on.isoformat()},
    )
    return await ask(books, wish, key=key)


async def add_product(books: WritableBooks, product: Product, *, key: str) -> Requested:
    """Ask that lending rules be written down."""
    await access.authorise_house(books, Right.ADMINISTER)
    wish = Wish(
        kind=RequestKind.PRODUCT,
        organisation=None,
        decider=None,
        decided_with=Right.ADMINISTER,
        about=product.code,
        reason=product.name,
        do="add_product",
        content={"product": plain(operations.PRODUCT, product)},
    )
    return await ask(books, wish, key=key)


async def add_reserve_scheme(books: WritableBooks, scheme: Scheme, *, key: str) -> Requested:
    """Ask that loans be classed and reserved for otherwise from a day on."""
    await access.authorise_house(books, Right.ADMINISTER)
    wish = Wish(
        kind=RequestKind.RESERVE_SCHEME,
        organisation=None,
        decider=None,
        decided_with=Right.ADMINISTER,
        about=f"reserve-scheme/{scheme.from_on}",
        reason=scheme.resolution,
        do="add_reserve_scheme",
        content={"scheme": plain(operations.SCHEME, scheme)},
    )
    return await ask(books, wish, key=key)


async def amend_member(
    books: WritableBooks, amended: Member, *, reason: str, key: str
) -> Member | Requested:
    """Change what is known of a member; that she leaves, another officer decides."""
    found = await members.member(books, amended.code)
    if amended.left_on == found.left_on:
        return await members.amend(books, amended)
    await access.authorise(books, Right.PREPARE, found.organisation)
    content = {"member": plain(operations.MEMBER, amended)}
    home, code = found.organisation, amended.code
    wish = own_wish(RequestKind.EXIT, home, code, reason, "amend_member", content)
    return await ask(books, wish, key=key)


async def set_limits(
    books: WritableBooks, organisation: str, to: Limits, *, reason: str, key: str
) -> Requested:
    """Ask that an organisation's limits be others."""
    await access.authorise(books, Right.PREPARE, organisation)
    content = {"organisation": organisation, "limits": plain(operations.LIMITS, to)}
    wish = own_wish(RequestKind.LIMITS, organisation, organisation, reason, "set_limits", content)
    return await ask(books, wish, key=key)


def _of_event(kind: RequestKind, event: Event, decider: str, reason: str) -> Wish:
    content = {"event": plain(operations.EVENT, event)}
    about = event.reverses or event.code
    return Wish(
        kind, event.organisation, decider, Right.APPROVE, about, reason, "record_event", content
    )


async def _other_half(books: Books, event: Event) -> str | None:
    """The other organisation, where an event reverses a transfer: it is to agree."""
    if event.reverses is None:
        return None
    found = await events_store.transfer_of(books, event.reverses)
    return None if found is None else next(o for o in found if o != event.organisation)


async def _one_federation(books: Books, organisation: str, to: str, on: date) -> bool:
    """Whether both are under the same LSO, or the one has never belonged anywhere.

    Who left for nobody still counts where it was last: two steps are no way around.
    """
    left = await federation.last_day_in(books, organisation, on)
    if left is None:
        return await access.may(books, Right.REGISTER, to)
    homes = {r[0] for r in await books.fetch(_FEDERATION, organisation=organisation, on=left)}
    others = {r[0] for r in await books.fetch(_FEDERATION, organisation=to, on=on)}
    return bool(homes & others) and await access.may(books, Right.REGISTER, to)
