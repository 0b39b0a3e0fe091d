"""Arrears and portfolio at risk, for any day, from the ledger's lines and the contracts.

Never from a stored flag: the loans' movements are read once, and each day's figures are
worked out from them (`service.loans.figures`). Source: DOMAIN 6.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ledger.postgres.settled import refuse_unsettled
from service import organisations
from service.loans import contracts
from service.loans.figures import PAR_BUCKETS, LoanFigures, LoanState, Move, figures, state

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from service.books import Books
    from service.loans.contracts import Loan


class LoanStanding(NamedTuple):
    """A loan that is paid out and not closed, with its figures on a day."""

    loan: Loan
    figures: LoanFigures


class AtRisk(NamedTuple):
    """PAR>days of a node on a day: principal of loans later than that, of all principal."""

    node: int
    days: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All loans with all their movements, ready for any day up to the one they were read for."""

    loans: Mapping[str, Loan]
    moves: Mapping[str, list[Move]]

    def running(self, on: date) -> Iterator[LoanStanding]:
        """The loans paid out and not closed on a day, in the order of their codes."""
        for code in sorted(self.moves):
            loan = self.loans[code]
            found = figures(loan.contract, loan.schedule, self.moves[code], on)
            if found.paid_out and not found.closed:
                yield LoanStanding(loan, found)

    def state(self, loan: str, on: date) -> LoanState:
        """Where a loan is on a day; one without any movement is approved."""
        if loan not in self.moves:
            return LoanState.APPROVED
        contract, schedule = self.loans[loan].contract, self.loans[loan].schedule
        return state(contract, schedule, self.moves[loan], on)


# A loan's principal is its account; charges and write-offs name it as their subject. A debit
# pays out, a credit repays or writes off; a reversal takes back what is on its other side.
_MOVES = """
    SELECT loan, value_date, sum(disbursed), sum(taken_off), sum(charge_paid), sum(written_off)
    FROM (
        SELECT CASE WHEN a.code IN ('1300', '1310') THEN a.party ELSE l.subject END AS loan,
            l.value_date,
            CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
                 WHEN l.kind = 'reversal' THEN -l.credit ELSE l.debit END AS disbursed,
            CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
                 WHEN l.kind = 'reversal' THEN -l.debit ELSE l.credit END AS taken_off,
            CASE WHEN a.code = '4100' THEN l.credit - l.debit ELSE 0 END AS charge_paid,
            CASE WHEN a.code IN ('1390', '5100') THEN l.debit - l.credit ELSE 0 END AS written_off
        FROM ledger.account a
        JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no
        JOIN ledger.entry e ON e.book_id = l.book_id AND e.no = l.entry_no
        WHERE a.code IN ('1300', '1310', '4100', '1390', '5100')
            AND (a.code IN ('1300', '1310') OR l.subject <> '')
            AND l.value_date <= :on AND l.kind <> 'close'
            AND e.posted_at <= coalesce(:known_by, e.posted_at)
            AND (:everywhere OR a.book_id = ANY (:in_books))
    ) AS moved
    GROUP BY loan, value_date
"""
_AGREED = "SELECT code FROM service.loan WHERE lender = :lender AND approved_on <= :on"
_UNDER = """
    SELECT node_id, book_id FROM ledger.under WHERE from_on <= :on AND to_on > :on
        AND (:everywhere OR node_id = ANY (:nodes))
"""


async def portfolio(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    in_books: Collection[int] | None = None,
) -> Portfolio:
    """All loans as far as they moved by a day, in all lenders' books or in some."""
    await refuse_unsettled(books.ledger, known_by)
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    rows = await books.fetch(
        _MOVES,
        on=on,
        known_by=known_by,
        everywhere=in_books is None,
        in_books=list(in_books or ()),
    )
    for loan, day, disbursed, taken_off, charge_paid, written_off in rows:
        move = Move(
            value_date=day,
            disbursed=int(disbursed),
            principal_repaid=int(taken_off - written_off),
            charge_paid=int(charge_paid),
            written_off=int(written_off),
        )
        moves[loan].append(move)
    return Portfolio(await contracts.loans(books, moves), moves)


async def figures_of(
    books: Books, loan: Loan, days: Sequence[date], *, known_by: datetime | None = None
) -> list[LoanFigures]:
    """One loan's figures on each of these days, paid out, closed or not."""
    lender = [loan.lender_book]
    async with books.whole_house():  # who borrows reads the loan too, which is in the lender's book
        found = await portfolio(books, max(days), known_by=known_by, in_books=lender)
    moves = found.moves.get(loan.code, [])
    return [figures(loan.contract, loan.schedule, moves, day) for day in days]


async def in_state(books: Books, lender: str, wanted: LoanState, on: date) -> list[str]:
    """The codes of a lender's loans that are in a state on a day, from the day of approval on."""
    book = await organisations.book_of(books, lender)
    found = await portfolio(books, on, in_books=[book])
    agreed = {row[0] for row in await books.fetch(_AGREED, lender=lender, on=on)}
    return [code for code in agreed | set(found.moves) if found.state(code, on) is wanted]


async def at_risk(
    books: Books,
    running: Collection[LoanStanding],
    on: date,
    *,
    nodes: Collection[int] | None = None,
) -> list[AtRisk]:
    """PAR of every node with loans on a day, by node and days.

    A node counts the loans of the lenders under it, but not those between two of its books.
    """
    members: defaultdict[int, set[int]] = defaultdict(set)
    asked = {"on": on, "everywhere": nodes is None, "nodes": list(nodes or ())}
    for node, book in await books.fetch(_UNDER, **asked):
        members[node].add(book)
    by_lender: defaultdict[int, list[LoanStanding]] = defaultdict(list)
    for standing in running:
        by_lender[standing.loan.lender_book].append(standing)
    rows: list[AtRisk] = []
    for node in sorted(members):
        counted = [
            standing.figures
            for book in members[node]
            for standing in by_lender.get(book, ())
            if standing.loan.borrower_book not in members[node]
        ]
        rows += _buckets(node, counted)
    return rows


def _buckets(node: int, counted: Collection[LoanFigures]) -> Iterator[AtRisk]:
    total = sum(found.outstanding_principal for found in counted)
    if total <= 0:
        return
    for days in PAR_BUCKETS:
        late = sum(f.outstanding_principal for f in counted if f.days_past_due > days)
        yield AtRisk(node, days, late, total)
