"""What happens while a password is checked, when no transaction is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from service.books import Visit
from service.entrance import Entrance
from service.passwords import Hasher
from service.refusals import SignInRefused
from tests.support import database
from tests.support.importing import NOW, engine_of
from tests.support.people import Post, appoint
from tests.support.signing import ANOTHER, CHEAP, PASSWORD, PIN, give_passwords

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

VISIT = Visit(NOW, "192.0.2.7", "sign_in")


class Meddling(Argon2Hasher):
    """A hasher during whose work something else happens."""

    def __init__(self, url: str, *meanwhile: str) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.url, self.meanwhile = url, meanwhile

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the protocol's name
        """Check, and let the rest happen before the answer."""
        right = super().verify(password, hash)
        database.execute(self.url, *self.meanwhile)
        return right


@pytest.fixture
def people_url(database_url: str) -> str:
    """Zainab, with a password, and a PIN on a device."""
    appoint(database_url, {"zainab": [Post("administrator")]})
    give_passwords(database_url, "zainab")
    device = "00000000-0000-4000-8000-000000000001"
    database.execute(
        database_url,
        f"INSERT INTO access.device VALUES ('{device}', 'x', sha256('d'), 'zainab', '2026-01-01')",
        f"INSERT INTO access.pin VALUES ('{device}', 'zainab', '{CHEAP.hash(PIN)}', '2026-01-01')",
    )
    return database_url


@pytest.fixture
async def engine(people_url: str) -> AsyncIterator[AsyncEngine]:
    async with engine_of(people_url) as found:
        yield found


MEANWHILE = (
    f"UPDATE access.password SET hash = '{CHEAP.hash(ANOTHER)}'",
    "DELETE FROM access.password",
    "UPDATE access.person SET disabled_at = now()",
)


@pytest.mark.parametrize("meanwhile", MEANWHILE)
async def test_what_was_checked_is_compared_again(
    people_url: str, engine: AsyncEngine, meanwhile: str
) -> None:
    """Who changes the password, or disables the person, while it is checked, wins."""
    door = Entrance(engine, Hasher(Meddling(people_url, meanwhile)), VISIT)
    with pytest.raises(SignInRefused):
        await door.by_password("zainab", PASSWORD, device=None)
    with pytest.raises(SignInRefused):
        await Entrance(engine, Hasher(CHEAP), VISIT).by_password("zainab", PASSWORD, device=None)


@pytest.mark.parametrize(
    "meanwhile",
    ["DELETE FROM access.pin", "UPDATE access.device SET revoked_at = '2026-07-31'"],
)
async def test_a_pin_that_is_gone_meanwhile_lets_nobody_in(
    people_url: str, engine: AsyncEngine, meanwhile: str
) -> None:
    """Nor does a device that was revoked meanwhile."""
    door = Entrance(engine, Hasher(Meddling(people_url, meanwhile)), VISIT)
    with pytest.raises(SignInRefused):
        await door.by_pin("zainab", PIN, device="d")


async def test_nothing_secret_is_logged(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused sign-in says who and from where; a name that nobody has may be a password."""
    door = Entrance(engine, Hasher(CHEAP), VISIT)
    for name, secret in (("zainab", ANOTHER), (PASSWORD, ANOTHER)):
        with pytest.raises(SignInRefused):
            await door.by_password(name, secret, device=None)
    assert "sign-in refused: zainab, from 192.0.2.7" in caplog.text
    assert "nobody of that name" in caplog.text
    assert PASSWORD not in caplog.text
    assert ANOTHER not in caplog.text
