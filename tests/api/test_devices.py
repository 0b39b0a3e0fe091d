"""PINs of six digits, each good for one person on one registered device."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import good, refused
from tests.support.signing import PASSWORD, PIN, Door, door_of, enter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

OTHER_PIN = "915284"


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Shazia and Nadia have passwords."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        yield found


@pytest.fixture
async def phone(door: Door) -> httpx.AsyncClient:
    """A telephone that Shazia registered, and on which she has a PIN; signed in by password."""
    client = await door.signed_in("shazia")
    good(await client.post("/v1/devices", json={"name": "Telephone of CO-01"}), 201)
    assert (await client.put("/v1/me/pin", json={"pin": PIN})).status_code == 204
    return client


async def try_(client: httpx.AsyncClient, pin: str, name: str = "shazia") -> httpx.Response:
    return await client.post("/v1/sessions", json={"name": name, "pin": pin})


async def test_a_pin_signs_in_on_its_device(phone: httpx.AsyncClient) -> None:
    """The device's cookie, as strict as the session's, and six digits."""
    begun = await enter(phone, name="shazia", pin=PIN)
    assert begun["person"] == "shazia"
    found = good(await phone.get("/v1/sessions"))["items"]
    [current] = [one for one in found if one["current"]]
    assert (current["proven_by"], current["id"]) == ("pin", begun["session"])
    [device] = good(await phone.get("/v1/devices"))["items"]
    assert [one["device"] for one in found].count(device["id"]) == 2


async def test_the_secret_of_a_device_is_told_once(door: Door) -> None:
    """As cookie and in the answer; it works from the body, too."""
    client = await door.signed_in()
    response = await client.post("/v1/devices", json={"name": "Tablet"})
    secret = good(response, 201)["secret"]
    cookie = response.headers["set-cookie"]
    assert f"amanat_device={secret}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert secret not in (await client.get("/v1/devices")).text
    await client.put("/v1/me/pin", json={"pin": PIN})
    await enter(door.client(), name="shazia", pin=PIN, device=secret)
    assert secret not in await door.trail()


async def test_a_pin_is_worth_nothing_elsewhere(door: Door, phone: httpx.AsyncClient) -> None:
    """Not without a device, not on another one, not with a made-up secret."""
    assert phone.cookies["amanat_device"]
    refused(await try_(door.client(), PIN), 401, "sign_in_refused")
    other = await door.signed_in("nadia")
    await other.post("/v1/devices", json={"name": "Another"})
    refused(await try_(other, PIN), 401, "sign_in_refused")
    made_up = door.client()
    made_up.cookies.set("amanat_device", "made-up")
    refused(await try_(made_up, PIN), 401, "sign_in_refused")


async def test_several_people_share_a_device(door: Door, phone: httpx.AsyncClient) -> None:
    """Each with a PIN of their own, which is nobody else's."""
    await enter(phone, name="nadia", password=PASSWORD)
    assert (await phone.put("/v1/me/pin", json={"pin": OTHER_PIN})).status_code == 204
    refused(await try_(phone, PIN, "nadia"), 401, "sign_in_refused")
    refused(await try_(phone, OTHER_PIN, "shazia"), 401, "sign_in_refused")
    assert (await enter(phone, name="nadia", pin=OTHER_PIN))["person"] == "nadia"
    assert (await enter(phone, name="shazia", pin=PIN))["person"] == "shazia"
    device = good(await phone.get("/v1/devices"))["items"][0]["id"]
    nadia = await door.signed_in("nadia")
    assert [one["id"] for one in good(await nadia.get("/v1/devices"))["items"]] == [device]


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "654321", "890123", "012345"])
async def test_a_weak_pin_is_refused(phone: httpx.AsyncClient, pin: str) -> None:
    """One digit, or digits that follow each other."""
    refused(await phone.put("/v1/me/pin", json={"pin": pin}), 422, "pin_weak")


@pytest.mark.parametrize("pin", ["4807", "48071a", "٤٨٠٧١٣", 480713, " 480713"])
async def test_a_pin_has_six_digits(phone: httpx.AsyncClient, pin: object) -> None:
    """Of those that every telephone has."""
    refused(await phone.put("/v1/me/pin", json={"pin": pin}), 422, "malformed")


async def test_a_pin_needs_a_registered_device(door: Door) -> None:
    """Otherwise it would be a short password."""
    client = await door.signed_in()
    refused(await client.put("/v1/me/pin", json={"pin": PIN}), 409, "device_unknown")


async def test_a_session_by_pin_sets_no_pin_and_registers_nothing(phone: httpx.AsyncClient) -> None:
    """Whoever looked over a shoulder once does not settle in."""
    await enter(phone, name="shazia", pin=PIN)
    refused(await phone.put("/v1/me/pin", json={"pin": OTHER_PIN}), 403, "forbidden")
    refused(await phone.post("/v1/devices", json={"name": "x"}), 403, "forbidden")


async def test_revoking_a_device_ends_its_sessions_and_pins(
    door: Door, phone: httpx.AsyncClient
) -> None:
    """A lost telephone is worth nothing, however its sessions were begun."""
    device = good(await phone.get("/v1/devices"))["items"][0]["id"]
    elsewhere, stranger = await door.signed_in("shazia"), await door.signed_in("nadia")
    refused(await stranger.delete(f"/v1/devices/{device}"), 404, "not_found")
    assert (await elsewhere.delete(f"/v1/devices/{device}")).status_code == 204
    refused(await phone.get("/v1/me"), 401, "not_signed_in")
    refused(await try_(phone, PIN), 401, "sign_in_refused")
    good(await elsewhere.get("/v1/me"))
    refused(await elsewhere.delete(f"/v1/devices/{device}"), 404, "not_found")
    assert await door.rows("SELECT FROM access.pin") == []


async def test_fifty_guesses_at_a_pin_at_once_are_three(
    door: Door, phone: httpx.AsyncClient
) -> None:
    """None slips past the count, the right one among them neither."""
    pins = [f"{n:06}" for n in range(100_100, 100_149)] + [PIN]
    answers = await asyncio.gather(*(try_(phone, pin) for pin in pins))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(429) >= 46
    assert statuses.count(401) + statuses.count(201) <= 4
    counted = await door.rows("SELECT failures FROM access.throttle WHERE who LIKE 'pin %'")
    assert counted in ([(3,)], [(2,)], [(1,)], [])


async def test_after_ten_wrong_guesses_the_pin_is_gone(
    door: Door, phone: httpx.AsyncClient
) -> None:
    """Also the right one is refused then; the password sets another."""
    for _ in range(10):
        refused(await try_(phone, OTHER_PIN), 401, "sign_in_refused")
        door.clock.later(minutes=15)
    assert await door.rows("SELECT FROM access.pin") == []
    refused(await try_(phone, PIN), 401, "sign_in_refused")
    await enter(phone, name="shazia", password=PASSWORD)
    assert (await phone.put("/v1/me/pin", json={"pin": OTHER_PIN})).status_code == 204
    await enter(phone, name="shazia", pin=OTHER_PIN)


async def test_guesses_from_elsewhere_lock_nobody_out_of_their_device(
    door: Door, phone: httpx.AsyncClient
) -> None:
    """A PIN is counted on its device; guesses without it are about nothing."""
    stranger = door.client()
    for _ in range(5):
        await try_(stranger, OTHER_PIN)
    await enter(phone, name="shazia", pin=PIN)
