"""What an auditor looks for in books, worked out anew from entries, sheets and requests.

Gaps in the numbers; reversals; entries dated back, and sheets written late; cash that was short
or over when counted; and who decides again and again what the same other one asked. None of it
is wrong by itself: each is somewhere to look. Amounts are paisa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from ledger.postgres.settled import refuse_unsettled
from service import access, organisations
from service.access import Right

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from service.books import Books

BACK_DATED_AFTER_DAYS: Final = 7
LATE_AFTER_DAYS: Final = 3
A_PAIR_FROM: Final = 3
"""So many approvals of what one asked by the same other make a pair worth a look."""
MOST: Final = 100
"""Rows of each kind that are told; all are counted."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The latest findings of a kind; how many there are, and what they come to."""

    rows: list[T]
    count: int = 0
    amount: int = 0


class Gap(NamedTuple):
    """Numbers that no entry of a book has, or one whose moment is not after the one before."""

    organisation: str
    what: str
    first_no: int
    last_no: int


class Reversal(NamedTuple):
    """An entry that takes back another."""

    organisation: str
    no: int
    value_date: date
    posted_at: datetime
    actor: str
    narrative: str
    reverses: int
    reversed_on: date
    amount: int


class BackDated(NamedTuple):
    """An entry of no sheet whose day lies long before it was written."""

    organisation: str
    no: int
    value_date: date
    posted_at: datetime
    actor: str
    narrative: str
    days: int
    amount: int


class LateSheet(NamedTuple):
    """A meeting whose sheet was written long after it was held."""

    organisation: str
    no: int
    sheet: str
    held_on: date
    posted_at: datetime
    actor: str
    days: int
    amount: int


class Difference(NamedTuple):
    """Cash that was short or over when it was counted; `amount` is what it cost the book."""

    organisation: str
    no: int
    value_date: date
    actor: str
    sheet: str | None
    short: int
    over: int
    amount: int


class Differing(NamedTuple):
    """What was short and over in all that somebody wrote; what was taken back is taken off."""

    actor: str
    times: int
    short: int
    over: int


class Pair(NamedTuple):
    """Somebody who asked, somebody who approved, how often, and of how many that one asked."""

    organisation: str
    asked_by: str
    decided_by: str
    approved: int
    of: int


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found in some books over a period."""

    books: int
    entries: int
    gaps: Some[Gap]
    reversals: Some[Reversal]
    back_dated: Some[BackDated]
    late_sheets: Some[LateSheet]
    differences: Some[Difference]
    by_writer: Some[Differing]
    """The same differences, all of them, by who wrote them; of reversals, what they take back."""
    pairs: Some[Pair]

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        kinds = (self.gaps, self.reversals, self.back_dated, self.late_sheets, self.differences)
        return sum(one.count for one in kinds) + self.pairs.count


_KNOWN: Final = """
    known AS (
        SELECT k.book_id, k.last_no, o.code AS organisation
        FROM ledger.known($2, $1) AS k JOIN service.book_number AS o USING (book_id)
    )
"""
_MOVED: Final = """
    CROSS JOIN LATERAL (
        SELECT sum(l.debit)::bigint AS amount FROM ledger.line AS l
        WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    ) AS moved
"""
_LATE: Final = "((e.posted_at AT TIME ZONE 'Asia/Karachi')::date - {since})"
_LOOKED: Final = f"""
    WITH {_KNOWN}
    SELECT count(DISTINCT k.book_id), count(e.no)
    FROM known AS k
    LEFT JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no <= k.last_no
        AND e.value_date BETWEEN $3 AND $4
"""
_GAPS: Final = f"""
    WITH {_KNOWN}, numbered AS (
        SELECT e.book_id, k.organisation, e.no, e.posted_at,
            lag(e.no, 1, 0::bigint) OVER w AS no_before, lag(e.posted_at) OVER w AS posted_before
        FROM known AS k JOIN ledger.entry AS e ON e.book_id = k.book_id
        WHERE e.posted_at <= coalesce($2, e.posted_at)
        WINDOW w AS (PARTITION BY e.book_id ORDER BY e.no)
    ), gaps AS (
        SELECT organisation, 'missing' AS what, no_before + 1 AS first_no, no - 1 AS last_no
        FROM numbered WHERE no <> no_before + 1
        UNION ALL
        SELECT organisation, 'moment steps back', no, no FROM numbered
        WHERE posted_at <= posted_before
        UNION ALL
        SELECT k.organisation, 'missing', coalesce(max(n.no), 0) + 1, b.last_no
        FROM known AS k
        JOIN ledger.book AS b ON b.id = k.book_id
        LEFT JOIN numbered AS n ON n.book_id = k.book_id
        WHERE $2 IS NULL
        GROUP BY k.organisation, b.last_no HAVING b.last_no > coalesce(max(n.no), 0)
    )
    SELECT count(*) OVER (), 0::bigint, * FROM gaps
    ORDER BY organisation, first_no, what LIMIT $3
"""
_REVERSALS: Final = f"""
    WITH {_KNOWN}
    SELECT count(*) OVER (), (sum(moved.amount) OVER ())::bigint, k.organisation, e.no,
        e.value_date, e.posted_at, e.actor, e.narrative, r.no, r.value_date, moved.amount
    FROM known AS k
    JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no <= k.last_no
    JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.no = e.reverses {_MOVED}
    WHERE e.value_date BETWEEN $3 AND $4
    ORDER BY e.value_date DESC, k.organisation, e.no DESC LIMIT $5
"""
_BACK_DATED: Final = f"""
    WITH {_KNOWN}
    SELECT count(*) OVER (), (sum(moved.amount) OVER ())::bigint, k.organisation, e.no,
        e.value_date, e.posted_at, e.actor, e.narrative, {_LATE.format(since="e.value_date")},
        moved.amount
    FROM known AS k
    JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no <= k.last_no {_MOVED}
    WHERE e.value_date BETWEEN $3 AND $4 AND {_LATE.format(since="e.value_date")} > $6
        AND NOT EXISTS (SELECT FROM service.sheet AS s
            WHERE s.organisation = k.organisation AND s.entry_no = e.no)
    ORDER BY e.value_date DESC, k.organisation, e.no DESC LIMIT $5
"""
_LATE_SHEETS: Final = f"""
    WITH {_KNOWN}
    SELECT count(*) OVER (), (sum(moved.amount) OVER ())::bigint, k.organisation, e.no, s.code,
        s.held_on, e.posted_at, e.actor, {_LATE.format(since="s.held_on")}, moved.amount
    FROM known AS k
    JOIN service.sheet AS s ON s.organisation = k.organisation
    JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no = s.entry_no AND e.no <= k.last_no
    {_MOVED}
    WHERE s.held_on BETWEEN $3 AND $4 AND {_LATE.format(since="s.held_on")} > $6
    ORDER BY s.held_on DESC, k.organisation, e.no DESC LIMIT $5
"""
_DIFFERING: Final = f"""
    WITH {_KNOWN}, differing AS (
        SELECT k.organisation, e.no, e.value_date, e.actor, s.code AS sheet,
            coalesce(r.actor, e.actor) AS written_by, e.reverses,
            coalesce(sum(l.debit - l.credit) FILTER (WHERE a.code = '5990'), 0)::bigint AS short,
            coalesce(sum(l.credit - l.debit) FILTER (WHERE a.code = '4990'), 0)::bigint AS over,
            sum(l.debit - l.credit)::bigint AS amount
        FROM known AS k
        JOIN ledger.account AS a ON a.book_id = k.book_id AND a.code IN ('4990', '5990')
        JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
            AND l.entry_no <= k.last_no AND l.value_date BETWEEN $3 AND $4
        JOIN ledger.entry AS e ON e.book_id = l.book_id AND e.no = l.entry_no
        LEFT JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.no = e.reverses
        LEFT JOIN service.sheet AS s ON s.organisation = k.organisation AND s.entry_no = e.no
        WHERE e.kind <> 'close'
        GROUP BY k.organisation, e.no, e.value_date, e.actor, e.reverses, r.actor, s.code
    )
"""
_DIFFERENCES: Final = f"""{_DIFFERING}
    SELECT count(*) OVER (), (sum(amount) OVER ())::bigint, organisation, no, value_date, actor,
        sheet, short, over, amount
    FROM differing ORDER BY value_date DESC, organisation, no DESC LIMIT $5
"""
_BY_WRITER: Final = f"""{_DIFFERING}
    SELECT count(*) OVER (), (sum(sum(amount)) OVER ())::bigint, written_by,
        count(*) FILTER (WHERE reverses IS NULL), sum(short)::bigint, sum(over)::bigint
    FROM differing GROUP BY written_by ORDER BY sum(abs(amount)) DESC, written_by LIMIT $5
"""
_PAIRS: Final = f"""
    WITH {_KNOWN}, decided AS (
        SELECT k.organisation, r.asked_by, r.decided_by
        FROM known AS k JOIN service.request AS r ON r.organisation = k.organisation
        WHERE r.state = 'approved' AND r.decided_at <= coalesce($2, r.decided_at)
            AND (r.decided_at AT TIME ZONE 'Asia/Karachi')::date BETWEEN $3 AND $4
    ), pairs AS (
        SELECT organisation, asked_by, decided_by, count(*) AS approved,
            (sum(count(*)) OVER (PARTITION BY organisation, asked_by))::bigint AS of_asked
        FROM decided GROUP BY organisation, asked_by, decided_by
    )
    SELECT count(*) OVER (), 0::bigint, organisation, asked_by, decided_by, approved, of_asked
    FROM pairs WHERE approved >= $6
    ORDER BY approved DESC, organisation, asked_by, decided_by LIMIT $5
"""


async def findings(
    books: Books,
    organisation: str,
    first_on: date,
    last_on: date,
    *,
    known_by: datetime | None = None,
    below: bool = False,
) -> Findings:
    """What is found in an organisation's book, or in those of all below it on the last day.

    Gaps are those of the whole book, the rest lies in the period. Raises `NotFound`,
    `Forbidden`, `MomentUnsettled`.
    """
    book = await access.authorise(books, Right.READ, organisation, below=below)
    await refuse_unsettled(books.ledger, known_by)
    asked = await organisations.books_under(books, book, last_on) if below else [book]
    period = (asked, known_by, first_on, last_on)
    looked, entries = (await books.ledger.fetch(_LOOKED, *period))[0]
    return Findings(
        looked,
        entries,
        await _some(books, Gap, _GAPS, asked, known_by, MOST),
        await _some(books, Reversal, _REVERSALS, *period, MOST),
        await _some(books, BackDated, _BACK_DATED, *period, MOST, BACK_DATED_AFTER_DAYS),
        await _some(books, LateSheet, _LATE_SHEETS, *period, MOST, LATE_AFTER_DAYS),
        await _some(books, Difference, _DIFFERENCES, *period, MOST),
        await _some(books, Differing, _BY_WRITER, *period, MOST),
        await _some(books, Pair, _PAIRS, *period, MOST, A_PAIR_FROM),
    )


async def _some(books: Books, made: Callable[..., T], sql: str, *asked: Any) -> Some[T]:  # noqa: ANN401 - whatever the statement asks
    rows = await books.ledger.fetch(sql, *asked)
    if not rows:
        return Some([])
    return Some([made(*row[2:]) for row in rows], rows[0][0], rows[0][1])
