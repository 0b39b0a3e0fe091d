"""Loans as they are agreed: products, contracts, and their frozen schedules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ledger.entries import AccountKey
from ledger.money import Rounding
from service import access, members, organisations
from service.access import Right
from service.conditions import where
from service.loans import holidays
from service.loans.plan import Instalment, schedule
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    Frequency,
    OnHoliday,
    Product,
    RatePer,
    Repayment,
    refuse_unwritten,
)
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed before any money moved; amounts in paisa."""

    code: str
    lender: str
    member: str | None
    organisation: str | None
    product: str
    principal: int
    applied_on: date
    approved_on: date
    resolution: str | None
    disbursed_on: date | None
    first_due_on: date
    instalments: int
    purpose: str | None

    @property
    def borrower(self) -> str:
        """The member or the organisation that borrows."""
        return self.member or self.organisation or ""


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan with everything that its rules need: terms, schedule, and the books it is in."""

    agreement: Agreement
    contract: Contract
    schedule: tuple[Instalment, ...]
    lender_book: int
    borrower_book: int | None
    """The book of the organisation that borrows; None for a member."""

    @property
    def code(self) -> str:
        """The code on its papers, and the party of its accounts."""
        return self.agreement.code

    @property
    def fund(self) -> str:
        """Whose money it is."""
        return self.contract.product.fund

    @property
    def asset(self) -> AccountKey:
        """The lender's account of its principal."""
        code = "1300" if self.borrower_book is None else "1310"
        return AccountKey(code, self.fund, self.code)


_PRODUCTS = """
    SELECT code, name, fund, charge, repayment, rate_percent, rate_per, frequency, instalments,
        charge_step, instalment_step, rounding, grace_principal, grace_charge, grace_days,
        charge_basis, on_holiday
    FROM service.product ORDER BY code
"""
_ADD_PRODUCT = """
    INSERT INTO service.product (code, name, fund, charge, repayment, rate_percent, rate_per,
        frequency, instalments, charge_step, instalment_step, rounding, grace_principal,
        grace_charge, grace_days, charge_basis, on_holiday)
    VALUES (:code, :name, :fund, :charge, :repayment, :rate_percent, :rate_per,
        :frequency, :instalments, :charge_step, :instalment_step, :rounding, :grace_principal,
        :grace_charge, :grace_days, :charge_basis, :on_holiday)
"""
_ADD_LOAN = """
    INSERT INTO service.loan (code, lender, member, organisation, product, principal, applied_on,
        approved_on, resolution, disbursed_on, first_due_on, instalments, purpose)
    VALUES (:code, :lender, :member, :organisation, :product, :principal, :applied_on,
        :approved_on, :resolution, :disbursed_on, :first_due_on, :instalments, :purpose)
"""
_ADD_INSTALMENT = """
    INSERT INTO service.instalment (loan, n, due_on, principal, charge, before)
    VALUES (:loan, :n, :due_on, :principal, :charge, :before)
"""
_LOANS = """
    SELECT l.code, l.lender, l.member, l.organisation, l.product, l.principal, l.applied_on,
        l.approved_on, l.resolution, l.disbursed_on, l.first_due_on, l.instalments, l.purpose,
        lender.book_id, borrower.book_id
    FROM service.loan l
    JOIN service.book_number lender ON lender.code = l.lender
    LEFT JOIN service.book_number borrower ON borrower.code = l.organisation
"""
_NAMED = {"codes": "l.code = ANY (:codes)"}
_SCHEDULED = {"codes": "loan = ANY (:codes)"}
_OF_LENDER = "SELECT code FROM service.loan"
_CONDITIONS = {
    "lender": "lender = :lender",
    "after": "code > :after",
    "codes": "code = ANY (:codes)",
    "member": "member = :member",
    "organisation": "organisation = :organisation",
    "product": "product = :product",
}
_SCHEDULES = """
    SELECT loan, n, due_on, principal, charge FROM service.instalment
"""


async def add_products(books: WritableBooks, products: Sequence[Product]) -> None:
    """Write down lending rules.

    Raises `AlreadyExists` where a code is taken, and `ProductContradicts` for terms that can only
    be tried.
    """
    for product in products:
        refuse_unwritten(product)
    rows = [_product_row(product) for product in products]
    sql = "SELECT code FROM service.product WHERE code = ANY (:codes)"
    if taken := await books.fetch(sql, codes=[row["code"] for row in rows]):
        raise AlreadyExists(f"There is a product {taken[0][0]} already. Choose another code.")
    await books.execute_many(_ADD_PRODUCT, rows)


async def products(books: Books) -> dict[str, Product]:
    """All lending rules by code."""
    return {row.code: _product(row) for row in await books.fetch(_PRODUCTS)}


async def product(books: Books, code: str) -> Product:
    """One product. Raises `NotFound`."""
    found = (await products(books)).get(code)
    if found is None:
        raise NotFound(f"There is no product {code}. Check the code.")
    return found


async def agree(books: WritableBooks, agreement: Agreement) -> None:
    """Write down one loan. Raises what `add_loans` does, `NotFound` and `Malformed`.

    Terms that would leave no schedule are refused now, also where it is only approved yet.
    """
    if agreement.lender == agreement.organisation:
        raise Malformed(f"organisation: {agreement.lender} lends to itself.")
    if (agreement.member is None) == (agreement.organisation is None):
        raise Malformed("member: either a member borrows or an organisation. Name one.")
    await access.authorise(books, Right.PREPARE, agreement.lender)
    organisations.refuse_future(books, "approved_on", agreement.approved_on)
    named = [agreement.lender, *([agreement.organisation] if agreement.organisation else [])]
    await organisations.books_of(books, named)
    await members.organisations_of(books, [agreement.member] if agreement.member else [])
    dated = replace(agreement, disbursed_on=agreement.disbursed_on or agreement.approved_on)
    _contract(dated, await products(books))
    await add_loans(books, [agreement])


async def of_lender(
    books: Books,
    lender: str,
    *,
    codes: Collection[str] | None = None,
    member: str | None = None,
    organisation: str | None = None,
    product: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Loan]:
    """The loans of a lender in the order of their codes, those after `after`.

    All, or those of some codes, to a member or an organisation, under a product.
    """
    asked = {
        "lender": lender,
        "codes": codes and sorted(codes),
        "member": member,
        "organisation": organisation,
        "product": product,
        "after": after,
        "limit": limit,
    }
    sql = f"{_OF_LENDER} {where(_CONDITIONS, asked)} ORDER BY code LIMIT :limit"
    rows = await books.fetch(sql, **asked)
    found = await loans(books, [row[0] for row in rows])
    return [found[row[0]] for row in rows]


async def add_loans(books: WritableBooks, agreements: Sequence[Agreement]) -> None:
    """Write down loans; those that name their day of disbursement get their schedule.

    Raises `AlreadyExists` where a code is taken, `NotFound` for an unknown product and
    `ContractContradicts` for terms that do not fit it.
    """
    sql = "SELECT code FROM service.loan WHERE code = ANY (:codes)"
    if taken := await books.fetch(sql, codes=[a.code for a in agreements]):
        raise AlreadyExists(f"There is a loan {taken[0][0]} already. Choose another code.")
    rules = await products(books)
    contracts = [_contract(agreement, rules) for agreement in agreements]
    await books.execute_many(_ADD_LOAN, [_fields(agreement) for agreement in agreements])
    await _freeze_schedules(books, [c for c in contracts if c.disbursed_on is not None])


async def loans(books: Books, codes: Collection[str] | None = None) -> dict[str, Loan]:
    """Loans by code: all, or those named. Raises `NotFound` where one is missing."""
    asked = {"codes": None if codes is None else sorted(set(codes))}
    rules = await products(books)
    schedules: dict[str, list[Instalment]] = {}
    sql = f"{_SCHEDULES} {where(_SCHEDULED, asked)} ORDER BY loan, n"
    for code, *instalment in await books.fetch(sql, **asked):
        schedules.setdefault(code, []).append(Instalment(*instalment))
    found: dict[str, Loan] = {}
    sql = f"{_LOANS} {where(_NAMED, asked)} ORDER BY l.code"
    for *fields, lender_book, borrower_book in await books.fetch(sql, **asked):
        agreement = Agreement(*fields)
        frozen = tuple(schedules.get(agreement.code, ()))
        contract = _contract(agreement, rules)
        found[agreement.code] = Loan(agreement, contract, frozen, lender_book, borrower_book)
    if missing := sorted(set(codes or ()) - set(found)):
        raise NotFound(f"There is no loan {missing[0]}. Check the code.")
    return found


async def set_paid_out(books: WritableBooks, codes: Collection[str], on: date) -> None:
    """Give loans that are approved and have no day yet their day of disbursement.

    To be called in the transaction that pays them out; the schedule is frozen with it.
    """
    sql = (
        "UPDATE service.loan SET disbursed_on = :on"
        " WHERE code = ANY (:codes) AND disbursed_on IS NULL RETURNING code"
    )
    dated = [row[0] for row in await books.fetch(sql, on=on, codes=sorted(set(codes)))]
    if dated:
        found = await loans(books, dated)
        await _freeze_schedules(books, [loan.contract for loan in found.values()])


async def _freeze_schedules(books: WritableBooks, contracts: Sequence[Contract]) -> None:
    """Due dates freeze when a loan is paid out; later holidays do not move them."""
    days_off = {day for day, _ in await holidays.holidays(books)}
    rows = [row for contract in contracts for row in _frozen(contract, days_off)]
    await books.execute_many(_ADD_INSTALMENT, rows)


def _frozen(contract: Contract, days_off: Collection[date]) -> Iterator[dict[str, object]]:
    """The instalments of a loan, each with what all before it ask for."""
    before = 0
    for instalment in schedule(contract, days_off):
        yield {
            "loan": contract.code,
            "n": instalment.n,
            "due_on": instalment.due_on,
            "principal": instalment.principal,
            "charge": instalment.charge,
            "before": before,
        }
        before += instalment.total


def _fields(agreement: Agreement) -> dict[str, object]:
    return {name: getattr(agreement, name) for name in Agreement.__slots__}


def _contract(agreement: Agreement, rules: Mapping[str, Product]) -> Contract:
    rule = rules.get(agreement.product)
    if rule is None:
        raise NotFound(f"There is no product {agreement.product}. Check the code.")
    return Contract(
        code=agreement.code,
        product=rule,
        principal=agreement.principal,
        disbursed_on=agreement.disbursed_on,
        first_due_on=agreement.first_due_on,
        instalments=agreement.instalments,
    )


def _product_row(product: Product) -> dict[str, object]:
    row = {name: getattr(product, name) for name in Product.__slots__ if name != "rate"}
    return {**row, "rate_percent": _percent(product.rate)}


def _percent(rate: Fraction) -> Decimal:
    """A rate as a plain decimal percentage: every rate is written down as one."""
    percent = rate * 100
    return Decimal(percent.numerator) / Decimal(percent.denominator)


def _product(row: Any) -> Product:  # noqa: ANN401 - a row is as wide as its query
    return Product(
        code=row.code,
        name=row.name,
        fund=row.fund,
        charge=Charge(row.charge),
        repayment=Repayment(row.repayment),
        rate=Fraction(row.rate_percent) / 100,
        rate_per=RatePer(row.rate_per),
        frequency=Frequency(row.frequency),
        instalments=row.instalments,
        charge_step=row.charge_step,
        instalment_step=row.instalment_step,
        rounding=Rounding(row.rounding),
        grace_principal=row.grace_principal,
        grace_charge=row.grace_charge,
        grace_days=row.grace_days,
        charge_basis=ChargeBasis(row.charge_basis),
        on_holiday=OnHoliday(row.on_holiday),
    )
