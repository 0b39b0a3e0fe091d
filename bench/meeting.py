"""How long a meeting of fifteen takes on a slow phone: what it answers is measured, she is not.

The phone's part is taken between tap and picture, on 2G and a processor four times slower. Hers
is the keystroke-level model's: Card, Moran and Newell, Communications of the ACM 23 (7), 1980.
How long it takes to hand money over and to count it nobody has measured for us.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.support import database
from tests.support.network import slow
from tests.support.phones import PIN, phone_at

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.support.house import House

MEMBERS: Final = 15
FIND_S: Final = 1.35
"""To think where to tap: the model's M."""
TAP_S: Final = 1.1
"""To get there: the model's P, of a mouse."""
HAND_OVER_S: Final = 6
"""Money from hand to hand, by one member: assumed."""
COUNT_S: Final = 60
"""To count what is in the box: assumed."""
CLAIM_S: Final = 300
_HERS: Final = "UPDATE access.appointment SET organisation = 'CO-02' WHERE person = 'nasreen'"
_WATCH: Final = """() => {
    window.taken = [];
    addEventListener("pointerdown", (event) => { window.tapped = event.timeStamp; }, true);
    new PerformanceObserver((list) => window.taken.push(...list.getEntries().map((one) =>
        [one.interactionId, one.duration]))).observe({ type: "event", durationThreshold: 16 });
}"""
_TICKS: Final = """() => {
    const longest = new Map();
    for (const [id, took] of window.taken.filter(([id]) => id))
        longest.set(id, Math.max(took, longest.get(id) ?? 0));
    return [...longest.values()];
}"""


class Taken(NamedTuple):
    """Seconds of the phone from tap to picture."""

    start: float
    ticks: list[float]
    counting: float
    close: float

    @property
    def taps(self) -> int:
        """How many there were."""
        return MEMBERS + 3

    @property
    def phone(self) -> float:
        """All of it."""
        return self.start + sum(self.ticks) + self.counting + self.close


async def held(house: House) -> Taken:
    """Hold the meeting of CO-02: all pay as expected."""
    await asyncio.to_thread(database.execute, house.url, _HERS)
    with TemporaryDirectory() as profile:
        async with phone_at(house, Path(profile)) as phone:
            await phone.set_pin("nasreen", PIN)
            page = phone.page
            page.set_default_timeout(60_000)
            await slow(page)
            await page.evaluate(_WATCH)
            start = await _until(page, "a[data-keep]", "[data-others]")
            await page.evaluate("() => { window.taken.length = 0; }")
            for tick in await page.locator(".mem[data-member] .tick").all():
                await tick.tap()
            await page.wait_for_function(f"() => ({_TICKS})().length === {MEMBERS}")
            ticks = [took / 1000 for took in await page.evaluate(_TICKS)]
            count = await _until(page, "button[form=sheet]", "[data-exactly]")
            close = await _until(page, "[data-exactly]", "[data-share]")
            return Taken(start, ticks, count, close)


async def _until(page: Page, tapped: str, there: str) -> float:
    """Tap; after how many seconds what is next stands there and answers."""
    await page.locator(tapped).first.tap()
    await page.locator(there).first.click(trial=True)
    took: float = await page.evaluate("performance.now() - window.tapped")
    return took / 1000


def table(taken: Taken) -> str:
    """What the meeting takes, as a part of the page."""
    hers = taken.taps * (FIND_S + TAP_S)
    money = MEMBERS * HAND_OVER_S
    whole = taken.phone + hers + money + COUNT_S
    spare = (CLAIM_S - taken.phone - hers - COUNT_S) / MEMBERS
    rows = (
        ("*Start the meeting*", 1, f"{taken.start:.1f}", "measured"),
        (
            f"*Paid*, each of {MEMBERS}",
            MEMBERS,
            f"{sum(taken.ticks):.1f}",
            f"measured; {median(taken.ticks):.2f} a tap, {max(taken.ticks):.2f} at most",
        ),
        ("*Count the cash*", 1, f"{taken.counting:.1f}", "measured"),
        ("*It is exactly this*, until the voucher", 1, f"{taken.close:.1f}", "measured"),
        ("to find what to tap, and tap it", "", f"{hers:.0f}", f"{FIND_S} + {TAP_S} s a tap"),
        ("to hand the money over", "", f"{money}", f"assumed: {HAND_OVER_S} s a member"),
        ("to count the box", "", f"{COUNT_S}", "assumed"),
        ("**together**", f"**{taken.taps}**", f"**{whole:.0f}**", "estimated"),
    )
    said = (
        f"{MEMBERS} members who all pay what is due, on the same slow phone with its PIN set. An"
        " estimate: what the phone takes is measured, what people take is not. To find and tap is"
        " the M and the P of the keystroke-level model (Card, Moran and Newell, *Communications of"
        " the ACM* 23 (7), 1980), which was made with people at a desk. It stays under"
        f" {CLAIM_S // 60} minutes as long as each member hands her money over within"
        f" {spare:.0f} s."
    )
    lines = (f"| {' | '.join(map(str, row))} |" for row in rows)
    head = ("## How long a meeting takes", "", said, "", "| what | taps | s | |")
    return "\n".join((*head, "|---|---:|---:|---|", *lines)) + "\n"
