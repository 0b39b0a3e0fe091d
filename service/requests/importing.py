"""An import over HTTP: one administrator sends a bundle, another sends the same one.

The first sending is tried whole and kept as a request, by the bundle's digest; the bundle
itself is not kept, for it may be large. So whoever approves has the file too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service import access
from service.access import Right
from service.imports import loading
from service.refusals import RequestDecided
from service.requests import store
from service.requests.actions import fresh_code, take
from service.requests.request import RequestKind, RequestState, Wish

if TYPE_CHECKING:
    from service.books import WritableBooks
    from service.imports.loading import Loaded
    from service.imports.rows import Bundle
    from service.requests.request import Requested


async def import_bundle(books: WritableBooks, bundle: Bundle) -> Loaded | Requested:
    """Load a bundle that another administrator sent before; else try it, and let it wait.

    Raises `BundleRefused` with every problem, `RequestDecided` where it was rejected.
    """
    await access.authorise_house(books, Right.ADMINISTER)
    known = await store.by_key(books, None, bundle.digest)
    if known is None:
        return await _ask(books, bundle)
    asked = await store.load(books, known[0])
    if asked.state is RequestState.WAITING and asked.asked_by == books.actor:
        return asked
    if asked.state is RequestState.WAITING:
        await take(books, asked)
        await store.decide(books, asked.code, RequestState.APPROVED, "Sent the same bundle")
        await books.fetch("SELECT service.carry_out(:code)", code=asked.code)
        done = await _load(replace(books, actor=f"{asked.asked_by}, {books.actor}"), bundle)
        outcome = {"code": bundle.name, "at": "/v1/imports", "entries": []}
        await store.keep_outcome(books, asked.code, outcome)
        return done
    if asked.state is RequestState.APPROVED:
        return await _load(books, bundle)
    raise RequestDecided(f"This bundle was {asked.state}. Send another one.")


async def _load(books: WritableBooks, bundle: Bundle) -> Loaded:
    async with books.whole_house():
        return await loading.load(books, bundle)


async def _ask(books: WritableBooks, bundle: Bundle) -> Loaded | Requested:
    async with books.whole_house():
        done = await loading.tried(books, bundle)
    if done.again:
        return done
    wish = Wish(
        kind=RequestKind.IMPORT,
        organisation=None,
        decider=None,
        decided_with=Right.ADMINISTER,
        about=bundle.name,
        reason=f"Import of {bundle.name}",
        do="import_bundle",
        content={"digest": bundle.digest},
    )
    after = {
        "digest": bundle.digest,
        "organisations": [row.code for row in bundle.organisations],
        "members": len(bundle.members),
        "loans": len(bundle.loans),
        "products": [row.code for row in bundle.products],
        "entries": done.entries,
    }
    code, key = fresh_code(books), bundle.digest
    difference = {"before": None, "after": after}
    await store.add(books, code, wish, key=key, digest=key.encode(), difference=difference)
    return await store.load(books, code)
