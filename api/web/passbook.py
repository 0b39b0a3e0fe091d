"""A passbook as its page shows it: figures, what is next, and vouchers, the newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.entries import Kind
from service import savings
from service.events import store as events
from service.loans import contracts
from service.loans.today import LoanToday, today
from service.sheets import store
from service.sheets.sheet import SheetState
from service.statements import registry
from service.statements.statement import Asked

if TYPE_CHECKING:
    from service.books import Books
    from service.loans.contracts import Loan
    from service.members import Member
    from service.savings import MemberSavings

VOUCHERS: Final = 20
"""On one page."""
MOST_LOANS: Final = 1_000
_BEFORE_ALL: Final = date(1900, 1, 1)
_PAPER: Final = (5000, 1000, 500, 100, 50, 20, 10)
_RUPEE: Final = 100
_LOANS: Final = frozenset({"1300", "1310"})


class Note(NamedTuple):
    """So many notes of a worth in rupees; worth 0 is what coins make of the rest."""

    worth: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a passbook: what it is, how much, and what there is of it then; in paisa."""

    code: str
    about: str
    amount: int
    """Above zero where she brings it, below where she takes it."""
    held: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """All that one voucher did for her."""

    on: date
    no: int
    organisation: str
    kind: str
    reference: str
    narrative: str
    lines: tuple[Told, ...]
    sheet: SheetState | None = None
    """Where the sheet is that it was written by, if it was one."""
    reversible: bool = False
    """Whether an event wrote it that one may ask to take back."""

    @property
    def correctable(self) -> bool:
        """Whether one may ask for its sheet to be corrected."""
        return self.sheet is SheetState.CLOSED and self.kind != Kind.REVERSAL


@dataclass(frozen=True, slots=True)
class Book:
    """Her passbook, as on a day."""

    saved: MemberSavings
    pledged: int
    loans: tuple[tuple[Loan, LoanToday], ...]
    """Of her own CO, those that run first."""
    vouchers: tuple[Voucher, ...]
    earlier: bool
    """Whether there are vouchers before these."""

    @property
    def saving(self) -> int:
        """What she has saved, in paisa."""
        return self.saved.compulsory + self.saved.voluntary

    @property
    def left(self) -> int:
        """Principal that she still owes, in paisa."""
        return sum(stands.figures.outstanding_principal for _, stands in self.loans)

    @property
    def overdue(self) -> int:
        """What should have come before, in paisa."""
        return sum(stands.overdue for _, stands in self.loans)

    @property
    def next(self) -> tuple[date, int] | None:
        """The day on which something falls due next, and how much of all loans."""
        coming = [
            part
            for _, stands in self.loans
            if not stands.figures.closed
            for part in stands.parts
            if part.unpaid and not part.overdue
        ]
        if not coming:
            return None
        day = min(part.instalment.due_on for part in coming)
        return day, sum(part.unpaid for part in coming if part.instalment.due_on == day)


async def of_member(
    books: Books, member: Member, on: date, *, known_by: datetime | None = None, page: int | None
) -> Book:
    """A member's passbook on a day, of one page or all of it. Raises `NotFound`, `Forbidden`."""
    lent = await contracts.of_lender(
        books, member.organisation, member=member.code, limit=MOST_LOANS
    )
    owed = [
        (loan, await today(books, loan, on, known_by=known_by))
        for loan in lent
        if loan.agreement.approved_on <= on
    ]
    owed.sort(key=lambda pair: (not pair[1].figures.outstanding_principal, pair[0].code))
    made = await registry.passbook(
        books, member.code, Asked(first_on=_BEFORE_ALL, last_on=on, known_by=known_by)
    )
    lines = [row async for row in made.content.rows if row.part == "line"]
    lines.sort(key=lambda row: (row.value_date, row.book, row.entry_no, -row.n), reverse=True)
    grouped = groupby(lines, key=lambda row: (row.value_date, row.book, row.entry_no))
    vouchers = [_voucher(list(rows)) for _, rows in grouped]
    shown = vouchers if page is None else vouchers[(page - 1) * VOUCHERS : page * VOUCHERS]
    sheets = await store.states(books, [one.reference for one in shown])
    stand = await events.reversible(books, [one.reference for one in shown])
    shown = [
        replace(one, sheet=sheets.get(one.reference), reversible=one.reference in stand)
        for one in shown
    ]
    return Book(
        await savings.of_member(books, member.code, on, known_by=known_by),
        await savings.pledged(books, member.code, on, known_by=known_by),
        tuple(owed),
        tuple(shown),
        page is not None and len(vouchers) > page * VOUCHERS,
    )


def laid_out(paisa: int) -> list[Note]:
    """An amount in as few notes as may be, the largest first."""
    left, found = paisa // _RUPEE, []
    for worth in _PAPER:
        count, left = divmod(left, worth)
        if count:
            found.append(Note(worth, count))
    return [*found, Note(0, left)] if left else found


def _voucher(rows: list[Any]) -> Voucher:
    first = rows[0]
    told = tuple(Told(row.code, row.about, row.credit - row.debit, row.held) for row in rows)
    return Voucher(
        first.value_date,
        first.entry_no,
        first.organisation,
        first.kind or "",
        first.reference or "",
        first.narrative or "",
        told,
    )
