"""Which passwords and PINs are good enough, and how they are worked on."""

from __future__ import annotations

import asyncio
import threading
import time
import unicodedata

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from service.passwords import AT_ONCE, Hasher, refuse_weak, refuse_weak_pin
from service.refusals import PasswordWeak, PinWeak
from tests.support.signing import CHEAP


class Watched(Argon2Hasher):
    """A cheap hasher that counts what it is asked, and how much at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.now, self.most, self.verified = 0, 0, 0
        self._lock = threading.Lock()

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the protocol's name
        """Check, slowly."""
        with self._lock:
            self.now += 1
            self.verified += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self._lock:
            self.now -= 1
        return super().verify(password, hash)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 201,
        "passwordpassword"[:8] + "2026",
        "PASSWORD!!!!",
        "1234567890",
        "+92 300 0000009",
        "abababababab",
        "zainab-2026",
        "Zainab Bibi!",
        "!!!!!!!!!!",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    """Short, long, common, digits alone, one's own code or name."""
    with pytest.raises(PasswordWeak):
        refuse_weak(password, ["zainab", "Zainab Bibi", None])


@pytest.mark.parametrize(
    "password", ["monsoon kettle", "zainab bakes bread", "پانی کا گھڑا بھرا", "Tr0ub4dor&3x"]
)
def test_other_passwords_pass(password: str) -> None:
    """In any script."""
    refuse_weak(password, ["zainab", "Zainab Bibi"])


@pytest.mark.parametrize("pin", ["000000", "999999", "123456", "987654", "901234", "321098"])
def test_weak_pins_are_refused(pin: str) -> None:
    """One digit, or a run up or down, also over nought."""
    with pytest.raises(PinWeak):
        refuse_weak_pin(pin)


def test_other_pins_pass() -> None:
    """Most of a million."""
    weak = 0
    for number in range(1_000_000):
        try:
            refuse_weak_pin(f"{number:06}")
        except PinWeak:
            weak += 1
    assert weak == 30


async def test_a_hash_is_argon2id_and_salted() -> None:
    """Twice the same password, two hashes."""
    hasher = Hasher()
    hashed = await hasher.hash("monsoon kettle")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,")
    assert await hasher.verify("monsoon kettle", hashed)
    assert hashed != await hasher.hash("monsoon kettle")


async def test_a_password_is_the_same_however_it_is_composed() -> None:
    """Keyboards compose letters differently."""
    hasher, word = Hasher(CHEAP), "آئینہ کے سامنے"
    hashed = await hasher.hash(unicodedata.normalize("NFC", word))
    assert await hasher.verify(unicodedata.normalize("NFD", word), hashed)


async def test_two_hashes_are_worked_out_at_once() -> None:
    """However many people sign in; the event loop goes on."""
    watched = Watched()
    hasher, hashed = Hasher(watched), CHEAP.hash("monsoon kettle")
    found = await asyncio.gather(*(hasher.verify("monsoon kettle", hashed) for _ in range(12)))
    assert all(found)
    assert watched.most == AT_ONCE


async def test_nobody_costs_as_much_as_somebody() -> None:
    """A name that does not exist is checked against a hash, and is never right."""
    watched = Watched()
    hasher = Hasher(watched)
    for secret in ("monsoon kettle", "nobody's", ""):
        assert not await hasher.verify(secret, None)
    assert watched.verified == 3
