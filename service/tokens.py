"""Access tokens: what a machine shows with each request, for ten minutes.

They are JSON Web Tokens signed with HMAC-SHA-256 and nothing else, under a key of the house
that is made when first needed and again every day. A token says which secret it was given
for; PostgreSQL is asked with each request whether key and secret are good still
(`access.enter_by_key`), so what is revoked is refused at once.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import jwt

from service.books import KeyProof, read_books
from service.refusals import NotSignedIn

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import Books, WritableBooks

LASTS: Final = timedelta(minutes=10)
SIGNS_FOR: Final = timedelta(days=1)
"""How long a key signs; its last token is then good for ten minutes more."""
ISSUER: Final = "amanat"
AUDIENCE: Final = "amanat"
ALGORITHM: Final = "HS256"
CLAIMS: Final = ("iss", "aud", "sub", "jti", "sid", "scope", "iat", "exp")
SIGNING_BYTES: Final = 32
MOST_LENGTH: Final = 4096
"""No token of ours is longer."""
_ACTOR: Final = "access tokens"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('service.tokens'))"
_NEWEST = """
    SELECT id, secret, made_at FROM access.signing_key
    WHERE made_at > :since ORDER BY made_at DESC, id LIMIT 1
"""
_OF_ID = "SELECT id, secret, made_at FROM access.signing_key WHERE id = :id"
_INSERT = "INSERT INTO access.signing_key (id, secret, made_at) VALUES (:id, :secret, :now)"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What tokens are signed with, from a moment on for a day."""

    id: UUID
    secret: bytes
    made_at: datetime

    def __repr__(self) -> str:
        """Without the secret, wherever it may be shown."""
        return f"SigningKey({self.id})"

    def verifies(self, now: datetime) -> bool:
        """Whether a token that this signed may still be good."""
        return self.made_at + SIGNS_FOR + LASTS > now


async def sign(books: WritableBooks, key: str, secret: UUID, scopes: tuple[str, ...]) -> str:
    """A token for a key and one of its secrets; done among `books.secrets()`."""
    signing = await _newest(books)
    now = int(books.now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": key,
        "jti": str(uuid.uuid4()),
        "sid": str(secret),
        "scope": " ".join(scopes),
        "iat": now,
        "exp": now + int(LASTS.total_seconds()),
    }
    return jwt.encode(claims, signing.secret, ALGORITHM, headers={"kid": str(signing.id)})


async def _newest(books: WritableBooks) -> SigningKey:
    """The key that signs now; one is made if there is none, by one of those who ask at once."""
    since = books.now - SIGNS_FOR
    row = await books.fetch_one(_NEWEST, since=since)
    if row is None:
        await books.fetch(_LOCK)
        row = await books.fetch_one(_NEWEST, since=since)
    if row is not None:
        return SigningKey(*row)
    made = SigningKey(uuid.uuid4(), secrets.token_bytes(SIGNING_BYTES), books.now)
    await books.execute(_INSERT, id=made.id, secret=made.secret, now=made.made_at)
    return made


class Keyring:
    """The signing keys that this process has met."""

    def __init__(self) -> None:
        self._keys: dict[UUID, SigningKey] = {}

    async def proof(self, engine: AsyncEngine, token: str, now: datetime) -> KeyProof:
        """What a token proves. Raises `NotSignedIn`."""
        signing = await self._signing(engine, _key_named(token), now)
        try:
            claims = jwt.decode(
                token,
                signing.secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # The clock of the books decides, below; PyJWT would look at the machine's.
                options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False},
            )
            return _proof(claims, now)
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise _refused() from None

    async def _signing(self, engine: AsyncEngine, key: UUID, now: datetime) -> SigningKey:
        found = self._keys.get(key)
        if found is None:
            async with read_books(engine, actor=_ACTOR, now=now) as books:
                found = await _of_id(books, key)
        if found is None or not found.verifies(now):
            self._keys.pop(key, None)
            raise _refused()
        self._keys[key] = found
        return found


async def _of_id(books: Books, key: UUID) -> SigningKey | None:
    async with books.secrets():
        row = await books.fetch_one(_OF_ID, id=key)
    return None if row is None else SigningKey(*row)


def _key_named(token: str) -> UUID:
    """The signing key that a token names, before anything of it is believed."""
    try:
        if len(token) > MOST_LENGTH:
            raise _refused()
        return UUID(jwt.get_unverified_header(token)["kid"])
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
        raise _refused() from None


def _proof(claims: dict[str, Any], now: datetime) -> KeyProof:
    begins, ends = claims["iat"], claims["exp"]
    if not isinstance(begins, int) or not isinstance(ends, int):
        raise _refused()
    if ends <= now.timestamp() or ends - begins > LASTS.total_seconds():
        raise _refused()
    return KeyProof(claims["sub"], UUID(claims["sid"]), tuple(claims["scope"].split()))


def _refused() -> NotSignedIn:
    return NotSignedIn("The access token is not good, or no longer. Ask for one: POST /v1/token.")
