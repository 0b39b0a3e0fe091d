"""What is changed in another window, or by another phone, is said before it would be lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import expect

from tests.support import database
from tests.support.browser import PHONE
from tests.support.page_rules import faults
from tests.support.phones import CODE, MEMBER, PIN, installed, phone_at, written

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from tests.support.house import House
    from tests.support.phones import Phone

OTHER: Final = "M-0002"
DAY: Final = "2026-07-31"
LINES: Final = f"SELECT lines::text FROM service.sheet WHERE code = '{CODE}'"
COUNTED: Final = f"SELECT cash_counted FROM service.sheet WHERE code = '{CODE}'"


async def second_window(phone: Phone) -> Page:
    """The same sheet in another window of the phone, which reads what the first has kept."""
    await phone.page.wait_for_selector("form[data-kept]")
    other = await phone.page.context.new_page()
    await other.goto("/sheets/new?organisation=CO-01")
    await other.fill("dialog [name=pin]", PIN)
    await other.click("dialog .go")
    await expect(other.locator("dialog")).to_have_count(0)
    await expect(other.locator("[data-done] bdi").first).to_be_visible()
    return other


async def tick(page: Page, member: str) -> None:
    """She has paid."""
    await page.check(f"input[name=paid][value={member}]", force=True)


async def elsewhere(house: House, page: Page, to: str, said: dict[str, Any]) -> None:
    """Something that is done on another phone."""
    request = page.context.browser
    assert request is not None
    async with await request.new_context(base_url=house.address) as context:
        who = {"name": "nasreen", "password": house.people["nasreen"].password}
        begun = await (await context.request.post("/v1/sessions", data=who)).json()
        headers = {"X-CSRF-Token": begun["csrf_token"], "Idempotency-Key": to}
        answer = await context.request.post(to, data=said, headers=headers)
        assert answer.ok, await answer.text()


async def test_a_window_says_that_another_has_changed_the_sheet(
    own_house: House, tmp_path: Path
) -> None:
    """It offers what was changed, or to go on; until then it overwrites nothing."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        await phone.fill_in(MEMBER)
        other = await second_window(phone)
        await expect(other.locator("input[name=paid]:checked")).to_have_count(1)
        await tick(other, OTHER)
        said = phone.page.locator("[data-choice]")
        await expect(said).to_contain_text("another window")
        assert await faults(phone.page, PHONE) == []
        await tick(phone.page, "M-0003")
        await said.locator("[data-take]").click()
        await expect(phone.page.locator(f"input[name=paid][value={OTHER}]")).to_be_checked()
        await tick(phone.page, "M-0003")
        await other.locator("[data-choice] [data-stay]").click()
        await expect(phone.page.locator("[data-choice]")).to_be_visible()
        await phone.page.reload()
        await phone.enter(PIN)
        await expect(phone.page.locator("input[name=paid]:checked")).to_have_count(2)


async def test_a_sheet_that_another_window_closed_is_not_closed_again(
    own_house: House, tmp_path: Path
) -> None:
    """The window beneath says so, and leads to the one that waits."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        await phone.fill_in(MEMBER)
        other = await second_window(phone)
        await phone.internet(there=False)
        await other.click("button[form=sheet]")
        await other.click("[data-exactly]")
        await expect(other.locator("[data-list] [data-chip]")).to_contain_text("sent")
        said = phone.page.locator("[data-choice]")
        await expect(said).to_contain_text("another window")
        await phone.close_sheet()
        await expect(said).to_be_visible()
        await said.locator("[data-take]").click()
        await expect(phone.page.locator("[data-list] li")).to_have_count(1)
        await phone.internet(there=True)
        await phone.page.click("[data-send]")
        await expect(phone.page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert (await written(own_house))[1] == 1


async def draft_of_another(house: House, page: Page) -> None:
    """Another phone keeps a draft of the same meeting, of what one member saved."""
    line = {"member": OTHER, "kind": "saving_compulsory", "amount": "77.00", "loan": None}
    said = {"code": CODE, "organisation": "CO-01", "held_on": DAY, "present": [], "lines": [line]}
    await elsewhere(house, page, "/v1/sheets", said)


async def test_a_draft_of_another_phone_is_read_before_it_is_replaced(
    own_house: House, tmp_path: Path
) -> None:
    """The sheet comes back with what only the other says; then it is written instead, once."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER)
        await draft_of_another(own_house, page)
        await phone.close_sheet()
        await page.wait_for_selector("[data-list] li")
        await phone.internet(there=True)
        task = page.locator("[data-list] [data-task]")
        await expect(task.locator("[data-rows]")).to_contain_text("77")
        assert await faults(page, PHONE) == []
        assert "77" in str(await asyncio.to_thread(database.fetch, own_house.url, LINES))
        await task.locator("[data-instead]").click()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert (await written(own_house))[1] == 1


async def test_a_draft_of_another_phone_is_offered_when_the_sheet_is_opened(
    own_house: House, tmp_path: Path
) -> None:
    """What stands on the phone stays; the other is a tap away."""
    async with phone_at(own_house, tmp_path) as phone:
        await phone.set_pin("nasreen", PIN)
        page = phone.page
        await phone.fill_in(MEMBER)
        await page.wait_for_selector("form[data-kept]")
        await draft_of_another(own_house, page)
        await page.reload()
        await phone.enter(PIN)
        said = page.locator("[data-choice]")
        await expect(said).to_contain_text("Another draft")
        await expect(page.locator(f"input[name=paid][value={MEMBER}]")).to_be_checked()
        assert await faults(page, PHONE) == []
        await said.locator("[data-take]").click()
        await expect(page.locator(f"input[name=paid][value={OTHER}]")).to_be_checked()
        await expect(page.locator("input[name=paid]:checked")).to_have_count(1)
        await phone.close_sheet()
        await page.wait_for_url("**/receipts")


async def test_money_that_moved_between_counting_and_sending_is_asked_about(
    own_house: House, tmp_path: Path
) -> None:
    """Before the count it makes the meeting's cash another; after it, it does not."""
    async with installed(own_house, tmp_path) as phone:
        page = await phone.hold_meeting(MEMBER)
        pens = {
            "organisation": "CO-01",
            "kind": "expense",
            "happened_on": DAY,
            "paid_by": "cash",
            "fund": "own",
            "amount": "40.00",
            "narrative": "Paper and pens",
        }
        await elsewhere(own_house, page, "/v1/events", pens)
        await phone.internet(there=True)
        task = page.locator("[data-list] [data-task]")
        await expect(task).to_contain_text("has changed since")
        assert await faults(page, PHONE) == []
        assert await written(own_house) == (None, 0)
        brought, anew = [
            await task.locator(f"[data-{when}] bdi").inner_text() for when in ("after", "before")
        ]
        await task.locator("[data-was-before]").click()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        [(counted,)] = await asyncio.to_thread(database.fetch, own_house.url, COUNTED)
        assert [_paisa(brought) + 40_00, _paisa(anew)] == [counted, counted]
        assert (await written(own_house))[1] == 1


def _paisa(shown: str) -> int:
    return int("".join(letter for letter in shown if letter.isdigit()))
