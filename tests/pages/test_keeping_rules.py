"""Every page keeps to the rules: on four screens, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tests.support.page_rules import checked_everywhere

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.house import House

A_MEETING: Final = datetime(2026, 7, 6, 5, tzinfo=UTC)


async def test_pages_of_whoever_is_not_signed_in(browser: Browser, house: House) -> None:
    """The entrance."""
    await checked_everywhere(browser, house.address, "/login", "/pin")


async def test_pages_of_an_accountant(browser: Browser, house: House) -> None:
    """Home, the sheet of a meeting."""
    house.clock.now = A_MEETING
    await checked_everywhere(
        browser,
        house.address,
        "/",
        "/pin/new",
        "/sheets/new?organisation=CO-01",
        sign_in=lambda context: house.sign_in(context, "nasreen"),
    )


async def test_pages_of_members_loans_and_corrections(browser: Browser, house: House) -> None:
    """Lists, a passbook, a loan, an application; what is asked of a second officer."""
    house.clock.now = A_MEETING
    await checked_everywhere(
        browser,
        house.address,
        "/members",
        "/members/M-0002",
        "/members/M-0002/exit",
        "/loans",
        "/loans/L-0540",
        "/loans/new?member=M-0001",
        "/requests",
        "/sheets/S-0602/correct?member=M-0001",
        "/sheets/S-0602/reverse",
        "/more",
        "/practice",
        sign_in=lambda context: house.sign_in(context, "nasreen"),
    )


async def test_a_page_that_is_not_there(browser: Browser, house: House) -> None:
    """A refusal is a page like any."""
    await checked_everywhere(browser, house.address, "/nowhere", status=404)
