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
from service import access
from service.access import Right
from service.refusals import NotFound

if TYPE_CHECKING:
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
    """Which links of a chain are asked for: of some days, of one actor, of one action."""

    first_on: date | None = None
    last_on: date | None = None
    actor: str | None = None
    action: str | None = None


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
_PAGE = """
    SELECT no, at, actor, source, action, CAST(changes AS text), prev_hash, hash
    FROM audit.trail
    WHERE about = :about AND code = :code AND no > :after
        AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
        AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
        AND (CAST(:actor AS text) IS NULL OR actor = :actor)
        AND (CAST(:action AS text) IS NULL OR action = :action)
    ORDER BY no LIMIT :limit
"""
_PERSON = """
    SELECT access.may('administer', coalesce(o.book_id, 0)) AS open
    FROM access.person p LEFT JOIN service.organisation o ON o.code = p.organisation
    WHERE p.code = :code
"""
_COUNT = "SELECT count(*) FROM audit.trail"
_BROKEN = "SELECT about, code, no, what FROM audit.broken()"


async def of_organisation(
    books: Books, organisation: str, *, after: int = 0, limit: int = 100, only: Only = ALL
) -> list[Link]:
    """The trail of an organisation, links after a number. Raises `NotFound`, `Forbidden`."""
    await access.authorise(books, Right.READ, organisation)
    return await _page(books, About.ORGANISATION, organisation, after, limit, only)


async def of_person(
    books: Books, person: str, *, after: int = 0, limit: int = 100, only: Only = ALL
) -> list[Link]:
    """The trail of a person, for themselves and their administrators.

    Raises `NotFound`, and `Forbidden` for who knows the person but looks after them otherwise.
    """
    row = await books.fetch_one(_PERSON, code=person)
    if row is None:
        raise NotFound(f"There is nobody {person}. Check the code.")
    if not row.open and books.actor != person:
        access.refuse(f"The trail of {person} is for them and their administrators.")
    return await _page(books, About.PERSON, person, after, limit, only)


async def of_house(
    books: Books, *, after: int = 0, limit: int = 100, only: Only = ALL
) -> list[Link]:
    """The trail of what concerns nobody alone: products, holidays, imports. Raises `Forbidden`."""
    await access.authorise_house(books, Right.ADMINISTER)
    return await _page(books, About.HOUSE, "", after, limit, only)


async def broken(books: Books) -> list[BrokenLink]:
    """Links that do not hold, computed anew from what is stored, in order; for the house itself."""
    rows = await books.fetch(_BROKEN)
    return [BrokenLink(About(row.about), row.code, row.no, row.what) for row in rows]


async def count(books: Books) -> int:
    """How many links there are; for the house itself."""
    ((found,),) = await books.fetch(_COUNT)
    return int(found)


async def _page(
    books: Books, about: About, code: str, after: int, limit: int, only: Only
) -> list[Link]:
    since = only.first_on and datetime.combine(only.first_on, time(), BUSINESS_ZONE)
    until = only.last_on and datetime.combine(only.last_on + _DAY, time(), BUSINESS_ZONE)
    rows = await books.fetch(
        _PAGE,
        about=about.value,
        code=code,
        after=after,
        since=since,
        until=until,
        actor=only.actor,
        action=only.action,
        limit=limit,
    )
    return [Link(*row) for row in rows]
