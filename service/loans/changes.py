"""What was agreed of loans after they were approved: rates, due dates, fines.

A change is in force from its day on, known from the moment it was written down, and never
changed: one that was agreed in error is undone, and what was known before can still be asked.
Source: DOMAIN 5.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from service.conditions import where
from service.loans.plan import FineImposed, RateChange, Reschedule
from service.loans.terms import as_percent
from service.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from service.books import Books, WritableBooks
    from service.loans.plan import Change


class Agreed(NamedTuple):
    """A change of a loan with what is kept beside it; `n` counts those of the loan."""

    n: int
    change: Change
    reason: str
    resolution: str | None
    actor: str
    known_at: datetime
    undone_at: datetime | None
    undone_by: str | None


_KINDS: Final = {RateChange: "rate", Reschedule: "reschedule", FineImposed: "fine"}
_SELECT: Final = """
    SELECT loan, n, kind, on_day, rate_percent, dues, grace_principal, grace_charge, overdue_too,
        amount, reason, resolution, actor, known_at, undone_at, undone_by
    FROM service.loan_change
"""
_CONDITIONS: Final = {
    "codes": "loan = ANY (:codes)",
    "known_by": "known_at <= :known_by AND coalesce(undone_at > :known_by, true)",
}
_ADD: Final = """
    INSERT INTO service.loan_change (loan, n, kind, on_day, rate_percent, dues, grace_principal,
        grace_charge, overdue_too, amount, reason, resolution, actor, known_at)
    SELECT :loan, coalesce(max(n), 0) + 1, :kind, :on_day, CAST(:rate_percent AS numeric),
        CAST(:dues AS date[]), :grace_principal, :grace_charge, :overdue_too,
        CAST(:amount AS bigint), :reason, :resolution, :actor, :known_at
    FROM service.loan_change WHERE loan = :loan
    RETURNING n
"""
_AFRESH: Final = "UPDATE service.loan SET afresh = true WHERE code = :loan AND NOT afresh"
_UNDO: Final = """
    UPDATE service.loan_change SET undone_at = :at, undone_by = :actor
    WHERE loan = :loan AND n = :n AND undone_at IS NULL
"""


async def of_loan(books: Books, loan: str) -> list[Agreed]:
    """All changes of a loan, those undone too, in the order in which they were written down."""
    rows = await books.fetch(f"{_SELECT} WHERE loan = :loan ORDER BY n", loan=loan)
    return [_agreed(row) for row in rows]


async def in_force(
    books: Books, codes: Collection[str], *, known_by: datetime | None = None
) -> dict[str, tuple[Change, ...]]:
    """The changes of loans that are not undone, by the loan's code; now, or by a moment."""
    if not codes:
        return {}
    asked = {"codes": sorted(codes), "known_by": known_by or books.now}
    found: dict[str, tuple[Change, ...]] = {}
    sql = f"{_SELECT} {where(_CONDITIONS, asked)} ORDER BY loan, n"
    for row in await books.fetch(sql, **asked):
        found[row.loan] = (*found.get(row.loan, ()), _agreed(row).change)
    return found


async def add(
    books: WritableBooks, loan: str, change: Change, *, reason: str, resolution: str | None
) -> int:
    """Write down a change of a loan; its number. From then on the loan is worked out afresh."""
    rate = getattr(change, "rate", None)
    dues = getattr(change, "dues", None)
    row = await books.fetch_one(
        _ADD,
        loan=loan,
        kind=_KINDS[type(change)],
        on_day=change.on,
        rate_percent=None if rate is None else as_percent(rate),
        dues=None if dues is None else list(dues),
        grace_principal=getattr(change, "grace_principal", 0),
        grace_charge=getattr(change, "grace_charge", 0),
        overdue_too=getattr(change, "overdue_too", False),
        amount=getattr(change, "amount", None),
        reason=reason,
        resolution=resolution,
        actor=books.actor,
        known_at=books.now,
    )
    await books.execute(_AFRESH, loan=loan)
    return 1 if row is None else int(row[0])


async def undo(books: WritableBooks, loan: str, n: int) -> None:
    """Take a change back from now on. Raises `NotFound` where there is none, or it is undone."""
    if not await books.execute(_UNDO, loan=loan, n=n, at=books.now, actor=books.actor):
        raise NotFound(f"{loan} has no change {n} in force. Read its changes again.")


def _agreed(row: Any) -> Agreed:  # noqa: ANN401 - a row is as wide as its query
    rate = None if row.rate_percent is None else Fraction(row.rate_percent) / 100
    change: Change
    if row.kind == "fine":
        change = FineImposed(on=row.on_day, amount=row.amount)
    elif row.kind == "rate":
        change = RateChange(on=row.on_day, rate=rate or Fraction(0))
    else:
        change = Reschedule(
            on=row.on_day,
            dues=tuple(row.dues),
            grace_principal=row.grace_principal,
            grace_charge=row.grace_charge,
            rate=rate,
            overdue_too=row.overdue_too,
        )
    return Agreed(
        n=row.n,
        change=change,
        reason=row.reason,
        resolution=row.resolution,
        actor=row.actor,
        known_at=row.known_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )
