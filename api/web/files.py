"""Files of the pages: style sheet, script and pictures; what an installed page is; its worker."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from api.web import assets
from api.web.offline import offline_text, offline_version
from api.web.page import POLICY
from api.web.route import router

pages = router()

WORKERS_POLICY: Final = "default-src 'none'; connect-src 'self'"

AGAIN: Final = "no-cache"
"""Asked for each time, and answered by what is there now."""


@pages.get("/static/{version}/{name}")
async def static_file(request: Request, version: str, name: str) -> Response:
    """A file; for ever where it is asked for by the version that it has."""
    if name not in assets.assets():
        return Response(status_code=404)
    kept = assets.FOR_EVER if version == assets.version() else AGAIN
    return assets.answer(request, name, cache_control=kept)


@pages.get("/manifest.webmanifest")
async def manifest(request: Request) -> Response:
    """What the pages are once they are installed on a phone."""
    return assets.answer(request, "manifest.webmanifest", cache_control=AGAIN)


@pages.get("/sw.js")
async def worker(request: Request) -> Response:
    """The worker that keeps the files of the pages; it knows their version by its own text."""
    found = assets.assets()["sw.js"]
    names = sorted(name for name in assets.assets() if name != "sw.js")
    files = ",".join(f'"{assets.address(name)}"' for name in names)
    shell = offline_version(request)
    text = found.content.decode().replace("/*FILES*/", files).replace("/*SHELL*/", shell)
    answer = assets.packed_answer(request, text.encode(), found.media_type, cache_control=AGAIN)
    answer.headers["Content-Security-Policy"] = WORKERS_POLICY
    return answer


@pages.get("/offline")
async def offline(request: Request) -> Response:
    """What stands in for any page where there is no internet: who are you, and the PIN."""
    content = offline_text(request).encode()
    answer = assets.packed_answer(request, content, "text/html; charset=utf-8", cache_control=AGAIN)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
