"""The meeting as its pages show it: members with what is due, what is to be given, the box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service import arrears, bookkeeping, members, organisations
from service.collection import dues
from service.loans import contracts
from service.loans.life import LoanState
from service.loans.terms import fees_of
from service.members import MemberState, Only
from service.sheets.sheet import SheetLineKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import date

    from service.books import Books
    from service.collection.dues import BorrowerDue, LoanDue
    from service.loans.contracts import Loan
    from service.members import Member
    from service.organisations import Organisation
    from service.sheets.sheet import Sheet

BROUGHT: Final = (
    SheetLineKind.SAVING_VOLUNTARY,
    SheetLineKind.MEMBERSHIP_FEE,
    SheetLineKind.FINE,
    SheetLineKind.DONATION,
)
"""What a member may bring beside what is due; beneath these she may withdraw."""


@dataclass(frozen=True, slots=True)
class Line:
    """One amount field of a member's card, in paisa: what is due stands in it."""

    kind: SheetLineKind
    due: int = 0
    overdue: int = 0
    loan: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A member at the meeting."""

    place: int
    member: Member
    due: tuple[Line, ...]
    """What she usually saves, and each of her loans that asks for something or is open."""

    @property
    def expected(self) -> int:
        """All that is due of her, in paisa."""
        return sum(line.due for line in self.due)

    @property
    def overdue(self) -> int:
        """What of it should have come before, in paisa."""
        return sum(line.overdue for line in self.due)


@dataclass(frozen=True, slots=True)
class Giving:
    """A loan that is to be handed over."""

    loan: str
    member: Member
    amount: int
    given: int
    """In cash: less the fees that are taken off it."""
    brought: int
    """Fees that she pays in cash when she gets it."""
    resolution: str | None
    purpose: str | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """What there is to do at the meeting of a day."""

    organisation: Organisation
    on: date
    cards: tuple[Card, ...]
    to_give: tuple[Giving, ...]
    box: int
    """Cash in hand before it, of all funds, in paisa."""
    code: str
    """Of its sheet: whoever writes it, from whatever phone, there is one."""

    @property
    def expected(self) -> int:
        """All that is due, in paisa."""
        return sum(card.expected for card in self.cards)

    @property
    def late(self) -> list[Card]:
        """Who should have paid before."""
        return [card for card in self.cards if card.overdue]


def sheet_code(organisation: str, on: date, nth: int = 1) -> str:
    """The code of the sheet of a meeting, the n-th of its day."""
    return f"{organisation}.{on:%Y%m%d}" + (f".{nth}" if nth > 1 else "")


async def meeting(books: Books, organisation: str, on: date, code: str) -> Meeting:
    """What the meeting of a CO is to bring and to give. Raises `NotFound`, `Forbidden`."""
    home = await organisations.organisation(books, organisation)
    found = await dues.of_meeting(books, organisation, on)
    hers = await members.members(books, organisation, only=Only(MemberState.ACTIVE, on))
    owed = {one.member: one for one in found.borrowers if one.member}
    codes = [loan.loan for one in owed.values() for loan in one.loans]
    lent = await contracts.loans(books, codes) if codes else {}
    cards = tuple(
        Card(place, one, tuple(_due(owed.get(one.code), lent)))
        for place, one in enumerate(hers, start=1)
    )
    to_give = tuple([one async for one in _to_give(books, organisation, hers, on)])
    box = await bookkeeping.cash_in_hand(books, organisation, on)
    return Meeting(home, on, cards, to_give, box, code)


def cash_of(sheet: Sheet, lent: dict[str, Loan]) -> tuple[int, int]:
    """What a sheet takes in and what it pays out, in paisa, by its lines."""
    taken = given = 0
    for line in sheet.lines:
        if line.kind is SheetLineKind.WITHDRAWAL:
            given += line.amount
        elif line.kind is SheetLineKind.DISBURSEMENT:
            fees = fees_of(lent[line.loan or ""].contract)
            given += line.amount - fees.deducted
            taken += fees.up_front
        else:
            taken += line.amount
    return taken, given


def _due(owed: BorrowerDue | None, lent: dict[str, Loan]) -> Iterator[Line]:
    yield Line(SheetLineKind.SAVING_COMPULSORY, owed.usual_saving if owed else 0)
    for loan in owed.loans if owed else ():
        yield _repayment(loan, lent[loan.loan])


def _repayment(due: LoanDue, loan: Loan) -> Line:
    return Line(
        SheetLineKind.REPAYMENT,
        due.owed.to_pay.total,
        due.owed.overdue.total,
        due.loan,
        loan.agreement.purpose,
    )


async def _to_give(
    books: Books, organisation: str, hers: list[Member], on: date
) -> AsyncIterator[Giving]:
    """Loans of members that are approved, and may be paid out on the day."""
    by_code = {one.code: one for one in hers}
    codes = await arrears.in_state(books, organisation, LoanState.APPROVED, on)
    for code, loan in (await contracts.loans(books, codes) if codes else {}).items():
        agreed = loan.agreement
        if agreed.member in by_code and agreed.disbursed_on in {None, on} and not loan.cancelled_on:
            fees = fees_of(loan.contract)
            yield Giving(
                code,
                by_code[agreed.member],
                agreed.principal,
                agreed.principal - fees.deducted,
                fees.up_front,
                agreed.resolution,
                agreed.purpose,
            )
