"""Throttling of guesses: by account and by address, with a delay that doubles.

An attempt counts as failed before it is looked at, in a transaction of its own that locks
its counts in order: however many guesses come at once, none slips past. Whoever turns out
to be right is forgiven: an account's count begins anew, an address gets back this one
attempt, so that nobody clears an address of wrong guesses by a right one of their own.
Counts are no part of the audit trail, which nobody shall fill from outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Final

from service.refusals import TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.books import WritableBooks


class Kind(StrEnum):
    """What attempts are counted for."""

    ADDRESS = "address"
    PASSWORD = "password"  # noqa: S105 - a kind of attempt
    PIN = "pin"
    RECOVERY = "recovery"
    STRANGER = "stranger"
    """A name that nobody has."""


FREE: Final = {Kind.ADDRESS: 20}
"""Many people may share an address: a meeting's one telephone, a provider's network."""
FREE_OTHERWISE: Final = 3
"""So many failures in a row before the first delay."""
MOST_DELAY: Final = timedelta(minutes=15)
_MOST_DOUBLINGS: Final = 10
_IPV6_BITS: Final = 64
_CLAIM = """
    INSERT INTO access.throttle AS t (who, failures, last_at, open_at)
    VALUES (:who, 1, :now, :now)
    ON CONFLICT (who) DO UPDATE SET failures = t.failures + 1, last_at = :now
    WHERE t.open_at <= :now
    RETURNING failures
"""
_CLOSE = "UPDATE access.throttle SET open_at = :open_at WHERE who = :who"
_OPEN_AT = "SELECT open_at FROM access.throttle WHERE who = :who"
_FORGET = "DELETE FROM access.throttle WHERE who = :who"
_GIVE_BACK = """
    UPDATE access.throttle SET failures = greatest(failures - 1, 0), open_at = :now
    WHERE who = :who
"""
_SWEEP = """
    DELETE FROM access.throttle WHERE who IN (
        SELECT who FROM access.throttle
        WHERE last_at < :before AND (who LIKE 'address %' OR who LIKE 'stranger %')
        ORDER BY who LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
KEPT_FOR: Final = timedelta(days=1)
"""How long an address, or a name that nobody has, is remembered after its last failure."""


@dataclass(frozen=True, slots=True)
class Count:
    """What attempts are counted for: an account, or an address."""

    kind: Kind
    of: str

    def __str__(self) -> str:
        """As it is kept; names that nobody has only as a digest, for they may be passwords."""
        of = sha256(self.of.encode()).hexdigest() if self.kind is Kind.STRANGER else self.of
        return f"{self.kind} {of}"


def address(source: str) -> Count:
    """An address; of IPv6 the network, for who has one address there has them all."""
    try:
        given = IPv6Address(source)
    except ValueError:
        return Count(Kind.ADDRESS, source)
    return Count(Kind.ADDRESS, str(IPv6Network((given, _IPV6_BITS), strict=False)))


async def claim(books: WritableBooks, counts: Iterable[Count]) -> dict[Kind, int]:
    """Count an attempt as failed; the failures in a row. Raises `TooManyAttempts` while blocked.

    Done among `books.secrets()`, and committed before anything is checked; a refusal counts
    nothing.
    """
    failures = {}
    for count in sorted(counts, key=str):
        row = await books.fetch_one(_CLAIM, who=str(count), now=books.now)
        if row is None:
            raise await _blocked(books, count)
        failures[count.kind] = int(row.failures)
        open_at = books.now + delay(count.kind, row.failures)
        await books.execute(_CLOSE, who=str(count), open_at=open_at)
    await books.execute(_SWEEP, before=books.now - KEPT_FOR)
    return failures


async def forgive(books: WritableBooks, counts: Iterable[Count]) -> None:
    """The attempt was right; done among `books.secrets()`."""
    for count in sorted(counts, key=str):
        if count.kind is Kind.ADDRESS:
            await books.execute(_GIVE_BACK, who=str(count), now=books.now)
        else:
            await books.execute(_FORGET, who=str(count))


def delay(kind: Kind, failures: int) -> timedelta:
    """How long nothing is heard after so many failures in a row: 1 s, 2 s, 4 s … 15 min."""
    beyond = failures - FREE.get(kind, FREE_OTHERWISE)
    if beyond < 0:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(beyond, _MOST_DOUBLINGS)), MOST_DELAY)


async def _blocked(books: WritableBooks, count: Count) -> TooManyAttempts:
    row = await books.fetch_one(_OPEN_AT, who=str(count))
    open_at: datetime = books.now if row is None else row.open_at
    wait = max(1, math.ceil((open_at - books.now).total_seconds()))
    return TooManyAttempts(wait)
