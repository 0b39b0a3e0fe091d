"""An accountant's month on a borrowed phone: four meetings, half of them without internet."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import httpx
from playwright.async_api import expect

from ledger.money import parse_rupees
from tests.support import database
from tests.support.network import losing_answers
from tests.support.phones import PIN, installed, phone_at

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from tests.support.house import House
    from tests.support.phones import Phone

HER_PIN: Final = "270519"
OTHERS_PIN: Final = "936271"
CO: Final = "CO-01"
MEMBERS: Final = 11


def code_of(day: int) -> str:
    """The code of the sheet of a day of July."""
    return f"{CO}.202607{day:02d}"


async def wake(phone: Phone, day: int, person: str = "nasreen", pin: str = PIN) -> None:
    """In the morning there is internet: she opens the pages, and they keep what she needs."""
    phone.house.clock.now = datetime(2026, 7, day, 5, tzinfo=UTC)
    await phone.internet(there=True)
    await phone.page.goto("about:blank")
    await phone.page.goto("/")
    await unlock(phone, person, pin)
    await phone.page.wait_for_selector("body[data-kept]")
    await phone.page.click("a[data-keep]")
    await phone.page.wait_for_selector(f"form[data-code='{code_of(day)}']")
    await phone.page.click(".bar a[href='/']")
    await phone.page.wait_for_selector("a[data-keep]")


async def unlock(phone: Phone, person: str, pin: str) -> None:
    """Show the PIN: at the door, or on the page of whoever is signed in still."""
    page = phone.page
    door = page.locator(f"input[name=name][value={person}]")
    await expect(door.or_(page.locator("dialog [name=pin]")).first).to_be_attached()
    if await door.count():
        await door.check(force=True)
    await phone.enter(pin)


async def paisa(page: Page, where: str) -> int:
    """An amount as it is shown."""
    said = await page.locator(f"{where} .m").first.inner_text()
    return int("".join(sign for sign in said if sign.isdigit()))


async def everybody_pays(phone: Phone, *, but: int = 0) -> int:
    """All have paid what is due, but for the first ones, who are absent; what was received."""
    page = phone.page
    await page.click("a[data-keep]")
    for place in range(but):
        card = page.locator(".mem[data-member]").nth(place)
        await card.locator("> details > summary").click()
        await card.locator("[type=radio][value=no]").check(force=True)
    await page.click("[data-others]")
    return await paisa(page, "[data-tally] [data-received]")


async def written(house: House, day: int) -> list[tuple[object, ...]]:
    """Voucher and cash of a meeting, and how many entries were made under its keys."""
    code = code_of(day)
    sql = f"""
        SELECT s.entry_no, s.cash_counted, cardinality(s.present),
            (SELECT count(*) FROM ledger.entry WHERE key LIKE '{code}.%')
        FROM service.sheet s WHERE s.code = '{code}' AND s.state = 'closed'
    """
    return await asyncio.to_thread(database.fetch, house.url, sql)


async def test_a_month_of_meetings(own_house: House, tmp_path: Path) -> None:
    """Each meeting is written once, as it was held; the second officer corrects one; all agrees."""
    own_house.clock.now = datetime(2026, 7, 6, 5, tzinfo=UTC)
    async with installed(own_house, tmp_path / "one") as phone:
        await with_internet(phone, 6)
        await without_and_the_answer_is_lost(phone, 13)
        async with phone_at(own_house, tmp_path / "two") as other:
            await on_two_phones(phone, other, 20)
        await sent_in_the_evening(phone, 27)
        await corrected(phone, 27)
        await agrees(phone)


async def with_internet(phone: Phone, day: int) -> None:
    """The voucher is there at once."""
    await wake(phone, day)
    received = await everybody_pays(phone)
    await phone.close_sheet()
    await phone.page.wait_for_url("**/receipts")
    [(voucher, cash, present, count)] = await written(phone.house, day)
    assert (cash, present, count) == (received, MEMBERS, 1)
    assert f"voucher {voucher}" in await phone.page.inner_text("main")


async def without_and_the_answer_is_lost(phone: Phone, day: int) -> None:
    """The phone dies with the sheet half filled in, and once more with the sheet waiting."""
    await wake(phone, day)
    await phone.internet(there=False)
    received = await everybody_pays(phone, but=2)
    await phone.page.wait_for_selector("form[data-kept]")
    page = await phone.kill()
    await phone.open("nasreen", PIN)
    await page.click("a[data-keep]")
    await expect(page.locator("input[name=paid]:checked")).to_have_count(MEMBERS - 2)
    assert await paisa(page, "[data-tally] [data-received]") == received
    await phone.close_sheet()
    await page.wait_for_selector("[data-list] li")
    page = await phone.kill()
    await phone.open("nasreen", PIN, "/waiting")
    async with losing_answers(page.context, "**/sheets/send") as lost:
        await phone.internet(there=True)
        assert await lost.first() == 200
        await expect(first_chip(page)).to_contain_text("Being sent")
    await page.click("[data-send]")
    await expect(first_chip(page)).to_contain_text("Written")
    [(_, cash, present, count)] = await written(phone.house, day)
    assert (cash, present, count) == (received, MEMBERS - 2, 1)


async def on_two_phones(phone: Phone, other: Phone, day: int) -> None:
    """Held on two phones at once, the same on both, and sent from both."""
    await wake(phone, day)
    await other.set_pin("nasreen", OTHERS_PIN)
    for one in (phone, other):
        await one.internet(there=False)
        received = await everybody_pays(one)
        await one.close_sheet()
        await one.page.wait_for_selector("[data-list] li")
    for one in (phone, other):
        await one.internet(there=True)
        await expect(first_chip(one.page)).to_contain_text("Written")
    [(_, cash, _, count)] = await written(phone.house, day)
    assert (cash, count) == (received, 1)


async def sent_in_the_evening(phone: Phone, day: int) -> None:
    """Without internet from the morning on."""
    await wake(phone, day)
    await phone.internet(there=False)
    received = await everybody_pays(phone, but=1)
    await phone.close_sheet()
    await phone.page.wait_for_selector("[data-list] li")
    page = await phone.kill()
    await phone.open("nasreen", PIN, "/waiting")
    await phone.internet(there=True)
    await expect(first_chip(page)).to_contain_text("Written")
    [(_, cash, _, count)] = await written(phone.house, day)
    assert (cash, count) == (received, 1)


def first_chip(page: Page) -> Locator:
    """How the newest of what waits stands."""
    return page.locator("[data-list] [data-chip]").first


async def corrected(phone: Phone, day: int) -> None:
    """Fifty rupees of the last meeting were somebody else's; the president approves by her PIN."""
    page = phone.page
    await phone.set_pin("zainab", HER_PIN)
    await page.click("[data-lock]")
    await page.wait_for_url("**/pin")
    await unlock(phone, "nasreen", PIN)
    await page.wait_for_selector("a[data-keep]")
    await page.goto(f"/sheets/{code_of(day)}/correct")
    await unlock(phone, "nasreen", PIN)
    second = page.locator(".mem[data-member]").nth(1)
    await expect(page.locator("dialog")).to_have_count(0)
    await second.locator(".tick").click()
    await second.locator("> details > summary").click()
    field = second.locator(".amt").first
    await field.fill("200")
    await page.fill("[name=reason]", "It was fifty more")
    await page.locator("main button.go, .foot button.go").last.click()
    await page.wait_for_url("**/requests/*")
    await page.click("summary.btn")
    await page.check("input[name=name][value=zainab]", force=True)
    await page.fill("[name=pin]", HER_PIN)
    await page.locator("button[value=approve]").last.click()
    await expect(page.locator("main")).to_contain_text("Approved")


async def agrees(phone: Phone) -> None:
    """Savings, cash and loans on the home page are what the API says."""
    page, house = phone.page, phone.house
    await page.click(".tabs a[href='/']")
    await page.wait_for_selector(".hero")
    async with httpx.AsyncClient(base_url=house.address) as client:
        said = {"name": "shazia", "password": house.people["shazia"].password}
        assert (await client.post("/v1/sessions", json=said)).is_success
        answer = await client.get(f"/v1/organisations/{CO}/balances?as_of=2026-07-27")
    [day] = answer.json()["days"]
    balances: Counter[str] = Counter()
    for one in day["items"]:
        balances[one["code"]] += parse_rupees(one["balance"])
    assert await paisa(page, ".hero") == balances["1000"]
    assert (
        await paisa(page, ".led tr:has-text('savings') .num")
        == -balances["2000"] - balances["2010"]
    )
    assert await paisa(page, ".led tr:has-text('Loans out') .num") == balances["1300"]
