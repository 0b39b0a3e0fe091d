"""Whom lending rules are for, and how much they lend: asked before a loan is approved.

What was resolved on paper and is imported is history, and not judged again. Guarantors are asked
for when the money is paid out, and the fund's cash is a floor of the ledger. Source: DOMAIN 5.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ledger.money import rupees
from service import members, savings
from service.refusals import NotEligible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from service.books import Books
    from service.loans.agreement import Agreement
    from service.loans.terms import Limits, Product
    from service.members import Member

# Those that were approved and may yet be paid out, and those that owe principal.
_OTHERS: Final = """
    SELECT l.code FROM service.loan l JOIN service.organisation o ON o.code = l.lender
    WHERE l.lender = :lender AND l.code <> :code AND l.cancelled_on IS NULL
        AND (l.member = :member OR l.organisation = :organisation)
        AND l.code IS DISTINCT FROM :refinances
        AND (l.disbursed_on IS NULL OR EXISTS (
            SELECT FROM ledger.account a
            WHERE a.book_id = o.book_id AND a.code IN ('1300', '1310') AND a.party = l.code
                AND a.debit <> a.credit))
    ORDER BY l.code LIMIT 1
"""


async def refuse_ineligible(books: Books, agreement: Agreement, product: Product) -> None:
    """Raise `NotEligible` with a sentence for every limit that the loan passes."""
    limits = product.limits
    reasons = list(_amounts(limits, agreement.principal))
    if agreement.member is not None:
        reasons += _person(limits, await members.member(books, agreement.member))
        reasons += await _savings(books, limits, agreement)
    if not limits.several:
        asked = {
            name: getattr(agreement, name)
            for name in ("lender", "code", "member", "organisation", "refinances")
        }
        if other := await books.fetch(_OTHERS, **asked):
            reasons.append(f"{other[0][0]} is not repaid, and one loan at a time is given.")
    if reasons:
        raise NotEligible(f"product {product.code}: {' '.join(reasons)}")


def _amounts(limits: Limits, principal: int) -> Iterator[str]:
    if limits.least is not None and principal < limits.least:
        yield f"It lends Rs {rupees(limits.least)} at least."
    if limits.most is not None and principal > limits.most:
        yield f"It lends Rs {rupees(limits.most)} at most."


def _person(limits: Limits, member: Member) -> Iterator[str]:
    if limits.gender is not None and member.gender != limits.gender:
        yield f"It is for {limits.gender} members."
    least, most = limits.psc_from, limits.psc_to
    if least is None and most is None:
        return
    if member.psc is None:
        yield f"{member.code} has no poverty score yet. Enter the one of her survey."
    elif not (least or 0) <= member.psc <= (100 if most is None else most):
        yield f"It is for poverty scores {least or 0} to {100 if most is None else most}."


async def _savings(books: Books, limits: Limits, agreement: Agreement) -> list[str]:
    """A multiple of what she has saved by the day of approval, of both kinds."""
    times = limits.savings_multiple
    if times is None or agreement.member is None:
        return []
    found = await savings.of_member(books, agreement.member, agreement.approved_on)
    most = int((found.compulsory + found.voluntary) * times)
    if agreement.principal <= most:
        return []
    return [f"Rs {rupees(most)} at most: {_plain(times)} times what she has saved."]


def _plain(times: Fraction) -> str:
    return f"{(Decimal(times.numerator) / Decimal(times.denominator)).normalize():f}"
