"""The accounts that the institutions use, by name (DOMAIN 3 and the bundle's parties)."""

from __future__ import annotations

from enum import StrEnum

from ledger.entries import AccountKey

OWN = "own"
"""The fund of savings and own income."""


class Fund(StrEnum):
    """Whose money it is."""

    OWN = "own"
    CIF = "cif"
    IGG = "igg"
    PROJECT = "project"


class PaidBy(StrEnum):
    """Through which account money goes."""

    CASH = "cash"
    BANK = "bank"
    NONE = "none"


def cash(fund: str = OWN) -> AccountKey:
    """Cash in hand."""
    return AccountKey("1000", fund)


def money(fund: str, paid_by: PaidBy) -> AccountKey:
    """Cash in hand, or the one bank account of a book."""
    return cash(fund) if paid_by is PaidBy.CASH else AccountKey("1100", fund, "BANK")


def compulsory(member: str) -> AccountKey:
    """A member's compulsory savings."""
    return AccountKey("2000", OWN, member)


def voluntary(member: str) -> AccountKey:
    """A member's voluntary savings."""
    return AccountKey("2010", OWN, member)
