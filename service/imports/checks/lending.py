"""Products and loans: whether the terms can be worked out at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.imports.kinds import BorrowerKind, Charge, ChargeBasis, Repayment
from service.imports.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.imports.registers import Known
    from service.imports.rows import LoanRow, ProductRow

_IN_INSTALMENTS = (Repayment.EQUAL_INSTALMENT, Repayment.EQUAL_PRINCIPAL)


def products_in_contradiction(known: Known) -> Iterator[Problem]:
    """The charge basis is `actual` with open repayment, and only with it."""
    for product in known.tables.products.rows:
        is_open = product.repayment is Repayment.OPEN
        if is_open != (product.charge_basis is ChargeBasis.ACTUAL):
            what = f'"{product.charge_basis}" does not go with repayment "{product.repayment}"'
            todo = f"Write {ChargeBasis.ACTUAL if is_open else ChargeBasis.SCHEDULED}."
            yield Problem(known.tables.products.file, product.line, "charge_basis", what, todo)


def loan_codes(known: Known) -> Iterator[Problem]:
    """Lender, borrower and product exist, and nobody lends to itself."""
    file = known.tables.loans.file
    for loan in known.tables.loans.rows:
        yield from known.organisations.missing(loan.lender, file, loan.line, "lender")
        yield from known.products.missing(loan.product, file, loan.line, "product")
        if loan.borrower_kind is BorrowerKind.MEMBER:
            yield from known.members.missing(loan.borrower, file, loan.line, "borrower")
        else:
            yield from known.organisations.missing(loan.borrower, file, loan.line, "borrower")
            if loan.borrower == loan.lender:
                what = f'"{loan.borrower}" lends to itself'
                yield Problem(
                    file, loan.line, "borrower", what, "Correct the lender or the borrower."
                )


def grace_without_end(known: Known) -> Iterator[Problem]:
    """A loan paid out has an instalment with principal, and one with charge, after the grace."""
    for loan in known.tables.loans.rows:
        product = known.products.get(loan.product)
        if product is None or loan.disbursed_on is None:
            continue
        if product.repayment in _IN_INSTALMENTS:
            yield from _grace(known, loan, product)


def _grace(known: Known, loan: LoanRow, product: ProductRow) -> Iterator[Problem]:
    graces = {"principal": product.grace_principal}
    if product.charge is not Charge.ZERO:
        graces["charge"] = product.grace_charge
    for name, grace in graces.items():
        if grace >= loan.instalments:
            what = (
                f"the {grace} instalments without {name} of product {product.code}"
                f" leave none of the loan's {loan.instalments}"
            )
            todo = f"Write more instalments, or shorten grace_{name} of the product."
            yield Problem(known.tables.loans.file, loan.line, "instalments", what, todo)
