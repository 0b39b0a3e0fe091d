"""Coverage: what a sum of money leaves open of parts that it settles oldest first.

One rule serves both the split of a payment when it is posted and the arrears of a day.
Source: onboarding bundle, parts 5 and 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.loans.terms import Repayment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.loans.plan import Instalment
    from service.loans.terms import Contract


def uncovered(parts: Iterable[int], paid: int) -> list[int]:
    """What is left of each part, in paisa, once `paid` has covered them in their order."""
    left = []
    for part in parts:
        covering = min(part, paid)
        paid -= covering
        left.append(part - covering)
    return left


def gaps(
    contract: Contract, due: Sequence[Instalment], charge_paid: int, principal_paid: int
) -> tuple[list[int], list[int]]:
    """Charge and principal of each instalment fallen due that payments do not cover.

    The total paid covers the instalments oldest first, charge before principal. For an
    open loan each counts on its own, and principal never stands in for a charge; but
    charge overpaid, as a back-dated payment can leave it, covers principal (DOMAIN 10).
    """
    charges = [instalment.charge for instalment in due]
    principals = [instalment.principal for instalment in due]
    if contract.product.repayment is Repayment.OPEN:
        excess = max(charge_paid - sum(charges), 0)
        return uncovered(charges, charge_paid), uncovered(principals, principal_paid + excess)
    parts = [part for pair in zip(charges, principals, strict=True) for part in pair]
    left = uncovered(parts, charge_paid + principal_paid)
    return left[::2], left[1::2]
