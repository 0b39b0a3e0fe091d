"""A phone with the pages on it: installed under a PIN, put away, killed, and started again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.support import database
from tests.support.browser import PATIENCE_MS, pocketed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Page

    from tests.support.browser import Pocket
    from tests.support.house import House

PIN: Final = "481516"
"""That of whoever has the phone first."""
OTHER_PIN: Final = "270519"
CODE: Final = "CO-01.20260731"
MEMBER, HER_NAME = "M-0001", "Farzana Akhtar"
CLOSED: Final = f"SELECT entry_no FROM service.sheet WHERE state = 'closed' AND code = '{CODE}'"
ENTRIES: Final = f"SELECT count(*) FROM ledger.entry WHERE key LIKE '{CODE}.%'"


@dataclass
class Phone:
    """A phone with its page; what it stored outlives a kill."""

    pocket: Pocket
    page: Page
    house: House

    async def start(self, *, offline: bool) -> Page:
        """Start the browser again."""
        context = await self.pocket.start()
        context.set_default_timeout(PATIENCE_MS)
        await context.set_offline(offline)
        self.page = context.pages[0]
        return self.page

    async def kill(self, *, offline: bool = True) -> Page:
        """Take the battery out, and put it in again."""
        await self.pocket.kill()
        return await self.start(offline=offline)

    async def internet(self, *, there: bool) -> None:
        """Let there be a network, or none."""
        await self.page.context.set_offline(not there)

    async def set_pin(self, person: str, pin: str) -> None:
        """Sign in with the password, choose a PIN; wait until the phone has what it needs."""
        page = self.page
        await page.goto("/login")
        await page.fill("[name=name]", person)
        await page.fill("[name=password]", self.house.people[person].password)
        async with page.expect_navigation():
            await page.click("form .go")
        if not page.url.endswith("/pin/new"):
            await page.goto("/pin/new")
        await page.fill("[name=pin]", pin)
        await page.fill("[name=again]", pin)
        await page.click("form .go")
        await page.wait_for_selector("body[data-kept]")
        await page.evaluate("navigator.serviceWorker.ready.then(() => 1)")

    async def open(self, person: str, pin: str, at: str = "/") -> None:
        """Cold start without internet: who, and the PIN."""
        await self.page.goto(at)
        await self.page.check(f"input[value={person}]", force=True)
        await self.enter(pin)

    async def enter(self, pin: str) -> None:
        """Type a PIN where it is asked."""
        await self.page.fill("[name=pin]", pin)
        await self.page.click("form[data-pin] .go")

    async def fill_in(self, *members: str) -> None:
        """Open today's sheet from home, and tick who paid."""
        await self.page.click("a[data-keep]")
        await self.page.wait_for_selector("form[data-ready]")
        for member in members:
            await self.page.check(f"input[name=paid][value={member}]", force=True)

    async def close_sheet(self) -> None:
        """Close the meeting: it is exactly this."""
        await self.page.click("button[form=sheet]")
        await self.page.click("[data-exactly]")

    async def hold_meeting(self, *members: str) -> Page:
        """Hold Nasreen's meeting without internet: it is closed, and waits on the phone."""
        await self.open("nasreen", PIN)
        await self.fill_in(*members)
        await self.close_sheet()
        await self.page.wait_for_selector("[data-list] li")
        return self.page


@asynccontextmanager
async def phone_at(house: House, profile: Path) -> AsyncIterator[Phone]:
    """A phone that was never here."""
    async with pocketed(profile, address=house.address) as pocket:
        context = await pocket.start()
        context.set_default_timeout(PATIENCE_MS)
        yield Phone(pocket, context.pages[0], house)


@asynccontextmanager
async def installed(house: House, profile: Path) -> AsyncIterator[Phone]:
    """Nasreen's phone, once she set a PIN on it and it was put away; it has no internet now."""
    async with phone_at(house, profile) as phone:
        await phone.set_pin("nasreen", PIN)
        await phone.pocket.close()
        await phone.start(offline=True)
        yield phone


async def written(house: House) -> tuple[object, object]:
    """The voucher of the day's sheet, if it has one, and how many entries there are of it."""
    found = await asyncio.to_thread(database.fetch, house.url, CLOSED)
    [(count,)] = await asyncio.to_thread(database.fetch, house.url, ENTRIES)
    return (found[0][0] if found else None, count)


async def at_second(page: Page, second: int) -> None:
    """Set the phone's clock."""
    await page.evaluate("(s) => { Date.now = () => Date.UTC(2030, 0, 1) + s * 1000 }", second)
