"""The life of a few organisations, told in lines and kept as journals that accountants review.

Each scenario's journal and trial balance stand in `golden/`, to be read beside DOMAIN 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.play import NotUnderstood

if TYPE_CHECKING:
    from tests.scenarios.conftest import Compare

ONE_CO = """
    2026-01-01 form LSO-01
    2026-01-01 form VO-01 under LSO-01
    2026-01-01 form CO-01 under VO-01
    2026-01-01 join Zainab CO-01
    2026-01-01 join Amina CO-01
"""


async def test_a_first_meeting(play: Compare) -> None:
    """Fees, compulsory and voluntary savings, a fine and a gift: one entry, one voucher."""
    await play(
        "first_meeting",
        f"""{ONE_CO}
        2026-01-10 CO-01 meets: Zainab joins for 50.00, Amina joins for 50.00, Zainab saves 200.00, Amina saves 200.00, Zainab adds 500.00, Amina is fined 5.00, Amina gives 20.00
        2026-01-12 CO-01 banks 800.00
        """,  # noqa: E501 - a meeting is told on one line
    )


async def test_a_withdrawal_over_both_kinds_of_savings(play: Compare) -> None:
    """Voluntary savings go first, as far as they go; not a paisa beyond both."""
    await play(
        "withdrawal_over_both_savings",
        f"""{ONE_CO}
        2026-01-10 CO-01 meets: Zainab saves 200.00, Zainab adds 500.00, Amina saves 200.00
        2026-02-10 CO-01 meets: Zainab adds 40.00, Zainab withdraws 600.00
        2026-02-10 refused: CO-01 meets: Zainab withdraws 140.01
        """,
    )


async def test_a_loan_with_a_flat_charge_paid_early(play: Compare) -> None:
    """A pay-off takes the charge of the whole term: nothing is rebated."""
    await play(
        "flat_charge_paid_early",
        f"""{ONE_CO}
        2026-01-01 CO-01 receives 10,000.00 from neighbours
        2026-01-10 CO-01 meets: Zainab borrows 2,500.00 on FLAT
        2026-01-24 CO-01 meets: Zainab repays 2,613.00
        2026-01-24 show loan Zainab
        """,
    )


async def test_charge_before_principal(play: Compare) -> None:
    """A part payment settles the oldest charge, then its principal, then the next charge."""
    await play(
        "charge_before_principal",
        f"""{ONE_CO}
        2026-01-01 CO-01 receives 10,000.00 from neighbours
        2026-01-10 CO-01 meets: Zainab borrows 3,000.00 on TWO
        2026-02-10 CO-01 meets: Zainab repays 40.00
        2026-02-15 show loan Zainab
        2026-02-20 CO-01 meets: Zainab repays 1,200.00
        2026-02-20 show loan Zainab
        """,
    )


async def test_an_overpayment_kept_as_savings(play: Compare) -> None:
    """What is over is the member's, and she may withdraw it at the same meeting."""
    await play(
        "overpayment_kept_as_savings",
        f"""{ONE_CO}
        2026-01-01 CO-01 receives 10,000.00 from neighbours
        2026-01-10 CO-01 meets: Zainab borrows 900.00 on QH
        2026-02-10 CO-01 meets: Zainab repays 1,000.00, Zainab withdraws 60.00
        """,
    )


async def test_an_open_loan_with_a_back_dated_payment(play: Compare) -> None:
    """What was booked stands; lateness and what is owed follow the days on which it was paid.

    On 10 March the book asked for the charge of a month on 1,500. Then it learns that 1,000
    had come back on 10 February: 20 too much was charged, and the entry stands. The excess
    covers what later falls due: with 490 in April everything that fell due is covered.
    """
    await play(
        "open_loan_back_dated",
        f"""{ONE_CO}
        2026-01-01 CO-01 receives 10,000.00 from neighbours
        2026-01-10 CO-01 meets: Zainab borrows 1,500.00 on OPEN
        2026-02-10 CO-01 meets: Zainab repays 30.00
        2026-03-10 CO-01 meets: Zainab repays 30.00
        2026-02-10 (on 2026-03-12) CO-01 meets: Zainab repays 1,000.00
        2026-03-12 show loan Zainab
        2026-04-10 CO-01 meets: Zainab repays 490.00
        2026-04-11 show loan Zainab
        """,
    )


async def test_cash_short_and_over(play: Compare) -> None:
    """The count of the meeting's net cash makes the difference an income or a cost."""
    await play(
        "cash_short_and_over",
        f"""{ONE_CO}
        2026-01-10 CO-01 meets: Zainab saves 200.00, counted 10.00 short
        2026-02-10 CO-01 meets: Zainab saves 200.00, counted 4.00 over
        """,
    )


async def test_a_corrected_sheet(play: Compare) -> None:
    """The reversal has a day of its own; the right sheet keeps the day of the meeting.

    The reversal alone would take savings below zero that have been withdrawn since.
    """
    await play(
        "corrected_sheet",
        f"""{ONE_CO}
        2026-01-10 CO-01 meets: Zainab saves 200.00, Zainab adds 500.00
        2026-01-15 CO-01 meets: Zainab withdraws 450.00
        2026-01-10 (on 2026-01-20) correct S-1 of CO-01: Zainab saves 200.00, Zainab adds 460.00, Amina saves 200.00
        2026-01-21 refused: CO-01 reverses S-1
        """,  # noqa: E501 - a meeting is told on one line
    )


async def test_a_fee_and_a_pooled_deposit(play: Compare) -> None:
    """What a CO and its VO owe and charge each other is eliminated above them both."""
    await play(
        "fee_and_pooled_deposit",
        f"""{ONE_CO}
        2026-01-10 CO-01 meets: Zainab saves 1,000.00, Amina saves 500.00
        2026-01-31 CO-01 pays fee 100.00 to VO-01
        2026-01-31 CO-01 places 600.00 with VO-01
        2026-02-28 VO-01 returns 250.00 to CO-01
        2026-02-28 refused: CO-01 pays fee 100.00 to LSO-01
        2026-02-28 show rollup VO-01
        """,
    )


async def test_cif_through_two_tiers(play: Compare) -> None:
    """The LSO lends to the CO, the CO to a member; either may be late without the other."""
    await play(
        "cif_through_two_tiers",
        f"""{ONE_CO}
        2026-01-05 LSO-01 receives 1,00,000.00 from cif by bank
        2026-01-06 LSO-01 draws 30,000.00 of cif
        2026-01-10 LSO-01 lends 30,000.00 to CO-01 on CIF
        2026-01-12 CO-01 meets: Zainab borrows 9,000.00 on QH-CIF
        2026-02-10 CO-01 repays 10,300.00 to LSO-01
        2026-02-12 CO-01 meets: Zainab repays 3,000.00
        2026-03-01 refused: CO-01 repays 20,600.01 to LSO-01
        2026-03-01 show rollup LSO-01
        """,
    )


async def test_a_grant_to_the_poorest(play: Compare) -> None:
    """The VO holds it for the household, and hands over no more than it holds."""
    await play(
        "grant_to_the_poorest",
        f"""{ONE_CO}
        2026-01-05 VO-01 receives IGG 25,000.00 for Amina by bank
        2026-01-18 VO-01 hands over IGG 20,000.00 to Amina by bank
        2026-01-19 refused: VO-01 hands over IGG 5,000.01 to Amina by bank
        """,
    )


async def test_a_write_off_and_a_recovery(play: Compare) -> None:
    """The whole outstanding principal is lost; what comes in later is other income."""
    await play(
        "write_off_and_recovery",
        f"""{ONE_CO}
        2026-01-01 CO-01 receives 10,000.00 from neighbours
        2026-01-10 CO-01 meets: Zainab borrows 900.00 on QH
        2026-02-10 CO-01 meets: Zainab repays 300.00
        2026-04-15 show loan Zainab
        2026-05-01 refused: CO-01 writes off 500.00 of Zainab
        2026-05-01 refused: CO-01 recovers 100.00 from Zainab
        2026-05-01 CO-01 writes off 600.00 of Zainab
        2026-06-01 refused: CO-01 meets: Zainab repays 100.00
        2026-06-01 CO-01 recovers 100.00 from Zainab
        2026-06-01 show loan Zainab
        """,
    )


async def test_a_co_moves_and_takes_its_balances_along(play: Compare) -> None:
    """The deposit that it leaves with its old VO is no longer inside either VO, but the LSO's."""
    await play(
        "a_co_moves",
        f"""{ONE_CO}
        2026-01-01 form VO-02 under LSO-01
        2026-01-10 CO-01 meets: Zainab saves 1,000.00
        2026-01-31 CO-01 places 400.00 with VO-01
        2026-03-11 show rollup VO-01
        2026-03-12 move CO-01 to VO-02
        2026-03-12 show rollup VO-01
        2026-03-12 show rollup VO-02
        2026-03-12 show rollup LSO-01
        2026-03-31 CO-01 pays fee 50.00 to VO-02
        """,
    )


async def test_gifts_costs_and_the_bank(play: Compare) -> None:
    """Each fund keeps its own cash and bank; work given counts as income and cost at once."""
    await play(
        "gifts_costs_and_the_bank",
        f"""{ONE_CO}
        2026-01-05 VO-01 receives 50,000.00 from government of project by bank
        2026-01-06 VO-01 draws 20,000.00 of project
        2026-01-07 VO-01 spends 12,500.00 of project for cement
        2026-01-08 VO-01 is given work worth 1,500.00: Twelve days of labour
        2026-01-09 VO-01 receives 300.00 from neighbours
        2026-01-09 refused: VO-01 spends 300.01 for registers
        """,
    )


async def test_a_line_that_no_rule_reads_fails_the_scenario(play: Compare) -> None:
    """Nothing is guessed."""
    for line in ("2026-01-01 CO-01 dances", "yesterday form CO-01", "2026-01-01 form CO-1"):
        with pytest.raises(NotUnderstood):
            await play("never", line)
