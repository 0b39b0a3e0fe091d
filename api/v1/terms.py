"""Terms of lending, as they are asked for: of a product, or of a loan that is only tried."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import Field

from api.fields import AmountAboveZero, AmountFromZero, Asked, Day, Name
from ledger.money import Rounding
from service.loans.terms import (
    IN_ORDER,
    Charge,
    ChargeBasis,
    DayCount,
    Early,
    Fee,
    FeeTaken,
    Fine,
    FineOf,
    Frequency,
    OnHoliday,
    Part,
    PayOff,
    RatePer,
    Repayment,
    Season,
)

MOST_INSTALMENTS: Final = 520
"""Ten years of weeks."""
MOST_GRACE_DAYS: Final = 3_650
MOST_EVERY: Final = 52
ONE_RUPEE: Final = 100

Percent = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$")]
Count = Annotated[int, Field(ge=1, le=MOST_INSTALMENTS)]
Grace = Annotated[int, Field(ge=0, le=MOST_INSTALMENTS)]


class FeeAsked(Asked):
    """What a loan costs when it is paid out: an amount, a share of the principal, or both."""

    name: Name
    amount: AmountFromZero = 0
    percent: Percent = "0"
    taken: Annotated[FeeTaken, Field(strict=False)] = FeeTaken.UP_FRONT

    def fee(self) -> Fee:
        """As the service knows it."""
        rate = Fraction(self.percent) / 100
        return Fee(name=self.name, amount=self.amount, rate=rate, taken=self.taken)


class FineAsked(Asked):
    """What an instalment costs that is in arrears: an amount, a share of what it lacks, or both."""

    amount: AmountFromZero = 0
    percent: Percent = "0"
    of: Annotated[FineOf, Field(strict=False)] = FineOf.PRINCIPAL_AND_CHARGE
    every_period: bool = False

    def fine(self) -> Fine:
        """As the service knows it."""
        rate = Fraction(self.percent) / 100
        return Fine(amount=self.amount, rate=rate, of=self.of, every_period=self.every_period)


class TermsAsked(Asked):
    """Lending rules: how a loan is charged, repaid, and what else it costs."""

    charge: Annotated[Charge, Field(strict=False)]
    repayment: Annotated[Repayment, Field(strict=False)]
    rate_percent: Percent
    rate_per: Annotated[RatePer, Field(strict=False)]
    frequency: Annotated[Frequency, Field(strict=False)]
    every: Annotated[int, Field(ge=1, le=MOST_EVERY)] = 1
    day_count: Annotated[DayCount, Field(strict=False)] = DayCount.PERIOD
    charge_step: AmountAboveZero = ONE_RUPEE
    instalment_step: AmountAboveZero = ONE_RUPEE
    rounding: Annotated[Rounding, Field(strict=False)] = Rounding.HALF_UP
    grace_principal: Grace = 0
    grace_charge: Grace = 0
    grace_days: Annotated[int, Field(ge=0, le=MOST_GRACE_DAYS)] = 0
    charge_basis: Annotated[ChargeBasis, Field(strict=False)] = ChargeBasis.SCHEDULED
    on_holiday: Annotated[OnHoliday, Field(strict=False)] = OnHoliday.STAY
    early: Annotated[Early, Field(strict=False)] = Early.NEXT_INSTALMENTS
    pay_off: Annotated[PayOff, Field(strict=False)] = PayOff.WHOLE_CHARGE
    order: list[Annotated[Part, Field(strict=False)]] = Field(
        default_factory=lambda: list(IN_ORDER), max_length=3
    )
    fees: list[FeeAsked] = Field(default_factory=list, max_length=10)
    fine: FineAsked | None = None

    def terms(self) -> dict[str, Any]:
        """What a `Product` is made of, beside what only a written one has."""
        said = {name: getattr(self, name) for name in TermsAsked.model_fields}
        percent = said.pop("rate_percent")
        return {
            **said,
            "rate": Fraction(percent) / 100,
            "order": tuple(self.order),
            "fees": tuple(fee.fee() for fee in self.fees),
            "fine": self.fine and self.fine.fine(),
        }


class SeasonAsked(Asked):
    """A day on which a part of the principal falls due; parts are of all parts together."""

    due_on: Day
    parts: Annotated[int, Field(ge=1, le=1_000_000)]


def shares(seasons: Sequence[SeasonAsked]) -> tuple[Season, ...]:
    """Each season's share of the principal: its parts of all of them."""
    parts = sum(season.parts for season in seasons)
    return tuple(Season(one.due_on, Fraction(one.parts, parts)) for one in seasons)
