"""Clumsy hands and full phones: nothing is written but what was meant, and nothing stays open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from playwright.async_api import expect

from api.web import assets
from tests.support.phones import (
    CODE,
    HER_NAME,
    MEMBER,
    OTHER_PIN,
    PIN,
    at_second,
    installed,
    phone_at,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Route

    from tests.support.house import House

DAY: Final = 86_400
YEAR: Final = 365 * DAY
FULL: Final = """() => {
    const full = () => { throw new DOMException("", "QuotaExceededError"); };
    IDBObjectStore.prototype.put = full;
}"""


async def test_enter_among_the_notes_closes_nothing(own_house: House, tmp_path: Path) -> None:
    """The first button says that it is exactly right; her notes say something else."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        await phone.fill_in(MEMBER)
        await page.click("button[form=sheet]")
        await page.fill("[name='note:100']", "1")
        await page.press("[name='note:100']", "Enter")
        await page.wait_for_timeout(500)
        await expect(page.locator("[data-exactly]")).to_be_visible()
        assert await written(own_house) == (None, 0)
        await expect(page.locator("[data-differs]")).to_contain_text("short")


async def test_half_a_note_does_not_close(own_house: House, tmp_path: Path) -> None:
    """It is marked, and there is no sum of it."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        await phone.fill_in(MEMBER)
        await page.click("button[form=sheet]")
        await page.fill("[name='note:100']", "1.5")
        assert await page.get_attribute("[name='note:100']", "aria-invalid") is not None
        await expect(page.locator("[data-close]")).to_be_disabled()


async def test_a_phone_that_is_full_goes_the_way_without_script(
    own_house: House, tmp_path: Path
) -> None:
    """What cannot be kept on it is sent as a form, and closed on the next page."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        await page.click("a[data-keep]")
        await page.wait_for_selector("form[data-ready]")
        await page.evaluate(FULL)
        await page.check(f"input[name=paid][value={MEMBER}]", force=True)
        await page.wait_for_timeout(300)
        await phone.close_sheet()
        await page.wait_for_url(f"**/sheets/{CODE}/count")
        await page.click("[data-exactly]")
        await page.wait_for_url("**/receipts")
        assert (await written(own_house))[1] == 1


async def test_a_locked_phone_shows_nothing_in_any_window(own_house: House, tmp_path: Path) -> None:
    """At once, though the service does not answer; also in the window beneath."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        other = await page.context.new_page()
        await other.goto("/sheets/new?organisation=CO-01")
        await other.fill("dialog [name=pin]", PIN)
        await other.click("dialog .go")
        await expect(other.locator("dialog")).to_have_count(0)
        assert HER_NAME in await other.content()
        silent = asyncio.Event()
        await page.context.route("**/logout", lambda _route: silent.wait())
        await page.click("a[href='/more']")
        await page.wait_for_url("**/more")
        await page.locator("[data-lock]").first.click()
        await expect(page.locator("body > *")).to_have_count(0, timeout=3_500)
        await other.wait_for_url("**/pin")
        assert HER_NAME not in await other.content()
        silent.set()


async def test_a_clock_that_was_years_ahead_locks_nobody_out_for_years(
    own_house: House, tmp_path: Path
) -> None:
    """The wait is counted anew from today, and is never longer than a day."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await page.goto("/")
        await page.check("input[value=nasreen]", force=True)
        await at_second(page, 4 * YEAR)
        for _ in range(5):
            await phone.enter(OTHER_PIN)
            await expect(page.locator("[data-problem]")).to_contain_text("again")
            await page.evaluate("document.querySelector('[data-problem]').replaceChildren()")
        for second, wait in ((0, DAY), (DAY - 5, 5)):
            await at_second(page, second)
            await phone.enter(PIN)
            await expect(page.locator("[data-problem]")).to_contain_text(f"Wait {wait} seconds")
        await at_second(page, DAY + 1)
        await phone.enter(PIN)
        await expect(page.locator("a[data-keep]")).to_be_visible()


async def test_a_page_of_a_new_build_comes_with_its_own_scripts(
    own_house: House, tmp_path: Path
) -> None:
    """Whatever was typed is on the disk; the PIN is asked for once, and no script is of before."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page

        async def anew(route: Route) -> None:
            answer = await route.fetch()
            text = await answer.text()
            await route.fulfill(response=answer, body=text.replace(assets.version(), "new-build"))

        await page.context.route("**/members*", anew)
        await page.click("a[href^='/members']")
        await page.fill("dialog [name=pin]", PIN)
        await page.click("dialog .go")
        await expect(page.locator("dialog")).to_have_count(0)
        await expect(page.locator("main")).to_contain_text(HER_NAME)
        loaded = await page.evaluate(
            "performance.getEntriesByType('resource').map((one) => one.name)"
        )
        scripts = [name for name in loaded if name.endswith(".js") and "/static/" in name]
        assert scripts
        assert all("/static/new-build/" in name for name in scripts), scripts


async def test_the_files_of_the_build_before_stay_for_open_pages(
    own_house: House, tmp_path: Path
) -> None:
    """They load the rest of their scripts later; those of builds before it are gone."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.page.goto("/login")
        await phone.page.evaluate("""async () => {
            for (const name of ["one", "two"]) await caches.open(name);
            const worker = await navigator.serviceWorker.ready;
            const found = await worker.update();
            await found.unregister();
        }""")
        await phone.page.reload()
        await phone.page.wait_for_function(
            """async () => {
                await navigator.serviceWorker.ready;
                return !(await caches.keys()).includes("one");
            }"""
        )
        assert "two" in await phone.page.evaluate("caches.keys()")
