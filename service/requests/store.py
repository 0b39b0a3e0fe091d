"""Requests at rest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from service import access
from service.access import Right
from service.conditions import where
from service.refusals import NotFound
from service.requests.request import Requested, RequestKind, RequestState, Wish

if TYPE_CHECKING:
    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class Only:
    """Which requests are asked for; None leaves a condition out.

    `organisation` is the one that asks or the one that decides. `decidable` are those that
    wait and that the actor may decide on: somebody else asked, and the actor has the right.
    """

    organisation: str | None = None
    state: RequestState | None = None
    kind: RequestKind | None = None
    about: str | None = None
    asked_by: str | None = None
    decidable: bool = False


_SELECT: Final = """
    SELECT code, kind, organisation, decider, decided_with, about, reason, content, key, difference,
        asked_by, asked_at, state, decided_by, decided_at, decision, outcome
    FROM service.request
"""
_CONDITIONS: Final = {
    "after": "code > :after",
    "homes": """(organisation = ANY (:homes) OR decider = ANY (:homes)
        OR decided_with = 'administer')""",
    "organisation": ":organisation IN (organisation, decider)",
    "state": "state = :state",
    "kind": "kind = :kind",
    "about": "about = :about",
    "asked_by": "asked_by = :asked_by",
    "decidable": """state = 'waiting' AND asked_by <> :actor AND access.may(
        decided_with, (SELECT o.book_id FROM service.organisation o WHERE o.code = decider))""",
}
"""Without a decider the right is held on the whole house: `access.may` finds no book to ask for."""
_READING: Final = (Right.READ, Right.PREPARE, Right.REGISTER)
_DECIDING: Final = (Right.APPROVE, Right.REGISTER)
"""The rights that open requests of organisations; those of the house itself are few."""
_ADD: Final = """
    INSERT INTO service.request (code, kind, organisation, decider, decided_with, about, reason,
        content, difference, key, digest, asked_by, asked_at)
    VALUES (:code, :kind, :organisation, :decider, :decided_with, :about, :reason,
        CAST(:content AS json), CAST(:difference AS json), :key, :digest, :asked_by, :asked_at)
    ON CONFLICT (organisation, key) DO NOTHING
"""
_BY_KEY: Final = """
    SELECT code, digest FROM service.request
    WHERE organisation IS NOT DISTINCT FROM CAST(:organisation AS text) AND key = :key
"""
_LOCK: Final = "SELECT 1 FROM service.request WHERE code = :code AND state = 'waiting' FOR UPDATE"
_DECIDE: Final = """
    UPDATE service.request
    SET state = :state, decided_by = :actor, decided_at = :now, decision = :decision
    WHERE code = :code AND state = 'waiting'
"""
_OUTCOME: Final = """
    UPDATE service.request SET outcome = CAST(:outcome AS json) WHERE code = :code
"""


async def add(
    books: WritableBooks,
    code: str,
    wish: Wish,
    *,
    key: str,
    digest: bytes,
    difference: dict[str, Any],
) -> bool:
    """Keep a request that waits; whether its key was free."""
    kept = await books.execute(
        _ADD,
        code=code,
        kind=wish.kind.value,
        organisation=wish.organisation,
        decider=wish.decider,
        decided_with=wish.decided_with.value,
        about=wish.about,
        reason=wish.reason,
        content=json.dumps({"do": wish.do, **wish.content}, ensure_ascii=False),
        difference=json.dumps(difference, ensure_ascii=False),
        key=key,
        digest=digest,
        asked_by=books.actor,
        asked_at=books.now,
    )
    return bool(kept)


async def by_key(books: Books, organisation: str | None, key: str) -> tuple[str, bytes] | None:
    """The code and the digest of the request that a key made, if any."""
    row = await books.fetch_one(_BY_KEY, organisation=organisation, key=key)
    return None if row is None else (row[0], row[1])


async def load(books: Books, code: str) -> Requested:
    """One request. Raises `NotFound`."""
    row = await books.fetch_one(f"{_SELECT} WHERE code = :code", code=code)
    if row is None:
        raise NotFound(f"There is no request {code}. Check the code.")
    return _requested(row)


async def waiting_about(books: Books, organisation: str, about: str) -> list[str]:
    """The codes of an organisation's requests about something that wait."""
    rows = await books.fetch(
        "SELECT code FROM service.request"
        " WHERE organisation = :organisation AND about = :about AND state = 'waiting'",
        organisation=organisation,
        about=about,
    )
    return [row[0] for row in rows]


async def lock_waiting(books: WritableBooks, code: str) -> bool:
    """Keep others from a request that waits; whether it does."""
    return bool(await books.fetch(_LOCK, code=code))


async def decide(books: WritableBooks, code: str, state: RequestState, decision: str) -> None:
    """End the wait of a request that is locked."""
    await books.execute(
        _DECIDE, code=code, state=state.value, actor=books.actor, now=books.now, decision=decision
    )


async def keep_outcome(books: WritableBooks, code: str, outcome: dict[str, Any]) -> None:
    """Keep what an approved request did."""
    await books.execute(_OUTCOME, code=code, outcome=json.dumps(outcome, ensure_ascii=False))


async def found(
    books: Books, *, only: Only, after: str, limit: int, newest: bool = False
) -> list[Requested]:
    """Requests open to the actor in the order in which they were asked, those after `after`.

    With `newest` the last that were asked, and those first.
    """
    rights = _DECIDING if only.decidable else _READING
    homes = await access.homes(books, *rights)
    values = {**asdict(only), "actor": books.actor, "after": after, "limit": limit}
    values |= {"homes": homes, "decidable": only.decidable or None}
    order = "code DESC" if newest else "code"
    sql = f"{_SELECT} {where(_CONDITIONS, values)} ORDER BY {order} LIMIT :limit"
    rows = await books.fetch(sql, **values)
    return [_requested(row) for row in rows]


def _requested(row: Any) -> Requested:  # noqa: ANN401 - a row is as wide as its query
    content = dict(row.content)
    wish = Wish(
        kind=RequestKind(row.kind),
        organisation=row.organisation,
        decider=row.decider,
        decided_with=Right(row.decided_with),
        about=row.about,
        reason=row.reason,
        do=content.pop("do"),
        content=content,
    )
    return Requested(
        code=row.code,
        wish=wish,
        key=row.key,
        difference=row.difference,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=RequestState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision=row.decision,
        outcome=row.outcome,
    )
