"""A bundle's registers: organisations, federation, members, lending rules, loans."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from service import federation, members, nominations, organisations
from service.federation import FOREVER, Membership
from service.geography import Place
from service.imports.kinds import BorrowerKind
from service.loans import contracts, holidays, products
from service.loans.agreement import Agreement
from service.loans.terms import Charge, Product, Repayment
from service.members import Member
from service.nominations import Nomination
from service.organisations import Organisation

if TYPE_CHECKING:
    from service.books import WritableBooks
    from service.imports.rows import (
        Bundle,
        LoanRow,
        MemberRow,
        OrganisationRow,
        ProductRow,
    )


async def register(books: WritableBooks, bundle: Bundle) -> None:
    """Write down what the bundle has and the books do not know yet."""
    have = await _codes(books, "organisation")
    new = [o for o in bundle.organisations if o.code not in have]
    await organisations.register(books, [organisation(row) for row in new])
    await federation.place_new(books, [row.code for row in new])
    await federation.join(
        books,
        [
            Membership(row.code, row.parent, row.from_on, row.to_on or FOREVER)
            for row in bundle.federation
            if row.code not in have
        ],
    )
    await _register_people(books, bundle)
    await holidays.add(books, ((row.on, row.name or "") for row in bundle.holidays))
    have = await _codes(books, "product")
    await products.add(books, [product(row) for row in bundle.products if row.code not in have])
    await contracts.add_loans(books, [agreement(row) for row in bundle.loans])


async def _register_people(books: WritableBooks, bundle: Bundle) -> None:
    have = await _codes(books, "member")
    new = [row for row in bundle.members if row.code not in have]
    await members.register(books, [member(row) for row in new])
    await nominations.nominate(
        books,
        [
            Nomination(row.member, row.org, row.role, row.from_on, row.to_on or FOREVER)
            for row in bundle.nominations
            if row.member not in have
        ],
    )


async def _codes(books: WritableBooks, table: str) -> set[str]:
    return {row[0] for row in await books.fetch(f"SELECT code FROM service.{table}")}


def organisation(row: OrganisationRow) -> Organisation:
    """An organisation as its row says."""
    place = Place(row.province, row.district, row.tehsil, row.union_council, row.village)
    return Organisation(row.code, row.kind, row.name, row.formed_on, row.name_ur, row.gender, place)


def member(row: MemberRow) -> Member:
    """A member as her row says."""
    return Member(
        code=row.code,
        organisation=row.co,
        name=row.name,
        gender=row.gender,
        joined_on=row.joined_on,
        name_ur=row.name_ur,
        father_or_husband=row.father_or_husband,
        cnic=row.cnic,
        phone=row.phone,
        household=row.household,
        psc=row.psc,
        psc_on=row.psc_on,
        left_on=row.left_on,
    )


def product(row: ProductRow) -> Product:
    """Lending rules as their row says; where there is no charge, its rate says nothing."""
    return Product(
        code=row.code,
        name=row.name,
        fund=row.fund,
        charge=row.charge,
        repayment=Repayment(row.repayment.value),
        rate=Fraction(0) if row.charge is Charge.ZERO else row.rate_percent / 100,
        rate_per=row.rate_per,
        frequency=row.frequency,
        instalments=row.instalments,
        charge_step=row.charge_step,
        instalment_step=row.instalment_step,
        rounding=row.rounding,
        grace_principal=row.grace_principal,
        grace_charge=row.grace_charge,
        grace_days=row.grace_days,
        charge_basis=row.charge_basis,
        on_holiday=row.on_holiday,
    )


def agreement(row: LoanRow) -> Agreement:
    """A loan as its row says."""
    by_member = row.borrower_kind is BorrowerKind.MEMBER
    return Agreement(
        code=row.code,
        lender=row.lender,
        member=row.borrower if by_member else None,
        organisation=None if by_member else row.borrower,
        product=row.product,
        principal=row.principal,
        applied_on=row.applied_on,
        approved_on=row.approved_on,
        resolution=row.resolution,
        disbursed_on=row.disbursed_on,
        first_due_on=row.first_due_on,
        instalments=row.instalments,
        purpose=row.purpose,
    )
