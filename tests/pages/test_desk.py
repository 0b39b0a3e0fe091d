"""The treasurer's pages: every rule on every screen, and from a total to its voucher by clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from playwright.async_api import expect

from tests.support.browser import DESK, looking
from tests.support.page_rules import checked_everywhere
from tests.support.phones import PIN, phone_at

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext

    from tests.support.house import House

TREASURER: Final = "shazia"
PAGES: Final = (
    "/",
    "/?on=31-03-2026&known=30-04-2026",
    "/organisations/VO-02",
    "/organisations/CO-01",
    "/organisations/LSO-01/parts/savings",
    "/organisations/LSO-01/parts/money?on=31-12-2025",
    "/loans?at=LSO-01",
    "/loans?at=LSO-01&which=par_30&on=01-03-2026",
    "/loans/L-0072?on=31-03-2026&known=30-04-2026",
    "/members/M-0001?on=31-03-2026",
    "/funds?at=LSO-01",
    "/funds?at=LSO-01&below=1",
    "/mobilisation?at=LSO-01",
    "/mobilisation?at=LSO-01&quarter=01-01-2026",
    "/dues?at=LSO-01&on=01-03-2026",
    "/dues?at=LSO-01&lender=CO-01&on=01-03-2026",
    "/books/CO-01/accounts",
    "/books/CO-01/accounts?codes=2000,2010",
    "/books/CO-01/accounts/3",
    "/books/CO-01/entries/12",
)
CLICKS: Final = 4
"""From a total of the union council to a voucher, at most."""


async def test_the_treasurers_pages_keep_every_rule(browser: Browser, house: House) -> None:
    """In both languages, on every screen."""

    async def sign_in(context: BrowserContext) -> None:
        await house.sign_in(context, TREASURER)

    await checked_everywhere(browser, house.address, *PAGES, sign_in=sign_in)


async def test_a_total_opens_down_to_its_voucher_in_four_clicks(
    browser: Browser, house: House
) -> None:
    """Members' savings of the union council: their books, her account, the voucher, its sheet."""
    async with looking(browser, DESK, address=house.address) as context:
        await house.sign_in(context, TREASURER)
        page = await context.new_page()
        await page.goto(f"{house.address}/?on=31-03-2026")
        steps = (
            ".figs dd a[href*='/parts/savings']",
            "main tbody a[href*='/books/CO-01/accounts']",
            "main tbody a[href*='/books/CO-01/accounts/']",
            "main tbody a[href*='/books/CO-01/entries/']",
        )
        assert len(steps) == CLICKS
        for step in steps:
            await page.locator(step).first.click()
            await page.wait_for_load_state()
            assert "on=31-03-2026" in page.url, "the day travels along"
        assert "/books/CO-01/entries/" in page.url
        await page.locator("main a[href^='/sheets/']").click()
        await page.wait_for_load_state()
        assert page.url.startswith(f"{house.address}/sheets/{quote('S-')}")


async def test_every_figure_of_the_tree_opens_to_what_it_is(browser: Browser, house: House) -> None:
    """Whatever link stands in the page of the union council, there is a page behind it."""
    async with looking(browser, DESK, address=house.address) as context:
        await house.sign_in(context, TREASURER)
        page = await context.new_page()
        await page.goto(f"{house.address}/?on=31-03-2026")
        shown = await page.locator("main a").evaluate_all("(all) => all.map((a) => a.href)")
        for address in sorted(set(shown)):
            answer = await context.request.get(address)
            assert answer.ok, address


async def test_an_open_vault_goes_from_a_phones_page_to_a_desk(
    own_house: House, tmp_path: Path
) -> None:
    """The shell changes the page itself then: the desk's style sheet and parts come along."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin(TREASURER, PIN)
        page = phone.page
        await page.goto("/more")
        await phone.enter(PIN)
        await page.evaluate("window.here = 1")
        await page.click("header .brand")
        await expect(page.locator("[data-load] .sum")).to_be_visible()
        assert await page.evaluate("window.here") == 1
        display = "getComputedStyle(document.querySelector('.figs')).display"
        assert await page.evaluate(display) == "grid"
