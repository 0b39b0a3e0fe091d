"""What one officer may do alone, and what waits for a second: each either does it or asks.

Reversals, corrections, write-offs and loans always wait for a second officer of the
organisation; a transfer for the organisation that receives; a move to another federation
for the one that takes in; new lending rules for another administrator. A sheet or an
event waits where it lies far back, a sheet also where a member withdraws much.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ledger.refusals import KeyReused, Refusal
from service import access, federation, limits, members
from service.access import Right
from service.events import actions as events
from service.events import store as events_store
from service.events.event import TRANSFERS, EventKind, refuse_malformed
from service.refusals import FederationContradicts, Malformed, RequestWaits, VersionChanged
from service.requests import operations, sight, store
from service.requests.actions import ask
from service.requests.operations import plain
from service.requests.request import RequestKind, Wish
from service.sheets import actions as sheets
from service.sheets import store as sheets_store
from service.sheets.desk import desk, post_whole
from service.sheets.sheet import OPEN_STATES, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ledger.requests import Posted
    from service.books import Books, WritableBooks
    from service.events.event import Event
    from service.limits import Limits
    from service.loans.contracts import Agreement
    from service.loans.terms import Product
    from service.members import Member
    from service.requests.request import Requested
    from service.sheets.sheet import Sheet
    from service.sheets.store import StoredSheet

_KINDS: Final = {
    EventKind.REVERSAL: RequestKind.CORRECTION,
    EventKind.WRITE_OFF: RequestKind.WRITE_OFF,
}
_ITEM: Final = "item"
_FEDERATION: Final = """
    SELECT o.code FROM ledger.under u
    JOIN service.organisation o ON o.book_id = u.node_id AND o.kind = 'LSO'
    JOIN service.book_number b ON b.book_id = u.book_id
    WHERE b.code = :organisation AND u.from_on <= :on AND u.to_on > :on
"""


async def close_sheet(
    books: WritableBooks,
    code: str,
    *,
    key: str,
    why: str | None = None,
    version: int | None = None,
) -> Posted | Requested:
    """Post a sheet, or ask a second officer where it lies far back or a member takes much.

    `why` is what its maker says to whoever decides; with a `version` it is closed only as it
    was read. Raises `VersionChanged`, `RequestWaits`, and what `actions.close` does.
    """
    stored = await sheets_store.load(books, code)
    organisation = stored.sheet.organisation
    await access.authorise(books, Right.PREPARE, organisation)
    asked = await _asked_by_key(books, organisation, key, about=code)
    if asked is not None:
        return asked
    if stored.state in OPEN_STATES:
        await _refuse_waiting(books, organisation, code)
        if version not in {None, stored.version}:
            raise VersionChanged(f"Sheet {code} was changed by somebody else. Read it again.")
    own = await limits.limits(books, organisation)
    kind = RequestKind.BACK_DATED
    reason = limits.beyond_days(own, books, stored.sheet.held_on)
    if reason is None:
        kind = RequestKind.WITHDRAWAL
        reason = limits.beyond_withdrawal(own, await _most_withdrawn(books, stored.sheet))
    if reason is None or stored.state not in OPEN_STATES:  # it gives its first answer again
        return (await sheets.close(books, code, key=key))[1]
    content = {"sheet": code}
    reason = reason if why is None else f"{why} ({reason})"
    wish = _own(kind, organisation, code, reason, "close_sheet", content)
    return await ask(books, wish, key=key)


async def post_sheet(books: WritableBooks, sheet: Sheet, *, key: str) -> Posted | Requested:
    """Post a sheet that was never a draft, as `close_sheet` would a draft.

    Where it waits for a second officer it is kept, submitted. The same key again gives the
    first answer.
    """
    at = await desk(books, sheet, key)
    if not at.asked and await _alone(books, sheet, at.limits):
        return await post_whole(books, sheet, at, key=key)
    if not at.taken:
        await sheets.prepare(books, sheet)
    elif (await sheets_store.load(books, sheet.code)).sheet != sheet:
        sheets.refuse_taken(at.taken)
    return await close_sheet(books, sheet.code, key=key)


async def post_sheets(
    books: WritableBooks, asked: Sequence[tuple[Sheet, str]]
) -> list[Posted | Requested | Refusal]:
    """Post many sheets, each under its own key, each by itself: done, waiting, or refused.

    Taken in the order of their organisations, so that two who send many do not wait for
    each other in a circle; answered in the order asked.
    """
    found: dict[int, Posted | Requested | Refusal] = {}
    for place in sorted(range(len(asked)), key=lambda n: asked[n][0].organisation):
        sheet, key = asked[place]
        found[place] = await _by_itself(books, sheet, key)
    return [found[place] for place in range(len(asked))]


async def _by_itself(books: WritableBooks, sheet: Sheet, key: str) -> Posted | Requested | Refusal:
    await books.ledger.execute(f"SAVEPOINT {_ITEM}")
    try:
        done = await post_sheet(books, sheet, key=key)
    except Refusal as refusal:
        await books.ledger.execute(f"ROLLBACK TO SAVEPOINT {_ITEM}")
        return refusal
    await books.ledger.execute(f"RELEASE SAVEPOINT {_ITEM}")
    return done


async def _alone(books: Books, sheet: Sheet, own: Limits) -> bool:
    """Whether one officer may post a sheet: not far back, nobody withdraws much."""
    return not (
        limits.beyond_days(own, books, sheet.held_on)
        or limits.beyond_withdrawal(own, await _most_withdrawn(books, sheet))
    )


async def recall_sheet(books: WritableBooks, code: str) -> StoredSheet:
    """Take a submitted sheet back, unless it waits for a second officer: see `RequestWaits`."""
    stored = await sheets_store.load(books, code)
    await access.authorise(books, Right.PREPARE, stored.sheet.organisation)
    await _refuse_waiting(books, stored.sheet.organisation, code)
    return await sheets.recall(books, code)


async def reverse_sheet(
    books: WritableBooks,
    wrong: str,
    *,
    code: str,
    on: date,
    reason: str,
    resolution: str | None,
    key: str,
) -> Requested:
    """Ask that a closed sheet be reversed on a day, by an event of this code."""
    home = await _preparing(books, wrong)
    content = {
        "sheet": wrong,
        "code": code,
        "on": on.isoformat(),
        "reason": reason,
        "resolution": resolution,
    }
    wish = _own(RequestKind.CORRECTION, home, wrong, reason, "reverse_sheet", content)
    return await ask(books, wish, key=key)


async def correct_sheet(
    books: WritableBooks,
    wrong: str,
    right: Sheet,
    *,
    on: date,
    reason: str,
    resolution: str | None,
    key: str,
) -> Requested:
    """Ask that a closed sheet be reversed and another posted in its place."""
    home = await _preparing(books, wrong)
    await sheets.refuse_malformed(books, replace(right, organisation=home))
    content = {
        "sheet": wrong,
        "right": plain(operations.SHEET, right),
        "on": on.isoformat(),
        "reason": reason,
        "resolution": resolution,
    }
    wish = _own(RequestKind.CORRECTION, home, wrong, reason, "correct_sheet", content)
    return await ask(books, wish, key=key)


async def record(books: WritableBooks, event: Event, *, key: str) -> Posted | Requested:
    """Record an event of one book, or ask a second officer where its kind or its day wants one."""
    if event.kind in TRANSFERS:
        raise Malformed(f"kind: a {event.kind} has two books. Ask for it as a transfer.")
    refuse_malformed(event)
    await access.authorise(books, Right.PREPARE, event.organisation)
    kind, reason = _KINDS.get(event.kind), event.narrative or event.kind
    if kind is None:
        own = await limits.limits(books, event.organisation)
        far = limits.beyond_days(own, books, event.happened_on)
        asked = await _asked_by_key(books, event.organisation, key, about=event.code)
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


async def agree_loan(books: WritableBooks, agreement: Agreement, *, key: str) -> Requested:
    """Ask that a loan be approved."""
    await access.authorise(books, Right.PREPARE, agreement.lender)
    if agreement.member is not None:
        await members.organisations_of(books, [agreement.member])
    if agreement.organisation is not None:
        await sight.refuse_unknown(books, agreement.lender, agreement.organisation)
    reason = agreement.purpose or "Loan"
    content = {"agreement": plain(operations.AGREEMENT, agreement)}
    code, lender = agreement.code, agreement.lender
    wish = _own(RequestKind.LOAN, lender, code, reason, "agree_loan", content)
    return await ask(books, wish, key=key)


async def move(
    books: WritableBooks, organisation: str, *, to: str | None, on: date, reason: str, key: str
) -> Requested | None:
    """Move an organisation within its federation, or ask the one that is to take it in.

    Who leaves for nobody asks the one they leave: nobody takes a book out of its sight alone.
    None where it has moved. Raises `NotFound`, `Forbidden`, `FederationContradicts`.
    """
    await access.authorise(books, Right.REGISTER, organisation)
    decider = to or await federation.parent_of(books, organisation, on)
    if decider is None or (
        await access.may(books, Right.REGISTER, decider)
        if to is None
        else await _one_federation(books, organisation, to, on)
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
        reason=reason,
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


async def amend_member(books: WritableBooks, amended: Member, *, reason: str) -> Member | Requested:
    """Change what is known of a member; that she leaves, another officer decides."""
    found = await members.member(books, amended.code)
    if amended.left_on == found.left_on:
        return await members.amend(books, amended)
    await access.authorise(books, Right.PREPARE, found.organisation)
    content = {"member": plain(operations.MEMBER, amended)}
    home, code = found.organisation, amended.code
    wish = _own(RequestKind.EXIT, home, code, reason, "amend_member", content)
    return await ask(books, wish, key=f"exit/{code}/{amended.version}/{amended.left_on}")


async def set_limits(
    books: WritableBooks, organisation: str, to: Limits, *, reason: str, key: str
) -> Requested:
    """Ask that an organisation's limits be others."""
    await access.authorise(books, Right.PREPARE, organisation)
    content = {"organisation": organisation, "limits": plain(operations.LIMITS, to)}
    wish = _own(RequestKind.LIMITS, organisation, organisation, reason, "set_limits", content)
    return await ask(books, wish, key=key)


def _own(
    kind: RequestKind, organisation: str, about: str, reason: str, do: str, content: dict[str, Any]
) -> Wish:
    """A wish that another officer of the same organisation decides."""
    return Wish(kind, organisation, organisation, Right.APPROVE, about, reason, do, content)


def _of_event(kind: RequestKind, event: Event, decider: str, reason: str) -> Wish:
    content = {"event": plain(operations.EVENT, event)}
    about = event.reverses or event.code
    return Wish(
        kind, event.organisation, decider, Right.APPROVE, about, reason, "record_event", content
    )


async def _asked_by_key(
    books: Books, organisation: str, key: str, *, about: str
) -> Requested | None:
    """The request that a key made about something, though it may need none by now.

    Raises `KeyReused` where it made another.
    """
    known = await store.by_key(books, organisation, key)
    if known is None:
        return None
    asked = await store.load(books, known[0])
    if asked.wish.about != about:
        raise KeyReused(f"The key {key} belongs to another request. Choose a new one.")
    return asked


async def _refuse_waiting(books: Books, organisation: str, sheet: str) -> None:
    for asked in await store.waiting_about(books, organisation, sheet):
        raise RequestWaits(f"Sheet {sheet} waits for a second officer: withdraw {asked} first.")


async def _preparing(books: Books, sheet: str) -> str:
    organisation = (await sheets_store.load(books, sheet)).sheet.organisation
    await access.authorise(books, Right.PREPARE, organisation)
    return organisation


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


async def _most_withdrawn(books: Books, sheet: Sheet) -> int:
    """The most that a member withdraws at a meeting, by this sheet and others of it."""
    taken: defaultdict[str, int] = defaultdict(int)
    for line in sheet.lines:
        if line.kind is SheetLineKind.WITHDRAWAL:
            taken[line.member] += line.amount
    if taken:
        for member, amount in await sheets_store.withdrawn_beside(books, sheet, list(taken)):
            taken[member] += amount
    return max(taken.values(), default=0)
