"""Every page keeps to the rules: on four screens, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx

from tests.support.browser import LARGE_PRINT, MAGNIFIED
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
        "/sheets/S-0602",
        "/sheets/S-0602/receipts",
        "/waiting",
        "/more",
        "/phones",
        "/practice",
        sign_in=lambda context: house.sign_in(context, "nasreen"),
    )


async def test_a_request_for_who_asked_and_for_who_decides(browser: Browser, house: House) -> None:
    """A whole sheet is to be taken back: what will be written, and who may say so."""
    house.clock.now = A_MEETING
    asked = {"on": "2026-07-06", "reason": "Entered twice, see voucher 151"}
    async with httpx.AsyncClient(base_url=house.address) as client:
        said = {"name": "nasreen", "password": house.people["nasreen"].password}
        session = (await client.post("/v1/sessions", json=said)).json()
        headers = {"X-CSRF-Token": session["csrf_token"], "Idempotency-Key": "taken-back"}
        answer = await client.post("/v1/sheets/S-0602/reverse", json=asked, headers=headers)
        assert answer.status_code == 202, answer.text
    at = f"/requests/{answer.json()['code']}"
    for who in ("nasreen", "zainab"):
        await checked_everywhere(
            browser,
            house.address,
            at,
            sign_in=partial(house.sign_in, person=who),
        )


async def test_pages_in_large_letters_and_magnified(browser: Browser, house: House) -> None:
    """At twice the size, and at four times: one thing below the other, and nothing is lost."""
    house.clock.now = A_MEETING
    await checked_everywhere(
        browser,
        house.address,
        "/",
        "/sheets/new?organisation=CO-01",
        "/sheets/S-0602/receipts",
        "/sheets/S-0602/correct?member=M-0001",
        "/members/M-0002",
        "/loans/L-0540",
        "/waiting",
        "/more",
        sign_in=lambda context: house.sign_in(context, "nasreen"),
        views=(LARGE_PRINT, MAGNIFIED),
    )


async def test_a_page_that_is_not_there(browser: Browser, house: House) -> None:
    """A refusal is a page like any."""
    await checked_everywhere(browser, house.address, "/nowhere", status=404)


async def test_an_application_for_whoever_looks_into_it(browser: Browser, house: House) -> None:
    """What the rules say, and its forms; then what was found, and how it may be approved."""
    house.clock.now = A_MEETING
    asked = {
        "code": "L-0999",
        "lender": "CO-01",
        "member": "M-0002",
        "product": "FLAT-12",
        "amount": "5000.00",
        "instalments": 3,
        "purpose": "seed, 2 bags",
        "applied_on": "2026-07-06",
    }
    found = {"on": "2026-07-06", "amount": "4000.00", "findings": "2 kanals of her own"}
    async with httpx.AsyncClient(base_url=house.address, timeout=60) as client:
        said = {"name": "nasreen", "password": house.people["nasreen"].password}
        session = (await client.post("/v1/sessions", json=said)).json()
        headers = {"X-CSRF-Token": session["csrf_token"]}
        for at, content in (("", asked), ("/L-0999/appraisal", found)):
            answer = await client.post(f"/v1/loan-applications{at}", json=content, headers=headers)
            assert answer.is_success, answer.text
            await checked_everywhere(
                browser,
                house.address,
                "/applications/L-0999",
                sign_in=lambda context: house.sign_in(context, "nasreen"),
            )
