"""Arrears and portfolio at risk, for any day, from the ledger and the contracts.

Never from a stored flag: what was paid out, repaid, charged and written off by a day covers what
had fallen due by then. For all loans of some lenders PostgreSQL works it out in one pass
(`standing.sql`); `service.loans.figures` says the same of one loan. Source: DOMAIN 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import end_of_day
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import beside
from service import organisations
from service.loans.figures import PAR_BUCKETS, LoanFigures, LoanState, Move, figures

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan


class Standing(NamedTuple):
    """A loan that was paid out, as at a day; amounts in paisa, lateness in days."""

    loan: str
    lender_book: int
    borrower_book: int | None
    """The book of the organisation that borrows; None for a member."""
    state: str
    outstanding_principal: int
    due_principal: int
    due_charge: int
    paid_principal: int
    paid_charge: int
    overdue_principal: int
    overdue_charge: int
    days_past_due: int


class AtRisk(NamedTuple):
    """PAR>days of a node on a day: principal of loans later than that, of all principal."""

    node: int
    days: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Lenders:
    """Whose loans are meant: those of some books, or of all from one number to another."""

    books: Collection[int] | None = None
    first: int = 0
    last: int = 2**63 - 1


EVERYBODY: Final = Lenders()
_MICROSECOND: Final = timedelta(microseconds=1)
_STANDING: Final = beside(__file__, "loans/standing.sql")
_COLUMNS: Final = ", ".join(Standing._fields)
_KEPT: Final = ", ".join(Standing._fields[4:])
_AGE: Final = f"""
    WITH standing AS MATERIALIZED ({_STANDING}), kept AS (
        INSERT INTO service.loan_arrears (business_date, loan, {_KEPT}, run)
        SELECT $1, loan, {_KEPT}, $8
        FROM standing WHERE state = 'paid_out'
        ORDER BY loan
        RETURNING 1
    ), settled AS (
        INSERT INTO service.settled_loan AS s (loan, turnover, settled_on)
        SELECT loan, turnover, $1 FROM standing WHERE state <> 'paid_out' AND NOT corrected
        ON CONFLICT (loan) DO UPDATE SET
            turnover = excluded.turnover,
            settled_on = CASE WHEN s.turnover = excluded.turnover
                THEN least(s.settled_on, excluded.settled_on) ELSE excluded.settled_on END
    )
    SELECT count(*) FROM kept
"""
# A node counts the loans of the lenders under it, but not those between two of its books.
_AT_RISK: Final = """
    SELECT p.node_id, d.days,
        coalesce(sum(p.principal) FILTER (WHERE p.passed >= d.place), 0)::bigint,
        sum(p.principal)::bigint
    FROM (
        SELECT u.node_id, width_bucket(s.days_past_due - 1, {buckets}::integer[]) AS passed,
            sum(s.outstanding_principal) AS principal
        FROM standing AS s
        JOIN ledger.under AS u
            ON u.book_id = s.lender_book AND u.from_on <= $1 AND u.to_on > $1
        WHERE {nodes} AND (s.borrower_book IS NULL OR NOT EXISTS (
            SELECT FROM ledger.under AS o
            WHERE o.book_id = s.borrower_book AND o.node_id = u.node_id
                AND o.from_on <= $1 AND o.to_on > $1))
        GROUP BY u.node_id, passed
    ) AS p
    CROSS JOIN unnest({buckets}::integer[]) WITH ORDINALITY AS d (days, place)
    GROUP BY p.node_id, d.days
    HAVING sum(p.principal) > 0
    ORDER BY p.node_id, d.days
"""
_AT_RISK_NOW: Final = f"""
    WITH standing AS MATERIALIZED (SELECT * FROM ({_STANDING}) AS s WHERE s.state = 'paid_out')
    {_AT_RISK.format(buckets="$8", nodes="($9::bigint[] IS NULL OR u.node_id = ANY ($9))")}
"""
_MEASURE: Final = f"""
    WITH standing AS MATERIALIZED (
        SELECT a.outstanding_principal, a.days_past_due, lender.book_id AS lender_book,
            borrower.book_id AS borrower_book
        FROM service.loan_arrears AS a
        JOIN service.loan AS l ON l.code = a.loan
        JOIN service.organisation AS lender ON lender.code = l.lender
        LEFT JOIN service.organisation AS borrower ON borrower.code = l.organisation
        WHERE a.business_date = $1
    ), risks (node_id, days, numerator, denominator) AS (
        {_AT_RISK.format(buckets="$2", nodes="true")}
    )
    INSERT INTO service.portfolio_at_risk (business_date, node, days, numerator, denominator, run)
    SELECT $1, o.code, r.days, r.numerator, r.denominator, $3
    FROM risks AS r
    JOIN service.organisation AS o ON o.book_id = r.node_id
    ORDER BY o.code, r.days
"""
_MOVES: Final = """
    SELECT value_date, sum(disbursed), sum(taken_off), sum(charge_paid), sum(written_off)
    FROM (
        SELECT l.value_date,
            CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
                 WHEN l.kind = 'reversal' THEN -l.credit ELSE l.debit END AS disbursed,
            CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
                 WHEN l.kind = 'reversal' THEN -l.debit ELSE l.credit END AS taken_off,
            CASE WHEN a.code = '4100' THEN l.credit - l.debit ELSE 0 END AS charge_paid,
            CASE WHEN a.code IN ('1390', '5100') THEN l.debit - l.credit ELSE 0 END AS written_off
        FROM ledger.account a
        JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no
        JOIN ledger.entry e ON e.book_id = l.book_id AND e.no = l.entry_no
        WHERE a.book_id = :book AND (
                a.code IN ('1300', '1310') AND a.party = :loan
                OR a.code IN ('4100', '1390', '5100') AND l.subject = :loan)
            AND l.value_date <= :on AND l.kind <> 'close'
            AND e.posted_at <= coalesce(:known_by, e.posted_at)
    ) AS moved
    GROUP BY value_date
"""
_AGREED: Final = "SELECT code FROM service.loan WHERE lender = :lender AND approved_on <= :on"


async def standings(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
    settled_too: bool = False,
) -> list[Standing]:
    """Where every loan stands that was paid out by a day, in the order of their codes.

    Those that run, or with `settled_too` those repaid and written off as well. Whoever asks has
    authorised it, and sees the whole house.
    """
    await _plan_anew(books, known_by)
    sql = (
        f"SELECT {_COLUMNS} FROM ({_STANDING}) AS s WHERE $7 OR s.state = 'paid_out' ORDER BY loan"
    )
    rows = await books.ledger.fetch(sql, *_asked(on, known_by, lenders, settled_too=settled_too))
    return [Standing(*row) for row in rows]


async def at_risk(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
    nodes: Collection[int] | None = None,
) -> list[AtRisk]:
    """PAR of every node with loans on a day, by node and days; all nodes, or some.

    A node counts the loans of the lenders under it, but not those between two of its books.
    """
    await _plan_anew(books, known_by)
    ids = None if nodes is None else sorted(nodes)
    asked = _asked(on, known_by, lenders, settled_too=False)
    rows = await books.ledger.fetch(_AT_RISK_NOW, *asked, list(PAR_BUCKETS), ids)
    return [AtRisk(*row) for row in rows]


async def keep_standings(
    books: WritableBooks, on: date, *, known_by: datetime, lenders: Lenders, run: UUID
) -> int:
    """Keep the figures of every loan that runs on a day, as a job's results; how many they are."""
    await _plan_anew(books, known_by)
    asked = _asked(on, known_by, lenders, settled_too=False)
    return int(await books.ledger.fetchval(_AGE, *asked, run))


async def keep_risks(books: WritableBooks, on: date, *, run: UUID) -> int:
    """Keep the portfolio at risk of every node, from what `keep_standings` kept of that day."""
    done = await books.ledger.execute(_MEASURE, on, list(PAR_BUCKETS), run)
    return int(done.rpartition(" ")[2])


async def figures_of(
    books: Books, loan: Loan, days: Sequence[date], *, known_by: datetime | None = None
) -> list[LoanFigures]:
    """One loan's figures on each of these days, paid out, closed or not."""
    async with books.whole_house():  # who borrows reads the loan too, which is in the lender's book
        await refuse_unsettled(books.ledger, known_by)
        asked = {"book": loan.lender_book, "loan": loan.code, "on": max(days)}
        rows = await books.fetch(_MOVES, **asked, known_by=known_by)
    moves = [_move(*row) for row in rows]
    return [figures(loan.contract, loan.schedule, moves, day) for day in days]


async def in_state(books: Books, lender: str, wanted: LoanState, on: date) -> list[str]:
    """The codes of a lender's loans that are in a state on a day, from the day of approval on."""
    book = await organisations.book_of(books, lender)
    agreed = {row[0] for row in await books.fetch(_AGREED, lender=lender, on=on)}
    async with books.whole_house():
        found = await standings(books, on, lenders=Lenders([book]), settled_too=True)
    states = dict.fromkeys(agreed, LoanState.APPROVED)
    states |= {standing.loan: LoanState(standing.state) for standing in found}
    return [code for code, state in states.items() if state is wanted]


def _move(
    value_date: date, disbursed: int, taken_off: int, charge_paid: int, written_off: int
) -> Move:
    return Move(
        value_date=value_date,
        disbursed=int(disbursed),
        principal_repaid=int(taken_off - written_off),
        charge_paid=int(charge_paid),
        written_off=int(written_off),
    )


def _asked(
    on: date, known_by: datetime | None, lenders: Lenders, *, settled_too: bool
) -> tuple[object, ...]:
    """The arguments of `standing.sql`; nothing is dated later than it was posted."""
    end = end_of_day(on) - _MICROSECOND
    ids = None if lenders.books is None else sorted(lenders.books)
    later = end if known_by is None else min(end, known_by)
    return on, known_by, ids, lenders.first, lenders.last, later, settled_too


async def _plan_anew(books: Books, known_by: datetime | None) -> None:
    """One lender or a million loans: each is planned by what is asked; compiling does not pay."""
    await refuse_unsettled(books.ledger, known_by)
    await books.ledger.execute("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off")
