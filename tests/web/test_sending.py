"""Sheets that waited on a phone: sent however often, from wherever, each is written once."""

from __future__ import annotations

import asyncio
import base64
import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from api.web.filled import key_of
from ledger.money import parse_rupees
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind
from tests.api.conftest import client, one_co_template, one_co_url
from tests.api.helpers import AGREED, good, make_app, one_officer, refused
from tests.support import database
from tests.support.importing import NOW, engine_of
from tests.support.people import signed_in
from tests.support.signing import PIN, door_of, enter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

__all__ = ["client", "one_co_template", "one_co_url"]

DAY: Final = f"{NOW:%Y-%m-%d}"
CODE: Final = f"CO-01.{NOW:%Y%m%d}"
LONG_AGO: Final = "2026-05-04"
SPARE: Final = "/pin/spare"
TRAIL: Final = "SELECT changes::text FROM audit.trail WHERE changes::text LIKE '%vault%'"


def sheet_of(*, saved: str = "150.00", on: str = DAY, person: str = "shazia") -> dict[str, Any]:
    """One member's saving, as a phone sends it."""
    line = {"member": "M-0001", "kind": "saving_compulsory", "amount": saved, "loan": None}
    return {
        "code": CODE,
        "organisation": "CO-01",
        "held_on": on,
        "present": ["M-0001", "M-0002"],
        "cash_counted": saved,
        "lines": [line],
        "person": person,
    }


def key(sheet: dict[str, Any]) -> str:
    """The key that its content makes."""
    lines = tuple(
        SheetLine(one["member"], SheetLineKind(one["kind"]), parse_rupees(one["amount"]))
        for one in sheet["lines"]
    )
    day, counted = date.fromisoformat(sheet["held_on"]), parse_rupees(sheet["cash_counted"])
    return key_of(Sheet(CODE, "CO-01", day, tuple(sheet["present"]), counted, lines))


async def beside(client: httpx.AsyncClient, on: str = DAY) -> dict[str, Any]:
    """What a phone is told of the meeting."""
    found: dict[str, Any] = good(
        await client.get(f"/sheets/{CODE}/beside?organisation=CO-01&on={on}")
    )
    return found


async def send(
    client: httpx.AsyncClient, sheet: dict[str, Any], language: str = "ur"
) -> httpx.Response:
    """Send a sheet under its key, its cash counted from what the box holds by the books."""
    headers = {"Idempotency-Key": key(sheet), "Accept-Language": language}
    box = (await beside(client, sheet["held_on"]))["box"]
    return await client.post("/sheets/send", json={"box": box, **sheet}, headers=headers)


@pytest.fixture
async def app(one_co_url: str) -> AsyncIterator[FastAPI]:
    """The application, for officers who see that something waits."""
    async with engine_of(one_co_url) as engine:
        yield make_app(engine)


async def test_a_sheet_that_is_sent_again_is_the_same_voucher(client: httpx.AsyncClient) -> None:
    """Also where it says the same in another order."""
    sheet = sheet_of()
    first = good(await send(client, sheet))
    assert first["state"] == "written"
    again = {**sheet, "present": list(reversed(sheet["present"]))}
    assert good(await send(client, again)) == first
    written = good(await client.get(f"/v1/sheets/{CODE}"))
    assert (written["state"], written["entry_no"]) == ("closed", first["voucher"])


async def test_a_sheet_takes_the_place_of_a_draft_that_was_read(
    client: httpx.AsyncClient,
) -> None:
    """What another phone kept is no draft to lose: the phone reads it, then may replace it."""
    draft = sheet_of(saved="99.00")
    del draft["person"]
    good(await client.post("/v1/sheets", json=draft), 201)
    good(await client.post(f"/v1/sheets/{CODE}/submit"))
    refused(await send(client, sheet_of()), 412, "version_changed")
    kept = good(await client.get(f"/v1/sheets/{CODE}"))
    assert (kept["state"], kept["lines"][0]["amount"]) == ("submitted", "99.00")
    other = await beside(client)
    assert [line["amount"] for line in other["lines"]] == ["99.00"]
    good(await send(client, {**sheet_of(), "knows": [other["seen"]]}))
    written = good(await client.get(f"/v1/sheets/{CODE}"))
    assert [line["amount"] for line in written["lines"]] == ["150.00"]


async def test_cash_that_was_counted_from_another_box_is_not_written(
    client: httpx.AsyncClient,
) -> None:
    """Money was paid out meanwhile: a difference is never made up by the books' own doing."""
    was = (await beside(client))["box"]
    paid = {
        "organisation": "CO-01",
        "kind": "expense",
        "happened_on": DAY,
        "paid_by": "cash",
        "fund": "own",
        "amount": "40.00",
        "narrative": "Paper and pens",
    }
    headers = {"Idempotency-Key": "pens"}
    good(await client.post("/v1/events", json=paid, headers=headers), 201)
    now = (await beside(client))["box"]
    assert parse_rupees(was) - parse_rupees(now) == 40_00
    for box in ({"box": was}, {"box": None}):
        problem = refused(await send(client, {**sheet_of(), **box}), 409, "box_changed")
        assert now in problem["detail"]
    assert (await client.get(f"/v1/sheets/{CODE}")).status_code == 404
    assert (await beside(client))["box"] == now
    written = good(await send(client, sheet_of()))
    assert good(await send(client, {**sheet_of(), "box": was})) == written


async def test_a_request_is_not_made_of_cash_from_another_box(app: FastAPI) -> None:
    """Not even a second officer is asked for it, and nothing of it is kept."""
    async with one_officer(app, "shazia") as shazia:
        sheet = {**sheet_of(on=LONG_AGO), "box": "1.00"}
        refused(await send(shazia, sheet), 409, "box_changed")
        assert good(await shazia.get("/v1/requests"))["items"] == []
        good(await send(shazia, sheet_of(on=LONG_AGO)))


async def test_a_sheet_that_was_written_otherwise_is_told_its_voucher(
    client: httpx.AsyncClient,
) -> None:
    """Under a key of another's making: exactly the same is written, anything else is refused."""
    asked = sheet_of()
    del asked["person"]
    posted = await client.post("/v1/sheets", json=asked)
    assert posted.status_code == 201
    closed = await client.post(
        f"/v1/sheets/{CODE}/close", headers={"Idempotency-Key": "of-another-phone"}
    )
    voucher = good(await client.get(f"/v1/sheets/{CODE}"))["entry_no"]
    assert closed.status_code == 201
    assert good(await send(client, sheet_of()))["voucher"] == voucher
    problem = refused(await send(client, sheet_of(saved="151.00")), 409, "sheet_not_draft")
    assert f"واؤچر {voucher}" in problem["detail"]
    answer = await send(client, sheet_of(saved="151.00"), "en")
    problem = refused(answer, 409, "sheet_not_draft")
    assert f"voucher {voucher}" in problem["detail"]


async def test_a_key_that_its_content_does_not_make_is_refused(client: httpx.AsyncClient) -> None:
    """So no phone counts by another rule than the service."""
    sheet = sheet_of()
    headers = {"Idempotency-Key": key({**sheet, "cash_counted": "149.00"})}
    answer = await client.post("/sheets/send", json=sheet, headers=headers)
    refused(answer, 422, "malformed")


async def test_a_sheet_is_sent_in_its_own_persons_name(client: httpx.AsyncClient) -> None:
    """Another who is signed in on the phone does not send it by mistake."""
    refused(await send(client, sheet_of(person="nadia")), 401, "not_signed_in")


async def test_a_sheet_that_waits_is_asked_once_and_written_when_it_is_approved(
    app: FastAPI,
) -> None:
    """Sent again it waits still; changed meanwhile it is refused; approved it has its voucher."""
    sheet = sheet_of(on=LONG_AGO)
    async with one_officer(app, "shazia") as shazia, one_officer(app, "nadia") as nadia:
        asked = good(await send(shazia, sheet))
        assert (asked["state"], asked["voucher"]) == ("asked", None)
        assert good(await send(shazia, sheet)) == asked
        known = [(await beside(shazia, LONG_AGO))["seen"]]
        changed = {**sheet_of(on=LONG_AGO, saved="160.00"), "knows": known}
        refused(await send(shazia, changed), 409, "request_waits")
        good(await nadia.post(f"/v1/requests/{asked['request']}/approve", json=AGREED))
        written = good(await send(shazia, sheet))
        assert (written["state"], written["request"]) == ("written", None)


async def test_a_sheet_that_was_not_approved_comes_back(app: FastAPI) -> None:
    """Changed, it is asked anew."""
    sheet = sheet_of(on=LONG_AGO)
    async with one_officer(app, "shazia") as shazia, one_officer(app, "nadia") as nadia:
        asked = good(await send(shazia, sheet))
        good(await nadia.post(f"/v1/requests/{asked['request']}/reject", json=AGREED))
        refused(await send(shazia, sheet), 409, "request_decided")
        known = [(await beside(shazia, LONG_AGO))["seen"]]
        anew = good(await send(shazia, {**sheet_of(on=LONG_AGO, saved="160.00"), "knows": known}))
        assert anew["request"] != asked["request"]


async def test_a_code_that_another_organisation_has_is_taken(client: httpx.AsyncClient) -> None:
    """A draft of one CO is never replaced by a sheet of another."""
    draft = {**sheet_of(), "code": CODE}
    del draft["person"]
    good(await client.post("/v1/sheets", json=draft), 201)
    other = {**sheet_of(), "organisation": "CO-02", "present": [], "lines": []}
    refused(await send(client, other), 409, "already_exists")


async def test_the_spare_key_is_the_same_each_time_and_hers_alone(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """It is random, one for each vault; the trail knows that there is one, and not which."""
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    keys = [good(await client.post(SPARE, json={"vault": at}))["key"] for at in (one, one, other)]
    assert keys[0] == keys[1] != keys[2]
    assert len(base64.b64decode(keys[0])) == 32
    trail = await asyncio.to_thread(database.fetch, one_co_url, TRAIL)
    assert "vault" in str(trail)
    assert "spare_key" not in str(trail)
    as_nadia = await client.post(SPARE, json={"vault": one}, headers=signed_in("nadia"))
    refused(as_nadia, 404, "not_found")


async def test_the_spare_key_needs_the_password(one_co_url: str) -> None:
    """Whoever knows only the PIN of a phone is not given it."""
    asked = {"vault": str(uuid.uuid4())}
    async with door_of(one_co_url) as door:
        await door.give_passwords("shazia", "nadia")
        phone = await door.signed_in("shazia")
        good(await phone.post("/v1/devices", json={"name": "Telephone"}), 201)
        assert (await phone.put("/v1/me/pin", json={"pin": PIN})).status_code == 204
        good(await phone.post(SPARE, json=asked))
        await enter(phone, name="shazia", pin=PIN)
        refused(await phone.post(SPARE, json=asked), 403, "forbidden")


async def test_the_page_for_no_internet_knows_nobody_and_speaks_every_language(
    client: httpx.AsyncClient,
) -> None:
    """The worker keeps it in clear, under a version that changes with its text."""
    page = (await client.get("/offline")).text
    assert "Who are you?" in page
    assert "اس فون پر" in page
    assert "shazia" not in page.lower()
    worker = await client.get("/sw.js")
    assert "/offline?v=/*" not in worker.text
    assert "connect-src 'self'" in worker.headers["Content-Security-Policy"]
    assert "shell.js" in worker.text
