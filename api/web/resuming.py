"""What was typed in a form outlives a session that ended, and books that were out of reach.

It goes with the page that says so, and is sent again by whoever reads it. A form of a foreign
page is never carried on: it would be sent with the token that it could not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from api.web import refusals
from api.web.doors import fields
from api.web.page import render
from api.web.reader import Reader
from service.refusals import Forbidden

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from service.sessions import Begun

PASSING: Final = frozenset({"too_busy", "database_unavailable", "timed_out"})
"""What is over in a moment."""
_SECRET: Final = frozenset({"password", "pin", "again"})
_SITE: Final = "Sec-Fetch-Site"
_TYPED: Final = "application/x-www-form-urlencoded"


def refuse_foreign(request: Request) -> None:
    """Raise `Forbidden` where a page of another site signs somebody in, as somebody else."""
    if request.headers.get(_SITE, "none") not in {"same-origin", "none"}:
        raise Forbidden("This form came from another site. Sign in on this page.")


async def typed(request: Request) -> str:
    """What was typed in a form, to be sent again; nothing, where a secret or a file is among it."""
    if request.method != "POST" or not request.headers.get("Content-Type", "").startswith(_TYPED):
        return ""
    sent = await fields(request)
    return "" if _SECRET & {name for name, _ in sent} else urlencode(sent)


def pairs(typed_in: str) -> list[tuple[str, str]]:
    """The fields that were typed."""
    return parse_qsl(typed_in, keep_blank_values=True)


async def sign_in_first(request: Request, error: Exception) -> Response:
    """The page to sign in on, with the form that it interrupted."""
    said = refusals.of_error(Reader.of(request), error)
    carried = {"resume": request.url.path, "typed": await typed(request)}
    return render(
        request, "login.html", said=said, next="/", typed_name="", carried=of(request, carried)
    )


def of(request: Request, sent: dict[str, str]) -> dict[str, str]:
    """What a form of this site carries on: where to, and what was typed."""
    if request.headers.get(_SITE) != "same-origin" or not sent.get("typed"):
        return {}
    return {name: sent.get(name, "") for name in ("resume", "typed")}


def resumed(request: Request, carried: dict[str, str], begun: Begun) -> Response:
    """The page from which the form goes on, under the session that has begun."""
    kept = [pair for pair in pairs(carried["typed"]) if pair[0] != "csrf"]
    return render(
        request, "resume.html", to=carried["resume"], typed_in=[("csrf", begun.csrf), *kept]
    )
