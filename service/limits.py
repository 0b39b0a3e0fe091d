"""From where on a second officer is asked: how far back, and how much at one meeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from ledger.money import rupees
from service import access
from service.access import Right

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books, WritableBooks


@dataclass(frozen=True, slots=True)
class Limits:
    """What one officer of an organisation may do alone; None sets no limit.

    `back_dated_days` is how many days before today something may have happened,
    `withdrawal` how much, in paisa, a member may withdraw at one meeting.
    """

    back_dated_days: int | None
    withdrawal: int | None


HOUSE: Final = Limits(back_dated_days=60, withdrawal=10_000_00)
"""What holds until an organisation resolves otherwise."""
_SELECT: Final = """
    SELECT back_dated_days, withdrawal FROM service.limits WHERE organisation = :organisation
"""
_SET: Final = """
    INSERT INTO service.limits (organisation, back_dated_days, withdrawal)
    VALUES (:organisation, :back_dated_days, :withdrawal)
    ON CONFLICT (organisation) DO UPDATE
    SET back_dated_days = excluded.back_dated_days, withdrawal = excluded.withdrawal
"""


async def limits(books: Books, organisation: str) -> Limits:
    """The limits of an organisation. Raises `NotFound`, `Forbidden`."""
    await access.authorise(books, Right.SEE, organisation)
    row = await books.fetch_one(_SELECT, organisation=organisation)
    return HOUSE if row is None else Limits(*row)


async def set_limits(books: WritableBooks, organisation: str, to: Limits) -> None:
    """Set the limits of an organisation, as resolved."""
    await access.authorise(books, Right.PREPARE, organisation)
    await books.execute(
        _SET,
        organisation=organisation,
        back_dated_days=to.back_dated_days,
        withdrawal=to.withdrawal,
    )


def beyond_days(own: Limits, books: Books, day: date) -> str | None:
    """Why a second officer is asked about a day, if one is."""
    ago = (business_date(books.now) - day).days
    if own.back_dated_days is None or ago <= own.back_dated_days:
        return None
    return f"{day} lies {ago} days back; one officer alone goes back {own.back_dated_days}."


def beyond_withdrawal(own: Limits, withdrawal: int) -> str | None:
    """Why a second officer is asked about what a member withdraws, if one is."""
    if own.withdrawal is None or withdrawal <= own.withdrawal:
        return None
    most = rupees(own.withdrawal)
    return f"{rupees(withdrawal)} is withdrawn; one officer alone pays out up to {most}."
