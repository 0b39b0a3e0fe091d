"""The two bundles' schedules, splits and loan figures, to the paisa and nothing missing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.money import parse_rupees, rupees
from service.loans.figures import figures

if TYPE_CHECKING:
    from tests.service.loans.replay import Bundle, Replay, Row, Side

LOAN_CODES = {"1300", "1310", "2200", "4100"}


def test_schedules_are_those_of_the_bundle(bundle: Bundle) -> None:
    """Every instalment of every loan paid out, and no other."""
    ours = [
        {
            "loan": loan,
            "n": str(instalment.n),
            "due_on": instalment.due_on.isoformat(),
            "principal": rupees(instalment.principal),
            "charge": rupees(instalment.charge),
            "total": rupees(instalment.total),
        }
        for loan in sorted(bundle.schedules)
        for instalment in bundle.schedules[loan]
    ]
    assert ours == bundle.expected("schedules")


def test_entries_on_loans_are_those_of_the_journal(replay: Replay) -> None:
    """Principal, charge and what is over of each repayment, and their reversals."""
    ours = {side: paisa for side, paisa in replay.lines.items() if _compared(replay.bundle, side)}
    assert ours == _journal(replay.bundle)


def test_figures_are_those_of_the_bundle(replay: Replay) -> None:
    """Every loan paid out and not closed, on every day asked for, and no other."""
    bundle = replay.bundle
    expected = bundle.expected("loans")
    days = sorted({row["as_of"] for row in expected})
    ours = [
        row
        for day in days
        for loan in sorted(bundle.contracts)
        for row in _figures_row(replay, loan, day)
    ]
    assert ours == expected


@pytest.mark.parametrize(
    ("day", "loan", "overdue", "days"),
    [
        ("2026-03-31", "L-05", (0, 0), 0),
        ("2026-04-15", "L-03", (0, 0), 0),
        ("2026-05-15", "L-02", (33300, 0), 3),
        ("2026-05-15", "L-06", (0, 0), 0),
        ("2026-06-15", "L-02", (366700, 0), 34),
        ("2026-06-15", "L-07", (50000, 0), 3),
        ("2026-06-30", "L-08", (20000, 400), 5),
    ],
)
def test_arrears_are_those_worked_out_on_paper(
    small: Replay, day: str, loan: str, overdue: tuple[int, int], days: int
) -> None:
    """The table of the onboarding bundle, part 6."""
    contract, instalments = small.bundle.contracts[loan], small.bundle.schedules[loan]
    found = figures(contract, instalments, small.moves[loan], date.fromisoformat(day))
    assert (found.overdue_principal, found.overdue_charge) == overdue
    assert found.days_past_due == days


def _figures_row(replay: Replay, loan: str, day: str) -> list[Row]:
    """The row of a loan on a day; none for one that is not paid out, or closed."""
    bundle = replay.bundle
    found = figures(
        bundle.contracts[loan],
        bundle.schedules[loan],
        replay.moves[loan],
        date.fromisoformat(day),
    )
    if not found.paid_out or found.closed:
        return []
    return [
        {
            "as_of": day,
            "loan": loan,
            "outstanding_principal": rupees(found.outstanding_principal),
            "due_principal": rupees(found.due_principal),
            "due_charge": rupees(found.due_charge),
            "paid_principal": rupees(found.paid_principal),
            "paid_charge": rupees(found.paid_charge),
            "overdue_principal": rupees(found.overdue_principal),
            "overdue_charge": rupees(found.overdue_charge),
            "days_past_due": str(found.days_past_due),
        }
    ]


def _journal(bundle: Bundle) -> dict[Side, int]:
    """The lines of the expected journal that a repayment or loan can put there."""
    lines: dict[Side, int] = defaultdict(int)
    for row in bundle.expected("journal"):
        account = (row["event"], row["org"], row["on"], row["fund"], row["code"], row["party"])
        for side in ("debit", "credit"):
            paisa = parse_rupees(row[side])
            if paisa and _compared(bundle, (account, side)):
                lines[account, side] = paisa
    return lines


def _compared(bundle: Bundle, line: Side) -> bool:
    """Accounts of loans and charges; of 2010 what is paid in, not what is withdrawn."""
    (event, _, _, _, code, _), side = line
    row = bundle.events.get(event, {})
    if code == "2010":
        return side == ("debit" if row.get("kind") == "reversal" else "credit")
    undone = bundle.events.get(row.get("reverses", ""), row)
    return code in LOAN_CODES or (code == "5000" and undone["kind"] == "organisation_loan_repaid")
