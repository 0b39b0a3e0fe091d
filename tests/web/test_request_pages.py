"""Requests: what they would do stands on the page, and a second officer decides on this phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from api.rates import Rates
from service.books import make_engine
from tests.api.helpers import good, keyed, make_app
from tests.support.people import signed_in
from tests.support.signing import PASSWORD, PIN, Door, door_of, enter
from tests.web.forms import changed, fields_of, page_of, people, sent
from tests.web.test_member_pages import figures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

UNDO: Final = {"on": "2026-06-30", "reason": "Entered twice", "resolution": None}
WRONG_PIN: Final = "915284"


async def reversal(client: httpx.AsyncClient, key: str = "u") -> dict[str, Any]:
    """Ask that S-07 be reversed."""
    answer = await client.post("/v1/sheets/S-07/reverse", json=UNDO, headers=keyed(key))
    found: dict[str, Any] = good(answer, 202)
    return found


async def decide(
    client: httpx.AsyncClient, code: str, who: str, decision: str, reason: str = ""
) -> httpx.Response:
    """Press one of the two buttons."""
    csrf = signed_in(who)["X-CSRF-Token"]
    fields = [("csrf", csrf), ("decision", decision), ("reason", reason)]
    return await sent(client, f"/requests/{code}/decide", fields)


async def test_a_request_stands_with_who_decides_and_who_asked(app: FastAPI) -> None:
    """Each in the list that it is for, in that officer's alone."""
    async with people(app, "amina", "bushra", "elsewhere") as (amina, bushra, stranger):
        code = (await reversal(amina))["code"]
        at = f'href="/requests/{code}"'
        mine, hers = await page_of(amina, "/requests"), await page_of(bushra, "/requests")
        assert mine.index("You asked for these") < mine.index(at)
        assert hers.index("These wait for you") < hers.index(at) < hers.index("You asked for")
        assert at not in await page_of(stranger, "/requests")
        assert (await stranger.get(f"/requests/{code}")).status_code == 404


async def test_a_request_says_what_will_be_written(app: FastAPI) -> None:
    """Every line of its entries, as the API has them, and both sides alike beneath."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        asked = await reversal(amina)
        (entry,) = asked["difference"]["entries"]
        page = await page_of(bushra, f"/requests/{asked['code']}")
        told = figures(page)
        wanted = [
            side
            for line in entry["lines"]
            for side in (line["debit"], line["credit"])
            if side != "0.00"
        ]
        assert told[1:-2] == wanted
        assert told[0] == told[-1] == told[-2]
        assert "Entered twice" in page
        assert "Member savings, compulsory" in page


async def test_refusing_and_approving_are_there_for_who_may_decide_alone(app: FastAPI) -> None:
    """Whoever asked sees neither, and is refused if she tries anyway."""
    async with people(app, "amina", "bushra", "dilshad") as (amina, bushra, dilshad):
        code = (await reversal(dilshad))["code"]
        assert 'name="decision"' in await page_of(bushra, f"/requests/{code}")
        for who, client, said in (
            ("dilshad", dilshad, "own_request"),
            ("amina", amina, "forbidden"),
        ):
            assert 'name="decision"' not in await page_of(client, f"/requests/{code}")
            answer = await decide(client, code, who, "approve")
            assert answer.status_code == 403
            assert said in answer.text
        assert good(await amina.get(f"/v1/requests/{code}"))["state"] == "waiting"


async def test_an_approval_writes_it(app: FastAPI) -> None:
    """The page then has its voucher and who decided."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        code = (await reversal(amina))["code"]
        answer = await decide(bushra, code, "bushra", "approve")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/requests/{code}")
        found = good(await amina.get(f"/v1/requests/{code}"))
        assert (found["state"], found["decided_by"]) == ("approved", "bushra")
        page = await page_of(amina, f"/requests/{code}")
        assert f">{found['outcome']['vouchers'][0]['no']}</bdi>" in page
        assert 'name="decision"' not in page


async def test_a_refusal_needs_a_reason(app: FastAPI) -> None:
    """Without one nothing is decided; with one it is kept."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        code = (await reversal(amina))["code"]
        assert (await decide(bushra, code, "bushra", "reject")).status_code == 422
        assert good(await amina.get(f"/v1/requests/{code}"))["state"] == "waiting"
        assert (await decide(bushra, code, "bushra", "reject", "Not so")).status_code == 303
        found = good(await amina.get(f"/v1/requests/{code}"))
        assert (found["state"], found["decision"]) == ("rejected", "Not so")
        assert "Not so" in await page_of(amina, f"/requests/{code}")


async def test_what_is_asked_is_taken_back_by_its_maker(app: FastAPI) -> None:
    """By nobody else."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        code = (await reversal(amina))["code"]
        at = f"/requests/{code}/withdraw"
        assert at not in await page_of(bushra, f"/requests/{code}")
        mine = fields_of(await page_of(amina, f"/requests/{code}"))
        assert (await sent(bushra, at, changed(mine, csrf="csrf-of-bushra"))).status_code == 403
        assert (await sent(amina, at, mine)).status_code == 303
        assert good(await amina.get(f"/v1/requests/{code}"))["state"] == "withdrawn"


@pytest.mark.parametrize("verb", ["decide", "here", "withdraw"])
async def test_a_form_from_elsewhere_decides_nothing(app: FastAPI, verb: str) -> None:
    """Without the session's token it is refused."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        code = (await reversal(amina))["code"]
        fields = [("csrf", "guessed"), ("decision", "approve"), ("name", "amina"), ("pin", PIN)]
        assert (await sent(bushra, f"/requests/{code}/{verb}", fields)).status_code == 403
        assert good(await amina.get(f"/v1/requests/{code}"))["state"] == "waiting"


@pytest.fixture
async def door(officers_url: str) -> AsyncIterator[Door]:
    """Where people sign in for real, each with a password."""
    async with door_of(officers_url) as found:
        await found.give_passwords("amina", "bushra", "dilshad")
        yield found


@pytest.fixture
async def phone(door: Door) -> httpx.AsyncClient:
    """A phone on which all three have a PIN, and Amina is signed in."""
    client = await door.signed_in("bushra")
    good(await client.post("/v1/devices", json={"name": "Telephone of CO-01"}), 201)
    for name in ("bushra", "dilshad", "amina"):
        await enter(client, name=name, password=PASSWORD)
        assert (await client.put("/v1/me/pin", json={"pin": PIN})).status_code == 204
    return client


async def here(
    phone: httpx.AsyncClient, code: str, name: str, decision: str, pin: str = PIN
) -> httpx.Response:
    """Decide on this phone as another person, with the token of whoever is signed in."""
    csrf = phone.headers["X-CSRF-Token"]
    fields = [("csrf", csrf), ("name", name), ("pin", pin), ("decision", decision)]
    return await sent(phone, f"/requests/{code}/here", [*fields, ("reason", "Seen by me")])


async def living(door: Door, person: str) -> int:
    """How many sessions of a person have not ended, beside the one that tests are given."""
    rows = await door.rows(
        "SELECT count(*) FROM access.session WHERE revoked_at IS NULL AND agent <> 'test'"
        f" AND person = '{person}'"
    )
    return int(str(rows[0][0]))


async def test_the_second_officer_approves_on_the_same_phone(
    door: Door, phone: httpx.AsyncClient
) -> None:
    """By her own PIN; the first stays signed in as she was, and nothing is left of the second."""
    code = (await reversal(phone))["code"]
    page = await page_of(phone, f"/requests/{code}")
    assert 'value="bushra"' in page
    assert 'value="amina"' not in page
    cookies, before = dict(phone.cookies), await living(door, "bushra")
    answer = await here(phone, code, "bushra", "approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/requests/{code}")
    assert "Set-Cookie" not in answer.headers
    assert dict(phone.cookies) == cookies
    assert await living(door, "bushra") == before
    assert good(await phone.get("/v1/me"))["person"] == "amina"
    found = good(await phone.get(f"/v1/requests/{code}"))
    assert (found["state"], found["decided_by"], found["decision"]) == (
        "approved",
        "bushra",
        "Seen by me",
    )


async def test_tries_of_one_address_are_counted_here_too(officers_url: str) -> None:
    """Whoever guesses at PINs finds this door as watched as the others."""
    engine = make_engine(officers_url, connections=2)
    try:
        app = make_app(engine, rates=Rates(sign_in=2))
        async with people(app, "amina") as (amina,):
            tries = [await sent(amina, "/requests/any/here", []) for _ in range(3)]
        assert [one.status_code for one in tries] == [404, 404, 429]
    finally:
        await engine.dispose()


async def test_the_second_officer_refuses_on_the_same_phone(phone: httpx.AsyncClient) -> None:
    """With the same PIN, and her reason is kept."""
    code = (await reversal(phone))["code"]
    assert (await here(phone, code, "bushra", "reject")).status_code == 303
    found = good(await phone.get(f"/v1/requests/{code}"))
    assert (found["state"], found["decided_by"]) == ("rejected", "bushra")


async def test_a_wrong_pin_decides_nothing_and_counts(door: Door, phone: httpx.AsyncClient) -> None:
    """After too many of them even the right one has to wait; the reason typed still stands."""
    code = (await reversal(phone))["code"]
    refused = [await here(phone, code, "bushra", "approve", WRONG_PIN) for _ in range(6)]
    assert refused[0].status_code == 401
    assert "sign_in_refused" in refused[0].text
    assert "Seen by me" in refused[0].text
    assert refused[-1].status_code == 429
    assert (await here(phone, code, "bushra", "approve")).status_code == 429
    door.clock.later(hours=1)
    assert good(await phone.get(f"/v1/requests/{code}"))["state"] == "waiting"
    assert (await here(phone, code, "bushra", "approve")).status_code == 303


async def test_nobody_is_her_own_second_officer(door: Door, phone: httpx.AsyncClient) -> None:
    """Neither with her own PIN, nor with that of somebody who may not; no session is left."""
    code = (await reversal(phone))["code"]
    answer = await here(phone, code, "amina", "approve")
    assert answer.status_code == 403
    assert "own_request" in answer.text
    await enter(phone, name="dilshad", pin=PIN)
    before = await living(door, "amina")
    other = (await reversal(phone, "another"))["code"]
    answer = await here(phone, other, "amina", "approve")
    assert answer.status_code == 403
    assert "forbidden" in answer.text
    assert await living(door, "amina") == before
    assert good(await phone.get(f"/v1/requests/{other}"))["state"] == "waiting"
