"""What is refused outside the API is said to people: as a page, or as a problem to its script.

Limits of rate, size and time answer with problems, as machines want them; a browser shows those
as they stand, so whoever reads pages has a page. A page's own script has the problem, its
sentence in the reader's language.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.problems import MEDIA_TYPE
from api.web import refusals, sentences
from api.web.page import render
from api.web.reader import Reader

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OF_THE_API: Final = re.compile(r"/(?:(?:v1|health|docs)(?:/|$)|openapi\.json$)", re.ASCII)
_ITS_OWN: Final = frozenset({"content-type", "content-length"})


class Spoken:
    """Turns problems into what their readers want, outside the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or _OF_THE_API.match(scope["path"]):
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
                    answer = _answer(Request(scope), begun, bytes(body))
                    await answer(scope, receive, send)

        await self.app(scope, receive, speaking)


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


def _answer(request: Request, begun: Message, body: bytes) -> Response:
    problem, reader = json.loads(body), Reader.of(request)
    kept = Headers(raw=begun["headers"]).items()
    headers = {name: value for name, value in kept if name not in _ITS_OWN}
    code, detail, status = problem["code"], problem["detail"], begun["status"]
    if "text/html" in request.headers.get("accept", ""):
        said = refusals.shown(reader, code, detail, status)
        return render(request, "refused.html", said=said, headers=headers)
    told = problem | {"detail": sentences.said(reader, detail) or detail}
    return JSONResponse(told, status, headers, MEDIA_TYPE)
