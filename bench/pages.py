"""`python -m bench.pages`: what the accountant's pages weigh, and how soon they can be used.

In Debian's Chromium, on the pilot's books, each page first by a phone that was never here, then
once more; and how long a meeting takes. The line is 2G (250 and 50 kbit/s, 300 ms), the processor
four times slower than this machine's. Bytes are those on the wire, heads included.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import meeting, server
from tests.support.browser import PHONE, launched, looking
from tests.support.house import House, house_on, load_pilot
from tests.support.network import SECOND_GENERATION, slow, usable_after, weighed

if TYPE_CHECKING:
    from playwright.async_api import Browser

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "pages.md"
A_MEETING: Final = datetime(2026, 7, 6, 5, tzinfo=UTC)
PAGES: Final = (
    ("sign in", "/login", "form .go", False),
    ("home", "/", "a[data-keep]", True),
    ("sheet, 11 members", "/sheets/new?organisation=CO-01", "[data-others]", True),
    ("sheet, 15 members", "/sheets/new?organisation=CO-02", "[data-others]", True),
    ("members", "/members?organisation=CO-01", ".list a", True),
    ("passbook", "/members/M-0002", ".tabs a", True),
    ("loans", "/loans?organisation=CO-01", ".list a", True),
    ("apply for a loan", "/loans/new?organisation=CO-01", "button.go", True),
    ("requests", "/requests", ".tabs a", True),
)


class Measured(NamedTuple):
    """A page's bytes and seconds, on first sight and after."""

    name: str
    first_bytes: int
    after_bytes: int
    first_s: float
    after_s: float


async def _measure(browser: Browser, house: House) -> list[Measured]:
    house.clock.now = A_MEETING
    found = []
    for name, path, selector, signed_in in PAGES:
        async with looking(browser, PHONE, language="ur", address=house.address) as context:
            if signed_in:
                await house.sign_in(context, "shazia" if "CO-02" in path else "nasreen")
            page = await context.new_page()
            await slow(page)
            first = await weighed(page)
            address = f"{house.address}{path}"
            first_s = await usable_after(page, address, selector)
            await page.wait_for_load_state("networkidle")
            await slow(page)  # with the worker, which is there by now
            again = await weighed(page)
            await page.goto("about:blank")
            after_s = await usable_after(page, address, selector)
            await page.wait_for_load_state("networkidle")
            found.append(Measured(name, first.total, again.total, first_s, after_s))
    return found


def _table(found: list[Measured]) -> str:
    line = SECOND_GENERATION
    rows = [
        f"| {one.name} | {one.first_bytes / 1000:.1f} | {one.first_s:.1f} |"
        f" {one.after_bytes / 1000:.1f} | {one.after_s:.1f} |"
        for one in found
    ]
    how = (
        "Made by `python -m bench.pages --write`: Debian's Chromium on this machine, a line of"
        f" {line.down_kbits} kbit/s down, {line.up_kbits} up and {line.latency_ms} ms, the"
        f" processor {line.slower} times slower; in Urdu, on the pilot's books. Usable is when"
        " what is to be pressed can be. Each page alone: a phone that has seen another page has"
        " the style sheet and the scripts already."
    )
    head = (
        "# What the pages weigh",
        "",
        how,
        "",
        "| page | first load, kB | usable, s | after, kB | usable, s |",
        "|---|---:|---:|---:|---:|",
    )
    return "\n".join((*head, *rows)) + "\n"


async def _all(house: House) -> str:
    async with launched() as browser:
        found = await _measure(browser, house)
    return f"{_table(found)}\n{meeting.table(await meeting.held(house))}"


def main() -> None:
    """Measure, show, and write the page where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    with server.running(None) as cluster:
        server.migrated(cluster, "pages")
        url = server.url(cluster, "pages")
        with house_on(url, load_pilot(url)) as house:
            found = asyncio.run(_all(house))
    print(found)
    if asked.write:
        PAGE.write_text(found)


if __name__ == "__main__":
    main()
