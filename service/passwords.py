"""Passwords and PINs: which are good enough, and how they are kept.

They are kept as Argon2id hashes. A hash is dear on purpose, so it is worked out beside the
event loop, two at a time, with no transaction open; and whoever gives a name that does not
exist waits as long as one who gives a wrong password.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pwdlib.hashers.argon2 import Argon2Hasher

from service.refusals import PasswordWeak, PinWeak

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pwdlib.hashers.base import HasherProtocol

    from service.books import Books, WritableBooks

FEWEST: Final = 10
MOST: Final = 200
AT_ONCE: Final = 2
"""So many hashes are worked out at the same time; each takes a core and 64 MiB."""
_COMMON: Final = frozenset(
    {
        "password",
        "passwort",
        "pakistan",
        "pakistanzindabad",
        "bismillah",
        "allahuakbar",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "iloveyou",
        "letmein",
        "welcome",
        "administrator",
        "admin",
        "abcdefghij",
        "abcdefghijk",
        "changeme",
        "amanat",
        "",
    }
)
"""What many people choose, without the digits and signs around it."""
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_RUN: Final = "01234567890123456789"
_SET = """
    INSERT INTO access.password (person, hash, set_at) VALUES (:person, :hash, :now)
    ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
"""


class Hasher:
    """Makes and checks the hashes of secrets that people remember."""

    def __init__(self, hasher: HasherProtocol | None = None) -> None:
        self._hasher = hasher or Argon2Hasher()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def hash(self, secret: str) -> str:
        """A salted hash."""
        async with self._free:
            return await asyncio.to_thread(self._hasher.hash, _plain(secret))

    async def verify(self, secret: str, kept: str | None) -> bool:
        """Whether a secret is the one kept; where none is kept it takes as long to say no."""
        async with self._free:
            return await asyncio.to_thread(self._verify, _plain(secret), kept)

    def _verify(self, secret: str, kept: str | None) -> bool:
        same = self._hasher.verify(secret, self._nobody if kept is None else kept)
        return same and kept is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody's")


def _plain(secret: str) -> str:
    """The same letters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", secret)


def refuse_weak(password: str, names: Iterable[str | None]) -> None:
    """Raise `PasswordWeak` for a password that is short, common, or the person's own name."""
    if not FEWEST <= len(password) <= MOST:
        raise PasswordWeak(f"new_password: a password has {FEWEST} to {MOST} characters.")
    heart = _AROUND.sub("", password.casefold())
    own = {_AROUND.sub("", name.casefold()) for name in names if name}
    if heart in _COMMON | own or len(set(password)) <= 2:  # noqa: PLR2004 - two characters in turns
        raise PasswordWeak(
            "new_password: too easily guessed. Take words that others would not put together."
        )


def refuse_weak_pin(pin: str) -> None:
    """Raise `PinWeak` for a PIN of one digit, or of digits that follow each other."""
    if len(set(pin)) == 1 or pin in _RUN or pin in _RUN[::-1]:
        raise PinWeak("pin: too easily guessed. Take six digits that do not follow each other.")


async def kept(books: Books, person: str, *, held: bool = False) -> str | None:
    """The hash of a person's password; asked among `books.secrets()`.

    If `held`, nobody changes it before the transaction ends.
    """
    sql = "SELECT hash FROM access.password WHERE person = :person"
    row = await books.fetch_one(f"{sql} FOR UPDATE" if held else sql, person=person)
    return None if row is None else str(row.hash)


async def keep(books: WritableBooks, person: str, hashed: str, now: datetime) -> None:
    """Keep the hash of a person's new password; done among `books.secrets()`."""
    await books.execute(_SET, person=person, hash=hashed, now=now)
