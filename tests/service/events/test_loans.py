"""Loans between organisations, write-offs and recoveries, as lines in each book."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ledger.entries import AccountKey, Draft, Line
from ledger.positions import Reads
from ledger.requests import Request
from service import organisations
from service.refusals import (
    DisbursementDiffers,
    LoanAlreadyPaidOut,
    LoanNotPaidOut,
    LoanNotWrittenOff,
    LoanOfAnother,
    LoanWrittenOff,
    Malformed,
    RepaymentAboveOwed,
    WriteOffNotWhole,
)
from tests.support.importing import fingerprint
from tests.support.world import Details

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from tests.support.world import World

PAID_OUT = date(2026, 2, 1)
LATER = date(2026, 3, 1)
LENT, REPAID = "organisation_loan_disbursed", "organisation_loan_repaid"


async def _cif_to_co(world: World) -> None:
    """Rs 6,000 of CIF at a flat 12% a year, from LSO-01 to CO-01 in three instalments."""
    await world.agree("L-1", "CIF", "6000.00", lender="LSO-01", borrower="CO-01", on=PAID_OUT)


async def _lent_to_zainab(world: World) -> None:
    """Rs 900 without charge, paid out by CO-01 at its meeting."""
    await world.agree("L-2", "QH", "900.00", lender="CO-01", borrower="Zainab", on=PAID_OUT)
    await world.meet(PAID_OUT, "Zainab disbursement 900.00 L-2")


async def _reserve(world: World, amount: int) -> None:
    """A provision of CO-01, posted through the ledger: no kind of event raises one yet."""
    losses, reserve = AccountKey("5100", "own"), AccountKey("1390", "own")
    async with world.at(PAID_OUT) as books:
        book = await organisations.book_of(books, "CO-01")
        draft = Draft(
            book=book,
            value_date=PAID_OUT,
            narrative="Provision",
            actor="clerk",
            lines=(Line(losses, debit=amount), Line(reserve, credit=amount)),
        )
        reads = Reads(
            books=frozenset([book]),
            accounts=frozenset([(book, losses), (book, reserve)]),
            since=PAID_OUT,
        )
        await books.post(Request(reads=reads, draft=lambda _: [draft]))


async def test_a_loan_between_organisations_stands_in_both_books(world: World) -> None:
    """The lender's asset and the borrower's debt are opened together, each facing the other."""
    await _cif_to_co(world)
    more = Details(fund="cif", to="CO-01", loan="L-1")
    code = await world.happen(LENT, PAID_OUT, "LSO-01", "6000.00", **more)
    assert await world.told(code) == [
        "LSO-01: 1310 cif L-1 6000.00 / 1000 cif 6000.00",
        "CO-01: 1000 cif 6000.00 / 2200 cif L-1 6000.00",
    ]


async def test_an_organisation_repays_charge_before_principal_in_both_books(world: World) -> None:
    """One per cent a month on 6,000: 60 of charge, then principal."""
    await _cif_to_co(world)
    await world.happen(LENT, PAID_OUT, "LSO-01", "6000.00", fund="cif", to="CO-01", loan="L-1")
    more = Details(fund="cif", to="LSO-01", loan="L-1")
    code = await world.happen(REPAID, LATER, "CO-01", "2060.00", **more)
    assert await world.told(code) == [
        "CO-01: 2200 cif L-1 2000.00, 5000 cif LSO-01 60.00 / 1000 cif 2060.00",
        "LSO-01: 1000 cif 2060.00 / 4100 cif CO-01 60.00, 1310 cif L-1 2000.00",
    ]


async def test_the_last_repayment_between_organisations_takes_all_that_is_owed(
    world: World,
) -> None:
    """6,180 with the charge of the whole term: not a paisa more may be repaid."""
    await _cif_to_co(world)
    await world.happen(LENT, PAID_OUT, "LSO-01", "6000.00", fund="cif", to="CO-01", loan="L-1")
    more = Details(fund="cif", to="LSO-01", loan="L-1")
    with pytest.raises(RepaymentAboveOwed):
        await world.happen(REPAID, LATER, "CO-01", "6180.01", **more)
    await world.happen(REPAID, LATER, "CO-01", "6180.00", **more)
    assert await world.balance("CO-01", "2200", "L-1", fund="cif") == "0.00"


async def test_a_write_off_is_a_loss_where_there_is_no_reserve(world: World) -> None:
    """The whole outstanding principal, and no money."""
    await _lent_to_zainab(world)
    code = await world.happen("write_off", LATER, "CO-01", "900.00", loan="L-2")
    assert await world.told(code) == ["CO-01: 5100 900.00 / 1300 L-2 900.00"]


@pytest.mark.parametrize(
    ("reserve", "expected"),
    [
        (25_000, "CO-01: 1390 250.00, 5100 650.00 / 1300 L-2 900.00"),
        (90_000, "CO-01: 1390 900.00 / 1300 L-2 900.00"),
        (99_900, "CO-01: 1390 900.00 / 1300 L-2 900.00"),
    ],
)
async def test_a_write_off_uses_the_reserve_first(
    world: World, reserve: int, expected: str
) -> None:
    """As far as it goes; the rest is a loss of the year."""
    await _lent_to_zainab(world)
    await _reserve(world, reserve)
    code = await world.happen("write_off", LATER, "CO-01", "900.00", loan="L-2")
    assert await world.told(code) == [expected]


async def test_a_recovery_is_income_and_leaves_the_loan_as_it_is(world: World) -> None:
    """What comes in after a write-off is other income, of the loan's fund."""
    await _lent_to_zainab(world)
    await world.happen("write_off", LATER, "CO-01", "900.00", loan="L-2")
    code = await world.happen("recovery", LATER, "CO-01", "100.00", loan="L-2")
    assert await world.told(code) == ["CO-01: 1000 100.00 / 4900 100.00"]
    assert await world.balance("CO-01", "1300", "L-2") == "0.00"


async def test_a_reversed_write_off_lets_the_member_repay_again(world: World) -> None:
    """The loan stands as if nothing had been written off."""
    await _lent_to_zainab(world)
    code = await world.happen("write_off", LATER, "CO-01", "900.00", loan="L-2")
    with pytest.raises(LoanWrittenOff):
        await world.meet(LATER, "Zainab repayment 300.00 L-2")
    await world.happen("reversal", LATER, "CO-01", reverses=code)
    await world.meet(LATER, "Zainab repayment 300.00 L-2")
    assert await world.balance("CO-01", "1300", "L-2") == "600.00"


REFUSED: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "recovery before the write-off": (
        LoanNotWrittenOff,
        {"kind": "recovery", "org": "CO-01", "amount": "1.00", "loan": "L-2"},
    ),
    "write-off of a part": (
        WriteOffNotWhole,
        {"kind": "write_off", "org": "CO-01", "amount": "899.00", "loan": "L-2"},
    ),
    "write-off by another": (
        LoanOfAnother,
        {"kind": "write_off", "org": "CO-02", "amount": "900.00", "loan": "L-2"},
    ),
    "another fund": (
        Malformed,
        {"kind": "write_off", "org": "CO-01", "amount": "900.00", "loan": "L-2", "fund": "cif"},
    ),
    "write-off of what an organisation owes": (
        Malformed,
        {"kind": "write_off", "org": "LSO-01", "amount": "6000.00", "loan": "L-1"},
    ),
    "repaid before it is paid out": (
        LoanNotPaidOut,
        {"kind": REPAID, "org": "CO-01", "amount": "1.00", "to": "LSO-01", "loan": "L-1"},
    ),
    "paid out to another": (
        LoanOfAnother,
        {"kind": LENT, "org": "LSO-01", "amount": "6000.00", "to": "CO-02", "loan": "L-1"},
    ),
    "another amount": (
        DisbursementDiffers,
        {"kind": LENT, "org": "LSO-01", "amount": "5999.00", "to": "CO-01", "loan": "L-1"},
    ),
    "another day": (
        DisbursementDiffers,
        {"kind": LENT, "org": "LSO-01", "amount": "6000.00", "to": "CO-01", "loan": "L-1"},
    ),
}


@pytest.mark.parametrize(("refusal", "given"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_a_loan_does_not_allow_is_refused_and_leaves_no_trace(
    world: World, refusal: type[Refusal], given: dict[str, Any]
) -> None:
    """The wrong lender, fund, amount or day; too early, or too late."""
    await _cif_to_co(world)
    await _lent_to_zainab(world)
    before = await fingerprint(world.engine)
    fund = "cif" if given["loan"] == "L-1" else "own"
    given = {"fund": fund} | given
    day = PAID_OUT if refusal is LoanOfAnother else LATER
    with pytest.raises(refusal):
        await world.record(world.event(given.pop("kind"), day, given.pop("org"), **given))
    assert await fingerprint(world.engine) == before


async def test_a_loan_between_organisations_is_paid_out_once(world: World) -> None:
    """A second disbursement would be money that nobody agreed to."""
    await _cif_to_co(world)
    more = Details(fund="cif", to="CO-01", loan="L-1")
    await world.happen(LENT, PAID_OUT, "LSO-01", "6000.00", **more)
    with pytest.raises(LoanAlreadyPaidOut):
        await world.happen(LENT, PAID_OUT, "LSO-01", "6000.00", **more)
