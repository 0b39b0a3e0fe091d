"""The audit trail: who changed what, when, from where, before and after; and what auditors read.

The database writes it, by triggers, whoever makes the change and by whatever way. Each
organisation and each person has a chain of links, one for a transaction; what names neither
is in the chain of the house. A link's hash covers the one before, so nothing is taken out
or changed later without a trace (`broken`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import BUSINESS_ZONE
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import beside
from service import access
from service.access import Right
from service.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from service.books import Books


class About(StrEnum):
    """Whose chain it is."""

    ORGANISATION = "organisation"
    PERSON = "person"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Link:
    """What one transaction changed about somebody, or what an auditor was about to read."""

    no: int
    at: datetime
    actor: str
    source: str
    """From where: the address, and the session or key; empty for the house itself."""
    action: str
    sealed: str
    """The changes as JSON text, exactly as they are sealed."""
    prev_hash: bytes
    hash: bytes

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What was inserted, updated or deleted, table by table; or what was read."""
        found: list[dict[str, Any]] = json.loads(self.sealed)
        return found


@dataclass(frozen=True, slots=True)
class Only:
    """Which links of a chain are asked for: of some days, of one actor, of one action.

    `known_by` leaves out what came after a moment, and is refused before that is settled.
    """

    first_on: date | None = None
    last_on: date | None = None
    actor: str | None = None
    action: str | None = None
    known_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link of the trail that does not hold."""

    about: About
    code: str
    no: int
    what: str

    def __str__(self) -> str:
        """The place, then what does not hold there."""
        whose = f"{self.about} {self.code}" if self.code else "the house"
        return f"audit trail of {whose}, link {self.no}: {self.what}"


ALL: Final = Only()
_DAY: Final = timedelta(days=1)
_LONGEST_REQUEST: Final = timedelta(minutes=15)
"""A link has the moment at which its request came, and is there when that one is done."""
_AT_A_TIME: Final = 100
"""Links that wait in memory while the reader takes them."""
_LINKS = """
    SELECT no, at, actor, source, action, CAST(changes AS text), prev_hash, hash
    FROM audit.trail
    WHERE about = $1 AND code = $2 AND no > $3
        AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::timestamptz IS NULL OR at < $5)
        AND ($6::timestamptz IS NULL OR at <= $6)
        AND ($7::text IS NULL OR actor = $7) AND ($8::text IS NULL OR action = $8)
    ORDER BY no LIMIT $9
"""
_PERSON = """
    SELECT access.may('administer', coalesce(o.book_id, 0)) AS open
    FROM access.person p LEFT JOIN service.organisation o ON o.code = p.organisation
    WHERE p.code = :code
"""
_COUNT = "SELECT count(*) FROM audit.trail"
_BROKEN = "SELECT about, code, no, what FROM audit.broken()"
SHARES: Final = 16
"""Into so many the chains fall; a power of two. One share more is for chains without a head."""
_SHARE: Final = beside(__file__, "links.sql")
_PLANNED: Final = """
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
        set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""
"""Each chain is walked by its key, however many links there are and whatever is known of them."""


async def page(
    books: Books,
    about: About,
    code: str = "",
    *,
    after: int = 0,
    limit: int = 100,
    only: Only = ALL,
) -> list[Link]:
    """Links of a chain after a number, in order.

    An organisation's are for who reads its book, a person's for themselves and their
    administrators, the house's (of what concerns nobody alone: products, holidays, imports)
    for its own. Raises `MomentUnsettled`, `NotFound` for what is out of sight, and `Forbidden`.
    """
    await _authorise(books, about, code)
    return await _page(books, about, code, after, limit, only)


async def whole(books: Books, about: About, code: str, *, only: Only = ALL) -> AsyncIterator[Link]:
    """All links of a chain as they come. Raises what its pages raise."""
    await _authorise(books, about, code)
    await _refuse_unsettled(books, only)
    return _each(books, _values(about, code, 0, None, only))


async def broken(books: Books) -> list[BrokenLink]:
    """Links that do not hold, computed anew from what is stored, in order; for the house itself."""
    rows = await books.fetch(_BROKEN)
    return [BrokenLink(About(row.about), row.code, row.no, row.what) for row in rows]


async def prove_share(books: Books, share: int) -> tuple[int, list[BrokenLink]]:
    """Of one share of all chains the links there are, and those that do not hold, in order.

    Shares are numbered from 0 to `SHARES`; together they find what `broken` finds. For the house
    itself, in a transaction that keeps our settings for plans.
    """
    await books.ledger.execute(_PLANNED)
    rows = await books.ledger.fetch(_SHARE, SHARES - 1, share)
    (_, _, links, _), *found = rows
    return links, [BrokenLink(About(about), *where) for about, *where in found]


async def count(books: Books) -> int:
    """How many links there are; for the house itself."""
    ((found,),) = await books.fetch(_COUNT)
    return int(found)


async def _authorise(books: Books, about: About, code: str) -> None:
    """Raise `NotFound` or `Forbidden` unless a chain is open."""
    if about is About.ORGANISATION:
        await access.authorise(books, Right.READ, code)
    elif about is About.HOUSE:
        await access.authorise_house(books, Right.ADMINISTER)
    else:
        row = await books.fetch_one(_PERSON, code=code)
        if row is None:
            raise NotFound(f"There is nobody {code}. Check the code.")
        if not row.open and books.actor != code:
            access.refuse(f"The trail of {code} is for them and their administrators.")


async def _refuse_unsettled(books: Books, only: Only) -> None:
    """Raise `MomentUnsettled` while a request that came by then may still leave a link."""
    if only.known_by is not None:
        await refuse_unsettled(books.ledger, only.known_by + _LONGEST_REQUEST)


async def _page(
    books: Books, about: About, code: str, after: int, limit: int, only: Only
) -> list[Link]:
    await _refuse_unsettled(books, only)
    rows = await books.ledger.fetch(_LINKS, *_values(about, code, after, limit, only))
    return [Link(*row) for row in rows]


async def _each(books: Books, values: tuple[object, ...]) -> AsyncIterator[Link]:
    async for row in books.ledger.cursor(_LINKS, *values, prefetch=_AT_A_TIME):
        yield Link(*row)


def _values(
    about: About, code: str, after: int, limit: int | None, only: Only
) -> tuple[object, ...]:
    since = only.first_on and datetime.combine(only.first_on, time(), BUSINESS_ZONE)
    until = only.last_on and datetime.combine(only.last_on + _DAY, time(), BUSINESS_ZONE)
    chosen = (since, until, only.known_by, only.actor, only.action)
    return (about.value, code, after, *chosen, limit)
