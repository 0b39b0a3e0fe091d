"""The meeting by keyboard alone, and as a screen reader hears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest_asyncio
from playwright.async_api import expect

from tests.support.browser import DESK, looking
from tests.support.phones import HER_NAME, MEMBER, PIN, installed, phone_at, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Locator, Page

    from tests.support.house import House

MOST_TABS: Final = 120
FOCUS: Final = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return "the focus is lost";
    if (at.id === "main") return "";
    const box = at.getBoundingClientRect();
    const seen = [at, ...at.parentElement.children].some((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    }) || at.closest(".btn")?.matches(":focus-within");
    const within = box.bottom > 0 && box.top < innerHeight;
    return seen && within ? "" : `the focus is not to be seen: ${at.outerHTML.slice(0, 120)}`;
}"""
"""Nothing, or what is wrong with where the focus is."""


class Hands:
    """Whoever has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, *keys: str) -> None:
        """Press keys; the focus is somewhere, and to be seen, after each."""
        for key in keys:
            await self.page.keyboard.press(key)
            await self.settled()

    async def settled(self) -> None:
        """Wait until the focus is somewhere to be seen."""
        await self.page.wait_for_function(f"() => ({FOCUS})() === ''")

    async def to(self, what: Locator | str, *, by: str = "Tab") -> None:
        """Go on by Tab, or back, until it has the focus."""
        found = self.page.locator(what).first if isinstance(what, str) else what
        for _ in range(MOST_TABS):
            if await found.evaluate("(one) => one === document.activeElement"):
                return
            await self.press(by)
        raise AssertionError(f"{what} is not reached by Tab")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, own_house: House) -> AsyncIterator[Page]:
    """Nasreen's page, without a mouse."""
    async with looking(browser, DESK, address=own_house.address) as context:
        await own_house.sign_in(context, "nasreen")
        yield await context.new_page()


async def spoken(page: Page, role: str, within: str = "body") -> list[str]:
    """What a screen reader calls the controls of a role, in their order."""
    client = await page.context.new_cdp_session(page)
    root = (await client.send("DOM.getDocument", {"depth": 0}))["root"]["nodeId"]
    found = await client.send("DOM.querySelector", {"nodeId": root, "selector": within})
    asked = {"nodeId": found["nodeId"], "role": role}
    tree: dict[str, Any] = await client.send("Accessibility.queryAXTree", asked)
    await client.detach()
    return [
        " ".join(f"{one['name']['value']} {one.get('description', {}).get('value', '')}".split())
        for one in tree["nodes"]
        if not one["ignored"]
    ]


async def test_the_whole_meeting_by_keyboard(own_house: House, tmp_path: Path) -> None:
    """From home until it is written; the focus is never lost and always to be seen."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        hands = Hands(page)
        await hands.to("a[data-keep]")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("form[data-ready]")
        await hands.to(f"input[name=paid][value={MEMBER}]")
        await hands.press("Space")
        second = page.locator(".mem[data-member]").nth(1)
        await hands.to(second.locator("> details > summary"))
        await hands.press("Enter")
        await hands.to(second.locator(".amt").first)
        await hands.press("Control+a", "5", "0", "Enter")
        assert await second.locator(".amt").nth(1).evaluate("(one) => one.matches(':focus')")
        await hands.to(second.locator("[type=radio][value=yes]"))
        await hands.press("ArrowRight")
        assert await second.locator("> details > summary").evaluate(
            "(one) => one.matches(':focus')"
        )
        await hands.to("[data-others]")
        await hands.press("Enter")
        await hands.press("Enter")
        await expect(page.locator("[data-exactly]")).to_be_focused()
        await page.go_back()
        await expect(page.locator("[data-foot] button")).to_be_focused()
        await hands.press("Enter")
        await hands.to("[data-worth='100']")
        await hands.press("1", "Enter")
        await expect(page.locator("[data-differs]")).to_be_visible()
        await hands.to("[data-exactly]", by="Shift+Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/receipts")
        assert (await written(own_house))[1] == 1
        await expect(page.locator("#main")).to_be_focused()
        await hands.to("[data-share]")


async def test_a_dialogue_keeps_the_focus_and_gives_it_back(
    own_house: House, tmp_path: Path
) -> None:
    """Tab stays within; Escape, or Later, leads back to what opened it."""
    async with installed(own_house, tmp_path) as phone:
        page = await phone.hold_meeting(MEMBER)
        saved = tmp_path / "saved.json"
        saved.write_text("{}")
        hands = Hands(page)
        for leave in ("Escape", "Later"):
            await hands.to("[data-read]")
            await page.set_input_files("[data-read]", saved)
            await page.wait_for_selector("dialog[open]")
            for _ in range(4):
                await page.keyboard.press("Tab")
                assert await page.evaluate(
                    "document.activeElement === document.body"  # the browser's own bar
                    " || document.activeElement.closest('dialog') !== null"
                )
            if leave == "Escape":
                await page.keyboard.press("Escape")
            else:
                await page.focus("dialog [data-leave]")
                await page.keyboard.press("Enter")
            await expect(page.locator("dialog")).to_have_count(0)
            await expect(page.locator("[data-read]")).to_be_focused()


async def test_what_waits_keeps_the_focus_where_it_is(own_house: House, tmp_path: Path) -> None:
    """The list is drawn again when something is sent: whoever was in it is still there."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER)
        await phone.close_sheet()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("To be sent")
        hands = Hands(page)
        await hands.to("[data-list] [data-does] button")
        await phone.internet(there=True)
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        await expect(page.locator("[data-list] [data-does] button")).to_be_focused()


async def test_what_is_typed_into_a_task_stays(own_house: House, tmp_path: Path) -> None:
    """It is tried again meanwhile; nothing of the task has changed."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER)
        field = f"[name='a:{MEMBER}:withdrawal']"
        await page.locator(field).evaluate(
            "(one) => { one.value = '999999';"
            " one.dispatchEvent(new Event('input', { bubbles: true })); }"
        )
        await phone.close_sheet()
        await page.wait_for_selector("[data-list] li")
        await phone.internet(there=True)
        counted = page.locator("[data-task] [name=counted]").first
        await counted.fill("12.50")
        await page.click("[data-send]")
        await expect(counted).to_have_value("12.50")
        called = await spoken(page, "button", "[data-list]")
        assert any("Take it off" in one and HER_NAME in one and "9,99,999" in one for one in called)


async def test_a_sheet_is_heard(desk: Page) -> None:
    """Each tick says how it stands with her, who she is and how much; a total is said aloud."""
    await desk.goto("/sheets/new?organisation=CO-01")
    await desk.wait_for_selector("[data-others]:not([hidden])")
    first = desk.locator(".mem[data-member]").first
    due = (await first.locator("[data-shows]").inner_text()).strip()
    assert (await spoken(desk, "checkbox"))[0] == f"Paid {HER_NAME} {due}"
    await first.locator("> details > summary").click()
    await first.locator(".amt").first.fill("50")
    assert (await spoken(desk, "checkbox"))[0] == f"Part {HER_NAME} 50.00"
    assert any("Received Rs 50.00" in one for one in await heard(desk))
    await first.locator("[type=radio][value=no]").check(force=True)
    assert (await spoken(desk, "checkbox"))[0].startswith(f"Absent {HER_NAME}")
    await first.locator("> details > summary").click()
    assert HER_NAME in await spoken(desk, "group", ".mem")
    for role in ("button", "link", "textbox", "radio", "DisclosureTriangle"):
        assert all(await spoken(desk, role)), role


async def test_the_count_is_heard(desk: Page) -> None:
    """What it should be with the button that says so; each note by its worth; what differs."""
    await desk.goto("/practice")
    await desk.click("[data-others]")
    await desk.click("button[form=sheet]")
    await desk.wait_for_url("**/practice")
    await desk.wait_for_selector("[data-close]:disabled")
    [exactly] = [one for one in await spoken(desk, "button") if "exactly" in one]
    assert "Should be in the box Rs" in exactly
    notes = await spoken(desk, "textbox")
    assert notes[1] == "How many notes of 1000"
    assert notes[-1] == "Coins in all, in rupees"
    await desk.fill("[data-worth='1000']", "2")
    assert any("Short by" in one for one in await heard(desk))
    await desk.fill("[data-worth='500']", "0.5")
    assert await desk.get_attribute("[data-worth='500']", "aria-invalid") == "true"


async def heard(page: Page) -> list[str]:
    """What the live parts of a page say."""
    return [
        " ".join(one.split())
        for one in await page.locator("[role=status]:visible").all_inner_texts()
    ]
