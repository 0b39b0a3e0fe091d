"""Loans as they are agreed: contracts, and their frozen schedules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from ledger.entries import AccountKey
from service import access, members, organisations
from service.access import Right
from service.conditions import where
from service.loans import applications, changes, eligibility, holidays
from service.loans.agreement import Agreement
from service.loans.plan import Instalment, is_fixed, schedule
from service.loans.products import in_force, products
from service.loans.terms import Contract, Product, Season
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from service.books import Books, WritableBooks
    from service.loans.plan import Change


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan with everything that its rules need: terms, schedule, and the books it is in."""

    agreement: Agreement
    contract: Contract
    schedule: tuple[Instalment, ...]
    lender_book: int
    borrower_book: int | None
    """The book of the organisation that borrows; None for a member."""
    cancelled_on: date | None = None
    afresh: bool = False
    """Whether what it asks for depends on what happens after it is paid out."""
    changes: tuple[Change, ...] = ()
    """What was agreed since it was approved, and holds."""

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


_SEASONS: Final = TypeAdapter(tuple[Season, ...])
_AGREED: Final = Agreement.__slots__
_VALUES: Final = ", ".join(
    "CAST(:seasons AS jsonb)" if name == "seasons" else f":{name}" for name in _AGREED
)
_ADD_LOAN = f"""
    INSERT INTO service.loan ({", ".join(_AGREED)}, product_version, afresh)
    VALUES ({_VALUES}, :product_version, :afresh)
"""
_ADD_INSTALMENT = """
    INSERT INTO service.instalment (loan, n, due_on, principal, charge, before)
    VALUES (:loan, :n, :due_on, :principal, :charge, :before)
"""
_LOANS = f"""
    SELECT {", ".join(f"l.{name}" for name in _AGREED)},
        l.product_version, l.cancelled_on, l.afresh,
        lender.book_id AS lender_book, borrower.book_id AS borrower_book
    FROM service.loan l
    JOIN service.book_number lender ON lender.code = l.lender
    LEFT JOIN service.book_number borrower ON borrower.code = l.organisation
"""
_HELD = "SELECT code FROM service.loan WHERE code = ANY (:codes) ORDER BY code FOR SHARE"
_RUNS: Final = """
    SELECT 1 FROM ledger.account
    WHERE book_id = :book AND code = '1300' AND party = :loan AND debit > credit
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


async def agree(books: WritableBooks, agreement: Agreement) -> None:
    """Write down one loan. Raises what `add_loans` does, `NotFound` and `Malformed`.

    Terms that would leave no schedule are refused now, also where it is only approved yet.
    """
    applications.refuse_unlike_borrower(agreement.lender, agreement.member, agreement.organisation)
    await access.authorise(books, Right.PREPARE, agreement.lender)
    organisations.refuse_future(books, "approved_on", agreement.approved_on)
    named = [agreement.lender, *([agreement.organisation] if agreement.organisation else [])]
    await organisations.books_of(books, named)
    await members.organisations_of(books, [agreement.member] if agreement.member else [])
    dated = replace(agreement, disbursed_on=agreement.disbursed_on or agreement.approved_on)
    product = in_force(await products(books), dated.product, dated.approved_on)
    terms = _contract(dated, product)
    if await members.named(books, [agreement.code]):
        raise AlreadyExists(f"The code {agreement.code} is taken already. Choose another.")
    if agreement.refinances is not None:
        await _refuse_unfit_refinance(books, agreement, terms)
    await applications.refuse_unlike(books, agreement)
    await eligibility.refuse_ineligible(books, agreement, product)
    await add_loans(books, [agreement])


async def _refuse_unfit_refinance(books: Books, new: Agreement, terms: Contract) -> None:
    """Raise `NotFound` or `Malformed` unless a loan may pay off the one that it says.

    That one is of the same lender, member and fund, and runs.
    """
    old = (await loans(books, [new.refinances or ""]))[new.refinances or ""]
    if new.member is None or new.in_tranches:
        raise Malformed("refinances: a member's loan, paid out whole, may pay off another.")
    if (old.agreement.lender, old.agreement.member) != (new.lender, new.member):
        raise Malformed(f"refinances: {old.code} is not between {new.lender} and {new.member}.")
    if old.fund != terms.product.fund:
        raise Malformed(f"refinances: {old.code} is money of {old.fund}. Lend from that fund.")
    if not await books.fetch(_RUNS, book=old.lender_book, loan=old.code):
        raise Malformed(f"refinances: {old.code} has nothing outstanding to pay off.")


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
    contracts = [_contract(a, in_force(rules, a.product, a.approved_on)) for a in agreements]
    rows = [_row(*pair) for pair in zip(agreements, contracts, strict=True)]
    await books.execute_many(_ADD_LOAN, rows)
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
    rows = await books.fetch(sql, **asked)
    changed = await changes.in_force(books, [row.code for row in rows if row.afresh])
    for row in rows:
        said = {name: getattr(row, name) for name in _AGREED}
        agreement = Agreement(**{**said, "seasons": _SEASONS.validate_python(row.seasons)})
        found[row.code] = Loan(
            agreement=agreement,
            contract=_contract(agreement, rules[row.product][row.product_version - 1]),
            schedule=tuple(schedules.get(row.code, ())),
            lender_book=row.lender_book,
            borrower_book=row.borrower_book,
            cancelled_on=row.cancelled_on,
            afresh=row.afresh,
            changes=changed.get(row.code, ()),
        )
    if missing := sorted(set(codes or ()) - set(found)):
        raise NotFound(f"There is no loan {missing[0]}. Check the code.")
    return found


async def set_paid_out(books: WritableBooks, codes: Collection[str], on: date) -> None:
    """Give loans that are approved and have no day yet their day of disbursement.

    To be called in the transaction that pays them out; the schedule is frozen with it. Nobody
    cancels them meanwhile.
    """
    if not codes:
        return
    await books.fetch(_HELD, codes=sorted(set(codes)))
    sql = (
        "UPDATE service.loan SET disbursed_on = :on"
        " WHERE code = ANY (:codes) AND disbursed_on IS NULL AND cancelled_on IS NULL"
        " RETURNING code"
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


def _row(agreement: Agreement, contract: Contract) -> dict[str, object]:
    said = {name: getattr(agreement, name) for name in _AGREED}
    return {
        **said,
        "seasons": _SEASONS.dump_json(agreement.seasons).decode(),
        "product_version": contract.product.version,
        "afresh": agreement.in_tranches or not is_fixed(contract),
    }


def _contract(agreement: Agreement, product: Product) -> Contract:
    return Contract(
        code=agreement.code,
        product=product,
        principal=agreement.principal,
        disbursed_on=agreement.disbursed_on,
        first_due_on=agreement.first_due_on,
        instalments=agreement.instalments,
        instalment=agreement.instalment,
        seasons=agreement.seasons,
    )
