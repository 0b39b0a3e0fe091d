"""What is refused before any page is reached is a page, too, for whoever reads pages.

Limits of rate, size and time answer with problems, as machines want them; a browser shows
those as they stand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request

from api.problems import MEDIA_TYPE
from api.web import refusals
from api.web.page import render
from api.web.reader import Reader

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OF_THE_API: Final = re.compile(r"/(?:(?:v1|health|docs)(?:/|$)|openapi\.json$)", re.ASCII)
_ITS_OWN: Final = frozenset({"content-type", "content-length"})


class Spoken:
    """Turns problems into pages, where a page was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _of_a_page(scope):
            await self.app(scope, receive, send)
            return
        begun: Message | None = None
        body = bytearray()

        async def speaking(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_problem(message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    page = _page(Request(scope), begun, bytes(body))
                    await page(scope, receive, send)

        await self.app(scope, receive, speaking)


def _of_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or _OF_THE_API.match(scope["path"]):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


def _page(request: Request, begun: Message, body: bytes) -> Response:
    said = json.loads(body)
    shown = refusals.shown(Reader.of(request), said["code"], said["detail"], begun["status"])
    kept = Headers(raw=begun["headers"]).items()
    more = {name: value for name, value in kept if name not in _ITS_OWN}
    return render(request, "refused.html", said=shown, headers=more)
