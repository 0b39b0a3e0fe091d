"""The meeting without internet: what is on the phone stays there, apart, and counts once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from playwright.async_api import expect

from api.web.filled import key_of
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind
from tests.support import database
from tests.support.browser import PHONE, looking
from tests.support.network import losing_answers
from tests.support.page_rules import faults
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

    from playwright.async_api import Browser, Page

    from tests.support.house import House

ACTOR: Final = f"SELECT prepared_by FROM service.sheet WHERE code = '{CODE}'"


async def test_a_meeting_is_held_without_internet_and_written_afterwards(
    own_house: House, tmp_path: Path
) -> None:
    """Installed once, opened cold, killed at the half and after closing; then it counts once."""
    async with installed(own_house, tmp_path) as phone:
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER, "M-0002")
        await phone.page.wait_for_selector("form[data-kept]")
        page = await phone.kill()
        await phone.open("nasreen", PIN)
        await page.click("a[data-keep]")
        await expect(page.locator("input[name=paid]:checked")).to_have_count(2)
        await phone.close_sheet()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("sent")
        assert "not yet written" in await page.inner_text("[data-list] .receipt >> nth=0")
        assert HER_NAME in await page.inner_text("[data-list]")
        page = await phone.kill()
        assert await written(own_house) == (None, 0)
        await phone.open("nasreen", PIN, "/waiting")
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("sent")
        await phone.internet(there=True)
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        voucher, count = await written(own_house)
        assert str(voucher) in await page.inner_text("[data-list] [data-said]")
        assert count == 1


async def test_an_answer_that_is_lost_counts_once(own_house: House, tmp_path: Path) -> None:
    """The sheet stays locked until its own key is answered; sent again it is the same voucher."""
    async with installed(own_house, tmp_path) as phone:
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER)
        await phone.internet(there=True)
        page = phone.page
        async with losing_answers(page.context, "**/sheets/send") as lost:
            await phone.close_sheet()
            await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Being sent")
            assert await lost.first() == 200
            assert await page.locator("text=Change the sheet").count() == 0
            before = await written(own_house)
        await page.click("[data-send]")
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert await written(own_house) == before
        assert before[1] == 1


async def test_two_people_on_one_phone_see_of_each_other_only_how_many_wait(
    own_house: House, tmp_path: Path
) -> None:
    """Shazia's PIN opens hers; of Nasreen's she sees the name and the number."""
    async with installed(own_house, tmp_path) as phone:
        await phone.internet(there=True)
        await phone.set_pin("shazia", OTHER_PIN)
        await phone.internet(there=False)
        await phone.hold_meeting(MEMBER)
        await phone.page.goto("/waiting")
        row = phone.page.locator("label", has=phone.page.locator("input[value=nasreen]"))
        await expect(row).to_contain_text("1 to be sent")
        await phone.open("shazia", OTHER_PIN, "/waiting")
        await expect(phone.page.locator("[data-none]")).to_be_visible()
        assert HER_NAME not in await phone.page.content()
        await phone.open("shazia", PIN, "/waiting")
        await expect(phone.page.locator("[role=alert]")).to_contain_text("not your PIN")
        await phone.open("nasreen", PIN, "/waiting")
        await phone.internet(there=True)
        await expect(phone.page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        who = await asyncio.to_thread(database.fetch, own_house.url, ACTOR)
        assert who == [("nasreen",)]


async def test_the_key_is_gone_when_the_phone_is_locked_without_internet(
    own_house: House, tmp_path: Path
) -> None:
    """And the session as soon as the service can be told."""
    async with installed(own_house, tmp_path) as phone:
        await phone.open("nasreen", PIN)
        page = phone.page
        await page.click("[data-lock]")
        await page.wait_for_selector("input[value=nasreen]")
        assert HER_NAME not in await page.content()
        await phone.internet(there=True)
        assert (await page.request.get("/v1/me")).status == 200
        await page.goto("/")
        await page.wait_for_url("**/pin")
        assert (await page.request.get("/v1/me")).status == 401


async def test_a_silent_network_is_as_good_as_none(own_house: House, tmp_path: Path) -> None:
    """After some seconds the page that is kept is shown."""
    async with installed(own_house, tmp_path) as phone:
        await phone.open("nasreen", PIN)
        await phone.internet(there=True)
        held = asyncio.Event()
        await phone.page.context.route("**/sheets/new*", lambda _route: held.wait())
        await phone.page.click("a[data-keep]")
        await expect(phone.page.locator("form[data-sheet]")).to_be_visible()
        await expect(phone.page.locator(".banner.info")).to_contain_text("From this phone")
        held.set()


async def test_wrong_pins_are_counted_on_the_disk_and_waited_for(
    own_house: House, tmp_path: Path
) -> None:
    """After five, a wait that doubles; a restart does not shorten it, nor does the right PIN."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await page.goto("/")
        await page.check("input[value=nasreen]", force=True)
        await at_second(page, 0)
        for _ in range(4):
            await phone.enter(OTHER_PIN)
            await expect(page.locator("[data-problem]")).to_contain_text("Try again")
            await page.evaluate("document.querySelector('[data-problem]').replaceChildren()")
        await phone.enter(OTHER_PIN)
        await expect(page.locator("[data-problem]")).to_contain_text("Wait 30 seconds")
        page = await phone.kill()
        await page.goto("/")
        await page.check("input[value=nasreen]", force=True)
        for second, pin, wait in ((10, PIN, 20), (40, OTHER_PIN, 60), (99, PIN, 1)):
            await at_second(page, second)
            await phone.enter(pin)
            await expect(page.locator("[data-problem]")).to_contain_text(f"Wait {wait} seconds")
        await at_second(page, 101)
        await phone.enter(PIN)
        await expect(page.locator("a[data-keep]")).to_be_visible()


async def test_a_saved_file_is_read_on_another_phone_and_still_counts_once(
    own_house: House, tmp_path: Path
) -> None:
    """Both phones send the sheet: it has one voucher. The file shows nothing in clear."""
    saved = tmp_path / "saved.json"
    async with installed(own_house, tmp_path / "one") as phone:
        await phone.hold_meeting(MEMBER)
        async with phone.page.expect_download() as download:
            await phone.page.click("[data-save]")
        await (await download.value).save_as(saved)
        assert HER_NAME not in saved.read_text()
        await phone.page.set_input_files("[data-read]", saved)
        await phone.page.fill("dialog [name=pin]", PIN)
        await phone.page.click("dialog .go")
        await expect(phone.page.locator("[data-notice]")).to_contain_text("Read: 0")
        async with phone_at(own_house, tmp_path / "two") as other:
            await other.set_pin("nasreen", OTHER_PIN)
            page = other.page
            await page.click("a[href='/waiting']")
            await expect(page.locator("[data-send]")).to_be_visible()  # so it takes files, too
            for pin, said in ((OTHER_PIN, "not the PIN"), (PIN, "Read: 1")):
                await page.set_input_files("[data-read]", saved)
                await page.fill("dialog [name=pin]", pin)
                await page.click("dialog .go")
                await expect(page.locator("[data-notice]")).to_contain_text(said)
            await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        before = await written(own_house)
        await phone.internet(there=True)
        await expect(phone.page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert await written(own_house) == before
        assert before[1] == 1


async def test_a_refused_sheet_is_a_task_with_names_and_amounts(
    own_house: House, tmp_path: Path
) -> None:
    """She withdrew what she never saved: it is taken off, the cash counted again, and written."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER, "M-0002")
        field = f"[name='a:{MEMBER}:withdrawal']"
        await page.evaluate(
            "(at) => { const f = document.querySelector(at); f.value = '999999.00';"
            " f.dispatchEvent(new Event('input', { bubbles: true })); }",
            field,
        )
        await phone.close_sheet()
        await page.wait_for_selector("[data-list] li")
        await phone.internet(there=True)
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Needs you")
        task = page.locator("[data-list] [data-task]")
        await expect(task).to_contain_text("There is not so much there")
        line = task.locator("section", has_text="9,99,999")
        await expect(line).to_contain_text(HER_NAME)
        assert await faults(page, PHONE) == []
        await expect(page.get_by_role("button", name="Put aside")).to_be_disabled()
        page = await phone.kill()
        await phone.open("nasreen", PIN, "/waiting")
        line = page.locator("[data-task] section", has_text="9,99,999")
        await phone.internet(there=True)
        await line.get_by_role("button", name="Take it off the sheet").click()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert (await written(own_house))[1] == 1


async def test_an_amount_is_given_to_another_members_savings(
    own_house: House, tmp_path: Path
) -> None:
    """Who brought it is no member here any more; the cash of the meeting stays as it was."""
    leave = f"UPDATE service.member SET organisation = 'CO-02' WHERE code = '{MEMBER}'"
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER, "M-0002")
        await asyncio.to_thread(database.execute, own_house.url, leave)
        await phone.close_sheet()
        await page.wait_for_selector("[data-list] li")
        await phone.internet(there=True)
        task = page.locator("[data-list] [data-task]")
        await expect(task).to_contain_text("no member here any more")
        section = task.locator("section", has_text=HER_NAME)
        await section.locator("select").select_option("M-0002")
        await section.get_by_role("button", name="Put it there").click()
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        assert (await written(own_house))[1] == 1


async def test_what_lies_on_the_disk_names_no_member(own_house: House, tmp_path: Path) -> None:
    """Neither the pages that are kept nor the sheets, in either encoding, in any file."""
    async with installed(own_house, tmp_path) as phone:
        await phone.hold_meeting(MEMBER)
        await phone.pocket.kill()
    kept = [path for path in (tmp_path / "Default").rglob("*") if path.is_file()]
    clear = [
        path
        for path in kept
        if any(HER_NAME.encode(how) in path.read_bytes() for how in ("utf-8", "utf-16-le"))
    ]
    assert any("IndexedDB" in str(path) for path in kept)
    assert clear == []


async def test_a_forgotten_pin_is_chosen_anew_and_nothing_is_lost(
    own_house: House, tmp_path: Path
) -> None:
    """The password gives the spare key; what waited is still there under the new PIN."""
    async with installed(own_house, tmp_path) as phone:
        await phone.hold_meeting(MEMBER)
        await phone.pocket.close()
        page = await phone.start(offline=False)
        await page.context.clear_cookies(name="amanat_session")
        await phone.set_pin("nasreen", OTHER_PIN)
        await page.click("a[href='/waiting']")
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        await phone.internet(there=False)
        await phone.open("nasreen", OTHER_PIN)
        await expect(page.locator("a[data-keep]")).to_be_visible()


async def test_a_pin_that_was_changed_elsewhere_asks_for_the_old_one(
    own_house: House, tmp_path: Path
) -> None:
    """The service knows the new PIN, the phone the old one: with both nothing is lost."""
    async with installed(own_house, tmp_path) as phone:
        await phone.internet(there=True)
        page = phone.page
        signed = {"name": "nasreen", "password": own_house.people["nasreen"].password}
        begun = await (await page.request.post("/v1/sessions", data=signed)).json()
        changed = await page.request.put(
            "/v1/me/pin", data={"pin": OTHER_PIN}, headers={"X-CSRF-Token": begun["csrf_token"]}
        )
        assert changed.status == 204
        await page.context.clear_cookies(name="amanat_session")
        await page.goto("/pin")
        await page.check("input[value=nasreen]", force=True)
        await phone.enter(OTHER_PIN)
        await page.fill("dialog [name=pin]", PIN)
        await page.click("dialog .go")
        await page.wait_for_selector("body[data-kept]")
        await phone.internet(there=False)
        await phone.open("nasreen", OTHER_PIN)
        await expect(page.locator("a[data-keep]")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_the_page_for_no_internet_keeps_to_the_rules(
    browser: Browser, house: House, language: str
) -> None:
    """In the language that was chosen, or that the phone speaks."""
    async with looking(browser, PHONE, language=language, address=house.address) as context:
        page = await context.new_page()
        await page.goto("/offline")
        await expect(page.locator("[data-nobody]")).to_be_visible()
        assert await faults(page, PHONE, language=language) == []


SHEETS: Final = [
    Sheet("CO-01.20260731", "CO-01", date(2026, 7, 31), (), 0, ()),
    Sheet(
        "ت.20260731.2",
        "CO-01",
        date(2026, 7, 31),
        ("M-9", "M-10", "\N{GRINNING FACE}", "\uff5e"),
        -12345,
        (
            SheetLine("M-9", SheetLineKind.REPAYMENT, 100, "L-2"),
            SheetLine("M-9", SheetLineKind.REPAYMENT, 5, "L-10"),
            SheetLine("M-10", SheetLineKind.FINE, 1),
            SheetLine("\N{GRINNING FACE}", SheetLineKind.FINE, 2),
            SheetLine("\uff5e", SheetLineKind.FINE, 3),
        ),
    ),
]


@pytest.mark.parametrize("sheet", SHEETS)
async def test_script_and_service_make_the_same_key(phone: Page, sheet: Sheet) -> None:
    """Of the same content, whatever its order, in any script."""
    said = {
        "code": sheet.code,
        "held_on": sheet.held_on.isoformat(),
        "present": list(reversed(sheet.present)),
        "cash_counted": sheet.cash_counted,
        "lines": [[one.member, one.kind, one.amount, one.loan] for one in reversed(sheet.lines)],
    }
    await phone.goto("/login")
    made = await phone.evaluate(
        """async (sheet) => {
            const shell = document.querySelector("script[type=module]").src;
            return (await import(shell.replace("shell.js", "queue.js"))).keyOf(sheet);
        }""",
        said,
    )
    assert made == key_of(sheet)


async def test_a_sheet_of_a_wrong_day_is_given_the_right_one(
    own_house: House, tmp_path: Path
) -> None:
    """The phone's clock ran ahead: the meeting is said to lie in the future."""
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER)
        await page.evaluate(
            "() => { const { dataset } = document.querySelector('form[data-sheet]');"
            " dataset.on = '2026-08-31'; dataset.code = 'CO-01.20260831'; }"
        )
        await phone.close_sheet()
        await page.wait_for_selector("[data-list] li")
        await phone.internet(there=True)
        task = page.locator("[data-list] li", has_text="Needs you")
        await expect(task).to_contain_text("still to come")
        assert await faults(page, PHONE) == []
        await task.locator("[name=on]").fill("31-07-2026")
        await task.get_by_role("button", name="It was on this day").click()
        await expect(page.locator("[data-list] .chip.ok")).to_be_visible()
        assert (await written(own_house))[1] == 1
