"""The schedule of a loan: what each instalment asks for, to the paisa.

Principal over all instalments sums to the loan exactly, and no part is below zero. All
working is in exact fractions; only the charge and the instalment are rounded, each to
its step. Source: DOMAIN 5; onboarding bundle, part 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.money import round_to_step
from service.loans.due_dates import due_dates
from service.loans.terms import Charge, Repayment, period_rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from service.loans.terms import Contract


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on one day: principal and service charge, in paisa."""

    n: int
    due_on: date
    principal: int
    charge: int

    @property
    def total(self) -> int:
        """Principal and charge together, in paisa."""
        return self.principal + self.charge


def schedule(contract: Contract, holidays: Collection[date]) -> tuple[Instalment, ...]:
    """The instalments of a loan, oldest first.

    For an open loan this is the plan for the case that nothing is repaid before the end:
    what really falls due is said by `service.loans.open_charges`.
    """
    dues = due_dates(contract, holidays)
    rows = zip(dues, _parts(contract), strict=True)
    return tuple(
        Instalment(n, due_on, principal, charge)
        for n, (due_on, (principal, charge)) in enumerate(rows, start=1)
    )


def _parts(contract: Contract) -> Iterator[tuple[int, int]]:
    """Principal and charge of each instalment."""
    if contract.product.repayment is Repayment.BULLET:
        return iter([(contract.principal, _charge_of_term(contract))])
    if contract.product.repayment is Repayment.OPEN:
        return _plan_of_open(contract)
    return _parts_in_instalments(contract)


def _plan_of_open(contract: Contract) -> Iterator[tuple[int, int]]:
    charge = _charge_of_period(contract, contract.principal)
    for n in range(1, contract.instalments + 1):
        yield (contract.principal if n == contract.instalments else 0), charge


def _parts_in_instalments(contract: Contract) -> Iterator[tuple[int, int]]:
    """The three steps of each instalment: charge, instalment, principal.

    The charge of a declining loan that its grace puts off is asked for on top of the
    first instalment after the grace, and changes neither that instalment nor principal.
    """
    spread = _spread_charges(contract)
    level = _level_instalment(contract)
    left, put_off = contract.principal, 0
    for n in range(1, contract.instalments + 1):
        own = _charge_of_period(contract, left) if spread is None else spread[n - 1]
        principal = _principal(contract, n, left, own, level)
        left -= principal
        put_off += own
        if spread is None and n <= contract.product.grace_charge:
            yield principal, 0
        else:
            yield principal, put_off
            put_off = 0


def _principal(contract: Contract, n: int, left: int, charge: int, level: Fraction | None) -> int:
    """Principal of instalment `n`: what the rounded instalment leaves after its charge."""
    product = contract.product
    if n == contract.instalments:
        return left
    if n <= product.grace_principal:
        return 0
    target = _equal_principal(contract) + charge if level is None else level
    instalment = round_to_step(target, product.instalment_step, product.rounding)
    return min(max(instalment - charge, 0), left)


def _equal_principal(contract: Contract) -> Fraction:
    """The exact part of principal in each instalment after the grace."""
    return Fraction(contract.principal, contract.instalments - contract.product.grace_principal)


def _level_instalment(contract: Contract) -> Fraction | None:
    """The exact instalment of a declining loan in equal instalments; else None."""
    product = contract.product
    if product.charge is not Charge.DECLINING:
        return None
    if product.repayment is not Repayment.EQUAL_INSTALMENT:
        return None
    rate = period_rate(product, contract.instalments)
    if not rate:
        return _equal_principal(contract)
    repaying = contract.instalments - product.grace_principal
    return contract.principal * rate / (1 - (1 + rate) ** -repaying)


def _charge_of_period(contract: Contract, principal: int) -> int:
    """One period's charge on so much principal, rounded to the product's step."""
    product = contract.product
    exact = principal * period_rate(product, contract.instalments)
    return round_to_step(exact, product.charge_step, product.rounding)


def _exact_charge_of_term(contract: Contract) -> Fraction:
    rate = period_rate(contract.product, contract.instalments)
    return contract.principal * rate * contract.instalments


def _charge_of_term(contract: Contract) -> int:
    """The charge of the whole term on the whole principal, rounded."""
    product = contract.product
    return round_to_step(_exact_charge_of_term(contract), product.charge_step, product.rounding)


def _spread_charges(contract: Contract) -> list[int] | None:
    """Charges that are known beforehand, one per instalment; None for a declining loan.

    A flat charge is spread evenly over the instalments after its grace: each carries the
    rounded share, never more than is left, and the last all that is left.
    """
    product = contract.product
    if product.charge is Charge.DECLINING:
        return None
    if product.charge is Charge.ZERO:
        return [0] * contract.instalments
    carrying = contract.instalments - product.grace_charge
    exact = _exact_charge_of_term(contract) / carrying
    share = round_to_step(exact, product.charge_step, product.rounding)
    left = _charge_of_term(contract)
    charges = [0] * product.grace_charge
    for _ in range(carrying - 1):
        charges.append(min(share, left))
        left -= charges[-1]
    return [*charges, left]
