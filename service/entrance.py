"""The entrance: how somebody proves who they are, before any books are opened for them.

Each attempt is counted in a first transaction and settled in a last one; the slow check of
a password or PIN lies between, with no transaction open. What was checked is compared again
in the last one, so whoever changes it in the meantime wins. The house itself opens these
books; nothing of a secret is logged, kept or noted but its hash.
"""

from __future__ import annotations

import hmac
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from service import devices, keys, passwords, people, recoveries, sessions, throttle, tokens
from service.books import write_books
from service.refusals import Forbidden, Malformed, SignInRefused
from service.sessions import Beginning, ProvenBy
from service.throttle import Count, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.books import Caller, Visit, WritableBooks
    from service.passwords import Hasher
    from service.people import Named

MOST_PIN_FAILURES: Final = 10
"""After so many in a row the PIN is deleted; the password is needed again."""
_DOOR: Final = "the entrance"
_SOURCE: Final = "SELECT set_config('amanat.source', :source, true)"
_WRONG: Final = "The name, or what proves that it is you, is wrong. Try again, or ask for recovery."
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted: whom the name means, and what is to be compared."""

    name: str
    who: Named | None
    kept: str | None = field(repr=False)
    device: UUID | None
    counts: tuple[Count, ...]
    failures: int
    """In a row, this one among them."""


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token, and what it may be used for."""

    token: str = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entrance:
    """One visit to the entrance."""

    engine: AsyncEngine
    hasher: Hasher
    visit: Visit
    agent: str = ""

    async def by_password(self, name: str, password: str, *, device: str | None) -> sessions.Begun:
        """Sign in with a password. Raises `SignInRefused` or `TooManyAttempts`."""
        attempt = await self._attempt(name, Kind.PASSWORD, device)
        who = await self._proven(attempt, password)
        return await self._begin(attempt, who, ProvenBy.PASSWORD)

    async def by_pin(self, name: str, pin: str, *, device: str | None) -> sessions.Begun:
        """Sign in with a PIN, on its device. Raises `SignInRefused` or `TooManyAttempts`."""
        attempt = await self._attempt(name, Kind.PIN, device)
        who = await self._proven(attempt, pin)
        return await self._begin(attempt, who, ProvenBy.PIN)

    async def people_here(self, device: str | None) -> list[people.Person]:
        """Who has a PIN on a device, as its secret shows it; nobody on one that is not known."""
        async with self._books(self.visit.source) as books:
            async with books.secrets():
                here = await devices.of_secret(books, device)
                codes = [] if here is None else await devices.people_on(books, here)
            return await people.on_phone(books, codes)

    async def change_password(self, caller: Caller, *, current: str, new: str) -> None:
        """Choose a new password; every other session ends.

        Raises `PasswordWeak`, `SignInRefused` or `TooManyAttempts`.
        """
        passwords.refuse_weak(new, [caller.person, caller.name])
        attempt = await self._attempt(caller.person, Kind.PASSWORD, None)
        who = await self._proven(attempt, current)
        hashed = await self.hasher.hash(new)
        source = f"{self.visit.source} session {caller.session}"
        async with self._books(source, who) as books, books.secrets():
            await _compare(books, attempt, who, Kind.PASSWORD)
            await throttle.forgive(books, attempt.counts)
            await passwords.keep(books, who.code, hashed, books.now)
            await sessions.end_all(books, who.code, but=caller.session)

    async def recover(self, name: str, code: str, *, new: str) -> None:
        """Choose a new password with the code that an officer gave; every session ends.

        Raises `PasswordWeak`, `SignInRefused` or `TooManyAttempts`.
        """
        passwords.refuse_weak(new, [name])
        attempt = await self._attempt(name, Kind.RECOVERY, None)
        hashed = await self.hasher.hash(new)
        person = attempt.who.code if attempt.who else ""
        async with self._books(self.visit.source, attempt.who) as books, books.secrets():
            used = await recoveries.use(books, person, code)
            if used:
                await renew(books, person, hashed, forgiven=attempt.counts)
        if not used:
            await self._refuse(attempt)

    async def by_secret(self, key: str, secret: str, asked: frozenset[str] | None) -> Granted:
        """An access token for a machine. Raises `SignInRefused`, `TooManyAttempts`, `Malformed`.

        Nobody guesses 256 bits: only the address is throttled, so that a machine cannot be
        locked out by others, and all is one transaction.
        """
        address = throttle.address(self.visit.source)
        async with self._books(self.visit.source) as books, books.secrets():
            await throttle.claim(books, [address])
            found = await keys.client(books, key, secret)
            if found is not None:
                await throttle.forgive(books, [address])
                number, held = found
                scopes = tuple(sorted(held if asked is None else asked))
                if not held.issuperset(scopes):
                    raise Malformed("scope: more than the key may ask.")
                return Granted(await tokens.sign(books, key, number, scopes), scopes)
        _LOG.warning("a key was refused, from %s", self.visit.source)
        raise SignInRefused(_WRONG)

    async def _attempt(self, name: str, kind: Kind, device_secret: str | None) -> Attempt:
        """Count an attempt, and read what is to be compared. Raises `TooManyAttempts`."""
        async with self._books(self.visit.source) as books:
            who = await people.meant(books, name)
            async with books.secrets():
                device = await devices.of_secret(books, device_secret)
                account = _account(kind, name, who, device)
                counts = (throttle.address(self.visit.source), account)
                failures = await throttle.claim(books, counts)
                kept = await _kept(books, kind, who, device)
        return Attempt(name, who, kept, device, counts, failures[account.kind])

    async def _begin(self, attempt: Attempt, who: Named, by: ProvenBy) -> sessions.Begun:
        asked = Beginning(who.code, by, attempt.device, self.visit.source, self.agent)
        async with self._books(self.visit.source, who) as books:
            if await people.meant(books, who.code, held=True) is None:
                raise SignInRefused(_WRONG)
            async with books.secrets():
                await _compare(books, attempt, who, attempt.counts[-1].kind)
                await throttle.forgive(books, attempt.counts)
                return await sessions.begin(books, asked)

    async def _proven(self, attempt: Attempt, secret: str) -> Named:
        """Who proved to be whom they name. Raises `SignInRefused`."""
        right = await self.hasher.verify(secret, attempt.kept)
        if not right or attempt.who is None:
            await self._refuse(attempt)
        return attempt.who

    async def _refuse(self, attempt: Attempt) -> NoReturn:
        """Raise `SignInRefused`; a PIN that was guessed at too often is deleted."""
        who, account = attempt.who, attempt.counts[-1]
        known = who.code if who else "nobody of that name"
        _LOG.warning("sign-in refused: %s, from %s", known, self.visit.source)
        if account.kind is Kind.PIN and attempt.failures >= MOST_PIN_FAILURES and attempt.device:
            async with self._books(self.visit.source) as books, books.secrets():
                if who and await devices.pin_kept(books, attempt.device, who.code) == attempt.kept:
                    await devices.forget_pin(books, attempt.device, who.code)
        raise SignInRefused(_WRONG)

    @asynccontextmanager
    async def _books(self, source: str, who: Named | None = None) -> AsyncIterator[WritableBooks]:
        actor = who.code if who else _DOOR
        opened = write_books(self.engine, actor=actor, now=self.visit.now, action=self.visit.action)
        async with opened as books:
            await books.fetch(_SOURCE, source=source)
            yield books


async def renew(
    books: WritableBooks, person: str, hashed: str, *, forgiven: Iterable[Count] = ()
) -> None:
    """Give somebody a new password; all that was good before, sessions and PINs, ends.

    Counts are forgiven last, as at a sign-in, which holds the password before it.
    Done among `books.secrets()`.
    """
    await passwords.keep(books, person, hashed, books.now)
    await devices.forget_pins(books, person)
    await sessions.end_all(books, person)
    await throttle.forgive(books, [*forgiven, Count(Kind.PASSWORD, person)])


async def set_pin(books: WritableBooks, device_secret: str | None, hashed: str) -> None:
    """Keep the hash of the caller's PIN on the device that they hold.

    Raises `DeviceUnknown`, or `Forbidden` in a session that was not begun by password.
    """
    async with books.secrets():
        await require_password(books)
        device = await devices.keep_pin(books, device_secret, hashed)
        await throttle.forgive(books, [_pin_count(device, books.actor)])


async def leave(books: WritableBooks, device: UUID) -> None:
    """Take the caller's PIN off a device, and sign her out there; others stay. Raises `NotFound`.

    Done among `books.secrets()`.
    """
    await devices.require(books, device)
    await devices.forget_pin(books, device, books.actor)
    await sessions.end_on(books, books.actor, device)


async def require_password(books: WritableBooks) -> None:
    """Raise `Forbidden` but for a person who signed in by password.

    Asked among `books.secrets()`.
    """
    if not await sessions.by_password(books, books.caller):
        raise Forbidden("This needs a session that was begun with the password. Sign in with it.")


def _account(kind: Kind, name: str, who: Named | None, device: UUID | None) -> Count:
    """Guesses at a PIN count on its device, so that nobody locks out from afar."""
    if who is None:
        return Count(Kind.STRANGER, name)
    if kind is not Kind.PIN:
        return Count(kind, who.code)
    return _pin_count(device, who.code)


def _pin_count(device: UUID | None, person: str) -> Count:
    return Count(Kind.PIN, f"{person} {device}")


async def _kept(
    books: WritableBooks, kind: Kind, who: Named | None, device: UUID | None, *, held: bool = False
) -> str | None:
    if who is None:
        return None
    if kind is not Kind.PIN:
        return await passwords.kept(books, who.code, held=held)
    return None if device is None else await devices.pin_kept(books, device, who.code, held=held)


async def _compare(books: WritableBooks, attempt: Attempt, who: Named, kind: Kind) -> None:
    """Raise `SignInRefused` where what was checked is no longer what is kept; hold it else.

    So a session begins either before a new password, which ends it, or not at all.
    """
    now = await _kept(books, kind, who, attempt.device, held=True) or ""
    if not hmac.compare_digest(now.encode(), (attempt.kept or "").encode()):
        raise SignInRefused(_WRONG)
