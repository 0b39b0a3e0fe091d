"""Loan applications: who asks for how much and what for, what an appraisal says, how it ended.

The loan that comes of an application has its code; until then the application says where it is.
Source: DOMAIN 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - shapes are read by their annotations
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from service import access, members, organisations
from service.access import Right
from service.conditions import where
from service.loans import products
from service.loans.life import LoanState, Step, refuse_illegal
from service.refusals import AlreadyExists, Malformed, NotFound, OwnLoan, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.books import Books, WritableBooks
    from service.loans.agreement import Agreement


class Ending(StrEnum):
    """How an application ends without a loan."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """What was applied for; amounts in paisa.

    `mip` is the household's micro investment plan: which one, and what of it the loan is for.
    """

    code: str
    lender: str
    member: str | None
    organisation: str | None
    product: str
    amount: int
    instalments: int
    purpose: str
    mip: str
    applied_on: date


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What whoever looked into it found: how much could be lent, and why."""

    on: date
    amount: int
    findings: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An application as it stands."""

    application: Application
    state: LoanState
    entered_by: str
    appraisal: Appraisal | None
    appraised_by: str | None
    ended_on: date | None
    ended_by: str | None
    ended_because: str | None
    version: int


_FIELDS: Final = Application.__slots__
_ADD: Final = f"""
    INSERT INTO service.loan_application ({", ".join(_FIELDS)}, entered_by, entered_at)
    VALUES ({", ".join(f":{name}" for name in _FIELDS)}, :entered_by, :entered_at)
"""
_STATE: Final = """
    CASE WHEN l.code IS NOT NULL THEN 'approved' WHEN a.ended_as IS NOT NULL THEN a.ended_as
        WHEN a.appraised_on IS NULL THEN 'applied' ELSE 'appraised' END
"""
_SELECT: Final = f"""
    SELECT {", ".join(f"a.{name}" for name in _FIELDS)}, {_STATE} AS state, a.entered_by,
        a.appraised_on, a.appraised_by, a.appraised_amount, a.appraisal, a.ended_on, a.ended_by,
        a.ended_because, a.version
    FROM service.loan_application a LEFT JOIN service.loan l ON l.code = a.code
"""
_CONDITIONS: Final = {
    "lender": "a.lender = :lender",
    "after": "a.code > :after",
    "member": "a.member = :member",
    "state": f"{_STATE} = :state",
}
STATES: Final = (
    LoanState.APPLIED,
    LoanState.APPRAISED,
    LoanState.DECLINED,
    LoanState.WITHDRAWN,
    LoanState.APPROVED,
)
"""Those in which an application is; from then on the loan says where it is."""
_TAKEN: Final = """
    SELECT 1 FROM service.loan WHERE code = :code
    UNION ALL SELECT 1 FROM service.loan_application WHERE code = :code
    UNION ALL SELECT 1 FROM service.member WHERE code = :code
"""
_IS_TAKEN: Final = "The code {} is taken already. Choose another."
_MEMBER: Final = "SELECT member FROM access.person WHERE code = :actor"
_APPRAISE: Final = """
    UPDATE service.loan_application
    SET appraised_on = :on, appraised_by = :actor, appraised_amount = :amount,
        appraisal = :findings, version = version + 1
    WHERE code = :code AND version = coalesce(CAST(:version AS integer), version)
"""
_END: Final = """
    UPDATE service.loan_application
    SET ended_on = :on, ended_by = :actor, ended_as = :ended_as, ended_because = :because,
        version = version + 1
    WHERE code = :code AND version = coalesce(CAST(:version AS integer), version)
"""


async def apply(books: WritableBooks, asked: Application) -> Kept:
    """Keep an application. Raises `AlreadyExists`, `NotFound`, `Malformed`, `DatedInFuture`."""
    await access.authorise(books, Right.PREPARE, asked.lender)
    refuse_unlike_borrower(asked.lender, asked.member, asked.organisation)
    organisations.refuse_future(books, "applied_on", asked.applied_on)
    products.in_force(await products.products(books), asked.product, asked.applied_on)
    await members.organisations_of(books, [asked.member] if asked.member else [])
    if asked.organisation is not None:
        await organisations.book_of(books, asked.organisation)
    async with books.whole_house():  # codes are unique in it
        taken = await books.fetch(_TAKEN, code=asked.code)
    if taken:
        raise AlreadyExists(_IS_TAKEN.format(asked.code))
    row = {name: getattr(asked, name) for name in _FIELDS}
    await books.execute(_ADD, **row, entered_by=books.actor, entered_at=books.now)
    return await application(books, asked.code)


async def appraise(
    books: WritableBooks, code: str, found: Appraisal, *, version: int | None
) -> Kept:
    """Keep what an appraisal found; a later one takes its place.

    Raises `StepNotAllowed`, `VersionChanged`, `OwnLoan`, `Malformed` where it lies before the
    application.
    """
    kept = await _to_change(books, code, Step.APPRAISE)
    who = await books.fetch_one(_MEMBER, actor=books.actor)
    if who is not None and who[0] is not None and who[0] == kept.application.member:
        raise OwnLoan(f"{code} is your own application. Another officer appraises it.")
    _refuse_day(books, "on", found.on, kept)
    said = {"on": found.on, "amount": found.amount, "findings": found.findings}
    await _change(books, _APPRAISE, code, version, said)
    return await application(books, code)


async def end(
    books: WritableBooks, code: str, ending: Ending, *, on: date, because: str, version: int | None
) -> Kept:
    """End an application without a loan. Raises as `appraise` does."""
    step = Step.DECLINE if ending is Ending.DECLINED else Step.WITHDRAW
    kept = await _to_change(books, code, step)
    _refuse_day(books, "on", on, kept)
    said = {"on": on, "ended_as": ending.value, "because": because}
    await _change(books, _END, code, version, said)
    return await application(books, code)


async def application(books: Books, code: str) -> Kept:
    """One application. Raises `NotFound`."""
    found = await books.fetch_one(f"{_SELECT} WHERE a.code = :code", code=code)
    if found is None:
        raise NotFound(f"There is no loan application {code}. Check the code.")
    return _kept(found)


async def of_lender(
    books: Books,
    lender: str,
    *,
    state: LoanState | None = None,
    member: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Kept]:
    """The applications to a lender in the order of their codes, those after `after`.

    Raises `Malformed` for a state in which no application is.
    """
    if state is not None and state not in STATES:
        known = ", ".join(STATES)
        raise Malformed(f"state: an application is never {state}. Choose one of {known}.")
    asked = {
        "lender": lender,
        "member": member,
        "after": after,
        "limit": limit,
        "state": state and state.value,
    }
    sql = f"{_SELECT} {where(_CONDITIONS, asked)} ORDER BY a.code LIMIT :limit"
    return [_kept(row) for row in await books.fetch(sql, **asked)]


async def refuse_unlike(books: Books, agreement: Agreement) -> None:
    """Raise where a loan is not what came of the application of its code.

    A loan without an application was resolved on paper before it was entered.
    """
    row = await books.fetch_one(f"{_SELECT} WHERE a.code = :code", code=agreement.code)
    if row is None:
        return
    kept = _kept(row)
    applied = kept.application
    if applied.lender != agreement.lender:  # of a stranger no more is said than that it is taken
        raise AlreadyExists(_IS_TAKEN.format(agreement.code))
    refuse_illegal(Step.APPROVE, kept.state, agreement.code)
    for name in ("member", "organisation", "product", "applied_on"):
        if getattr(applied, name) != getattr(agreement, name):
            raise Malformed(f"{name}: the application says {getattr(applied, name)}. Correct one.")


def refuse_unlike_borrower(lender: str, member: str | None, organisation: str | None) -> None:
    """Raise `Malformed` unless one borrows, and not from herself."""
    if lender == organisation:
        raise Malformed(f"organisation: {lender} lends to itself.")
    if (member is None) == (organisation is None):
        raise Malformed("member: either a member borrows or an organisation. Name one.")


async def _to_change(books: WritableBooks, code: str, step: Step) -> Kept:
    kept = await application(books, code)
    await access.authorise(books, Right.PREPARE, kept.application.lender)
    refuse_illegal(step, kept.state, code)
    return kept


async def _change(
    books: WritableBooks, sql: str, code: str, version: int | None, said: Mapping[str, object]
) -> None:
    if not await books.execute(sql, code=code, version=version, actor=books.actor, **said):
        raise VersionChanged(f"{code} was changed by somebody else. Read it again.")


def _refuse_day(books: Books, field: str, on: date, kept: Kept) -> None:
    organisations.refuse_future(books, field, on)
    if on < kept.application.applied_on:
        raise Malformed(f"{field}: {on} lies before the application. Choose a later day.")


def _kept(row: Any) -> Kept:  # noqa: ANN401 - a row is as wide as its query
    appraisal = None
    if row.appraised_on is not None:
        appraisal = Appraisal(row.appraised_on, row.appraised_amount, row.appraisal)
    return Kept(
        application=Application(**{name: getattr(row, name) for name in _FIELDS}),
        state=LoanState(row.state),
        entered_by=row.entered_by,
        appraisal=appraisal,
        appraised_by=row.appraised_by,
        ended_on=row.ended_on,
        ended_by=row.ended_by,
        ended_because=row.ended_because,
        version=row.version,
    )
