"""Service workers of a page, spoken to as one speaks to the page: Playwright itself cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import CDPSession, Page

    Heard = Callable[[dict[str, Any]], None]


class Worker:
    """A service worker: what is asked of it is sent as text, through the browser's own session."""

    def __init__(self, client: CDPSession, session: str) -> None:
        self._client = client
        self._session = session
        self._heard: dict[str, Heard] = {}
        self._sent = 0
        client.on("Target.receivedMessageFromTarget", self.listen)

    async def send(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Tell it something; its answer is not waited for, but it takes orders in turn."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params or {}}
        await self._client.send(
            "Target.sendMessageToTarget",
            {"sessionId": self._session, "message": json.dumps(message)},
        )

    def on(self, method: str, heard: Heard) -> None:
        """Hear of something."""
        self._heard[method] = heard

    def listen(self, event: dict[str, Any]) -> None:
        """Pass on what this worker says."""
        message = json.loads(event["message"])
        heard = self._heard.get(message.get("method", ""))
        if event["sessionId"] == self._session and heard is not None:
            heard(message["params"])


async def workers_of(page: Page) -> list[Worker]:
    """The service workers that the page's browser has now."""
    browser = page.context.browser
    assert browser is not None
    own = await page.context.new_cdp_session(page)
    home = (await own.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
    client = await browser.new_browser_cdp_session()
    found = []
    for target in (await client.send("Target.getTargets"))["targetInfos"]:
        if target["type"] == "service_worker" and target["browserContextId"] == home:
            attached = await client.send(
                "Target.attachToTarget", {"targetId": target["targetId"], "flatten": False}
            )
            found.append(Worker(client, attached["sessionId"]))
    return found
