"""Sheets, by one officer alone or with a second: closed, posted at once, reversed, corrected.

A sheet waits where it lies far back, or where a member withdraws much; its reversal and
its correction always do. It waits once, and meanwhile nobody changes it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ledger.money import rupees
from ledger.refusals import Refusal
from service import access, bookkeeping, limits
from service.access import Right
from service.refusals import (
    BoxChanged,
    NotFound,
    RequestDecided,
    RequestWaits,
    SheetNotDraft,
    VersionChanged,
)
from service.requests import operations, store
from service.requests.actions import ask, asked_by_key
from service.requests.operations import plain
from service.requests.request import Requested, RequestKind, RequestState, own_wish
from service.sheets import actions as sheets
from service.sheets import store as sheets_store
from service.sheets.desk import Desk, desk, post_whole
from service.sheets.sheet import OPEN_STATES, SheetLineKind, SheetState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from ledger.requests import Posted
    from service.books import Books, WritableBooks
    from service.limits import Limits
    from service.sheets.sheet import Sheet
    from service.sheets.store import StoredSheet

_ITEM: Final = "item"
_BOOKS: Final = "SELECT code, book_id FROM service.book_number WHERE code = ANY (:codes)"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a sheet that was sent: its voucher, or the request that it waits on."""

    voucher: int | None
    request: str | None = None


async def close(
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
    organisation = await _preparing(books, code)
    await sheets_store.lock(books, code)
    stored = await sheets_store.load(books, code)
    asked = await asked_by_key(books, organisation, key, about=code)
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
    wish = own_wish(kind, organisation, code, reason, "close_sheet", content)
    return await ask(books, wish, key=key)


async def post(books: WritableBooks, sheet: Sheet, *, key: str) -> Posted | Requested:
    """Post a sheet that was never a draft, as `close` would a draft.

    Where it waits for a second officer it is kept, submitted. The same key again gives the
    first answer.
    """
    at = await desk(books, sheet, key)
    if not at.asked and await _alone(books, sheet, at.limits):
        return await post_whole(books, sheet, at, key=key)
    return await _close_whole(books, sheet, at, key=key)


async def send(
    books: WritableBooks,
    sheet: Sheet,
    *,
    key: str,
    box: int | None,
    knows: Callable[[Sheet], bool],
) -> Sent:
    """Post a sheet as a phone sends it, however often; it takes the place of a draft it knows.

    Its cash was counted from a `box` that held so much, in paisa, before the meeting. Where
    exactly this sheet is written already, its voucher is the answer, also where the key is not
    the one that it was written under. Raises `VersionChanged` where another draft is kept,
    `BoxChanged` where the box held something else, `SheetNotDraft` where another sheet is
    written, `RequestDecided` where a second officer did not approve it, and what `post` does.
    """
    await sheets.taken(books, sheet.code)
    await sheets_store.lock(books, sheet.code)
    kept = await _kept(books, sheet.code)
    if kept is None:
        return await _counted_from(books, sheet, box, _sent(await post(books, sheet, key=key)))
    home = await _preparing(books, sheet.code)
    if kept.state not in OPEN_STATES:
        return _written(kept, sheet)
    if await asked_by_key(books, home, key, about=sheet.code) is not None:
        return _sent(await close(books, sheet.code, key=key))
    await _replace(books, kept, sheet, knows)
    sent = _sent(await close(books, sheet.code, key=key))
    return await _counted_from(books, sheet, box, sent)


async def post_each(
    books: WritableBooks, asked: Sequence[tuple[Sheet, str]]
) -> list[Posted | Requested | Refusal]:
    """Post many sheets, each under its own key, each by itself: done, waiting, or refused.

    Taken in the order of their books, with all that they name held before, so that two who
    send many do not wait for each other in a circle; answered in the order asked.
    """
    found: dict[int, Posted | Requested | Refusal] = {}
    books_of = await _held(books, [sheet for sheet, _ in asked]) if len(asked) > 1 else {}
    for place in sorted(range(len(asked)), key=lambda n: books_of.get(asked[n][0].organisation, 0)):
        sheet, key = asked[place]
        found[place] = await _by_itself(books, sheet, key)
    return [found[place] for place in range(len(asked))]


async def _held(books: WritableBooks, asked: Sequence[Sheet]) -> dict[str, int]:
    """Hold the codes of sheets, and those that are kept already; the books of each home."""
    codes = [sheet.code for sheet in asked]
    await sheets.taken(books, *codes)
    await sheets_store.lock(books, *codes)
    return dict(await books.fetch(_BOOKS, codes=[sheet.organisation for sheet in asked]))


async def recall(books: WritableBooks, code: str) -> StoredSheet:
    """Take a submitted sheet back, unless it waits for a second officer: see `RequestWaits`."""
    stored = await sheets_store.load(books, code)
    await access.authorise(books, Right.PREPARE, stored.sheet.organisation)
    await _refuse_waiting(books, stored.sheet.organisation, code)
    return await sheets.recall(books, code)


async def reverse(
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
    wish = own_wish(RequestKind.CORRECTION, home, wrong, reason, "reverse_sheet", content)
    return await ask(books, wish, key=key)


async def correct(
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
    wish = own_wish(RequestKind.CORRECTION, home, wrong, reason, "correct_sheet", content)
    return await ask(books, wish, key=key)


async def _close_whole(
    books: WritableBooks, sheet: Sheet, at: Desk, *, key: str
) -> Posted | Requested:
    """Keep a sheet, unless it is kept already, and close it."""
    if not at.taken:
        await sheets.prepare(books, sheet)
    elif (await sheets_store.load(books, sheet.code)).sheet != sheet:
        sheets.refuse_taken([sheet.code])
    return await close(books, sheet.code, key=key)


async def _kept(books: Books, code: str) -> StoredSheet | None:
    try:
        return await sheets_store.load(books, code)
    except NotFound:
        return None


async def _counted_from(books: Books, sheet: Sheet, box: int | None, sent: Sent) -> Sent:
    """What became of a sheet. Raises `BoxChanged`, upon which nothing of it stays.

    It looks back from what the box holds now: whatever wrote the sheet holds the book, so that
    nothing comes in between.
    """
    if sheet.cash_counted is None:
        return sent
    held = await bookkeeping.cash_in_hand(books, sheet.organisation, sheet.held_on)
    if sent.voucher is not None:
        held -= sheet.cash_counted
    if held != box:
        counted_from = "an unknown sum" if box is None else rupees(box)
        raise BoxChanged(
            f"The box held {rupees(held)} before the meeting of {sheet.held_on},"
            f" and was counted from {counted_from}. Count it again, or say when it changed."
        )
    return sent


async def _replace(
    books: WritableBooks, kept: StoredSheet, sheet: Sheet, knows: Callable[[Sheet], bool]
) -> None:
    """Put a sheet in the place of an open draft that it knows, unless a second officer has it."""
    if kept.sheet.organisation != sheet.organisation:
        sheets.refuse_taken([sheet.code])
    await _refuse_waiting(books, kept.sheet.organisation, sheet.code)
    if kept.state is SheetState.SUBMITTED:
        kept = await sheets.recall(books, sheet.code)
    if not knows(kept.sheet):
        raise VersionChanged(f"Another draft of {sheet.code} is kept. Read it first.")
    if kept.sheet != sheet:
        await sheets.revise(books, sheet, version=kept.version)


def _written(kept: StoredSheet, sheet: Sheet) -> Sent:
    """The voucher of a sheet that says the same. Raises `SheetNotDraft`."""
    if kept.state is SheetState.CLOSED and _in_order(kept.sheet) == _in_order(sheet):
        return Sent(kept.entry_no)
    raise SheetNotDraft(
        f"Sheet {sheet.code} is {kept.state}: voucher {kept.entry_no}. Ask for a correction."
    )


def _sent(done: Posted | Requested) -> Sent:
    """What became of it. Raises `RequestDecided` where nobody will write it."""
    if not isinstance(done, Requested):
        return Sent(done.refs[0].no)
    if done.state is not RequestState.WAITING:
        raise RequestDecided(f"Request {done.code} is {done.state}. Change the sheet to ask anew.")
    return Sent(None, done.code)


def _in_order(sheet: Sheet) -> Sheet:
    """The same in one order: who came and what they brought are sets."""
    lines = sorted(sheet.lines, key=lambda one: (one.member, one.kind, one.loan or ""))
    return replace(sheet, present=tuple(sorted(sheet.present)), lines=tuple(lines))


async def _by_itself(books: WritableBooks, sheet: Sheet, key: str) -> Posted | Requested | Refusal:
    """Post one sheet of many; of a refused one nothing stays."""
    try:
        at = await desk(books, sheet, key)
        if at.asked or not await _alone(books, sheet, at.limits):
            return await _undone_if_refused(books, _close_whole(books, sheet, at, key=key))
        posting = post_whole(books, sheet, at, key=key)
        if any(line.loan for line in sheet.lines):
            return await _undone_if_refused(books, posting)
        return await posting  # which writes nothing before it is sure
    except Refusal as refusal:
        return refusal


async def _undone_if_refused(
    books: WritableBooks, work: Awaitable[Posted | Requested]
) -> Posted | Requested:
    await books.ledger.execute(f"SAVEPOINT {_ITEM}")
    try:
        done = await work
    except Refusal:
        await books.ledger.execute(f"ROLLBACK TO SAVEPOINT {_ITEM}")
        raise
    await books.ledger.execute(f"RELEASE SAVEPOINT {_ITEM}")
    return done


async def _alone(books: Books, sheet: Sheet, own: Limits) -> bool:
    """Whether one officer may post a sheet: not far back, nobody withdraws much."""
    return not (
        limits.beyond_days(own, books, sheet.held_on)
        or limits.beyond_withdrawal(own, await _most_withdrawn(books, sheet))
    )


async def _refuse_waiting(books: Books, organisation: str, sheet: str) -> None:
    for asked in await store.waiting_about(books, organisation, sheet):
        raise RequestWaits(f"Sheet {sheet} waits for a second officer: withdraw {asked} first.")


async def _preparing(books: Books, sheet: str) -> str:
    organisation = (await sheets_store.load(books, sheet)).sheet.organisation
    await access.authorise(books, Right.PREPARE, organisation)
    return organisation


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
