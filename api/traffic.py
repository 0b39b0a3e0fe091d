"""What is answered, counted: by operation and status, with the time that it took.

One look-up and two additions a request. An operation is a route by the name that the API's
document has for it, so there are few counts whatever is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOWHERE: Final = ""
"""The operation of what leads nowhere, or was refused before it led anywhere."""


@dataclass(slots=True)
class Count:
    """So many answers, and how long they took in all."""

    answers: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Traffic:
    """All counts since the process began."""

    counts: dict[tuple[str, int], Count] = field(default_factory=dict)
    """By operation and status; without an answer the status is 0."""
    under_way: int = 0

    def add(self, operation: str, status: int, seconds: float) -> None:
        """Count one."""
        count = self.counts.get((operation, status))
        if count is None:
            count = self.counts[operation, status] = Count()
        count.answers += 1
        count.seconds += seconds


class Counted:
    """Counts what the application answers."""

    def __init__(self, app: ASGIApp, *, traffic: Traffic) -> None:
        self.app = app
        self.traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0

        async def seeing(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        begun = perf_counter()
        self.traffic.under_way += 1
        try:
            await self.app(scope, receive, seeing)
        finally:
            self.traffic.under_way -= 1
            route = scope.get("route")
            operation = NOWHERE if route is None else route.name
            self.traffic.add(operation, status, perf_counter() - begun)
