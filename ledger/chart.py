"""The chart of accounts: what each code is, its side, and whether it has a floor.

Source: DOMAIN 3 for the codes, invariant I6 for the floors. Asset and expense accounts
are debit-normal, the rest credit-normal. An account with a floor never falls below zero
on its own side on any day. `migrations` holds the same table for PostgreSQL; a test
compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """One code of the chart."""

    code: str
    name: str
    sign: int
    """1 where debits increase it (assets, expenses), -1 where credits do."""
    floored: bool
    money: bool
    """Whether it is money in hand, in transit, at the bank or in a wallet."""
    by_subject: bool
    """Whether a total is kept for each subject of its lines."""


_DEBIT_NORMAL: Final = {
    "1000": "Cash in hand",
    "1010": "Cash in transit",
    "1100": "Bank account",
    "1110": "Mobile wallet",
    "1200": "Deposits placed with VO / LSO",
    "1300": "Loans to members, principal",
    "1310": "Loans to organisations, principal",
    "1320": "Service charge receivable",
    "1400": "Due from organisations",
    "1500": "Equipment and in-kind assets",
    "5000": "Running costs",
    "5100": "Loan losses",
    "5200": "Profit paid to savers",
    "5300": "Zakat, tax and bank charges withheld",
    "5900": "In-kind contributions used",
    "5990": "Cash short",
}
_CREDIT_NORMAL: Final = {
    "1390": "Loan-loss reserve",
    "2000": "Member savings, compulsory",
    "2010": "Member savings, voluntary",
    "2100": "Deposits from member organisations",
    "2200": "Borrowings",
    "2300": "Due to organisations",
    "2400": "Grants to pass on (IGG)",
    "3000": "General fund, accumulated surplus",
    "3100": "Community Investment Fund capital",
    "3200": "Endowment, donated equity",
    "3900": "Opening balances",
    "4000": "Membership fees",
    "4010": "Fines",
    "4100": "Service charges on loans",
    "4200": "Local donations, cash",
    "4210": "Local donations, in kind",
    "4310": "Grants, government",
    "4320": "Grants, donors",
    "4330": "Grants, NGOs",
    "4340": "Grants, private sector",
    "4350": "Grants, RSP",
    "4400": "Bank profit",
    "4900": "Recoveries and other income",
    "4990": "Cash over",
}
_FLOORED: Final = frozenset(
    ["1000", "1010", "1100", "1110", "1200", "1300", "1310", "2000", "2010", "2100", "2200", "2400"]
)
_MONEY: Final = frozenset(["1000", "1010", "1100", "1110"])
_BY_SUBJECT: Final = frozenset(["1320", "1390", "4010", "4100", "5100"])

SAVINGS: Final = frozenset(["2000", "2010"])
"""What a party saves, which it may pledge."""

CHART: Final[dict[str, Code]] = {
    code: Code(code, name, sign, code in _FLOORED, code in _MONEY, code in _BY_SUBJECT)
    for sign, names in ((1, _DEBIT_NORMAL), (-1, _CREDIT_NORMAL))
    for code, name in sorted(names.items())
}
