"""What an event's entries need, looked up: its books, its loans, and what stands in its way.

It is found before the books are locked. What could change until then is seen again under the
lock: balances, and whether the book has opened accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.entries import AccountKey, Entry, Kind
from ledger.refusals import AlreadyReversed
from service import access, federation, members, organisations
from service.access import Right
from service.events import store
from service.events.event import MEMBER_KINDS, TRANSFERS, Event, EventKind
from service.events.setting import Setting
from service.loans import contracts
from service.refusals import AccruedLater, Malformed, YearClosed
from service.sheets import actions as sheet_actions
from service.sheets import store as sheets

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan

_ACCRUING: Final = """
    SELECT l.code
    FROM service.loan AS l
    JOIN service.product AS p ON p.code = l.product AND p.version = l.product_version
    WHERE l.lender = :lender AND p.fund = :fund AND p.recognition = 'accrual'
        AND l.disbursed_on <= :on
        AND (
            EXISTS (
                SELECT FROM service.instalment AS i
                WHERE i.loan = l.code AND i.due_on >= CAST(:on AS date) - 365
            ) OR EXISTS (
                SELECT FROM ledger.account AS a
                WHERE a.book_id = :book AND a.code IN ('1300', '1310', '1320')
                    AND a.party = l.code AND a.debit <> a.credit
            )
        )
    ORDER BY l.disbursed_on, l.code
"""
"""Those that run, or have fallen due within a year; later a loan that owes is too late anyway."""
_OF_MEMBER: Final = """
    SELECT code FROM service.loan
    WHERE lender = :lender AND member = :member AND disbursed_on <= :on
    ORDER BY disbursed_on, code
"""
_TO_CLOSE: Final = """
    SELECT code, fund, party FROM ledger.account
    WHERE book_id = :book AND (code LIKE '4%' OR code LIKE '5%')
"""
_NEWEST: Final = "SELECT coalesce(max(no), 0) FROM ledger.account WHERE book_id = :book"
_STANDING: Final = """
    SELECT e.code, e.happened_on FROM service.event AS e
    WHERE e.organisation = :organisation AND e.kind = :kind AND e.happened_on >= :since
        AND (CAST(:fund AS text) IS NULL OR e.fund = :fund)
        AND NOT EXISTS (
            SELECT FROM service.event AS r
            WHERE r.organisation = e.organisation AND r.reverses = e.code
        )
    ORDER BY e.happened_on, e.code
"""
_REVERSED: Final = """
    SELECT 1 FROM service.event WHERE organisation = :organisation AND reverses = :code
"""


async def prepare(books: WritableBooks, event: Event) -> Setting:
    """Everything about an event that is not in its books. Raises `NotFound`, `Malformed`."""
    book = await access.authorise(books, Right.PREPARE, event.organisation)
    if event.kind is EventKind.REVERSAL:
        return await _reversal(books, event, book)
    if event.kind is EventKind.CHARGE_ACCRUED:
        return await _accrual(books, event, book)
    if event.kind is EventKind.YEAR_END_CLOSE:
        return await _year_end(books, event, book)
    if event.kind in MEMBER_KINDS:
        homes = await members.organisations_of(books, [event.counterparty or ""])
        if event.kind is EventKind.SETTLEMENT:
            members.refuse_strangers(homes, event.organisation)
    other_book = None
    if event.kind in TRANSFERS:
        other_book = await organisations.book_of(books, event.counterparty or "")
    loan = await _loan(books, event)
    return Setting(
        book=book,
        other_book=other_book,
        loan=loan,
        parent=await federation.parent_of(books, event.organisation, event.happened_on),
        loans=await _paid_off(books, event, loan),
    )


async def _loan(books: WritableBooks, event: Event) -> Loan | None:
    """The loan that an event names; where it pays it out, with its day from now on."""
    if event.loan is None:
        return None
    if event.kind in {EventKind.ORGANISATION_LOAN_DISBURSED, EventKind.REFINANCE}:
        await contracts.set_paid_out(books, [event.loan], event.happened_on)
    return (await contracts.loans(books, [event.loan]))[event.loan]


async def _paid_off(books: Books, event: Event, loan: Loan | None) -> tuple[Loan, ...]:
    """The loans that an event pays off, oldest first."""
    codes: list[str] = []
    if event.kind is EventKind.REFINANCE and loan and loan.agreement.refinances:
        codes = [loan.agreement.refinances]
    elif event.kind is EventKind.SETTLEMENT:
        asked = {"lender": event.organisation, "member": event.counterparty}
        codes = [row[0] for row in await books.fetch(_OF_MEMBER, on=event.happened_on, **asked)]
    return await _loans(books, codes)


async def _loans(books: Books, codes: list[str]) -> tuple[Loan, ...]:
    found = await contracts.loans(books, codes) if codes else {}
    return tuple(found[code] for code in codes)


async def _accrual(books: Books, event: Event, book: int) -> Setting:
    asked = {"lender": event.organisation, "fund": event.fund, "on": event.happened_on}
    rows = await books.fetch(_ACCRUING, book=book, **asked)
    later = await _first_since(books, event, event.fund, later=True)
    objection = later and AccruedLater(
        f"Charge of fund {event.fund} is accrued up to {later[1]} already, by {later[0]}. "
        "Reverse that first, or choose a later day."
    )
    loans = await _loans(books, [row[0] for row in rows])
    return Setting(book, loans=loans, objection=objection or None)


async def _year_end(books: Books, event: Event, book: int) -> Setting:
    rows = await books.fetch(_TO_CLOSE, book=book)
    (newest,) = await books.fetch(_NEWEST, book=book)
    closed = await _first_since(books, event, None, later=False)
    objection = closed and YearClosed(
        f"The year that ends on {closed[1]} is closed already, by {closed[0]}."
    )
    return Setting(
        book,
        accounts=tuple(AccountKey(*row) for row in rows),
        last_account=newest[0],
        objection=objection or None,
    )


async def _first_since(
    books: Books, event: Event, fund: str | None, *, later: bool, kind: EventKind | None = None
) -> tuple[str, object] | None:
    """The first event of a kind that stands, on a day or later, or only later."""
    rows = await books.fetch(
        _STANDING,
        organisation=event.organisation,
        kind=(kind or event.kind).value,
        since=event.happened_on,
        fund=fund,
    )
    found = [row for row in rows if row[1] > event.happened_on or not later]
    return (found[0][0], found[0][1]) if found else None


async def _reversal(books: WritableBooks, event: Event, book: int) -> Setting:
    await sheets.lock(books, event.reverses or "")
    undoes = await store.entries_of(books, event.reverses or "")
    if book not in {entry.ref.book for entry in undoes}:
        raise Malformed(f"organisation: {event.reverses} is not in its book.")
    undoes = store.own_first(undoes, book)
    return Setting(book, undoes=undoes, objection=await _closed_since(books, event, undoes[0]))


async def _closed_since(books: WritableBooks, event: Event, entry: Entry) -> Refusal | None:
    """What stands in the way of taking back a close: that it is, or that of a later year."""
    if entry.kind is not Kind.CLOSE:
        return None
    await sheet_actions.taken(books, f"{event.reverses}/reversal")  # others wait for their turn
    asked = {"organisation": event.organisation, "code": event.reverses}
    if await books.fetch(_REVERSED, **asked):
        return AlreadyReversed(f"{event.reverses} is reversed already.")
    kind = EventKind.YEAR_END_CLOSE
    later = await _first_since(books, event, None, later=True, kind=kind)
    if later is None:
        return None
    return YearClosed(
        f"The year that ends on {later[1]} is closed too, by {later[0]}. Take that back first."
    )
