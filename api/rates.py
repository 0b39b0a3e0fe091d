"""Limits on how often somebody asks: counted in windows, by session, machine or address.

A session or a machine has a count of its own once its credential has proved good; until then
requests count for the address that they come from. So whoever makes up credentials, a new one
each time, spends the share of their address, and no memory: only good ones are remembered.
All counts of a window are forgotten when it ends, and there is a most of what is counted.
"""

from __future__ import annotations

import math
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Final

from api.credentials import COOKIE
from api.errors import answer
from api.refusals import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from service.books import Caller

MOST_KEYS: Final = 100_000
"""As many credentials are remembered, and as many addresses counted apart in one window."""
SIGN_INS: Final = re.compile(
    r"/v1/(?:sessions|token|recoveries)|/login|/pin|/requests/[^/]+/here", re.ASCII
)
"""Where somebody tries to prove who they are, and might guess."""
_KNOCK: Final = "amanat.knock"
_PROVED: Final = "credential"
_COOKIE: Final = re.compile(rf"(?:^|;\s*){COOKIE}=([^;]+)".encode())


@dataclass(frozen=True, slots=True)
class Rates:
    """How many requests are answered within a window, and how long that is."""

    credential: int = 600
    """Of one session, or of one machine whatever its access tokens."""
    address: int = 600
    """Of one address, as long as nothing proved who asks."""
    sign_in: int = 60
    """Of one address, to sign in or to recover."""
    window_s: int = 60


@dataclass(slots=True)
class Knock:
    """What a request came with, and who was let in by it."""

    credential: bytes | None
    caller: str | None = None


def proved(request: Request, caller: Caller | None) -> None:
    """Say whose the credential of a request proved to be."""
    knock = request.scope.get(_KNOCK)
    if knock is not None and caller is not None:
        knock.caller = str(caller.session or caller.person)


class RateLimit:
    """Refuses what goes beyond the rates, and says in every answer how much is left.

    Headers are those of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` and
    `RateLimit`.
    """

    def __init__(
        self, app: ASGIApp, *, rates: Rates, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.app = app
        self.rates = rates
        self.timer = timer
        self._good: OrderedDict[bytes, str] = OrderedDict()
        self._counts: dict[tuple[str, str], int] = {}
        self._ends_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, within the rates."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        knock = Knock(_credential(scope))
        policy, most, who = self._share(scope, knock.credential)
        left = most - self._count(policy, who)
        said = self._headers(policy, most, left)

        async def saying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *said]
            await send(message)

        if left < 0:
            await self._refusal(most)(scope, receive, saying)
            return
        scope[_KNOCK] = knock
        try:
            await self.app(scope, receive, saying)
        finally:
            self._remember(knock)

    def _share(self, scope: Scope, credential: bytes | None) -> tuple[str, int, str]:
        """Which policy counts, how much it allows, and whom it counts for."""
        if scope["method"] == "POST" and SIGN_INS.fullmatch(scope["path"]):
            return "sign-in", self.rates.sign_in, _address(scope)
        if credential is not None and (caller := self._good.get(credential)):
            return _PROVED, self.rates.credential, caller
        return "address", self.rates.address, _address(scope)

    def _count(self, policy: str, who: str) -> int:
        """How many requests there were in this window, with this one."""
        if (now := self.timer()) >= self._ends_at:
            self._counts.clear()
            self._ends_at = now + self.rates.window_s
        key = (policy, who)
        if policy != _PROVED and key not in self._counts and len(self._counts) >= MOST_KEYS:
            key = (policy, "")  # addresses beyond so many share what one of them has
        self._counts[key] = found = self._counts.get(key, 0) + 1
        return found

    def _resets_s(self) -> int:
        return max(1, math.ceil(self._ends_at - self.timer()))

    def _headers(self, policy: str, most: int, left: int) -> list[tuple[bytes, bytes]]:
        rate = f'"{policy}";r={max(0, left)};t={self._resets_s()}'
        return [
            (b"ratelimit-policy", f'"{policy}";q={most};w={self.rates.window_s}'.encode()),
            (b"ratelimit", rate.encode()),
        ]

    def _refusal(self, most: int) -> ASGIApp:
        wait = self._resets_s()
        sentence = (
            f"That were more than {most} requests in {self.rates.window_s} seconds. "
            f"Ask again in {wait} seconds."
        )
        return answer(TooManyRequests, sentence, headers={"Retry-After": str(wait)})

    def _remember(self, knock: Knock) -> None:
        if knock.credential is None or knock.caller is None:
            return
        self._good[knock.credential] = knock.caller
        self._good.move_to_end(knock.credential)
        if len(self._good) > MOST_KEYS:
            self._good.popitem(last=False)


def _credential(scope: Scope) -> bytes | None:
    """The SHA-256 of the token that a request brings, if any."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return sha256(value).digest()
        if name == b"cookie" and (match := _COOKIE.search(value)):
            return sha256(match[1]).digest()
    return None


def _address(scope: Scope) -> str:
    """Whence a request comes: of IPv6 the network, since a household has 2^64 addresses."""
    host: str = (scope.get("client") or ("",))[0]
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or (int(address) >> 64))
