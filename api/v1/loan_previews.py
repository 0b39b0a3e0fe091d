"""Loans tried before anyone signs: terms, dates and what may happen come in, nothing is kept."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from api.dependencies import ReadBooks
from api.errors import with_body
from api.fields import (
    AmountAboveZero,
    Answer,
    Asked,
    Code,
    Day,
    Rupees,
    refuse,
)
from api.v1.loans import FiguresAnswer
from api.v1.terms import Count, Grace, Percent, SeasonAsked, TermsAsked, shares
from service.loans import holidays, products
from service.loans.plan import DAYS_OF_YEAR, Change, FineImposed, RateChange, Reschedule
from service.loans.preview import Dated, Preview, preview
from service.loans.terms import (
    PERIODS_PER_YEAR,
    Contract,
    ContractContradicts,
    Product,
    ProductContradicts,
)
from service.refusals import Malformed, NotFound

router = APIRouter(tags=["loans"])

MOST_HAPPENINGS: Final = 60
MOST_SPLITS: Final = 6_240
"""Payments times instalments: sixty of two years of weeks, or twelve of ten years."""
MOST_FINES: Final = 300_000
"""Instalments times the periods in which each may be fined again, times when that is asked."""
LONGEST: Final = timedelta(days=30 * 366)
ON_THE_FLY: Final = "PREVIEW"
"""Stands where a loan and a product that are written down have their code."""
YEARLY_COST: Final = (
    "Per cent a year: the rate at which all that the borrower gets is worth all that she pays, with"
    " fees, if everything is paid as it falls due. Annual percentage rate of charge by Directive"
    " 2008/48/EC, Annex I, part I, with days over 365. Null where there is nothing to compare."
)


class AmountOn(Asked):
    """An amount on a day."""

    on: Day
    amount: AmountAboveZero


class RateOn(Asked):
    """Another rate from a day on."""

    on: Day
    rate_percent: Percent


class RescheduleAsked(Asked):
    """Other due dates for what falls due after a day."""

    on: Day
    dues: Annotated[list[Day], Field(min_length=1, max_length=520)]
    grace_principal: Grace = 0
    grace_charge: Grace = 0
    rate_percent: Percent | None = None
    overdue_too: bool = False

    def reschedule(self) -> Reschedule:
        """As the service knows it."""
        rate = None if self.rate_percent is None else Fraction(self.rate_percent) / 100
        return Reschedule(
            on=self.on,
            dues=tuple(self.dues),
            grace_principal=self.grace_principal,
            grace_charge=self.grace_charge,
            rate=rate,
            overdue_too=self.overdue_too,
        )


class PreviewAsked(Asked):
    """A loan to try: under lending rules that are written down, or under terms given here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "product": "FLAT",
                    "principal": "2500.00",
                    "disbursed_on": "2026-03-12",
                    "first_due_on": "2026-04-12",
                    "instalments": 3,
                },
                {
                    "terms": {
                        "charge": "declining",
                        "repayment": "equal_instalment",
                        "rate_percent": "24",
                        "rate_per": "year",
                        "frequency": "month",
                        "early": "smaller_instalments",
                        "pay_off": "charge_to_day",
                        "fees": [{"name": "form", "percent": "1.5", "taken": "deducted"}],
                        "fine": {"percent": "2"},
                    },
                    "principal": "15000.00",
                    "disbursed_on": "2026-01-05",
                    "first_due_on": "2026-02-05",
                    "instalments": 12,
                    "payments": [{"on": "2026-02-05", "amount": "3000.00"}],
                    "as_of": "2026-04-01",
                },
            ]
        }
    )

    product: Code | None = None
    terms: TermsAsked | None = None
    principal: AmountAboveZero
    disbursed_on: Day
    first_due_on: Day
    instalments: Count
    instalment: AmountAboveZero | None = Field(
        default=None, description="One that was agreed, instead of one worked out."
    )
    seasons: list[SeasonAsked] = Field(default_factory=list, max_length=520)
    tranches: list[AmountOn] = Field(
        default_factory=list,
        max_length=MOST_HAPPENINGS,
        description="When it is paid out, and how much; otherwise all on its day.",
    )
    payments: list[AmountOn] = Field(default_factory=list, max_length=MOST_HAPPENINGS)
    fines: list[AmountOn] = Field(
        default_factory=list,
        max_length=MOST_HAPPENINGS,
        description="Imposed by resolution, beside those of the rules.",
    )
    rate_changes: list[RateOn] = Field(default_factory=list, max_length=MOST_HAPPENINGS)
    reschedules: list[RescheduleAsked] = Field(default_factory=list, max_length=MOST_HAPPENINGS)
    as_of: Day | None = Field(
        default=None,
        description="What happens later does not count; otherwise the day of the last happening.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.product is None) == (self.terms is None):
            raise refuse("one_of_both", "Name a product, or give terms: one of both.")
        if sum(one.amount for one in self.tranches) > self.principal:
            raise refuse("tranches", "The tranches come to more than the principal. Lower one.")
        if self.tranches and min(one.on for one in self.tranches) != self.disbursed_on:
            raise refuse("tranches", "The first tranche is paid out on the day of disbursement.")
        if self.instalments * len(self.payments) > MOST_SPLITS:
            raise refuse("payments", "Try it with fewer payments, or with fewer instalments.")
        if self.as_of is not None and self.as_of > self.disbursed_on + LONGEST:
            raise refuse("as_of", "Ask for a day within thirty years of the disbursement.")
        return self

    def product_of(self, terms: TermsAsked) -> Product:
        """Lending rules of these terms. Raises `ProductContradicts`."""
        said = terms.terms()
        return Product(code=ON_THE_FLY, name="", fund="own", instalments=self.instalments, **said)

    def contract(self, product: Product) -> Contract:
        """The loan. Raises `ContractContradicts`."""
        return Contract(
            code=ON_THE_FLY,
            product=product,
            principal=self.principal,
            disbursed_on=self.disbursed_on,
            first_due_on=self.first_due_on,
            instalments=self.instalments,
            instalment=self.instalment,
            seasons=shares(self.seasons),
        )

    def _refuse_endless_fines(self, product: Product, on: date) -> None:
        """Raise `Malformed` where every instalment may be fined again and again for too long."""
        if product.fine is None or not product.fine.every_period:
            return
        years = Fraction(max((on - self.first_due_on).days, 0), DAYS_OF_YEAR)
        periods = years * PERIODS_PER_YEAR[product.frequency] / product.every
        if self.instalments * periods * (1 + len(self.payments)) > MOST_FINES:
            raise Malformed("as_of: try it with an earlier day, or with fewer payments.")

    def tried(self, product: Product, days_off: list[date]) -> PreviewAnswer:
        """What comes of it. Raises `ContractContradicts`, `Malformed`."""
        changes: list[Change] = [
            *(RateChange(on=c.on, rate=Fraction(c.rate_percent) / 100) for c in self.rate_changes),
            *(change.reschedule() for change in self.reschedules),
            *(FineImposed(on=fine.on, amount=fine.amount) for fine in self.fines),
        ]
        dated = [one.on for one in (*self.tranches, *self.payments)]
        on = self.as_of or max([self.disbursed_on, *dated, *(change.on for change in changes)])
        self._refuse_endless_fines(product, on)
        found = preview(
            self.contract(product),
            on=on,
            tranches=[Dated(one.on, one.amount) for one in self.tranches],
            payments=[Dated(one.on, one.amount) for one in self.payments],
            changes=changes,
            holidays=days_off,
        )
        return PreviewAnswer.of(found, on)


class PartAnswer(Answer):
    """An instalment as it stands on the day: what it asks for, and what of it is unpaid."""

    n: int
    due_on: date
    principal: Rupees
    charge: Rupees
    fine: Rupees
    total: Rupees
    unpaid_principal: Rupees
    unpaid_charge: Rupees
    unpaid_fine: Rupees
    overdue: bool


class PaymentAnswer(Answer):
    """How a payment splits; what is over becomes voluntary savings of the member."""

    on: date
    amount: Rupees
    fine: Rupees
    charge: Rupees
    principal: Rupees
    over: Rupees


class FeeAnswer(Answer):
    """A fee as it is taken."""

    name: str
    amount: Rupees
    deducted: bool


class PreviewAnswer(Answer):
    """What comes of it, as at a day."""

    instalments: list[PartAnswer]
    payments: list[PaymentAnswer]
    fees: list[FeeAnswer]
    figures: FiguresAnswer
    pay_off: Rupees = Field(description="What closes the loan on that day, fines and all.")
    total_charge: Rupees
    total_fees: Rupees
    total_fines: Rupees
    yearly_cost_percent: Decimal | None = Field(description=YEARLY_COST)

    @classmethod
    def of(cls, found: Preview, on: date) -> PreviewAnswer:
        """The answer for a preview."""
        return cls(
            instalments=[
                PartAnswer(
                    n=part.instalment.n,
                    due_on=part.instalment.due_on,
                    principal=part.instalment.principal,
                    charge=part.instalment.charge,
                    fine=part.fine,
                    total=part.instalment.total + part.fine,
                    unpaid_principal=part.unpaid_principal,
                    unpaid_charge=part.unpaid_charge,
                    unpaid_fine=part.unpaid_fine,
                    overdue=part.overdue,
                )
                for part in found.parts
            ],
            payments=[
                PaymentAnswer(
                    on=one.on,
                    amount=one.amount,
                    fine=one.split.fine,
                    charge=one.split.charge,
                    principal=one.split.principal,
                    over=one.split.over,
                )
                for one in found.payments
            ],
            fees=[
                FeeAnswer(name=fee.name, amount=fee.amount, deducted=fee.deducted)
                for fee in found.fees
            ],
            figures=FiguresAnswer.of(on, found.figures),
            pay_off=found.pay_off,
            total_charge=found.total_charge,
            total_fees=found.total_fees,
            total_fines=found.total_fines,
            yearly_cost_percent=found.yearly_cost,
        )


@router.post(
    "/loan-previews",
    responses=with_body(NotFound, Malformed, ProductContradicts, ContractContradicts),
)
async def preview_loan(asked: PreviewAsked, books: ReadBooks) -> PreviewAnswer:
    """Try a loan before anyone signs: its instalments, how payments split, what it comes to.

    Nothing is written down. Due dates move off the holidays that are known now.
    """
    if asked.terms is None:
        known = await products.products(books)
        product = products.in_force(known, asked.product or "", asked.disbursed_on)
    else:
        product = asked.product_of(asked.terms)
    days_off = [day for day, _ in await holidays.holidays(books, first_on=asked.disbursed_on)]
    return await asyncio.to_thread(asked.tried, product, days_off)
