"""Limits on the size of a request's body, and on how long it and its answer may take."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from api.errors import answer
from api.refusals import BodyTooLarge, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_MOST_BYTES: Final = 2**20
_CLOSE: Final = {"Connection": "close"}
"""What is left of a body that was not read is not waited for."""
_LATE: Final = (
    "The answer took too long. Ask for less at a time; ask again for a change with the same "
    "key, which is done once."
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request may take, in seconds."""

    answer_s: float = 35
    """From its headers to the first byte of its answer; longer than a statement may take."""
    body_s: float = 30
    """From its headers to the last byte of its body."""


class BodyLimit:
    """Refuses a body larger than `most_bytes`, whatever its Content-Length says or leaves out.

    `larger` has the paths that take more.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_bytes: int = DEFAULT_MOST_BYTES,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.larger.get(scope["path"], self.most_bytes)
        if self._announced(scope) > most:
            refused = answer(BodyTooLarge, f"A body has at most {most} bytes.", headers=_CLOSE)
            await refused(scope, receive, send)
        else:
            await self.app(scope, self._counted(receive, most), send)

    def _announced(self, scope: Scope) -> int:
        length = Headers(scope=scope).get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0  # noqa: PLR2004 - longer than any length

    def _counted(self, receive: Receive, most: int) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=_CLOSE)
            return message

        return counting


class TimeLimit:
    """Ends what takes too long, with all that it has begun: a transaction is rolled back.

    An answer of which anything was sent is not cut. `longer` has the ends of paths that take
    their time.
    """

    def __init__(
        self, app: ASGIApp, *, patience: Patience, longer: Mapping[str, Patience] | None = None
    ) -> None:
        self.app = app
        self.patience = patience
        self.longer = longer or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, in time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        patience = self._patience(scope.get("path", ""))
        begun = asyncio.get_running_loop().time()
        limit = asyncio.timeout_at(begun + patience.answer_s)
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if not started and limit.expired():
                return  # what the application makes of its end is not the answer
            if not started:
                started = True
                limit.reschedule(None)
            await send(message)

        try:
            async with limit:
                await self.app(scope, self._timed(receive, begun + patience.body_s), sending)
        except Exception:
            if started or not limit.expired():
                raise
        if not started and limit.expired():
            await answer(TimedOut, _LATE, headers=_CLOSE)(scope, receive, send)

    def _patience(self, path: str) -> Patience:
        return next((its for end, its in self.longer.items() if path.endswith(end)), self.patience)

    def _timed(self, receive: Receive, until: float) -> Receive:
        whole = False

        async def timing() -> Message:
            nonlocal whole
            if whole:  # what is waited for now is that somebody hangs up
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers=_CLOSE) from None
            whole = not message.get("more_body", False)
            return message

        return timing
