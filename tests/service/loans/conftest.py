"""Loans for tests: the two onboarding bundles replayed, and loans made in one line."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import pytest

from ledger.money import parse_rupees
from service.loans.plan import Move, schedule
from service.loans.terms import Contract
from tests.service.loans.replay import Bundle, Replay, load, product, split_payment


@pytest.fixture(scope="session", params=["one-co", "pilot"])
def bundle(request: pytest.FixtureRequest) -> Bundle:
    """Each of the two bundles in turn."""
    return load(request.param)


@pytest.fixture(scope="session")
def replay(bundle: Bundle) -> Replay:
    """All of a bundle, posted."""
    return Replay(bundle).post()


@pytest.fixture(scope="session")
def small() -> Replay:
    """All of the small bundle, which the worked examples come from."""
    return Replay(load("one-co")).post()


class Lend(Protocol):
    """Makes a loan: terms as a bundle writes them, money in rupees, dates as ISO text."""

    def __call__(
        self,
        principal: str,
        *,
        first_due_on: str = "2026-04-12",
        disbursed_on: str = "2026-03-12",
        instalments: str = "3",
        **terms: str,
    ) -> Contract:
        """A contract; terms not given are those of a plain monthly loan without charge."""
        ...


class Pay(Protocol):
    """Posts payments one after the other, each split from all that is posted before it."""

    def __call__(self, contract: Contract, *payments: tuple[str, int]) -> list[Move]:
        """The moves of a loan paid out on its day, then of payments (value date, paisa)."""
        ...


PLAIN_TERMS = {
    "code": "P",
    "name": "A product",
    "fund": "own",
    "charge": "zero",
    "repayment": "equal_instalment",
    "rate_percent": "0",
    "rate_per": "month",
    "frequency": "month",
    "instalments": "3",
    "charge_step": "1.00",
    "instalment_step": "1.00",
    "rounding": "half_up",
    "grace_principal": "0",
    "grace_charge": "0",
    "grace_days": "0",
    "charge_basis": "scheduled",
    "on_holiday": "next",
}


@pytest.fixture(scope="session")
def lend() -> Lend:
    """A loan in one line of a test."""

    def make(
        principal: str,
        *,
        first_due_on: str = "2026-04-12",
        disbursed_on: str = "2026-03-12",
        instalments: str = "3",
        **terms: str,
    ) -> Contract:
        basis = "actual" if terms.get("repayment") == "open" else "scheduled"
        own_number = {"instalments": instalments, "charge_basis": basis}
        return Contract(
            code="L",
            product=product(PLAIN_TERMS | own_number | terms),
            principal=parse_rupees(principal),
            disbursed_on=date.fromisoformat(disbursed_on),
            first_due_on=date.fromisoformat(first_due_on),
            instalments=int(instalments),
        )

    return make


@pytest.fixture(scope="session")
def pay() -> Pay:
    """The moves of a loan after payments posted in the order given."""

    def post(contract: Contract, *payments: tuple[str, int]) -> list[Move]:
        assert contract.disbursed_on
        moves = [Move(value_date=contract.disbursed_on, disbursed=contract.principal)]
        plan = schedule(contract, ())
        for day, paid in payments:
            paid_on = date.fromisoformat(day)
            split = split_payment(contract, plan, moves, paid_on, paid)
            moves.append(
                Move(
                    value_date=paid_on,
                    principal_repaid=split.principal,
                    charge_paid=split.charge,
                )
            )
        return moves

    return post
