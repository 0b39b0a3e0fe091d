"""Where one is signed in: what ends there ends for oneself, or, of a lost phone, for everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.api.helpers import good
from tests.support.signing import PASSWORD, PIN, Door, door_of, enter
from tests.web.forms import fields_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

AT: Final = "/phones"
AGENT: Final = (
    "Mozilla/5.0 (Linux; Android 13; SM-A045F) AppleWebKit/537.36 (KHTML, like Gecko)"
    " SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Shazia and Nadia have passwords."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        yield found


async def with_pin(door: Door, person: str, phone: httpx.AsyncClient | None = None) -> None:
    """Let somebody have a PIN on a phone, which she registers where nobody has."""
    client = phone or door.client()
    begun = await enter(client, name=person, password=PASSWORD)
    if phone is None or "amanat_device" not in client.cookies:
        good(await client.post("/v1/devices", json={"name": "phone"}), 201)
    assert (await client.put("/v1/me/pin", json={"pin": PIN})).status_code == 204
    assert begun["person"] == person


async def signs_in(phone: httpx.AsyncClient, person: str) -> bool:
    """Whether a PIN is good on a phone."""
    answer = await phone.post("/v1/sessions", json={"name": person, "pin": PIN})
    return answer.status_code == 201


async def pressed(client: httpx.AsyncClient, do: str) -> httpx.Response:
    """Press the last button whose work begins so, as the page has it; the page that follows."""
    client.headers["Accept-Language"] = "en"
    page = await client.get(AT)
    [*_others, work] = re.findall(rf'name="do" value="({do}[^"]*)"', page.text)
    said = {"csrf": dict(fields_of(page.text))["csrf"], "do": work}
    return await client.post(AT, data=said, follow_redirects=True)


async def test_a_pin_is_taken_off_a_phone_that_one_has_no_more(door: Door) -> None:
    """One is signed out there at once; whoever else uses the phone goes on."""
    lent = door.client()
    lent.headers["User-Agent"] = AGENT
    await with_pin(door, "nadia", lent)
    await with_pin(door, "shazia", lent)
    own = await door.signed_in("shazia")
    page = (await own.get(AT, headers={"Accept-Language": "en"})).text
    assert "Samsung Internet, Android" in page
    assert "Another phone" in page
    answer = await pressed(own, "leave:")
    assert answer.status_code == 200
    assert "no longer good on it" in answer.text
    assert 'value="leave:' not in answer.text
    assert (await lent.get("/v1/me")).status_code == 401
    assert (await own.get("/v1/me")).status_code == 200
    assert not await signs_in(lent, "shazia")
    assert await signs_in(lent, "nadia")


async def test_a_lost_phone_is_closed_for_everybody(door: Door) -> None:
    """Nobody's PIN is good on it, and nobody stays signed in."""
    lost = door.client()
    await with_pin(door, "shazia", lost)
    await with_pin(door, "nadia", lost)
    own = await door.signed_in("shazia")
    assert "nobody is signed in on it" in (await pressed(own, "close:")).text
    assert (await lost.get("/v1/me")).status_code == 401
    for person in ("shazia", "nadia"):
        assert not await signs_in(lost, person)
    assert "Another phone" not in (await own.get(AT, headers={"Accept-Language": "en"})).text


async def test_one_is_signed_out_of_another_browser_or_of_all(door: Door) -> None:
    """Here one stays; what is here has no button. In the books she is signed in once, too."""
    one, two, three = [await door.signed_in("shazia") for _ in range(3)]
    page = (await one.get(AT, headers={"Accept-Language": "en"})).text
    assert page.count('value="end:') == page.count("<h2>Another browser") == 3
    assert (await pressed(one, "end:")).text.count('value="end:') == 2
    assert "everywhere but here" in (await pressed(one, "others")).text
    for other in (two, three):
        assert (await other.get("/v1/me")).status_code == 401
    page = (await one.get(AT)).text
    assert 'name="do"' not in page


@pytest.mark.parametrize(
    ("do", "status"),
    [
        ("close:00000000-0000-4000-8000-000000000000", 404),
        ("end:00000000-0000-4000-8000-000000000000", 404),
        ("leave:7", 422),
        ("shout", 422),
    ],
)
async def test_what_is_not_ones_own_is_refused(door: Door, do: str, status: int) -> None:
    """Also what is no work of this page; the page stands there again."""
    own = await door.signed_in("shazia")
    said = {"csrf": own.headers["X-CSRF-Token"], "do": do}
    answer = await own.post(AT, data=said)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


async def test_another_persons_phone_is_not_ones_own(door: Door) -> None:
    """Who has no PIN on it cannot close it."""
    await with_pin(door, "nadia")
    [(device,)] = await door.rows("SELECT id FROM access.device")
    own = await door.signed_in("shazia")
    for work in ("leave", "close"):
        said = {"csrf": own.headers["X-CSRF-Token"], "do": f"{work}:{device}"}
        assert (await own.post(AT, data=said)).status_code == 404
    without = await own.post(AT, data={"do": "others"})
    assert without.status_code == 403
