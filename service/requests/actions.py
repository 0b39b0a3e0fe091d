"""Asking, and deciding: one officer asks, another approves or rejects, once.

The row of a request that waits is locked by whoever decides, so of two who decide at once
the second finds it decided. On approval PostgreSQL opens the books that the request is
about to whoever approved it, for that transaction (`service.carry_out`), and the entry
names both officers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import uuid_utils

from ledger.money import rupees
from ledger.postgres import journal
from ledger.refusals import KeyReused
from service import access
from service.refusals import DifferenceChanged, NotTheMaker, OwnRequest, RequestDecided
from service.requests import store
from service.requests.operations import OPERATIONS
from service.requests.own import refuse_own
from service.requests.request import RequestKind, RequestState
from service.sheets import store as sheets
from service.sheets.sheet import OPEN_STATES, SheetState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.entries import EntryRef
    from service.books import Books, WritableBooks
    from service.requests.request import Done, Requested, Wish

WORDED_BY_THE_HOUSE: Final = frozenset({RequestKind.BACK_DATED, RequestKind.WITHDRAWAL})
"""Kinds that a limit makes of something; the sentence says by how much it is passed today."""
_BY_THE_DAY: Final = frozenset({"days_past_due"})
_PREVIEW = "wish"
_NAMES = "SELECT book_id, code FROM service.book_number WHERE book_id = ANY (:books)"


async def ask(books: WritableBooks, wish: Wish, *, key: str) -> Requested:
    """Keep a wish until another officer decides; the same key again gives the same request.

    Raises `KeyReused`, and whatever doing it now would be refused for.
    """
    digest = _digest(wish)
    known = await _known(books, wish, key, digest)
    if known is not None:
        return known
    difference = await _tried(books, wish, key)
    code = fresh_code(books)
    if not await store.add(books, code, wish, key=key, digest=digest, difference=difference):
        first = await _known(books, wish, key, digest)  # asked twice at once: the other was first
        if first is not None:
            return first
    if wish.do == "close_sheet":
        sheet = wish.content["sheet"]
        await sheets.set_state(books, sheet, SheetState.SUBMITTED, was=OPEN_STATES)
    return await store.load(books, code)


def fresh_code(books: Books) -> str:
    """The code of a new request: they sort by the moment of asking."""
    return str(uuid_utils.uuid7(nanoseconds=int(books.now.timestamp() * 1_000_000) * 1_000))


async def _known(books: Books, wish: Wish, key: str, digest: bytes) -> Requested | None:
    """The request that a key made, if any. Raises `KeyReused` where it was another wish."""
    known = await store.by_key(books, wish.organisation, key)
    if known is None:
        return None
    if known[1] != digest:
        raise KeyReused(f"The key {key} belongs to another request. Choose a new one.")
    return replace(await store.load(books, known[0]), replayed=True)


def _digest(wish: Wish) -> bytes:
    """What the maker said; not how far back that was, or what else was withdrawn, by then."""
    said = asdict(wish)
    if wish.kind in WORDED_BY_THE_HOUSE:
        said |= {"kind": "", "reason": ""}
    return sha256(json.dumps(said, sort_keys=True).encode()).digest()


async def asked_by_key(
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
    return replace(asked, replayed=True)


async def approve(books: WritableBooks, code: str, *, reason: str) -> Requested:
    """Do what was asked. Approving again what one approved gives the same answer.

    Raises `NotFound`, `Forbidden`, `OwnRequest`, `RequestDecided`, `DifferenceChanged` where
    it would do something else by now than whoever decides has seen, and whatever the books
    refuse by now; the request waits on then.
    """
    asked = await store.load(books, code)
    if asked.state is RequestState.APPROVED and asked.decided_by == books.actor:
        return asked
    await take(books, asked)
    await store.decide(books, code, RequestState.APPROVED, reason)
    await books.fetch("SELECT service.carry_out(:code)", code=code)
    both = replace(books, actor=f"{asked.asked_by}, {books.actor}")
    done = await OPERATIONS[asked.wish.do](both, asked.wish.content, asked.key)
    async with books.whole_house():
        if _whatever_day(await _difference(books, done)) != _whatever_day(asked.difference):
            raise DifferenceChanged(
                "The books have moved on, and it would do something else now than what was asked."
                " Reject it, and ask for it again."
            )
    await store.keep_outcome(books, code, _outcome(done))
    return await store.load(books, code)


async def reject(books: WritableBooks, code: str, *, reason: str) -> Requested:
    """Refuse what was asked, for good; it is kept. Raises as `approve` does."""
    asked = await store.load(books, code)
    await take(books, asked)
    await store.decide(books, code, RequestState.REJECTED, reason)
    await _let_go(books, asked)
    return await store.load(books, code)


async def withdraw(books: WritableBooks, code: str) -> Requested:
    """Take back what one asked. Raises `NotFound`, `NotTheMaker`, `RequestDecided`."""
    asked = await store.load(books, code)
    if asked.asked_by != books.actor:
        raise NotTheMaker(f"{asked.asked_by} asked for it, not you. Reject it instead.")
    await _lock(books, asked)
    await store.decide(books, code, RequestState.WITHDRAWN, "")
    await _let_go(books, asked)
    return await store.load(books, code)


async def take(books: WritableBooks, asked: Requested) -> None:
    """Keep a request that waits to oneself, for who may decide it."""
    await refuse_decider(books, asked)
    await _lock(books, asked)


async def refuse_decider(books: Books, asked: Requested) -> None:
    """Raise `Forbidden`, `OwnRequest` or `OwnLoan` where the actor may not decide a request."""
    wish = asked.wish
    if wish.decider is None:
        await access.authorise_house(books, wish.decided_with)
    else:
        await access.authorise(books, wish.decided_with, wish.decider)
    if asked.asked_by == books.actor:
        raise OwnRequest(f"You asked for {asked.code} yourself. Another officer decides.")
    await refuse_own(books, wish)


async def _lock(books: WritableBooks, asked: Requested) -> None:
    if not await store.lock_waiting(books, asked.code):
        now = await store.load(books, asked.code)
        raise RequestDecided(f"Request {asked.code} is {now.state} already.")


async def _let_go(books: WritableBooks, asked: Requested) -> None:
    """A sheet that waited may be changed again, by whoever prepares it."""
    if asked.wish.do == "close_sheet":
        async with books.whole_house():
            sheet, waited = asked.wish.content["sheet"], {SheetState.SUBMITTED}
            await sheets.set_state(books, sheet, SheetState.DRAFT, was=waited)


async def _tried(books: WritableBooks, wish: Wish, key: str) -> dict[str, Any]:
    """What a wish would do, done and undone: as if it were approved this moment."""
    await books.ledger.execute(f"SAVEPOINT {_PREVIEW}")
    async with books.whole_house():
        done = await OPERATIONS[wish.do](books, wish.content, key)
        difference = await _difference(books, done)
    await books.ledger.execute(f"ROLLBACK TO SAVEPOINT {_PREVIEW}")
    return difference


async def _difference(books: Books, done: Done) -> dict[str, Any]:
    if not done.refs:
        return {"before": done.before, "after": done.after}
    entries = {"entries": await _entries(books, done.refs)}
    return entries if done.after is None else {**entries, "after": done.after}


def _whatever_day(difference: dict[str, Any]) -> dict[str, Any]:
    """A difference without what the passing of a day alone makes another."""
    return {
        name: {key: value for key, value in said.items() if key not in _BY_THE_DAY}
        if isinstance(said, dict)
        else said
        for name, said in difference.items()
    }


async def _entries(books: Books, refs: Sequence[EntryRef]) -> list[dict[str, Any]]:
    entries = await journal.entries(books.ledger, refs)
    names = dict(await books.fetch(_NAMES, books=[ref.book for ref in refs]))
    return [
        {
            "organisation": names[ref.book],
            "value_date": entries[ref].value_date.isoformat(),
            "kind": entries[ref].kind.value,
            "narrative": entries[ref].narrative,
            "lines": [
                {
                    **line.account._asdict(),
                    "subject": line.subject,
                    "debit": rupees(line.debit),
                    "credit": rupees(line.credit),
                }
                for line in entries[ref].lines
            ],
        }
        for ref in refs
    ]


def _outcome(done: Done) -> dict[str, Any]:
    entries = [[ref.book, ref.no] for ref in done.refs]
    return {"code": done.code, "at": done.at, "entries": entries}
