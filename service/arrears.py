"""Arrears and dues, for any day, from the ledger and the contracts.

Never from a stored flag: what was paid out, repaid, charged and written off by a day covers what
had fallen due by then, and what falls due next. For all loans of some lenders PostgreSQL works it
out in one pass (`standing.sql`); `service.loans.figures` says the same of one loan.
Source: DOMAIN 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import end_of_day
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import beside
from service import organisations
from service.loans import afresh, changes, history
from service.loans.figures import LoanFigures, figures
from service.loans.life import LoanState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime
    from uuid import UUID

    import asyncpg

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
    overdue_fine: int
    days_past_due: int


class Due(NamedTuple):
    """What a running loan asks for on a day to come, less what is paid by now; in paisa."""

    loan: str
    lender_book: int
    borrower_book: int | None
    due_on: date
    principal: int
    charge: int


@dataclass(frozen=True, slots=True)
class Lenders:
    """Whose loans are meant: those of some books, or of all from one number to another."""

    books: Collection[int] | None = None
    first: int = 0
    last: int = 2**63 - 1


EVERYBODY: Final = Lenders()
COMING_DAYS: Final = 31
"""How far ahead the job keeps what falls due: until the next meeting, wherever they are monthly."""
_MICROSECOND: Final = timedelta(microseconds=1)
_STANDING: Final = f"WITH standing AS MATERIALIZED ({beside(__file__, 'loans/standing.sql')})"
_COLUMNS: Final = ", ".join(Standing._fields)
_FIGURES: Final = ", ".join(Standing._fields[4:])
_STANDINGS: Final = f"""
    SELECT {_COLUMNS} FROM standing WHERE $7 OR state = 'paid_out' ORDER BY loan
"""
# Two instalments may have moved to one day.
_DUES: Final = """
    SELECT s.loan, s.lender_book, s.borrower_book, d.due_on, sum(d.principal)::bigint AS principal,
        sum(d.charge)::bigint AS charge
    FROM standing AS s
    CROSS JOIN unnest(s.coming_on, s.coming_principal, s.coming_charge)
        AS d (due_on, principal, charge)
    WHERE s.state = 'paid_out'
    GROUP BY s.loan, s.lender_book, s.borrower_book, d.due_on
    ORDER BY s.loan, d.due_on
"""
_KEEP: Final = f"""
    , kept AS (
        INSERT INTO service.loan_arrears
            (business_date, loan, lender_book, borrower_book, {_FIGURES}, run)
        SELECT $1, loan, lender_book, borrower_book, {_FIGURES}, $10
        FROM standing WHERE state = 'paid_out'
        ORDER BY loan
        RETURNING 1
    ), coming AS (
        INSERT INTO service.loan_due
            (business_date, loan, lender_book, borrower_book, due_on, principal, charge, run)
        SELECT $1, d.*, $10 FROM ({_DUES}) AS d
        RETURNING 1
    ), settled AS (
        INSERT INTO service.settled_loan AS s (loan, turnover, settled_on)
        SELECT loan, turnover, $1 FROM standing WHERE state <> 'paid_out' AND NOT corrected
        ON CONFLICT (loan) DO UPDATE SET
            turnover = excluded.turnover,
            settled_on = CASE WHEN s.turnover = excluded.turnover
                THEN least(s.settled_on, excluded.settled_on) ELSE excluded.settled_on END
    )
    SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM coming) AS made
"""
# One lender or a million loans: each is planned by what is asked, and compiling does not pay.
# What a part sorts fits into memory, what it looks up is looked up by key, and its fellow has the
# other core.
_PLANNED: Final = """
    SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off;
    SET LOCAL work_mem = '32MB'; SET LOCAL random_page_cost = 1.1;
    SET LOCAL max_parallel_workers_per_gather = 0
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
    rows = await from_standings(
        books, _STANDINGS, on, known_by=known_by, lenders=lenders, settled_too=settled_too
    )
    return [Standing(*row) for row in rows]


async def dues(
    books: Books,
    on: date,
    until: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
) -> list[Due]:
    """What running loans ask for after a day, until another: by loan and due date.

    What was paid ahead by the day is taken off; what is overdue already is not in it. A meeting on
    that other day is asked for both. Whoever asks has authorised it, and sees the whole house.
    """
    rows = await from_standings(books, _DUES, on, until=until, known_by=known_by, lenders=lenders)
    return [Due(*row) for row in rows]


async def keep_standings(
    books: WritableBooks, on: date, *, known_by: datetime, lenders: Lenders, run: UUID
) -> int:
    """Keep the figures and coming dues of every loan that runs on a day, as a job's results.

    How many rows there are.
    """
    until = on + timedelta(days=COMING_DAYS)
    [(made,)] = await from_standings(
        books, _KEEP, on, run, until=until, known_by=known_by, lenders=lenders
    )
    return int(made)


async def from_standings(
    books: Books,
    select: str,
    on: date,
    *more: object,
    known_by: datetime | None,
    lenders: Lenders,
    until: date | None = None,
    settled_too: bool = False,
) -> list[asyncpg.Record]:
    """The rows of a query over `standing` (`standing.sql`), whose first argument is `$10`."""
    await refuse_unsettled(books.ledger, known_by)
    await books.ledger.execute(_PLANNED)
    # Nothing is dated later than it was posted.
    end = end_of_day(on) - _MICROSECOND
    later = end if known_by is None else min(end, known_by)
    ids = None if lenders.books is None else sorted(lenders.books)
    asked = (on, known_by, ids, lenders.first, lenders.last, later, settled_too)
    one_by_one = await afresh.standings(books, *asked, until=until or on)
    rows: list[asyncpg.Record] = await books.ledger.fetch(
        f"{_STANDING}{select}", *asked, until or on, one_by_one, *more
    )
    return rows


async def figures_of(
    books: Books, loan: Loan, days: Sequence[date], *, known_by: datetime | None = None
) -> list[LoanFigures]:
    """One loan's figures on each of these days, paid out, closed or not."""
    async with books.whole_house():  # who borrows reads the loan too, which is in the lender's book
        await refuse_unsettled(books.ledger, known_by)
        moves = (await history.moves_of(books, [loan], max(days), known_by=known_by))[loan.code]
        agreed = loan.changes
        if known_by is not None and loan.afresh:
            known = await changes.in_force(books, [loan.code], known_by=known_by)
            agreed = known.get(loan.code, ())
    return [figures(loan.contract, loan.schedule, moves, day, agreed) for day in days]


async def of_lender(books: Books, lender: str, on: date) -> list[Standing]:
    """Where the loans of a lender stand that were paid out by a day: also those that have ended.

    Whoever asks has authorised it.
    """
    book = await organisations.book_of(books, lender)
    async with books.whole_house():
        return await standings(books, on, lenders=Lenders([book]), settled_too=True)


async def in_state(books: Books, lender: str, wanted: LoanState, on: date) -> list[str]:
    """The codes of a lender's loans that are in a state on a day, from the day of approval on."""
    agreed = {row[0] for row in await books.fetch(_AGREED, lender=lender, on=on)}
    found = await of_lender(books, lender, on)
    states = dict.fromkeys(agreed, LoanState.APPROVED)
    states |= {standing.loan: LoanState(standing.state) for standing in found}
    return [code for code, state in states.items() if state is wanted]
