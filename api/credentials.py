"""How a request proves who asks: a session's cookie, or an access token.

A browser sends its cookie to whatever page makes it, so a request by cookie that changes
something also shows the session's CSRF token, which no foreign page can read. The cookies
have one name with and without TLS; the prefix `__Host-` would need TLS also on the way from
a proxy on this machine, so it is left out, and what it stands for is set one by one: Path=/
and no Domain always, Secure where the request came by https.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from api.serving import serving
from service.books import Caller, KeyProof, SessionProof
from service.keys import Scope
from service.refusals import Forbidden, NotSignedIn
from service.sessions import LASTS

COOKIE: Final = "amanat_session"
DEVICE_COOKIE: Final = "amanat_device"
CSRF_HEADER: Final = "X-CSRF-Token"
SCHEMES: Final[dict[str, Any]] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A person's session: POST /v1/sessions.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "With the cookie, wherever something is changed: the session's token.",
    },
    "key": {
        "type": "oauth2",
        "description": "A machine's key: OAuth 2 client credentials.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "/v1/token",
                "scopes": {scope.value: f"To {scope.value} where the key may." for scope in Scope},
            }
        },
    },
}
"""The security schemes of the API's document."""
OPEN: Final[dict[str, Any]] = {"security": []}
"""What the document says of a route that asks for no proof."""
_DEVICE_LASTS: Final = 400 * 24 * 60 * 60
"""In seconds; browsers keep no cookie for longer."""


def security(method: str) -> list[dict[str, list[str]]]:
    """What the document says of a route that asks for proof."""
    session: dict[str, list[str]] = {"session": []}
    return [session if method == "get" else session | {"csrf": []}, {"key": []}]


async def proof(request: Request) -> SessionProof | KeyProof:
    """What the request brings as proof of who asks. Raises `NotSignedIn`."""
    cookie = request.cookies.get(COOKIE)
    header = request.headers.getlist("Authorization")
    if (header and cookie) or len(header) > 1:
        raise NotSignedIn("Send one proof of who you are: a session's cookie or an access token.")
    if header:
        scheme, _, token = header[0].partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn("Send the access token as: Authorization: Bearer TOKEN.")
        with_ = serving(request)
        return await with_.keyring.proof(with_.engine, token.strip(), with_.clock())
    if not cookie:
        raise NotSignedIn("Sign in first: POST /v1/sessions, or /v1/token with a key.")
    return SessionProof(hashlib.sha256(cookie.encode()).digest())


def csrf_of(request: Request) -> str:
    """The token of its session that a request brings in its header."""
    return request.headers.get(CSRF_HEADER, "")


def refuse_forged(given: str, caller: Caller | None) -> None:
    """Raise `Forbidden` where a cookie came without the token of its session."""
    if caller is None or caller.csrf is None:
        return
    if not hmac.compare_digest(given.encode(), caller.csrf.encode()):
        raise Forbidden(f"Send the CSRF token of your session as {CSRF_HEADER}.")


def challenge(request: Request) -> str:
    """What a 401 says of how to prove who one is (RFC 6750)."""
    wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
    return f'Bearer realm="amanat"{wrong}'


def give_session(request: Request, response: Response, token: str) -> None:
    """Let the browser keep a session's token."""
    _give(request, response, COOKIE, token, int(LASTS.total_seconds()))


def take_session(request: Request, response: Response) -> None:
    """Let the browser forget a session's token."""
    _give(request, response, COOKIE, "", 0)


def give_device(request: Request, response: Response, secret: str) -> None:
    """Let the browser keep a device's secret."""
    _give(request, response, DEVICE_COOKIE, secret, _DEVICE_LASTS)


def _give(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
