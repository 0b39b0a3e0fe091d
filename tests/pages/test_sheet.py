"""The sheet in hand: ticks, the number pad, the totals, the count; as few taps as may be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from api.credentials import COOKIE
from tests.support.browser import PHONE, looking, shot
from tests.support.page_rules import faults
from tests.support.people import Post, appoint, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator, Page, Route

    from tests.support.house import House

A_MEETING: Final = datetime(2026, 7, 6, 5, tzinfo=UTC)


RESTORE: Final = """async (saved) => {
    const shell = document.querySelector("script[src$='shell.js']").src;
    const { enhance } = await import(shell.replace("shell.js", "sheet.js"));
    enhance(document.querySelector("form[data-sheet]"), { saved });
}"""
FIFTEEN: Final = "CO-02"
ITS_ACCOUNTANT: Final = {"tehmina": [Post("accountant", FIFTEEN, below=False)]}


class Meeting:
    """A sheet as she sees it, and how often she taps."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    async def tap(self, what: Locator | str) -> None:
        """Tap once."""
        self.taps += 1
        await (self.page.locator(what) if isinstance(what, str) else what).tap()

    def card(self, place: int) -> Locator:
        """The card of a member, from 1."""
        return self.page.locator(".mem[data-member]").nth(place - 1)

    async def tick(self, place: int) -> None:
        """Tick a card as paid."""
        await self.tap(self.card(place).locator(".tick"))

    async def unfold(self, place: int) -> None:
        """Open a card."""
        await self.tap(self.card(place).locator("> details > summary"))

    async def state(self, place: int) -> str:
        """What the tick of a card says."""
        shown = self.card(place).locator(".tick > span:visible")
        return (await shown.inner_text()).strip()

    async def paisa(self, what: str) -> int:
        """An amount as it is shown."""
        said = await self.page.locator(f"{what} bdi").first.inner_text()
        digits = "".join(sign for sign in said if sign.isdigit())
        return -int(digits) if "\N{MINUS SIGN}" in said else int(digits)

    async def expected(self, *places: int) -> int:
        """What is due of some cards, in paisa."""
        found = [await self.card(n).get_attribute("data-expected") for n in places]
        return sum(int(one or 0) for one in found)


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(browser: Browser, own_house: House) -> AsyncIterator[Meeting]:
    """The sheet of today's meeting, in English."""
    own_house.clock.now = A_MEETING
    async with looking(browser, PHONE, language="en", address=own_house.address) as context:
        await own_house.sign_in(context, "nasreen")
        page = await context.new_page()
        await page.goto(f"{own_house.address}/sheets/new?organisation=CO-01")
        await page.wait_for_selector("form[data-ready]")
        yield Meeting(page)


async def test_a_tick_counts_what_is_due_and_a_second_takes_it_back(meeting: Meeting) -> None:
    """Until closing everything is forgiven."""
    await meeting.tick(1)
    await meeting.tick(2)
    assert await meeting.paisa("[data-tally] [data-received]") == await meeting.expected(1, 2)
    assert await meeting.state(1) == "Paid"
    await meeting.tick(1)
    assert await meeting.paisa("[data-tally] [data-received]") == await meeting.expected(2)
    assert await meeting.page.locator("[data-progress]").evaluate("bar => bar.value") == 1


async def test_a_tick_before_the_script_is_there_counts(meeting: Meeting) -> None:
    """On a slow phone she is quicker than it; what was kept of before does not undo it."""
    page, held = meeting.page, asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/sheet.js", late)
    await page.reload(wait_until="commit")
    await page.wait_for_selector("form[data-sheet] .mem")
    await meeting.tick(2)
    await meeting.unfold(3)
    await meeting.tap(meeting.card(3).locator("[type=radio][value=no]"))
    held.set()
    await page.wait_for_selector("form[data-ready]")
    assert await meeting.paisa("[data-tally] [data-received]") == await meeting.expected(2)
    assert await meeting.state(3) == "Absent"
    member = await meeting.card(1).get_attribute("data-member")
    await page.evaluate(RESTORE, [["paid", member]])
    assert await meeting.state(1) == await meeting.state(2) == "Paid"


async def test_the_others_have_paid_too(meeting: Meeting) -> None:
    """One tap for all who are left; who is absent stays so."""
    await meeting.unfold(3)
    await meeting.tap(meeting.card(3).locator("[type=radio][value=no]"))
    assert await meeting.state(3) == "Absent"
    assert await meeting.page.locator("[data-others]").inner_text() == "The other 10 have paid too"
    await meeting.tap("[data-others]")
    places = [n for n in range(1, 12) if n != 3]
    assert await meeting.paisa("[data-tally] [data-received]") == await meeting.expected(*places)
    assert not await meeting.page.locator("[data-others]").is_visible()


async def test_an_amount_is_entered_on_the_pad(meeting: Meeting) -> None:
    """Digits replace what stood there, notes add to it; less than what is due is a part."""
    await meeting.unfold(2)
    field = meeting.card(2).locator(".amt").first
    due = int(await field.get_attribute("data-due") or 0)
    await meeting.tap(field)
    assert await field.get_attribute("inputmode") == "none"
    for key in ("5", "0"):
        await meeting.tap(f'[data-pad] [data-digit="{key}"]')
    assert await field.input_value() == "50"
    assert await meeting.state(2) == "Part"
    await meeting.tap('[data-pad] [data-add="100"]')
    assert await field.input_value() == "150.00"
    await meeting.tap("[data-pad] [data-all]")
    assert await meeting.paisa("[data-pad-shows]") == due
    assert await meeting.state(2) == "Paid"
    await shot(meeting.page, "sheet-pad-en-360")
    assert await faults(meeting.page, PHONE, language="en") == []
    await meeting.tap("[data-pad] [data-next]")
    assert await meeting.card(2).locator(".amt").nth(1).evaluate("it => it.matches(':focus')")


async def test_what_she_brings_beside_and_takes_counts(meeting: Meeting) -> None:
    """A donation is received, a withdrawal is given; the box is before, and more, and less."""
    before = await meeting.paisa("[data-should] [data-box-now]")
    await meeting.unfold(1)
    card = meeting.card(1)
    await meeting.tap(card.locator(".more > summary"))
    await card.locator('[data-kind="donation"]').fill("70")
    await card.locator('[data-kind="withdrawal"]').fill("30.50")
    received = await meeting.expected(1) + 7000
    assert await meeting.paisa("[data-tally] [data-received]") == received
    assert await meeting.paisa("[data-tally] [data-given]") == 3050
    await meeting.page.locator("h1").tap()
    assert await meeting.paisa("[data-should] [data-box-now]") == before + received - 3050


async def test_what_has_no_place_any_more_is_said(meeting: Meeting) -> None:
    """A draft names a loan that is paid, a member who left and a loan that is not given now."""
    saved = [
        ("paid", "M-0001"),
        ("a:M-0001:saving_compulsory", "150.00"),
        ("a:M-0001:repayment:L-PAID", "500"),
        ("paid", "M-LEFT"),
        ("a:M-LEFT:donation", "20"),
        ("given", "L-GIVEN"),
    ]
    await meeting.page.evaluate(RESTORE, saved)
    said = await meeting.page.locator("main > [role=alert]").all_inner_texts()
    told = sorted(" ".join(one.split()) for one in said)
    assert len(told) == 3
    assert "L-GIVEN" in told[0]
    assert "M-0001 L-PAID: Rs 500.00" in told[1]
    assert "M-LEFT: Rs 20.00" in told[2]
    assert await meeting.paisa("[data-tally] [data-received]") == 150_00
    assert await faults(meeting.page, PHONE, language="en") == []


@pytest.mark.parametrize(("ticks", "most"), [(15, 19), (1, 6)])
async def test_a_meeting_of_fifteen_takes_few_taps(
    browser: Browser, own_house: House, ticks: int, most: int
) -> None:
    """From home until it is written: one by one, or with the others too."""
    own_house.clock.now = A_MEETING
    await asyncio.to_thread(appoint, own_house.url, ITS_ACCOUNTANT)
    async with looking(browser, PHONE, language="en", address=own_house.address) as context:
        await context.add_cookies(
            [{"name": COOKIE, "value": token_of("tehmina"), "url": own_house.address}]
        )
        page = await context.new_page()
        await page.goto(f"{own_house.address}/")
        meeting = Meeting(page)
        await meeting.tap("a[data-keep]")
        await page.wait_for_selector("form[data-ready]")
        assert await page.locator(".mem[data-member]").count() == 15
        for place in range(1, ticks + 1):
            await meeting.tick(place)
        if ticks < 15:
            await meeting.tap("[data-others]")
        received = await meeting.paisa("[data-tally] [data-received]")
        assert received == await meeting.expected(*range(1, 16))
        await meeting.tap("button[form=sheet]")
        await meeting.tap("[data-exactly]")
        await page.wait_for_url("**/receipts")
        assert meeting.taps <= most
        shown = await page.locator(".receipt [data-total]").evaluate_all(
            "all => all.reduce((sum, one) => sum + Number(one.dataset.total), 0)"
        )
        assert shown == received


@pytest.mark.parametrize("at", ["/practice", "/sheets/S-0602/correct"])
async def test_practice_and_corrections_have_the_number_pad_and_live_totals(
    phone: Page, house: House, at: str
) -> None:
    """And still go as plain forms: to the count, or to what is to be asked for."""
    await house.sign_in(phone.context, "nasreen")
    await phone.goto(at)
    card = phone.locator("[data-member]").first
    await expect(phone.locator("[data-tally]")).to_be_visible()
    received = phone.locator("[data-tally] [data-received]")
    before = await received.inner_text()
    await card.locator("summary").first.click()
    field = card.locator(".amt").first
    await field.focus()
    await expect(phone.locator("[data-pad]")).to_be_visible()
    assert await faults(phone, PHONE) == []
    for digit in ("9", "0", "1"):
        await phone.locator(f"[data-digit='{digit}']").click()
    await expect(field).to_have_value("901")
    pays = await card.locator("[data-pays]").inner_text()
    assert await received.inner_text() != before
    assert await card.locator("[name=paid]").is_checked()
    await phone.evaluate("document.activeElement.blur()")
    if at != "/practice":
        await phone.fill("[name=reason]", "It was 901")
    await phone.locator("[data-foot] button").click()
    if at == "/practice":
        await phone.wait_for_selector("#count", state="attached")
        assert await phone.locator("[data-received]").first.inner_text() == pays
    else:
        await phone.wait_for_url("**/requests/*")
        await expect(phone.locator("main")).to_contain_text("901")
