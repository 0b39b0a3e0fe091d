"""What tests in a browser stand on: the house, its clock, its people, and a poor network."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Error

from tests.pages.made_up import page_of, serve, show
from tests.support import browser as browsers
from tests.support import database
from tests.support.browser import pocketed, program, shot
from tests.support.network import (
    SECOND_GENERATION,
    losing_answers,
    slow,
    usable_after,
    weighed,
    without_internet,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from tests.support.house import House

URDU = '<p id="urdu">بچت</p><p id="latin">A saving</p>'
WORKER = """
    self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
    self.addEventListener("fetch", (event) => {
        if (event.request.url.endsWith("/kept"))
            event.respondWith(fetch("/docs/errors").then(
                async (answer) => (await answer.text(), new Response("done")),
                () => new Response("offline")));
    });
"""
REGISTER = """async () => {
    const taken = new Promise((done) => {
        navigator.serviceWorker.addEventListener("controllerchange", done);
    });
    await navigator.serviceWorker.register("/worker.js");
    await taken;
}"""
FETCH = "() => fetch('/kept').then((answer) => answer.text())"
COUNT = "SELECT count(*) FROM access.session"


async def me(page: Page) -> dict[str, object]:
    """Who the service takes the browser for."""
    found: dict[str, object] = await (await page.request.get("/v1/me")).json()
    return found


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_urdu_is_written_with_a_font_for_it(phone: Page) -> None:
    """Noto Naskh for Arabic letters, Noto Sans for the others; no boxes with hooks in them."""
    await show(phone, URDU, language="ur")
    await shot(phone, "urdu")
    client = await phone.context.new_cdp_session(phone)
    await client.send("DOM.enable")
    await client.send("CSS.enable")
    root = (await client.send("DOM.getDocument"))["root"]["nodeId"]
    used = []
    for selector in ("#urdu", "#latin"):
        node = await client.send("DOM.querySelector", {"nodeId": root, "selector": selector})
        fonts = await client.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
        used.append([font["familyName"] for font in fonts["fonts"]])
    assert used == [["Noto Naskh Arabic"], ["Noto Sans"]]


async def test_a_person_signs_in_at_the_time_that_the_test_sets(
    own_house: House, phone: Page
) -> None:
    """The clock of the house is the test's: a session ends when it says so."""
    own_house.clock.now = datetime(2026, 6, 29, 5, tzinfo=UTC)
    await own_house.sign_in(phone.context, "nasreen")
    answer = await phone.goto(f"{own_house.address}/v1/me")
    assert answer is not None
    found = await answer.json()
    assert (found["person"], found["roles"]) == ("nasreen", ["accountant"])
    own_house.clock.later(hours=13)
    ended = await phone.goto(f"{own_house.address}/v1/me")
    assert ended is not None
    assert ended.status == 401


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ("nasreen", "accountant"),
        ("shazia", "treasurer"),
        ("javed", "field_officer"),
        ("amina", "auditor"),
        ("rukhsana", "administrator"),
        ("karim", "manager"),
    ],
)
async def test_every_role_has_somebody(house: House, phone: Page, person: str, role: str) -> None:
    """Whoever a page is for can look at it."""
    await house.sign_in(phone.context, person)
    assert (await me(phone))["roles"] == [role]


async def test_without_internet_nothing_is_answered(phone: Page, house: House) -> None:
    """And afterwards it is again."""
    async with without_internet(phone.context):
        with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
            await phone.goto(f"{house.address}/health")
    answer = await phone.goto(f"{house.address}/docs/errors")
    assert answer is not None
    assert answer.status == 200


async def test_an_answer_is_lost_after_the_service_did_what_it_was_asked(
    own_house: House, phone: Page
) -> None:
    """The session was begun, though the phone heard of nothing."""
    who = own_house.people["nasreen"]
    said = {"name": who.code, "password": who.password}
    await show(phone, "<p>Amanat</p>", house=own_house.address)
    before = await asyncio.to_thread(database.fetch, own_house.url, COUNT)
    async with losing_answers(phone.context, "**/v1/sessions") as lost:
        heard = await phone.evaluate(
            """(said) => fetch("/v1/sessions", { method: "POST", body: JSON.stringify(said),
               headers: { "Content-Type": "application/json" } }).then(() => "yes", () => "no")""",
            said,
        )
    assert (heard, lost.statuses) == ("no", [201])
    after = await asyncio.to_thread(database.fetch, own_house.url, COUNT)
    assert (before, after) == ([(0,)], [(1,)])


async def test_a_phone_that_was_killed_still_has_what_it_stored(
    house: House, tmp_path: Path
) -> None:
    """What a page keeps in its data base outlives the browser."""
    put = """() => new Promise((done) => {
        const asked = indexedDB.open("sheets", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts");
        asked.onsuccess = () => {
            const how = { durability: "strict" };
            const writing = asked.result.transaction("drafts", "readwrite", how);
            writing.objectStore("drafts").put("S-1", "draft");
            writing.oncomplete = () => done();
        };
    })"""
    get = """() => new Promise((done) => {
        const asked = indexedDB.open("sheets", 1);
        asked.onsuccess = () => {
            const reading = asked.result.transaction("drafts").objectStore("drafts").get("draft");
            reading.onsuccess = () => done(reading.result);
        };
    })"""
    async with pocketed(tmp_path, address=house.address) as pocket:
        page = (await pocket.start()).pages[0]
        await page.goto("/docs/errors")
        await page.evaluate(put)
        await pocket.kill()
        page = (await pocket.start()).pages[0]
        await page.goto("/docs/errors")
        assert await page.evaluate(get) == "S-1"


async def test_a_page_is_weighed_by_address_and_takes_its_time_on_a_poor_line(
    phone: Page, house: House
) -> None:
    """What comes over 2G takes at least what its weight takes."""
    address = f"{house.address}/docs/errors"
    await usable_after(phone, address, "body")
    weight = await weighed(phone)
    await slow(phone)
    taken = await usable_after(phone, address, "body")
    assert weight.by_address[address] == weight.total > 1000
    line = SECOND_GENERATION
    least = line.latency_ms / 1000 + weight.total * 8 / 1000 / line.down_kbits
    assert least * 0.9 < taken


async def test_what_a_service_worker_does_is_slowed_lost_and_weighed_too(
    phone: Page, house: House
) -> None:
    """A page that keeps a worker has no better line than one without."""
    made = {"/made-up": page_of("<p>Amanat</p>"), "/worker.js": WORKER}
    await serve(phone.context, made, house=house.address)
    await phone.goto("/made-up")
    await phone.evaluate(REGISTER)
    assert await phone.evaluate(FETCH) == "done"
    async with losing_answers(phone.context, "**/docs/errors") as lost:
        assert await phone.evaluate(FETCH) == "offline"
    assert lost.statuses == [200]
    async with without_internet(phone.context):
        assert await phone.evaluate(FETCH) == "offline"
    weight = await weighed(phone)
    await slow(phone)
    begun = time.monotonic()
    assert await phone.evaluate(FETCH) == "done"
    assert time.monotonic() - begun > SECOND_GENERATION.latency_ms / 1000
    assert weight.by_address[f"{house.address}/docs/errors"] > 1000


async def test_a_picture_is_written_only_where_somebody_wants_it(
    phone: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is named by AMANAT_SHOTS."""
    await show(phone, "<p>Amanat</p>")
    monkeypatch.delenv(browsers.SHOTS_VARIABLE, raising=False)
    await shot(phone, "two")
    monkeypatch.setenv(browsers.SHOTS_VARIABLE, str(tmp_path))
    await shot(phone, "one")
    assert await asyncio.to_thread(names_in, tmp_path) == ["one.png"]


def test_without_a_browser_it_is_said_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test passes for want of a browser."""
    monkeypatch.delenv(browsers.PROGRAM_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=re.escape("Run: bash .ci/chromium")):
        program()
    fetched = tmp_path / "amanat" / "chromium" / "start"
    fetched.parent.mkdir(parents=True)
    fetched.touch()
    assert program() == fetched
