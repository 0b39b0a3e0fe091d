"""An officer above gives a one-time code; with it the person chooses a new password."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import good, refused
from tests.support.people import Post
from tests.support.signing import ANOTHER, PASSWORD, Door, door_of, enter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

PEOPLE = {
    "accountant": [Post("accountant", "CO-01", below=False)],
    "co_treasurer": [Post("treasurer", "CO-01", below=False)],
    "vo_treasurer": [Post("treasurer", "VO-01", below=False)],
    "vo_president": [Post("president", "VO-01")],
    "vo_manager": [Post("manager", "VO-01", below=False)],
    "lso_treasurer": [Post("treasurer", "LSO-01")],
    "officer": [Post("field_officer", "LSO-01")],
    "auditor": [Post("auditor", "LSO-01")],
    "two_places": [Post("accountant", "CO-01", below=False), Post("president", "LSO-01")],
    "vo_admin": [Post("administrator", "VO-01")],
    "other_vo_admin": [Post("administrator", "VO-01", below=False)],
    "co_admin": [Post("administrator", "CO-01")],
    "house_treasurer": [Post("treasurer")],
    "nobody_yet": [],
}


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Officers of a CO, its VO and its LSO."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        await found.with_password(PEOPLE)
        yield found


async def ask(door: Door, officer: str, person: str) -> httpx.Response:
    client = await door.signed_in(officer)
    return await client.post(f"/v1/people/{person}/recovery")


async def use(door: Door, name: str, code: str, new: str = ANOTHER) -> httpx.Response:
    said = {"name": name, "code": code, "new_password": new}
    return await door.client().post("/v1/recoveries", json=said)


@pytest.mark.parametrize(
    ("officer", "person", "status"),
    [
        ("vo_treasurer", "accountant", 201),
        ("officer", "accountant", 201),
        ("lso_treasurer", "vo_treasurer", 201),
        ("vo_admin", "accountant", 201),
        ("vo_admin", "vo_treasurer", 201),
        ("vo_admin", "other_vo_admin", 201),
        ("other_vo_admin", "vo_manager", 201),
        ("house_treasurer", "lso_treasurer", 201),
        ("shazia", "house_treasurer", 201),
        ("shazia", "nadia", 201),
        ("shazia", "nobody_yet", 201),
        # Not at the same level, not from below, not over a part of what somebody holds.
        ("co_treasurer", "accountant", 404),
        ("vo_treasurer", "vo_president", 404),
        ("lso_treasurer", "officer", 404),
        ("accountant", "vo_treasurer", 404),
        ("vo_treasurer", "two_places", 404),
        # Would open more than the administrator of VO-01 alone administers.
        ("other_vo_admin", "vo_admin", 404),
        ("other_vo_admin", "vo_treasurer", 404),
        ("vo_admin", "two_places", 404),
        ("vo_admin", "lso_treasurer", 404),
        ("vo_admin", "shazia", 404),
        ("house_treasurer", "shazia", 403),
        ("house_treasurer", "nobody_yet", 403),
        ("vo_admin", "nobody_yet", 404),
        # Roles without the right.
        ("vo_president", "accountant", 404),
        ("auditor", "accountant", 404),
        ("shazia", "unknown", 404),
        ("shazia", "shazia", 403),
    ],
)
async def test_only_an_officer_above_gives_a_code(
    door: Door, officer: str, person: str, status: int
) -> None:
    """Above all that the person holds; administrators also beside; nobody to themselves."""
    response = await ask(door, officer, person)
    assert response.status_code == status, response.text
    kept = await door.rows("SELECT person, given_by FROM access.recovery")
    assert kept == ([(person, officer)] if status == 201 else [])


async def test_a_code_is_used_once(door: Door) -> None:
    """It ends all sessions, and the old password; a second use is refused."""
    session = await door.signed_in("accountant")
    code = good(await ask(door, "vo_treasurer", "accountant"), 201)["code"]
    good(await session.get("/v1/me"))
    assert (await use(door, "accountant", code.lower().replace("-", " "))).status_code == 204
    refused(await session.get("/v1/me"), 401, "not_signed_in")
    refused(await use(door, "accountant", code, PASSWORD), 401, "sign_in_refused")
    await enter(door.client(), name="accountant", password=ANOTHER)
    old = await door.client().post(
        "/v1/sessions", json={"name": "accountant", "password": PASSWORD}
    )
    refused(old, 401, "sign_in_refused")


async def test_a_code_used_twice_at_once_works_once(door: Door) -> None:
    """One of the two wins."""
    code = good(await ask(door, "vo_treasurer", "accountant"), 201)["code"]
    answers = await asyncio.gather(
        use(door, "accountant", code), use(door, "accountant", code, PASSWORD[::-1])
    )
    assert sorted(answer.status_code for answer in answers) == [204, 401]


async def test_a_code_is_good_for_a_day_and_for_one_person(door: Door) -> None:
    """A newer one replaces it."""
    code = good(await ask(door, "lso_treasurer", "accountant"), 201)["code"]
    good(await ask(door, "lso_treasurer", "vo_treasurer"), 201)
    refused(await use(door, "vo_treasurer", code), 401, "sign_in_refused")
    newer = good(await ask(door, "lso_treasurer", "accountant"), 201)["code"]
    refused(await use(door, "accountant", code), 401, "sign_in_refused")
    door.clock.later(days=1)
    refused(await use(door, "accountant", newer), 401, "sign_in_refused")


async def test_guesses_at_a_code_are_throttled(door: Door) -> None:
    """Three at once, and an unknown name is answered alike."""
    await ask(door, "vo_treasurer", "accountant")
    answers = await asyncio.gather(*(use(door, "accountant", f"X{n}") for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 5
    unknown = await use(door, "who", "X")
    assert unknown.content == next(a for a in answers if a.status_code == 401).content


async def test_a_weak_new_password_leaves_the_code(door: Door) -> None:
    """It is refused before the code is looked at."""
    code = good(await ask(door, "vo_treasurer", "accountant"), 201)["code"]
    refused(await use(door, "accountant", code, "accountant-1"), 422, "password_weak")
    refused(await use(door, "accountant", code, "short"), 422, "malformed")
    assert (await use(door, "accountant", code)).status_code == 204


async def test_recovery_forgets_every_pin(door: Door) -> None:
    """Whoever lost the password may have lost the telephone."""
    phone = await door.signed_in("accountant")
    good(await phone.post("/v1/devices", json={"name": "Telephone"}), 201)
    await phone.put("/v1/me/pin", json={"pin": "480713"})
    code = good(await ask(door, "vo_treasurer", "accountant"), 201)["code"]
    assert (await use(door, "accountant", code)).status_code == 204
    response = await phone.post("/v1/sessions", json={"name": "accountant", "pin": "480713"})
    refused(response, 401, "sign_in_refused")


async def test_a_disabled_person_is_not_recovered(door: Door) -> None:
    """An administrator restores the account first."""
    code = good(await ask(door, "shazia", "nobody_yet"), 201)["code"]
    await door.execute("UPDATE access.person SET disabled_at = now() WHERE code = 'nobody_yet'")
    refused(await ask(door, "shazia", "nobody_yet"), 422, "malformed")
    refused(await use(door, "nobody_yet", code), 401, "sign_in_refused")


async def test_codes_are_in_no_trail(door: Door) -> None:
    """Neither is their hash; who gave one, is."""
    code = good(await ask(door, "vo_treasurer", "accountant"), 201)["code"]
    hashes = await door.rows("SELECT encode(code_hash, 'hex') FROM access.recovery")
    trail = await door.trail()
    assert "give_recovery" in trail
    assert code not in trail
    assert str(hashes[0][0]) not in trail
