"""A loan that is approved gets its day and its schedule when it is paid out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.money import Rounding
from service import federation, members, organisations
from service.books import make_engine, write_books
from service.loans import contracts, products
from service.loans.agreement import Agreement
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Frequency,
    OnHoliday,
    Product,
    RatePer,
    Repayment,
)
from service.members import Gender, Member
from service.organisations import Organisation, OrganisationKind
from service.sheets import actions
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind

if TYPE_CHECKING:
    from service.books import WritableBooks

FORMED = date(2026, 1, 1)
PAID_OUT = date(2026, 2, 5)
PRODUCT = Product(
    code="FLAT",
    name="Internal loan, flat",
    fund="own",
    charge=Charge.FLAT,
    repayment=Repayment.EQUAL_INSTALMENT,
    rate=Fraction(12, 100),
    rate_per=RatePer.YEAR,
    frequency=Frequency.MONTH,
    instalments=2,
    charge_step=100,
    instalment_step=100,
    rounding=Rounding.HALF_UP,
    grace_principal=0,
    grace_charge=0,
    grace_days=0,
    charge_basis=ChargeBasis.SCHEDULED,
    on_holiday=OnHoliday.STAY,
)
LOAN = Agreement(
    code="L-1",
    lender="CO-01",
    member="M-1",
    organisation=None,
    product="FLAT",
    principal=1_000_00,
    applied_on=date(2026, 1, 10),
    approved_on=date(2026, 1, 20),
    resolution="CO-01/2026-01-20/1",
    disbursed_on=None,
    first_due_on=date(2026, 3, 5),
    instalments=2,
    purpose="goats",
)


async def _co_with_an_approved_loan(books: WritableBooks) -> None:
    co = Organisation("CO-01", OrganisationKind.CO, "CO Chaman", FORMED)
    await organisations.register(books, [co])
    await federation.place_new(books, ["CO-01"])
    await members.register(books, [Member("M-1", "CO-01", "Zainab", Gender.FEMALE, FORMED)])
    await products.add(books, [PRODUCT])
    await contracts.add_loans(books, [LOAN])


def _sheet(code: str, on: date, *lines: SheetLine) -> Sheet:
    cash = sum(-x.amount if x.kind is SheetLineKind.DISBURSEMENT else x.amount for x in lines)
    return Sheet(code, "CO-01", on, ("M-1",), cash, lines)


async def test_a_loan_without_a_day_gets_it_from_the_sheet_that_pays_it_out(
    database_url: str,
) -> None:
    """Its schedule is frozen in the same transaction; until then it has none."""
    engine = make_engine(database_url)
    now = datetime(2026, 2, 6, tzinfo=UTC)
    saving = SheetLine("M-1", SheetLineKind.SAVING_COMPULSORY, 1_000_00)
    lent = SheetLine("M-1", SheetLineKind.DISBURSEMENT, 1_000_00, "L-1")
    async with write_books(engine, actor="Nasreen", now=now) as books:
        await _co_with_an_approved_loan(books)
        assert (await contracts.loans(books, ["L-1"]))["L-1"].schedule == ()
        await actions.prepare(books, _sheet("S-1", PAID_OUT, saving, lent))
        await actions.close(books, "S-1", key="one")
        loan = (await contracts.loans(books, ["L-1"]))["L-1"]
    await engine.dispose()
    assert loan.agreement.disbursed_on == PAID_OUT
    assert [(part.due_on, part.principal, part.charge) for part in loan.schedule] == [
        (date(2026, 3, 5), 500_00, 10_00),
        (date(2026, 4, 5), 500_00, 10_00),
    ]
