"""The network as a village has it: slow, gone, or losing answers; and what a page weighs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import Error

from tests.support.workers import workers_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, CDPSession, Page, Route

    from tests.support.workers import Worker

    Speaker = CDPSession | Worker

_BYTES_PER_KBIT: Final = 1000 // 8
_LOST_WITHIN_S: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line: kbit/s each way, milliseconds there and back; and how many times slower the phone."""

    down_kbits: int
    up_kbits: int
    latency_ms: int
    slower: int = 1


SECOND_GENERATION: Final = Line(down_kbits=250, up_kbits=50, latency_ms=300, slower=4)
"""A cheap phone on 2G."""


async def slow(page: Page, line: Line = SECOND_GENERATION) -> None:
    """Put a page on a line for as long as it lives, with the service workers that it has now."""
    conditions = {
        "offline": False,
        "latency": line.latency_ms,
        "downloadThroughput": line.down_kbits * _BYTES_PER_KBIT,
        "uploadThroughput": line.up_kbits * _BYTES_PER_KBIT,
    }
    client = await page.context.new_cdp_session(page)
    speakers: list[Speaker] = [client, *await workers_of(page)]
    for one in speakers:
        await one.send("Network.enable")
        await one.send("Network.emulateNetworkConditions", conditions)
    await client.send("Emulation.setCPUThrottlingRate", {"rate": line.slower})


@dataclass(slots=True)
class Weight:
    """What came over the wire, heads included, by address; from a cache comes nothing."""

    by_address: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.by_address.values())

    def watch(self, client: Speaker) -> None:
        """Count what one page or worker fetches."""
        addresses: dict[str, str] = {}

        def sent(event: dict[str, Any]) -> None:
            addresses[event["requestId"]] = event["request"]["url"]

        def finished(event: dict[str, Any]) -> None:
            address = addresses[event["requestId"]]
            came = int(event["encodedDataLength"])
            self.by_address[address] = self.by_address.get(address, 0) + came

        client.on("Network.requestWillBeSent", sent)
        client.on("Network.loadingFinished", finished)


async def weighed(page: Page) -> Weight:
    """The weight of what the page fetches from now on, with the service workers it has now."""
    found = Weight()
    client = await page.context.new_cdp_session(page)
    speakers: list[Speaker] = [client, *await workers_of(page)]
    for one in speakers:
        found.watch(one)
        await one.send("Network.enable")
    return found


async def usable_after(page: Page, address: str, selector: str) -> float:
    """Go there; after how many seconds what is to be pressed stands there and answers."""
    await page.goto(address, wait_until="commit")
    await page.locator(selector).first.click(trial=True)
    milliseconds: float = await page.evaluate("performance.now()")
    return milliseconds / 1000


@asynccontextmanager
async def without_internet(context: BrowserContext) -> AsyncIterator[None]:
    """No network for the length of the block."""
    await context.set_offline(True)
    try:
        yield
    finally:
        await context.set_offline(False)


@dataclass(slots=True)
class Lost:
    """The answers that were lost on the way: the status of each, which the phone never saw."""

    statuses: list[int] = field(default_factory=list)
    happened: asyncio.Event = field(default_factory=asyncio.Event)

    async def first(self) -> int:
        """The status of the first of them, once there is one."""
        async with asyncio.timeout(_LOST_WITHIN_S):
            await self.happened.wait()
        return self.statuses[0]


@asynccontextmanager
async def losing_answers(context: BrowserContext, addresses: str) -> AsyncIterator[Lost]:
    """The service does what it is asked at these addresses (a glob), and nobody hears of it."""
    lost = Lost()

    async def lose(route: Route) -> None:
        response = await route.fetch(max_redirects=0)
        lost.statuses.append(response.status)
        lost.happened.set()
        with suppress(Error):  # the block may be over by then
            await route.abort("connectionreset")

    await context.route(addresses, lose)
    try:
        yield lost
    finally:
        await context.unroute(addresses, lose)
