"""Events at rest: what was said, with the voucher that it was written as."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ledger.entries import Entry, EntryRef
from ledger.postgres import journal
from service.accounts import PaidBy
from service.events.event import TRANSFERS, Event, EventKind
from service.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from service.books import Books, WritableBooks

_ADD = """
    INSERT INTO service.event (code, organisation, kind, happened_on, fund, paid_by, counterparty,
        loan, amount, narrative, resolution, reverses, actor, entry_no)
    VALUES (:code, :organisation, :kind, :happened_on, :fund, :paid_by, :counterparty,
        :loan, :amount, :narrative, :resolution, :reverses, :actor, :entry_no)
"""
_SELECT = """
    SELECT code, organisation, kind, happened_on, fund, paid_by, amount, counterparty, loan,
        narrative, resolution, reverses, entry_no
    FROM service.event
"""
_REVERSIBLE = """
    SELECT e.code FROM service.event e
    WHERE e.code = ANY (:codes) AND e.reverses IS NULL
        AND NOT EXISTS (SELECT FROM service.event r WHERE r.reverses = e.code)
"""
_VOUCHER = """
    SELECT o.book_id, d.entry_no
    FROM (SELECT organisation, entry_no FROM service.sheet WHERE code = :code
          UNION ALL SELECT organisation, entry_no FROM service.event WHERE code = :code) AS d
    JOIN service.book_number o ON o.code = d.organisation
"""


async def add(books: WritableBooks, events: Sequence[tuple[Event, int]]) -> None:
    """Keep events with the voucher number that each has in its organisation's book."""
    await books.execute_many(
        _ADD,
        [
            {
                **{name: getattr(event, name) for name in Event.__slots__},
                "kind": event.kind.value,
                "paid_by": event.paid_by.value,
                "actor": books.actor,
                "entry_no": entry_no,
            }
            for event, entry_no in events
        ],
    )


async def load(books: Books, code: str) -> tuple[Event, int]:
    """An event and its voucher number. Raises `NotFound`."""
    row = await books.fetch_one(f"{_SELECT} WHERE code = :code", code=code)
    if row is None:
        raise NotFound(f"There is no event {code}. Check the code.")
    return _event(row)


async def of_organisation(
    books: Books,
    organisation: str,
    *,
    kind: EventKind | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
    after: str = "",
    limit: int = 100,
) -> list[tuple[Event, int]]:
    """Events that an organisation began, in the order of their codes, those after `after`."""
    rows = await books.fetch(
        f"{_SELECT} WHERE organisation = :organisation AND code > :after"
        " AND (CAST(:kind AS text) IS NULL OR kind = :kind)"
        " AND happened_on BETWEEN :first_on AND :last_on ORDER BY code LIMIT :limit",
        organisation=organisation,
        kind=kind and kind.value,
        first_on=first_on or date.min,
        last_on=last_on or date.max,
        after=after,
        limit=limit,
    )
    return [_event(row) for row in rows]


async def reversible(books: Books, codes: Collection[str]) -> set[str]:
    """Those of these codes that an event has which stands, and is no reversal itself."""
    return {row[0] for row in await books.fetch(_REVERSIBLE, codes=sorted(set(codes)))}


async def entries_of(books: Books, code: str) -> tuple[Entry, ...]:
    """The entries of a posted sheet or event: its organisation's, and its counterpart.

    Raises `NotFound` for a code that nothing was posted for.
    """
    row = await books.fetch_one(_VOUCHER, code=code)
    if row is None or row.entry_no is None:
        raise NotFound(f"Nothing was posted for {code}. Check the code.")
    return await with_counterparts(books, EntryRef(row.book_id, row.entry_no))


async def transfer_of(books: Books, code: str) -> tuple[str, str] | None:
    """Who gave and who received, where an event of this code is a transfer."""
    row = await books.fetch_one(
        "SELECT organisation, counterparty FROM service.event"
        " WHERE code = :code AND kind = ANY (:kinds)",
        code=code,
        kinds=[kind.value for kind in TRANSFERS],
    )
    return None if row is None else (row[0], row[1])


async def transfers_of(
    books: Books,
    organisation: str,
    *,
    other: str | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
    after: str = "",
    limit: int = 100,
) -> list[tuple[Event, int]]:
    """Transfers that an organisation gave or received, in the order of their codes.

    With whomever, or with one other organisation.
    """
    rows = await books.fetch(
        f"{_SELECT} WHERE :organisation IN (organisation, counterparty)"
        " AND kind = ANY (:kinds) AND code > :after"
        " AND (CAST(:other AS text) IS NULL OR :other IN (organisation, counterparty))"
        " AND happened_on BETWEEN :first_on AND :last_on ORDER BY code LIMIT :limit",
        organisation=organisation,
        kinds=[kind.value for kind in TRANSFERS],
        other=other,
        first_on=first_on or date.min,
        last_on=last_on or date.max,
        after=after,
        limit=limit,
    )
    return [_event(row) for row in rows]


def own_first(entries: Iterable[Entry], book: int) -> tuple[Entry, ...]:
    """The halves of a transfer, that of the organisation whose book this is first."""
    return tuple(sorted(entries, key=lambda entry: entry.ref.book != book))


async def with_counterparts(books: Books, ref: EntryRef) -> tuple[Entry, ...]:
    """An entry, and the other half where it is one half of a transfer."""
    entry = (await journal.entries(books.ledger, [ref]))[ref]
    if entry.counterpart is None:
        return (entry,)
    other = await journal.entries(books.ledger, [entry.counterpart])
    return (entry, other[entry.counterpart])


def _event(row: tuple[object, ...]) -> tuple[Event, int]:
    *fields, entry_no = row
    code, organisation, kind, happened_on, fund, paid_by, *rest = fields
    event = Event(code, organisation, EventKind(kind), happened_on, fund, PaidBy(paid_by), *rest)  # type: ignore[arg-type] # as the query says
    return event, entry_no  # type: ignore[return-value] # as the query says
