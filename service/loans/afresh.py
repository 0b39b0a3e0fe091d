"""Where loans stand whose plan depends on what happens, worked out one by one.

All others are worked out at once (`standing.sql`), which takes these rows in as they are. The
figures are those of `service.loans.figures`, as for any one loan.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from service.loans import changes, contracts, history
from service.loans.figures import figures
from service.loans.life import LoanState
from service.loans.plan import as_planned, gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from service.books import Books
    from service.loans.contracts import Loan
    from service.loans.plan import Move

AT_ONCE: Final = 2_000
"""Loans of which the moves are read together."""

# A loan that was settled is left out until anything of it moves or changes: whatever that is, its
# turnover is another then. $1 day, $2 known by, $3 to $5 lenders, $6 from when on a posting may be
# one to leave out, $7 whether settled loans are wanted.
_WANTED: Final = """
    WITH lent AS MATERIALIZED (
        SELECT l.code, o.book_id, (
                SELECT coalesce(sum(a.debit + a.credit), 0) FROM ledger.account AS a
                WHERE a.book_id = o.book_id AND a.code IN ('1300', '1310') AND a.party = l.code
            ) + (
                SELECT coalesce(sum(s.debit + s.credit), 0) FROM ledger.subject AS s
                WHERE s.book_id = o.book_id AND s.subject = l.code
            ) + (
                SELECT count(*) + count(c.undone_at) FROM service.loan_change AS c
                WHERE c.loan = l.code
            ) AS turnover,
            EXISTS (
                SELECT FROM service.loan_change AS c
                WHERE c.loan = l.code AND (c.known_at > $2 OR c.undone_at > $2 OR c.on_day > $1)
            ) AS changed
        FROM service.loan AS l
        JOIN service.organisation AS o ON o.code = l.lender
        WHERE l.afresh AND l.disbursed_on <= $1
            AND o.book_id BETWEEN $4 AND $5 AND ($3::bigint[] IS NULL OR o.book_id = ANY ($3))
    ), later AS MATERIALIZED (
        SELECT DISTINCT l.book_id,
            CASE WHEN a.code IN ('1300', '1310') THEN a.party ELSE l.subject END AS loan
        FROM ledger.entry AS e
        JOIN ledger.line AS l
            ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE e.posted_at > $6 AND (e.posted_at > $2 OR e.value_date > $1)
            AND e.book_id BETWEEN $4 AND $5 AND ($3::bigint[] IS NULL OR e.book_id = ANY ($3))
            AND (a.code IN ('1300', '1310') OR l.subject <> '')
            AND EXISTS (SELECT FROM lent)
    )
    SELECT t.code, t.turnover::bigint, t.changed OR later.loan IS NOT NULL AS corrected
    FROM lent AS t
    LEFT JOIN later ON later.book_id = t.book_id AND later.loan = t.code
    LEFT JOIN service.settled_loan AS z
        ON z.loan = t.code AND z.turnover = t.turnover AND z.settled_on <= $1
    WHERE z.loan IS NULL OR t.changed OR later.loan IS NOT NULL OR $7
    ORDER BY t.code
"""


async def standings(books: Books, *asked: Any, until: date) -> str:  # noqa: ANN401 - as the query's
    """The rows of `standing.sql` of these loans, as JSON; `asked` are its first seven arguments."""
    on, known_by = asked[:2]
    found: list[dict[str, Any]] = []
    wanted = await books.ledger.fetch(_WANTED, *asked)
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        loans = await contracts.loans(books, [code for code, _, _ in some])
        moves = await history.moves_of(books, loans.values(), on, known_by=known_by)
        agreed = await _agreed(books, loans, known_by)
        for code, turnover, corrected in some:
            kept = {"turnover": turnover, "corrected": corrected}
            rows = _row(loans[code], moves[code], agreed.get(code, ()), on, until)
            found += [row | kept for row in rows]
    return json.dumps(found)


async def _agreed(
    books: Books, loans: dict[str, Loan], known_by: datetime | None
) -> dict[str, tuple[Any, ...]]:
    if known_by is None:
        return {code: loan.changes for code, loan in loans.items()}
    return await changes.in_force(books, list(loans), known_by=known_by)


def _row(
    loan: Loan, moves: Sequence[Move], agreed: Sequence[Any], on: date, until: date
) -> Iterator[dict[str, Any]]:
    """The one row of a loan that was paid out by the day."""
    found = figures(loan.contract, loan.schedule, moves, on, agreed)
    if not found.paid_out:
        return
    written_off = sum(move.written_off for move in moves)
    state = LoanState.PAID_OUT
    if found.closed:
        state = LoanState.WRITTEN_OFF if written_off else LoanState.REPAID
    planned = as_planned(loan.contract, loan.schedule, moves, agreed, on=on)
    rows = [row for row in planned.instalments if row.due_on <= until]
    lacks = gaps(loan.contract, rows, found.paid_charge, found.paid_principal)
    coming = [
        (row.due_on.isoformat(), principal, charge)
        for row, charge, principal in zip(rows, *lacks, strict=True)
        if row.due_on > on and charge + principal
    ]
    yield {
        "loan": loan.code,
        "lender_book": loan.lender_book,
        "borrower_book": loan.borrower_book,
        "state": state.value,
        **{name: getattr(found, name) for name in _FIGURES},
        "coming_on": [day for day, _, _ in coming],
        "coming_principal": [principal for _, principal, _ in coming],
        "coming_charge": [charge for _, _, charge in coming],
    }


_FIGURES: Final = (
    "outstanding_principal",
    "due_principal",
    "due_charge",
    "paid_principal",
    "paid_charge",
    "overdue_principal",
    "overdue_charge",
    "overdue_fine",
    "days_past_due",
)
