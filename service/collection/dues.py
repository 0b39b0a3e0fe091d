"""What a coming meeting is to bring: per loan, per borrower, and as lines of its sheet.

To pay is what is overdue, what has fallen due and is within its days of grace, and what falls due
until and on the day of the meeting, less what is paid ahead; as known at the close of the day
`as_of`. Beside it stands what would pay the loan off on that day, and what a member usually saves:
her compulsory saving at the last closed meeting at which she saved, 0 where there is none; so
whoever was away once is asked for it again. Amounts are paisa. Source: DOMAIN 5 and 6.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import business_date
from service import access, arrears
from service.access import Right
from service.arrears import Lenders
from service.collection.cover import History, stood
from service.collection.histories import histories
from service.loans.figures import figures
from service.loans.plan import plan
from service.refusals import Malformed
from service.sheets.sheet import SheetLine, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from service.books import Books


class Parts(NamedTuple):
    """An amount by what it is for."""

    principal: int = 0
    charge: int = 0
    fine: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)

    def and_also(self, more: Parts) -> Parts:
        """The sum, part by part."""
        return Parts(*(one + other for one, other in zip(self, more, strict=True)))

    def less(self, other: Parts) -> Parts:
        """The difference, part by part."""
        return Parts(*(one - taken for one, taken in zip(self, other, strict=True)))


class Owed(NamedTuple):
    """What a meeting is to bring of one loan, or of several."""

    overdue: Parts = Parts()
    in_grace: Parts = Parts()
    """Fallen due and unpaid, of loans that are within their days of grace."""
    falling_due: Parts = Parts()
    """From the day after until and on the day of the meeting, less what is paid ahead."""
    pay_off: int = 0

    @property
    def to_pay(self) -> Parts:
        """All that the meeting is to bring."""
        return self.overdue.and_also(self.in_grace).and_also(self.falling_due)


class LoanDue(NamedTuple):
    """A loan, and what the meeting is to bring of it."""

    loan: str
    fund: str
    outstanding: int
    days_past_due: int
    owed: Owed


@dataclass(frozen=True, slots=True)
class BorrowerDue:
    """A member or an organisation: what she usually saves, and her loans."""

    member: str | None
    organisation: str | None
    name: str | None
    """None where whoever asks may not see it."""
    usual_saving: int
    loans: tuple[LoanDue, ...]

    @property
    def owed(self) -> Owed:
        """Of all her loans."""
        return together(loan.owed for loan in self.loans)


@dataclass(frozen=True, slots=True)
class MeetingDues:
    """What the meeting of a day is to bring, as known at the close of another."""

    organisation: str
    on: date
    as_of: date
    saved_on: date | None
    """The last closed meeting before."""
    borrowers: tuple[BorrowerDue, ...]
    lines: tuple[SheetLine, ...]
    """The lines of its sheet, if everybody saves and pays so."""

    @property
    def owed(self) -> Owed:
        """Of all loans."""
        return together(one.owed for one in self.borrowers)

    @property
    def usual_saving(self) -> int:
        """Of all members."""
        return sum(one.usual_saving for one in self.borrowers)


class _Saved(NamedTuple):
    """The last closed meeting before a day, and what members saved when they last did."""

    on: date | None
    by_member: dict[str, int]


_DAY: Final = timedelta(days=1)
_MEMBERS: Final = """
    SELECT code, name FROM service.member
    WHERE organisation = :organisation AND joined_on <= :on AND coalesce(left_on >= :on, true)
"""
_NAMES: Final = """
    SELECT m.code, m.name FROM service.member m WHERE m.code = ANY (:codes)
    UNION ALL
    SELECT o.code, o.name FROM service.organisation o WHERE o.code = ANY (:codes)
"""
_SAVED: Final = """
    WITH closed AS (
        SELECT s.held_on, e.no, s.lines FROM service.sheet s
        JOIN service.book_number b ON b.code = s.organisation
        JOIN ledger.entry e ON e.book_id = b.book_id AND e.no = s.entry_no
        WHERE s.organisation = :organisation AND s.state = 'closed' AND s.held_on < :on
            AND e.posted_at <= coalesce(:known_by, e.posted_at)
    ),
    usual AS (
        SELECT DISTINCT ON (l ->> 0) l ->> 0 AS member, CAST(l ->> 2 AS bigint) AS saved
        FROM closed AS c CROSS JOIN jsonb_array_elements(c.lines) AS l
        WHERE l ->> 1 = 'saving_compulsory'
        ORDER BY l ->> 0, c.held_on DESC, c.no DESC
    )
    SELECT last.held_on, usual.member, usual.saved
    FROM (SELECT max(held_on) AS held_on FROM closed) AS last LEFT JOIN usual ON true
"""


async def of_meeting(
    books: Books,
    organisation: str,
    on: date,
    *,
    as_of: date | None = None,
    known_by: datetime | None = None,
) -> MeetingDues:
    """What the meeting of a lender is to bring on a day.

    As known at the close of the day `as_of`: today, or the day before the meeting where that is
    earlier. Raises `NotFound`, `Forbidden`, `Malformed`, `MomentUnsettled`.
    """
    book = await access.authorise(books, Right.READ, organisation)
    seen_on = min(business_date(books.now), on - _DAY) if as_of is None else as_of
    if seen_on >= on:
        raise Malformed(
            f"as_of: {seen_on} is not before the meeting of {on}. Choose an earlier day."
        )
    await access.refuse_shut(books, book)
    async with books.whole_house():
        running = await arrears.standings(
            books, seen_on, known_by=known_by, lenders=Lenders([book])
        )
        codes = [standing.loan for standing in running]
        found = await histories(books, codes, seen_on, known_by=known_by)
    saved = await _saved(books, organisation, on, known_by)
    hers = await books.fetch(_MEMBERS, organisation=organisation, on=on)
    names = {row[0]: row[1] for row in hers}
    borrowers = tuple(await _borrowers(books, names, found, saved, seen_on, on))
    lines = tuple(line for one in borrowers if one.member in names for line in _lines(one))
    return MeetingDues(organisation, on, seen_on, saved.on, borrowers, lines)


def of_loan(history: History, as_of: date, on: date) -> LoanDue:
    """What a meeting is to bring of one loan."""
    loan = history.loan
    changes = tuple(change for change in history.changes if change.on <= as_of)
    known = History(loan, tuple(history.by(as_of)), changes)
    now, then = stood(known, as_of), stood(known, on)
    owed = figures(loan.contract, loan.schedule, known.moves, as_of, changes)
    later = figures(loan.contract, loan.schedule, known.moves, on, changes)
    overdue = Parts(owed.overdue_principal, owed.overdue_charge, owed.overdue_fine)
    unpaid = Parts(now.gap_principal, now.gap_charge, owed.overdue_fine)
    asked = Parts(then.gap_principal, then.gap_charge, later.overdue_fine)
    due_days = [row.due_on for row in loan.schedule]
    closing = plan(loan.contract, due_days, known.moves, changes, on=on).pay_off
    whole = Owed(overdue, unpaid.less(overdue), asked.less(unpaid), closing + later.overdue_fine)
    return LoanDue(loan.code, loan.fund, now.outstanding, owed.days_past_due, whole)


def together(owed: Iterable[Owed]) -> Owed:
    """The sum of what several loans are to bring."""
    whole = Owed()
    for one in owed:
        whole = Owed(
            whole.overdue.and_also(one.overdue),
            whole.in_grace.and_also(one.in_grace),
            whole.falling_due.and_also(one.falling_due),
            whole.pay_off + one.pay_off,
        )
    return whole


async def _saved(books: Books, organisation: str, on: date, known_by: datetime | None) -> _Saved:
    rows = await books.fetch(_SAVED, organisation=organisation, on=on, known_by=known_by)
    return _Saved(rows[0][0], {row[1]: row[2] for row in rows if row[1]})


async def _borrowers(
    books: Books,
    names: dict[str, str],
    found: Sequence[History],
    saved: _Saved,
    as_of: date,
    on: date,
) -> list[BorrowerDue]:
    """The members of the organisation, and everybody else who owes it, by their codes."""
    loans: defaultdict[tuple[str | None, str | None], list[LoanDue]] = defaultdict(list)
    for history in found:
        agreed = history.loan.agreement
        loans[agreed.member, agreed.organisation].append(of_loan(history, as_of, on))
    everybody = {*loans, *((member, None) for member in names)}
    who = sorted(everybody, key=lambda one: one[0] or one[1] or "")
    others = [member or organisation for member, organisation in who if member not in names]
    elsewhere = dict(await books.fetch(_NAMES, codes=others)) if others else {}
    called = {**elsewhere, **names}
    return [
        BorrowerDue(
            member,
            organisation,
            called.get(member or organisation or ""),
            saved.by_member.get(member or "", 0) if member in names else 0,
            tuple(loans[member, organisation]),
        )
        for member, organisation in who
    ]


def _lines(one: BorrowerDue) -> Iterator[SheetLine]:
    """A member's lines: her saving, then each of her loans that asks for something."""
    member = one.member or ""
    if one.usual_saving:
        yield SheetLine(member, SheetLineKind.SAVING_COMPULSORY, one.usual_saving)
    for due in one.loans:
        if paid := due.owed.to_pay.total:
            yield SheetLine(member, SheetLineKind.REPAYMENT, paid, due.loan)
