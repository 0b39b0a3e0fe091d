"""What every node has lent: how much of it is at risk on a day, and what falls due after it.

A node counts the loans of the lenders under it that day, but not those between two of its books.
Loans are first summed by who lent to whom, then carried to the nodes. Source: DOMAIN 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from service.arrears import EVERYBODY, Lenders, Standing, from_standings
from service.loans.figures import PAR_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from uuid import UUID

    from service.books import Books, WritableBooks

WEEK_DAYS: Final = 7
MATURING_DAYS: Final = (30, 60, 90)
"""Within so many days the last of a loan falls due, for it to be maturing."""


class AtRisk(NamedTuple):
    """PAR>days of a node on a day: principal of loans later than that, of all principal."""

    node: int
    days: int
    numerator: int
    denominator: int


class Measured(NamedTuple):
    """A measure of a node's portfolio on a day: principal of some loans, of all principal."""

    node: int
    measure: str
    numerator: int
    denominator: int


class Lent(NamedTuple):
    """What a node has lent, as on a day: principal and arrears in paisa, and loans."""

    node: int
    outstanding: int
    """Principal that is left of the loans that run."""
    over_30: int
    """Of it, that of loans more than 30 days late."""
    overdue: int
    """What should have come before, of loans in arrears: principal, charge and fines."""
    loans: int
    late: int
    """How many of them are in arrears."""
    rescheduled: int
    maturing_30: int
    """Principal of the loans whose last due date lies within 30 days; the next two alike."""
    maturing_60: int
    maturing_90: int

    @property
    def par_30(self) -> AtRisk:
        """Portfolio at risk over 30 days, as the reports have it."""
        return AtRisk(self.node, 30, self.over_30, self.outstanding)


class Summed(NamedTuple):
    """How many loans there are, and what all of them come to in paisa."""

    loans: int
    outstanding: int
    overdue: int


class Listed(NamedTuple):
    """Some loans of a node, and what all of them come to."""

    loans: tuple[Standing, ...]
    everything: Summed
    unnamed: Summed
    """Of it, what may not be listed."""


# By column: what is summed, over rows of which loans. Days are numbers of our own.
_RISKS: Final = {
    "outstanding": "outstanding_principal",
    **{
        f"over_{days}": f"CASE WHEN days_past_due > {days} THEN outstanding_principal ELSE 0 END"
        for days in PAR_BUCKETS
    },
}
_LATER: Final = (0, *PAR_BUCKETS)
_WHERE: Final = {
    **{f"par_{days}": f"days_past_due > {days}" for days in _LATER},
    **{f"par_{days}_or_rescheduled": f"days_past_due > {days} OR rescheduled" for days in _LATER},
    "rescheduled": "rescheduled",
    **{
        f"maturing_{days}": f"last_due_on BETWEEN $1::date AND $1::date + {days}"
        for days in MATURING_DAYS
    },
}
_MEASURED: Final = {
    "outstanding": "outstanding_principal",
    **{
        name: f"CASE WHEN {holds} THEN outstanding_principal ELSE 0 END"
        for name, holds in _WHERE.items()
    },
}
_OVERDUE: Final = "overdue_principal + overdue_charge + overdue_fine"
_WHICH: Final = {"": "true", "late": f"{_OVERDUE} > 0", **_WHERE}
WHICH: Final = frozenset(_WHICH)
"""Which loans may be listed: all, those in arrears, or those of a measure such as `par_30`."""
_LENT: Final = {
    "outstanding": _MEASURED["outstanding"],
    "over_30": _MEASURED["par_30"],
    "overdue": _OVERDUE,
    "loans": "1",
    "late": f"CASE WHEN {_OVERDUE} > 0 THEN 1 ELSE 0 END",
    "rescheduled": _MEASURED["rescheduled"],
    **{f"maturing_{days}": _MEASURED[f"maturing_{days}"] for days in MATURING_DAYS},
}
_RUNNING_WITH_END: Final = """(
    SELECT s.*, s.loan = ANY ($11::text[]) AS rescheduled, coalesce((
            SELECT c.dues[cardinality(c.dues)] FROM service.loan_change AS c
            WHERE c.loan = s.loan AND c.kind = 'reschedule' AND c.on_day <= $1
                AND ($2::timestamptz IS NULL AND c.undone_at IS NULL
                    OR c.known_at <= $2 AND coalesce(c.undone_at > $2, true))
            ORDER BY c.on_day DESC, c.n DESC LIMIT 1
        ), (SELECT max(i.due_on) FROM service.instalment AS i WHERE i.loan = s.loan)) AS last_due_on
    FROM standing AS s WHERE s.state = 'paid_out'
) AS running"""
# Beside the loans the sums of all of them, so that there is a row where there is no loan.
_LISTED: Final = f"""
    , chosen AS MATERIALIZED (
        SELECT *, {_OVERDUE} AS overdue, lender_book = ANY ($10::bigint[]) AS named
        FROM {_RUNNING_WITH_END}
        WHERE ({{}}) AND coalesce(borrower_book <> ALL ($3), true)
    )
    SELECT t.*, l.*
    FROM (
        SELECT count(*), coalesce(sum(outstanding_principal), 0)::bigint,
            coalesce(sum(overdue), 0)::bigint, count(*) FILTER (WHERE NOT named),
            coalesce(sum(outstanding_principal) FILTER (WHERE NOT named), 0)::bigint,
            coalesce(sum(overdue) FILTER (WHERE NOT named), 0)::bigint
        FROM chosen
    ) AS t
    LEFT JOIN LATERAL (
        SELECT {", ".join(Standing._fields)} FROM chosen
        WHERE named ORDER BY days_past_due DESC, loan OFFSET $12 LIMIT $13
    ) AS l ON true
"""
_RESCHEDULED: Final = """
    SELECT loan FROM service.loan_change
    WHERE kind = 'reschedule' AND on_day <= :on AND known_at <= :known_by
        AND coalesce(undone_at > :known_by, true)
    UNION
    SELECT code FROM service.loan WHERE refinances IS NOT NULL AND disbursed_on <= :on
"""
_THIS_WEEK: Final = f"CASE WHEN due_on <= $1::date + {WEEK_DAYS} THEN {{}} ELSE 0 END"
_DUES: Final = {
    "week_principal": _THIS_WEEK.format("principal"),
    "week_charge": _THIS_WEEK.format("charge"),
    "month_principal": "principal",
    "month_charge": "charge",
}


def _of_nodes(amounts: dict[str, str], source: str, nodes: str = "true") -> str:
    """The sums of amounts of loans by node; `source` has them with who lent to whom."""
    parts = ", ".join(f"sum({amount})::bigint AS {name}" for name, amount in amounts.items())
    sums = ", ".join(f"sum(l.{name})::bigint AS {name}" for name in amounts)
    return f"""
        SELECT u.node_id, {sums}
        FROM (
            SELECT lender_book, borrower_book, {parts} FROM {source}
            GROUP BY lender_book, borrower_book
        ) AS l
        JOIN ledger.under AS u
            ON u.book_id = l.lender_book AND u.from_on <= $1 AND u.to_on > $1
        WHERE {nodes} AND (l.borrower_book IS NULL OR NOT EXISTS (
            SELECT FROM ledger.under AS o
            WHERE o.book_id = l.borrower_book AND o.node_id = u.node_id
                AND o.from_on <= $1 AND o.to_on > $1))
        GROUP BY u.node_id
    """


def _keep(table: str, amounts: dict[str, str], source: str, least: str) -> str:
    names = ", ".join(amounts)
    return f"""
        INSERT INTO service.{table} (business_date, node, {names}, run)
        SELECT $1, o.code, {names}, $2
        FROM ({_of_nodes(amounts, f"service.{source} WHERE business_date = $1")}) AS n
        JOIN service.organisation AS o ON o.book_id = n.node_id
        WHERE {least} > 0
        ORDER BY o.code
    """


_KEEP_RISKS: Final = _keep("portfolio_at_risk", _RISKS, "loan_arrears", "outstanding")
_KEEP_DUES: Final = _keep("due_total", _DUES, "loan_due", "month_principal + month_charge")


async def at_risk(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
    nodes: Collection[int] | None = None,
) -> list[AtRisk]:
    """PAR of every node with loans on a day, by node and days; all nodes, or some.

    Whoever asks has authorised it, and sees the whole house.
    """
    wanted = "($10::bigint[] IS NULL OR u.node_id = ANY ($10))"
    running = "standing WHERE state = 'paid_out'"
    sql = f"SELECT * FROM ({_of_nodes(_RISKS, running, wanted)}) AS n WHERE outstanding > 0"
    ids = None if nodes is None else sorted(nodes)
    rows = await from_standings(
        books, f"{sql} ORDER BY node_id", on, ids, known_by=known_by, lenders=lenders
    )
    return [
        AtRisk(row["node_id"], days, row[f"over_{days}"], row["outstanding"])
        for row in rows
        for days in PAR_BUCKETS
    ]


async def measured(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
    nodes: Collection[int] | None = None,
) -> list[Measured]:
    """Every measure of the portfolio of every node with loans on a day; all nodes, or some.

    Portfolio at risk, from any day late; the same with all rescheduled balances; these alone; and
    what matures: loans whose last due date is that day or lies within so many days after it.
    Whoever asks has authorised it, and sees the whole house.
    """
    wanted = "($10::bigint[] IS NULL OR u.node_id = ANY ($10))"
    sql = f"SELECT * FROM ({_of_nodes(_MEASURED, _RUNNING_WITH_END, wanted)}) AS n"
    ids = None if nodes is None else sorted(nodes)
    again = sorted(await rescheduled_loans(books, on, known_by=known_by))
    rows = await from_standings(
        books,
        f"{sql} WHERE outstanding > 0 ORDER BY node_id",
        on,
        ids,
        again,
        known_by=known_by,
        lenders=lenders,
    )
    return [
        Measured(row["node_id"], name, row[name], row["outstanding"])
        for row in rows
        for name in _WHERE
    ]


async def lent(
    books: Books,
    on: date,
    *,
    known_by: datetime | None = None,
    lenders: Lenders = EVERYBODY,
    nodes: Collection[int],
) -> dict[int, Lent]:
    """What some nodes have lent on a day, by node; one without a loan has none.

    Whoever asks has authorised it, and sees the whole house.
    """
    sql = f"SELECT * FROM ({_of_nodes(_LENT, _RUNNING_WITH_END, 'u.node_id = ANY ($10)')}) AS n"
    again = sorted(await rescheduled_loans(books, on, known_by=known_by))
    rows = await from_standings(
        books, sql, on, sorted(nodes), again, known_by=known_by, lenders=lenders
    )
    return {row["node_id"]: Lent(*row) for row in rows}


async def listed(
    books: Books,
    on: date,
    *,
    which: str = "",
    known_by: datetime | None = None,
    lenders: Collection[int],
    named: Collection[int],
    skip: int = 0,
    limit: int,
) -> Listed:
    """Loans that run on a day, lent by some to others than themselves, the latest first.

    Of the lenders not in `named` they are in the sums alone. `which` is one of `WHICH`. Whoever
    asks has authorised it, and sees the whole house.
    """
    again = sorted(await rescheduled_loans(books, on, known_by=known_by))
    rows = await from_standings(
        books,
        _LISTED.format(_WHICH[which]),
        on,
        sorted(named),
        again,
        skip,
        limit,
        known_by=known_by,
        lenders=Lenders(lenders),
    )
    wide = len(Summed._fields)
    everything, unnamed = Summed(*rows[0][:wide]), Summed(*rows[0][wide : 2 * wide])
    loans = tuple(Standing(*row[2 * wide :]) for row in rows if row["loan"] is not None)
    return Listed(loans, everything, unnamed)


async def rescheduled_loans(
    books: Books, on: date, *, known_by: datetime | None = None
) -> frozenset[str]:
    """The loans that were rescheduled by a day, or that refinance another."""
    rows = await books.fetch(_RESCHEDULED, on=on, known_by=known_by or books.now)
    return frozenset(row[0] for row in rows)


async def keep_risks(books: WritableBooks, on: date, *, run: UUID) -> int:
    """Keep the portfolio at risk of every node, from the loans' figures kept of that day."""
    return _count(await books.ledger.execute(_KEEP_RISKS, on, run))


async def keep_dues(books: WritableBooks, on: date, *, run: UUID) -> int:
    """Keep what falls due to every node in the coming week and month, from the loans' dues."""
    return _count(await books.ledger.execute(_KEEP_DUES, on, run))


def _count(done: str) -> int:
    return int(done.rpartition(" ")[2])
