"""Members' savings: where a withdrawal is taken from, and what each member has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.postgres.settled import refuse_unsettled
from service import members, organisations

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from service.books import Books


class Withdrawal(NamedTuple):
    """What a withdrawal takes from each account, in paisa."""

    voluntary: int
    compulsory: int


def withdraw(amount: int, *, voluntary_available: int) -> Withdrawal:
    """Voluntary savings as far as they go, compulsory savings for the rest (DOMAIN 10).

    `voluntary_available` is the least voluntary balance on the day or any later one. Whether
    the compulsory savings suffice, their floor says.
    """
    from_voluntary = min(amount, max(voluntary_available, 0))
    return Withdrawal(from_voluntary, amount - from_voluntary)


class MemberSavings(NamedTuple):
    """A member's savings on a day, in paisa."""

    member: str
    compulsory: int
    voluntary: int


_SAVINGS = """
    SELECT a.party, coalesce(sum(l.credit - l.debit) FILTER (WHERE a.code = '2000'), 0),
        coalesce(sum(l.credit - l.debit) FILTER (WHERE a.code = '2010'), 0)
    FROM ledger.account a
    JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no AND l.value_date <= :on
    JOIN ledger.entry e ON e.book_id = l.book_id AND e.no = l.entry_no
    WHERE a.code IN ('2000', '2010') AND (:everywhere OR a.book_id = ANY (:in_books))
        AND (:always OR e.posted_at <= :known_by)
    GROUP BY a.party ORDER BY a.party
"""


_PLEDGED = """
    SELECT coalesce(sum(p.amount), 0) FROM ledger.pledge p
    WHERE p.book_id = :book AND p.party = :member AND p.from_on <= :on
        AND p.recorded_at <= :known_by
        AND (p.to_on IS NULL OR p.to_on > :on OR p.released_at > :known_by)
"""


async def savings(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    in_books: Collection[int] | None = None,
) -> list[MemberSavings]:
    """What every member has saved on a day, in all books or in some."""
    rows = await books.fetch(
        _SAVINGS,
        on=on,
        everywhere=in_books is None,
        in_books=list(in_books or ()),
        always=known_by is None,
        known_by=known_by or books.now,
    )
    return [MemberSavings(party, int(base), int(extra)) for party, base, extra in rows]


async def of_member(
    books: Books, member: str, on: date, *, known_by: datetime | None = None
) -> MemberSavings:
    """What one member has saved on a day. Raises `NotFound`."""
    await refuse_unsettled(books.ledger, known_by)
    home = (await members.organisations_of(books, [member]))[member]
    book = await organisations.book_of(books, home)
    found = await savings(books, on, known_by=known_by, in_books=[book])
    return next((s for s in found if s.member == member), MemberSavings(member, 0, 0))


async def pledged(books: Books, member: str, on: date, *, known_by: datetime | None = None) -> int:
    """How much of a member's savings is pledged on a day, in paisa. Raises `NotFound`."""
    home = (await members.organisations_of(books, [member]))[member]
    book = await organisations.book_of(books, home)
    asked = {"book": book, "member": member, "on": on, "known_by": known_by or books.now}
    row = await books.fetch_one(_PLEDGED, **asked)
    return 0 if row is None else int(row[0])
