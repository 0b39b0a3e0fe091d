"""Federation: who belongs to whom, with dates; and the closure that roll-ups stand on.

On any day an organisation has one parent or none. The ledger keeps, for every book, the
nodes that it is under and when (`ledger.under`); whoever changes a membership here renews
that for the organisation and everything that was ever below it, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from service import access, organisations
from service.access import Right
from service.conditions import where
from service.refusals import FederationContradicts, Malformed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.books import Books, WritableBooks
    from service.organisations import Organisation

FOREVER = date.max
"""The end of a period that still holds."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An organisation belongs to a parent from a day on, until the day before `to_on`."""

    organisation: str
    parent: str
    from_on: date
    to_on: date = FOREVER


@dataclass(frozen=True, slots=True)
class Moved:
    """From a day on an organisation belongs to another than before, or to nobody."""

    organisation: str
    on: date
    old: str
    new: str | None


_LOCK = "SELECT pg_advisory_xact_lock(hashtext('service.federation'))"
_INSERT = """
    INSERT INTO service.membership (organisation, parent, from_on, to_on)
    VALUES (:organisation, :parent, :from_on, :to_on)
"""
_END = """
    UPDATE service.membership SET to_on = :on
    WHERE organisation = :organisation AND from_on < :on AND to_on > :on
"""
_BEGUN = """
    SELECT 1 FROM service.membership WHERE organisation = :organisation AND from_on = :on
"""
_OVERLAP = """
    SELECT a.organisation, a.parent, b.parent AS other, greatest(a.from_on, b.from_on) AS day
    FROM service.membership a
    JOIN service.membership b ON b.organisation = a.organisation AND b.from_on > a.from_on
        AND b.from_on < a.to_on
    WHERE a.organisation = ANY (:organisations) LIMIT 1
"""
_CYCLE = """
    WITH RECURSIVE up (organisation, node, from_on, to_on) AS (
        SELECT organisation, parent, from_on, to_on FROM service.membership
        WHERE organisation = ANY (:organisations)
        UNION
        SELECT up.organisation, m.parent, greatest(up.from_on, m.from_on), least(up.to_on, m.to_on)
        FROM up JOIN service.membership m ON m.organisation = up.node
            AND m.from_on < up.to_on AND m.to_on > up.from_on
        WHERE up.node <> up.organisation
    )
    SELECT organisation, from_on FROM up WHERE node = organisation LIMIT 1
"""
_RENEW = """
    WITH RECURSIVE below (code) AS (
        SELECT unnest(CAST(:organisations AS text[]))
        UNION
        SELECT m.organisation FROM below JOIN service.membership m ON m.parent = below.code
    ), up (book, node, during) AS (
        SELECT code, code, daterange(NULL, NULL) FROM below
        UNION ALL
        SELECT up.book, m.parent, up.during * daterange(m.from_on, m.to_on)
        FROM up JOIN service.membership m ON m.organisation = up.node
            AND up.during && daterange(m.from_on, m.to_on)
    ), merged AS (
        SELECT book, node, unnest(range_agg(during)) AS during FROM up GROUP BY book, node
    ), closure AS (
        SELECT b.book_id AS book, n.book_id AS node,
            coalesce(lower(during), '-infinity') AS from_on,
            coalesce(upper(during), 'infinity') AS to_on
        FROM merged
        JOIN service.organisation b ON b.code = merged.book
        JOIN service.organisation n ON n.code = merged.node
    )
    SELECT ledger.place_books(
        (SELECT array_agg(o.book_id) FROM below JOIN service.organisation o USING (code)),
        array_agg(book), array_agg(node), array_agg(from_on), array_agg(to_on))
    FROM closure
"""
_MEMBERSHIPS = "SELECT organisation, parent, from_on, to_on FROM service.membership"
_OF = {"organisation": "organisation = :organisation"}
_MOVES = """
    WITH changed AS (
        SELECT m.organisation, m.from_on AS "on", (
            SELECT b.parent FROM service.membership b
            WHERE b.organisation = m.organisation AND b.to_on <= m.from_on
            ORDER BY b.to_on DESC LIMIT 1) AS old, m.parent AS new
        FROM service.membership m
        UNION ALL
        SELECT m.organisation, m.to_on, m.parent, NULL FROM service.membership m
        WHERE m.to_on < 'infinity' AND NOT EXISTS (
            SELECT FROM service.membership n
            WHERE n.organisation = m.organisation AND n.from_on = m.to_on)
    )
    SELECT organisation, "on", old, new FROM changed
    WHERE old IS NOT NULL AND ("on", organisation) < (CAST(:on AS date), CAST(:code AS text))
    ORDER BY "on" DESC, organisation DESC LIMIT :limit
"""
_PARENTS = """
    SELECT organisation, parent FROM service.membership
    WHERE organisation = ANY (:organisations) AND from_on <= :on AND to_on > :on
"""
_PARENT = """
    SELECT parent FROM service.membership
    WHERE organisation = :organisation AND from_on <= :on AND to_on > :on
"""


async def found(
    books: WritableBooks, organisation: Organisation, *, parent: str | None, from_on: date | None
) -> None:
    """Register an organisation with its book; where it has a parent, it joins that.

    It joins from the day it was formed, or from a later one. Raises `AlreadyExists`,
    `NotFound` for the parent, `Malformed` for a day before it was formed or still to come:
    whoever registers it would not see it until then.
    """
    if parent is None:
        await access.authorise_house(books, Right.REGISTER)
    else:
        await access.authorise(books, Right.REGISTER, parent)
    from_on = from_on or organisation.formed_on
    if from_on < organisation.formed_on:
        raise Malformed(f"from_on: {organisation.code} is formed only on {organisation.formed_on}.")
    organisations.refuse_future(books, "formed_on", organisation.formed_on)
    organisations.refuse_future(books, "from_on", from_on)
    await organisations.register(books, [organisation])
    await place_new(books, [organisation.code])
    if parent is not None:
        await join(books, [Membership(organisation.code, parent, from_on)])


async def join(books: WritableBooks, memberships: Sequence[Membership]) -> None:
    """Record memberships. Raises `FederationContradicts` for two parents or a circle."""
    await books.fetch(_LOCK)
    await books.execute_many(
        _INSERT,
        [
            {
                "organisation": m.organisation,
                "parent": m.parent,
                "from_on": m.from_on,
                "to_on": m.to_on,
            }
            for m in memberships
        ],
    )
    await _check_and_renew(books, [m.organisation for m in memberships])


async def move(books: WritableBooks, organisation: str, *, to: str | None, on: date) -> None:
    """From `on` an organisation belongs to `to`, or to nobody, and no longer to its old parent.

    Raises `FederationContradicts` where a later membership is recorded already, or one from
    that very day, and `NotFound`.
    """
    await books.fetch(_LOCK)
    for one in (organisation, to):
        if one is not None:
            await access.authorise(books, Right.REGISTER, one)
    if organisation == to or await books.fetch(_BEGUN, organisation=organisation, on=on):
        raise FederationContradicts(
            f"{organisation} cannot move to {to or 'nobody'} on {on}: it would be its own parent, "
            "or a membership begins on that day already. Choose another parent or day."
        )
    await books.execute(_END, organisation=organisation, on=on)
    if to is not None:
        values = {"organisation": organisation, "parent": to, "from_on": on, "to_on": FOREVER}
        await books.execute_many(_INSERT, [values])
    await _check_and_renew(books, [organisation])


async def place_new(books: WritableBooks, organisations: Sequence[str]) -> None:
    """Put organisations that belong to nobody yet under themselves."""
    async with books.whole_house():
        await books.fetch(_RENEW, organisations=list(organisations))


async def parent_of(books: Books, organisation: str, on: date) -> str | None:
    """The organisation that one belongs to on a day, if any."""
    row = await books.fetch_one(_PARENT, organisation=organisation, on=on)
    return row[0] if row else None


async def parents_of(books: Books, codes: Collection[str], on: date) -> dict[str, str]:
    """The organisation that each of some belongs to on a day, where it belongs to any."""
    return dict(await books.fetch(_PARENTS, organisations=list(codes), on=on))


async def last_day_in(books: Books, organisation: str, on: date) -> date | None:
    """The last day up to one on which an organisation belonged to anybody, if it ever did."""
    row = await books.fetch_one(
        "SELECT least(max(to_on) - 1, CAST(:on AS date)) FROM service.membership"
        " WHERE organisation = :organisation AND from_on <= :on",
        organisation=organisation,
        on=on,
    )
    return row[0] if row else None


async def memberships(books: Books, organisation: str | None = None) -> list[Membership]:
    """All memberships, or those of one organisation, by organisation and day."""
    asked = {"organisation": organisation}
    sql = f"{_MEMBERSHIPS} {where(_OF, asked)} ORDER BY organisation, from_on"
    rows = await books.fetch(sql, **asked)
    return [Membership(*row) for row in rows]


async def moves(
    books: Books, *, before: tuple[date, str] = (FOREVER, ""), limit: int = 1000
) -> list[Moved]:
    """Who moved, as far as the actor sees it: the newest first, those before a day and code."""
    on, code = before
    rows = await books.fetch(_MOVES, on=on, code=code, limit=limit)
    return [Moved(*row) for row in rows]


async def _check_and_renew(books: WritableBooks, organisations: Sequence[str]) -> None:
    """Over all books: a circle or a second parent may lie where the actor sees nothing."""
    async with books.whole_house():
        row = await books.fetch_one(_OVERLAP, organisations=list(organisations))
        if row is not None:
            raise FederationContradicts(
                f"{row.organisation} would belong to {row.parent} and {row.other} on {row.day}. "
                "End the one before the other begins."
            )
        row = await books.fetch_one(_CYCLE, organisations=list(organisations))
        if row is not None:
            raise FederationContradicts(
                f"{row.organisation} would be above itself on {row.from_on}. Choose another parent."
            )
        await books.fetch(_RENEW, organisations=list(organisations))
