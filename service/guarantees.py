"""Who guarantees a loan, and what of their savings is pledged for it.

A guarantor is a member of any CO, but not the borrower, who may only pledge savings of her own.
What is pledged stands in the ledger and is a floor there; a guarantee without a pledge stands
here alone. It ends on request while the loan does not run, or when another takes its place that
pledges at least as much. Nothing ends by itself: no flag says that a loan is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from typing import TYPE_CHECKING, Any, Final

from ledger.calendar import business_date
from ledger.money import rupees
from ledger.postgres import pledges
from service import access, arrears, members, organisations
from service.access import Right
from service.loans import contracts
from service.refusals import (
    AlreadyExists,
    GuaranteeNeeded,
    GuarantorsMissing,
    Malformed,
    NotFound,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from service.books import Books, WritableBooks
    from service.loans.contracts import Loan
    from service.members import Member


@dataclass(frozen=True, slots=True)
class Surety:
    """What is asked: that a member stands surety for a loan; `pledged` paisa, 0 for surety alone.

    `replaces` is the number of the guarantee whose place it takes, on its first day.
    """

    loan: str
    member: str
    pledged: int
    from_on: date
    resolution: str | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee as it stands: `n` is its number among those of the loan; `to_on` its end."""

    loan: str
    n: int
    member: str
    organisation: str
    pledged: int
    from_on: date
    to_on: date | None
    resolution: str | None
    replaces: int | None
    own: bool
    """Whether the borrower herself pledges: she is no guarantor."""
    book: int | None
    pledge: int | None


_SELECT: Final = """
    SELECT g.loan, g.n, g.member, m.organisation, coalesce(p.amount, 0),
        coalesce(p.from_on, g.from_on), coalesce(p.to_on, g.to_on), g.resolution, g.replaces,
        g.member IS NOT DISTINCT FROM l.member, g.book_id, g.pledge
    FROM service.loan_guarantee g
    JOIN service.loan l ON l.code = g.loan
    JOIN service.member m ON m.code = g.member
    LEFT JOIN ledger.pledge p ON p.book_id = g.book_id AND p.no = g.pledge
"""
_OF_LOAN: Final = f"{_SELECT} WHERE g.loan = :loan ORDER BY g.n"
_OF_MEMBER: Final = f"{_SELECT} WHERE g.member = :member ORDER BY g.loan, g.n"
_ADD: Final = """
    INSERT INTO service.loan_guarantee
        (loan, n, member, resolution, replaces, book_id, pledge, from_on)
    VALUES (:loan, :n, :member, :resolution, :replaces, :book, :pledge, :from_on)
"""
_END: Final = "UPDATE service.loan_guarantee SET to_on = :on WHERE loan = :loan AND n = :n"
_LOCK: Final = """
    SELECT pg_advisory_xact_lock(hashtext('service.loan_guarantee'), hashtext(c))
    FROM (SELECT c FROM unnest(CAST(:loans AS text[])) AS c ORDER BY c) AS c
"""
_STANDING: Final = """
    SELECT g.loan, count(DISTINCT g.member)
    FROM service.loan_guarantee g
    JOIN service.loan l ON l.code = g.loan
    JOIN service.member m ON m.code = g.member
    LEFT JOIN ledger.pledge p ON p.book_id = g.book_id AND p.no = g.pledge
    WHERE g.loan = ANY (:loans) AND g.member IS DISTINCT FROM l.member
        AND coalesce(p.from_on, g.from_on) <= :on AND coalesce(p.to_on, g.to_on) IS NULL
        AND coalesce(m.left_on >= :on, true)
    GROUP BY g.loan
"""


async def of_loan(books: Books, loan: str) -> list[Guarantee]:
    """The guarantees of a loan, also those that have ended. Raises `NotFound`, `Forbidden`."""
    agreed = (await contracts.loans(books, [loan]))[loan].agreement
    await access.authorise_either(books, Right.READ, agreed.lender, agreed.organisation)
    return await _found(books, _OF_LOAN, loan=loan)


async def of_member(books: Books, member: str) -> list[Guarantee]:
    """What a member guarantees, or did. Raises `NotFound`, `Forbidden`."""
    home = (await members.organisations_of(books, [member]))[member]
    await access.authorise(books, Right.READ, home)
    return await _found(books, _OF_MEMBER, member=member)


async def stand(books: WritableBooks, asked: Surety) -> Guarantee:
    """Let a member stand surety, and pledge what she pledges.

    Raises `NotFound`, `Malformed`, `AlreadyExists`, and `SavingsPledged` where less is free.
    """
    loan = (await contracts.loans(books, [asked.loan]))[asked.loan]
    await access.authorise(books, Right.PREPARE, loan.agreement.lender)
    member = await members.member(books, asked.member)
    _refuse_unfit(books, asked, loan, member)
    await books.fetch(_LOCK, loans=[asked.loan])
    known = await _found(books, _OF_LOAN, loan=asked.loan)
    replaced = _replaced(asked, known, own=member.code == loan.agreement.member)
    _refuse_standing(asked, known)
    book = await organisations.book_of(books, member.organisation)
    if replaced is not None:
        _refuse_third_book(replaced, book, loan)
        held = [b for b in (book if asked.pledged else None, replaced.book) if b is not None]
        await pledges.lock(books.ledger, held)  # both at once: nobody waits in a circle
        await _end(books, replaced, asked.from_on)
    n = len(known) + 1
    pledge = await _pledge(books, asked, book) if asked.pledged else None
    await books.execute(
        _ADD,
        loan=asked.loan,
        n=n,
        member=asked.member,
        resolution=asked.resolution,
        replaces=asked.replaces,
        book=None if pledge is None else book,
        pledge=pledge,
        from_on=asked.from_on if pledge is None else None,
    )
    return await one(books, asked.loan, n)


async def release(books: WritableBooks, loan: str, n: int, *, on: date) -> Guarantee:
    """End a guarantee, and release what it pledges, from a day on.

    Raises `NotFound`, `Malformed`, and `GuaranteeNeeded` while the loan runs.
    """
    agreed = (await contracts.loans(books, [loan]))[loan]
    await access.authorise(books, Right.PREPARE, agreed.agreement.lender)
    organisations.refuse_future(books, "on", on)
    await books.fetch(_LOCK, loans=[loan])
    found = await one(books, loan, n)
    if found.to_on is not None:
        raise AlreadyExists(f"Guarantee {n} of {loan} is released already, on {found.to_on}.")
    if on < found.from_on:
        raise Malformed(f"on: it began only on {found.from_on}. Take that day or a later one.")
    async with books.whole_house():
        figures = await arrears.figures_of(books, agreed, [on, business_date(books.now)])
    if any(figure.paid_out and not figure.closed for figure in figures):
        raise GuaranteeNeeded(
            f"{loan} is paid out and not closed on {on}, or today. Let another guarantee take the "
            f"place of this one, or wait until the loan is repaid or written off."
        )
    await _end(books, found, on)
    return await one(books, loan, n)


async def let_go_own(books: WritableBooks, member: str, loans: Collection[str], on: date) -> None:
    """End what a member pledges for loans of her own, on the day on which they are settled.

    Her savings pay these very loans then. What she pledges for others stands, and where the
    settlement is taken back she pledges anew.
    """
    pledged = await _found(books, _OF_MEMBER, member=member) if loans else []
    for found in pledged:
        stands = found.pledge is not None and found.to_on is None and found.from_on <= on
        if found.own and stands and found.loan in loans:
            await books.fetch(_LOCK, loans=[found.loan])
            await _end(books, found, on)


async def one(books: Books, loan: str, n: int) -> Guarantee:
    """One guarantee of a loan, for whom the loan is open to. Raises `NotFound`."""
    for found in await _found(books, _OF_LOAN, loan=loan):
        if found.n == n:
            return found
    raise NotFound(f"{loan} has no guarantee {n}. Check the number.")


async def standing(
    books: WritableBooks, loans: Mapping[str, Loan], paid_out: Collection[str], on: date
) -> dict[str, int]:
    """How many guarantors stand on a day for those of some loans that need any.

    None of them is released until the transaction ends.
    """
    asked = sorted(c for c in set(paid_out) if loans[c].contract.product.limits.guarantors)
    if not asked:
        return {}
    await books.fetch(_LOCK, loans=asked)
    async with books.whole_house():
        counted = dict(await books.fetch(_STANDING, loans=asked, on=on))
    return {code: counted.get(code, 0) for code in asked}


def refuse_too_few_guarantors(loans: Mapping[str, Loan], standing: Mapping[str, int]) -> None:
    """Raise `GuarantorsMissing` where fewer stand for a loan than its product asks for."""
    for code, count in standing.items():
        needed = loans[code].contract.product.limits.guarantors
        if count < needed:
            raise GuarantorsMissing(
                f"{code} is paid out when {needed} members stand surety for it; {count} do. "
                f"Ask for the others first."
            )


async def _found(books: Books, sql: str, **values: object) -> list[Guarantee]:
    """Both sides of a guarantee see all of it, like the halves of a transfer."""
    async with books.whole_house():
        return [Guarantee(*row) for row in await books.fetch(sql, **values)]


async def _pledge(books: WritableBooks, asked: Surety, book: int) -> int:
    return await pledges.pledge(
        books.ledger,
        book=book,
        party=asked.member,
        subject=asked.loan,
        amount=asked.pledged,
        from_on=asked.from_on,
        recorded_at=books.clock(),
    )


async def _end(books: WritableBooks, found: Guarantee, on: date) -> None:
    if found.book is None or found.pledge is None:
        await books.execute(_END, loan=found.loan, n=found.n, on=on)
        return
    await pledges.release(
        books.ledger, book=found.book, no=found.pledge, on=on, recorded_at=books.clock()
    )


def _refuse_unfit(books: Books, asked: Surety, loan: Loan, member: Member) -> None:
    organisations.refuse_future(books, "from_on", asked.from_on)
    if asked.pledged < 0:
        raise Malformed("pledged: it is not below zero; 0 is surety alone.")
    if member.code == loan.agreement.member and not asked.pledged:
        raise Malformed(f"member: {member.code} borrows, and owes it anyway. Name another.")
    if asked.from_on < member.joined_on:
        raise Malformed(f"from_on: {member.code} joined only on {member.joined_on}.")
    if member.left_on is not None:
        raise Malformed(f"member: {member.code} left on {member.left_on}. Name a member.")


def _replaced(asked: Surety, known: list[Guarantee], *, own: bool) -> Guarantee | None:
    """The guarantee whose place the new one takes, where it may take it."""
    if asked.replaces is None:
        return None
    found = next((g for g in known if g.n == asked.replaces), None)
    if found is None:
        raise NotFound(f"{asked.loan} has no guarantee {asked.replaces}. Check the number.")
    if found.to_on is not None or asked.from_on < found.from_on:
        raise Malformed(
            f"replaces: guarantee {found.n} stands from {found.from_on} until {found.to_on}."
        )
    if asked.pledged < found.pledged or (own and not found.own):
        raise GuaranteeNeeded(
            f"Guarantee {found.n} of {asked.loan} pledges Rs {rupees(found.pledged)}. Only "
            f"{'a pledge' if found.own else 'a guarantor who pledges'} at least as much takes "
            f"its place."
        )
    return found


def _refuse_standing(asked: Surety, known: list[Guarantee]) -> None:
    """Raise `AlreadyExists` where she stands for the loan already."""
    for found in known:
        stands = found.to_on is None or asked.from_on < found.to_on
        if found.member == asked.member and stands and found.n != asked.replaces:
            raise AlreadyExists(
                f"{asked.member} stands for {asked.loan} already, as guarantee {found.n}. "
                f"Replace that one."
            )


def _refuse_third_book(replaced: Guarantee, book: int, loan: Loan) -> None:
    """A second officer opens two books: that of the lender, and that of the new guarantor."""
    if replaced.book not in {None, book, loan.lender_book}:
        raise Malformed(
            f"replaces: what it pledges is in the book of {replaced.organisation}. Only a member "
            f"of that organisation takes its place."
        )


def said(found: Guarantee) -> dict[str, Any]:
    """A guarantee in the words of a request's difference."""
    return {
        "n": found.n,
        "member": found.member,
        "organisation": found.organisation,
        "pledged": rupees(found.pledged),
        "from_on": found.from_on.isoformat(),
        "to_on": None if found.to_on is None else found.to_on.isoformat(),
    }
