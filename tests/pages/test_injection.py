"""Names and words are text wherever they stand, also in the parts that script builds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from playwright.async_api import expect

from tests.support import database
from tests.support.phones import MEMBER, PIN, installed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.house import House

HOSTILE: Final = "<img src=x onerror=document.title=1>"
QUOTED: Final = '"\' autofocus onfocus="document.title=1" x=\'${1}%(name)s {{ 7*7 }}'
NAMED: Final = (
    f"UPDATE service.member SET name = $h${HOSTILE}$h$, name_ur = NULL WHERE code = '{MEMBER}'",
    f"UPDATE service.member SET name = $h${QUOTED}$h$, name_ur = NULL WHERE code = 'M-0002'",
)


async def test_a_name_is_text_on_every_page_and_in_what_script_builds(
    own_house: House, tmp_path: Path
) -> None:
    """On the sheet, on the pad, among what waits, on receipts, in the passbook."""
    await asyncio.to_thread(database.execute, own_house.url, *NAMED)
    async with installed(own_house, tmp_path) as phone:
        page = phone.page
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await phone.open("nasreen", PIN)
        await phone.fill_in(MEMBER, "M-0002")
        await page.locator(f"[data-member='{MEMBER}'] > details > summary").click()
        await page.locator(f"[data-member='{MEMBER}'] .amt").first.focus()
        await expect(page.locator("[data-pad-who]")).to_have_text(HOSTILE)
        await page.locator("h1").click()
        await phone.close_sheet()
        names = page.locator("[data-list] .receipt [data-name]")
        await expect(names.nth(0)).to_have_text(HOSTILE)
        await expect(names.nth(1)).to_have_text(QUOTED)
        await phone.internet(there=True)
        await expect(page.locator("[data-list] [data-chip]")).to_contain_text("Written")
        for at in ("/members?organisation=CO-01", f"/members/{MEMBER}", "/members/M-0002/exit"):
            await page.evaluate(
                "at => { const a = document.createElement('a'); a.href = at;"
                " document.body.append(a); a.click(); }",
                at,
            )
            await page.wait_for_url(f"**{at}")
            assert await page.locator("img[src=x], [autofocus]").count() == 0
            assert await page.title() != "1"
        assert faults == []
