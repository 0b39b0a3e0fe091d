"""Money: whole paisa inside, py-moneyed at the edges, never a binary float.

Inside the engine and its rules an amount is an `int` of paisa, named so (`amount_paisa`
or, on a line, `debit` and `credit`). This module turns text into paisa and back, rounds
exact fractions to a step, and splits an amount without losing a paisa. It is the only
module that imports py-moneyed: that library's `Money` is mutable, accepts floats and
NaN, and cannot split.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from moneyed import PKR
from moneyed import Money as MoneyedMoney

if TYPE_CHECKING:
    from collections.abc import Sequence

CURRENCY: Final = str(PKR)
PAISA_PER_RUPEE: Final = 100
MOST_PAISA: Final = 2**63 - 1
"""The largest amount that a stored amount (`bigint`) can hold."""

_RUPEES = re.compile(r"(-?)(\d{1,17})(?:\.(\d{1,2}))?", re.ASCII)


class MoneyMalformed(ValueError):
    """An amount is rupees with at most two decimals and no separators, such as 1500.00."""


class Rounding(StrEnum):
    """Where a value between two steps goes (DOMAIN 5: half-up is the default)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"


def parse_rupees(text: str) -> int:
    """Whole paisa of an amount written in rupees: "1500.5" is 150050.

    Raises `MoneyMalformed` for anything else than digits with at most two decimals, an
    optional leading minus, and for amounts that no account could hold.
    """
    match = _RUPEES.fullmatch(text)
    if match is None:
        raise MoneyMalformed(text)
    sign, rupees, decimals = match.groups()
    paisa = int(rupees) * PAISA_PER_RUPEE + int((decimals or "").ljust(2, "0"))
    if paisa > MOST_PAISA:
        raise MoneyMalformed(text)
    return -paisa if sign else paisa


def rupees(paisa: int) -> str:
    """An amount of paisa as rupees with two decimals: 150050 is "1500.50"."""
    sign = "-" if paisa < 0 else ""
    whole, rest = divmod(abs(paisa), PAISA_PER_RUPEE)
    return f"{sign}{whole}.{rest:02d}"


def grouped_rupees(paisa: int) -> str:
    """An amount with lakh and crore grouping: 123456750 is "12,34,567.50" (DOMAIN 9)."""
    plain = rupees(abs(paisa))
    whole, decimals = plain.split(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = []
    while head:
        pairs.append(head[-2:])
        head = head[:-2]
    return ("-" if paisa < 0 else "") + ",".join([*reversed(pairs), tail]) + "." + decimals


def as_moneyed(paisa: int) -> MoneyedMoney:
    """The same amount as a py-moneyed `Money`, for code that speaks that library."""
    return MoneyedMoney(Decimal(paisa).scaleb(-2), PKR)


def from_moneyed(money: MoneyedMoney) -> int:
    """Whole paisa of a py-moneyed `Money` in PKR with at most two decimals.

    Raises `MoneyMalformed` for another currency, for NaN, for fractions of a paisa,
    and for amounts that no account could hold.
    """
    amount = money.amount
    paisa = Fraction(amount) * PAISA_PER_RUPEE if amount.is_finite() else Fraction(1, 2)
    if money.currency != PKR or paisa.denominator != 1 or abs(paisa) > MOST_PAISA:
        raise MoneyMalformed(f"{money.currency} {amount}")
    return paisa.numerator


def round_to_step(value: Fraction, step: int, rounding: Rounding) -> int:
    """The multiple of `step` nearest to `value`, both in paisa.

    A tie goes up (`half_up`) or to the even multiple (`half_even`); `up` goes to the next
    multiple unless the value is one already. `value` is exact and not negative.
    """
    one = value.denominator * step
    whole, rest = divmod(value.numerator, one)
    if rounding is Rounding.UP:
        up = rest > 0
    elif 2 * rest == one:
        up = rounding is Rounding.HALF_UP or whole % 2 == 1
    else:
        up = 2 * rest > one
    return (whole + up) * step


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` paisa in proportion to `weights`, summing to it exactly.

    Largest remainder: each share is rounded down, and the paisa that are left go to the
    largest remainders, the earlier share first. Weights are not negative, and not all 0.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        msg = "weights must not be negative, and not all zero"
        raise ValueError(msg)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
