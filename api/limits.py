"""A limit on the size of a request's body, counted as it streams in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from api.errors import answer
from api.refusals import BodyTooLarge

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_MOST_BYTES: Final = 2**20


class BodyLimit:
    """Refuses a body larger than `most_bytes`, whatever its Content-Length says or leaves out."""

    def __init__(self, app: ASGIApp, *, most_bytes: int = DEFAULT_MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._announced(scope) > self.most_bytes:
            refused = answer(BodyTooLarge, f"A body has at most {self.most_bytes} bytes.")
            await refused(scope, receive, send)
        else:
            await self.app(scope, self._counted(receive), send)

    def _announced(self, scope: Scope) -> int:
        length = Headers(scope=scope).get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0  # noqa: PLR2004 - longer than any length

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        return counting
