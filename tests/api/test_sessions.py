"""Signing in by password, what a session is, and how it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import good, refused
from tests.support.people import Post, token_of
from tests.support.signing import ANOTHER, PASSWORD, door_of, enter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.support.signing import Door

WRONG = "not what was agreed"


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Shazia and Nadia have passwords."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        yield found


async def try_(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    return await client.post("/v1/sessions", json={"name": name, "password": password})


async def test_a_session_opens_the_books(door: Door) -> None:
    """The cookie alone reads; with the CSRF token it writes."""
    client = door.client()
    refused(await client.get("/v1/me"), 401, "not_signed_in")
    begun = await enter(client, name="shazia", password=PASSWORD)
    me = good(await client.get("/v1/me"))
    assert (me["person"], me["session"], me["scopes"]) == ("shazia", begun["session"], None)
    assert me["csrf_token"] == begun["csrf_token"]
    assert me["roles"] == ["administrator", "field_officer", "treasurer"]
    assert {o["right"] for o in me["open"] if o["whole_house"]} >= {"read", "administer"}
    assert begun["expires_at"] == "2026-07-31T21:00:00Z"
    assert PASSWORD not in str(begun)


async def test_the_cookie_is_kept_from_scripts_and_other_sites(door: Door) -> None:
    """HttpOnly, SameSite, of no domain; Secure where the request came by https."""
    for scheme, secure in (("http", False), ("https", True)):
        response = await try_(door.client(scheme), "shazia", PASSWORD)
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Max-Age=43200" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is secure
        assert response.headers["cache-control"] == "no-store"


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(door: Door) -> None:
    """Nobody learns who exists; the answer says how to prove oneself."""
    wrong = await try_(door.client(), "shazia", WRONG)
    unknown = await try_(door.client(), "nobody", WRONG)
    refused(wrong, 401, "sign_in_refused")
    assert wrong.content == unknown.content
    assert wrong.headers["www-authenticate"] == 'Bearer realm="amanat"'
    assert "set-cookie" not in wrong.headers


async def test_one_signs_in_by_telephone_number(door: Door) -> None:
    """A number means the person who has it."""
    await door.execute("UPDATE access.person SET phone = '+92 300 0000009' WHERE code = 'nadia'")
    begun = await enter(door.client(), name="+92 300 0000009", password=PASSWORD)
    assert begun["person"] == "nadia"


@pytest.mark.parametrize(
    "more", [{}, {"password": PASSWORD, "pin": "480713"}, {"pin": "4807"}, {"password": ""}]
)
async def test_one_proof_is_sent(door: Door, more: dict[str, str]) -> None:
    """A password or a PIN, in its shape."""
    response = await door.client().post("/v1/sessions", json={"name": "shazia", **more})
    refused(response, 422, "malformed")


async def test_a_token_set_by_somebody_else_is_worth_nothing_after_sign_in(door: Door) -> None:
    """Session fixation: signing in makes a new token, whatever the browser brought."""
    client = door.client()
    client.cookies.set("amanat_session", "planted", domain="amanat.test", path="/")
    await enter(client, name="shazia", password=PASSWORD)
    attacker = door.client()
    attacker.cookies.set("amanat_session", "planted")
    refused(await attacker.get("/v1/me"), 401, "not_signed_in")
    rows = await door.rows("SELECT count(*) FROM access.session")
    assert rows == [(3,)]


async def test_the_database_knows_no_token(door: Door) -> None:
    """Only its SHA-256, and that is no token itself."""
    client = await door.signed_in()
    token = client.cookies["amanat_session"]
    assert len(token) >= 43
    rows = await door.rows("SELECT s::text, encode(token_hash, 'hex') FROM access.session s")
    assert all(token not in str(row) for row in rows)
    for _, hashed in rows:
        thief = door.client()
        thief.cookies.set("amanat_session", str(hashed))
        refused(await thief.get("/v1/me"), 401, "not_signed_in")


async def test_a_session_ends_twelve_hours_after_it_began(door: Door) -> None:
    """However busily it is used."""
    client = await door.signed_in()
    for _ in range(11):
        door.clock.later(minutes=65)
        good(await client.get("/v1/me"))
    door.clock.later(minutes=6)
    refused(await client.get("/v1/me"), 401, "not_signed_in")


async def test_an_idle_session_ends_after_two_hours(door: Door) -> None:
    """Whatever it would still be good for."""
    client = await door.signed_in()
    door.clock.later(hours=2)
    refused(await client.get("/v1/me"), 401, "not_signed_in")


async def test_use_is_noted_every_five_minutes_and_not_in_the_trail(door: Door) -> None:
    """Also where the request was refused; a read of each minute writes nothing."""
    client = await door.signed_in()
    trail = await door.rows("SELECT count(*) FROM audit.trail")
    noted = []
    for _ in range(12):
        door.clock.later(minutes=1)
        refused(await client.get("/v1/people/nobody"), 404, "not_found")
        noted += await door.rows(
            "SELECT max(used_at)::text FROM access.session WHERE started_at > '2026-01-01'",
        )
    assert len(set(noted)) == 3
    assert await door.rows("SELECT count(*) FROM audit.trail") == trail


async def test_a_disabled_person_is_out_at_once(door: Door) -> None:
    """Their session ends, they cannot sign in, and being restored revives nothing."""
    client, admin = await door.signed_in("nadia"), await door.signed_in("shazia")
    person = {"name": "Nadia", "disabled": True}
    good(await admin.put("/v1/people/nadia", json=person, headers={"If-Match": '"1"'}))
    refused(await client.get("/v1/me"), 401, "not_signed_in")
    refused(await try_(door.client(), "nadia", PASSWORD), 401, "sign_in_refused")
    person["disabled"] = False
    good(await admin.put("/v1/people/nadia", json=person, headers={"If-Match": '"2"'}))
    refused(await client.get("/v1/me"), 401, "not_signed_in")
    await enter(door.client(), name="nadia", password=PASSWORD)


async def test_a_cookie_changes_nothing_without_the_csrf_token(door: Door) -> None:
    """POST, PUT and DELETE alike, with none, with another's, with one that is not ASCII."""
    client, other = await door.signed_in(), await door.signed_in("nadia")
    good_token = client.headers["X-CSRF-Token"]
    for token in (None, "", other.headers["X-CSRF-Token"], "ü", f"{good_token} "[:-2]):
        headers = {} if token is None else {b"X-CSRF-Token": token.encode()}
        del client.headers["X-CSRF-Token"]
        for method, path, body in (
            ("POST", "/v1/devices", {"name": "x"}),
            ("PUT", "/v1/me/password", {"password": PASSWORD, "new_password": ANOTHER}),
            ("PUT", "/v1/me/pin", {"pin": "480713"}),
            ("DELETE", "/v1/sessions", None),
            ("POST", "/v1/people/nadia/recovery", None),
        ):
            response = await client.request(method, path, json=body, headers=headers)
            refused(response, 403, "forbidden")
        client.headers["X-CSRF-Token"] = good_token
    assert (await client.delete("/v1/sessions")).status_code == 204


async def test_two_proofs_at_once_are_refused(door: Door) -> None:
    """Nobody is left to guess who asks."""
    client = await door.signed_in()
    response = await client.get("/v1/me", headers={"Authorization": "Bearer x"})
    refused(response, 401, "not_signed_in")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    for odd in ("Basic eDp5", "Bearer", "x"):
        response = await door.client().get("/v1/me", headers={"Authorization": odd})
        refused(response, 401, "not_signed_in")


async def test_sessions_are_listed_and_ended_one_by_one(door: Door) -> None:
    """Each of one's own; another's is not there."""
    here, there = await door.signed_in("nadia"), await door.signed_in("nadia")
    stranger = await door.signed_in("shazia")
    found = good(await here.get("/v1/sessions"))["items"]
    assert [one["current"] for one in found].count(True) == 1
    other = good(await there.get("/v1/me"))["session"]
    refused(await stranger.delete(f"/v1/sessions/{other}"), 404, "not_found")
    assert (await here.delete(f"/v1/sessions/{other}")).status_code == 204
    refused(await there.get("/v1/me"), 401, "not_signed_in")
    refused(await here.delete(f"/v1/sessions/{other}"), 404, "not_found")
    mine = good(await here.get("/v1/me"))["session"]
    response = await here.delete(f"/v1/sessions/{mine}")
    assert 'amanat_session=""' in response.headers["set-cookie"]
    here.cookies.set("amanat_session", token_of("shazia"))


async def test_all_other_sessions_end_at_once(door: Door) -> None:
    """The one that asks goes on."""
    here, there = await door.signed_in("nadia"), await door.signed_in("nadia")
    assert (await here.delete("/v1/sessions")).status_code == 204
    refused(await there.get("/v1/me"), 401, "not_signed_in")
    good(await here.get("/v1/me"))


async def test_a_new_password_ends_every_other_session(door: Door) -> None:
    """It takes the old one, and replaces it."""
    here, there = await door.signed_in("nadia"), await door.signed_in("nadia")
    asked = {"password": WRONG, "new_password": ANOTHER}
    refused(await here.put("/v1/me/password", json=asked), 401, "sign_in_refused")
    good(await there.get("/v1/me"))
    asked["password"] = PASSWORD
    assert (await here.put("/v1/me/password", json=asked)).status_code == 204
    good(await here.get("/v1/me"))
    refused(await there.get("/v1/me"), 401, "not_signed_in")
    refused(await try_(door.client(), "nadia", PASSWORD), 401, "sign_in_refused")
    await enter(door.client(), name="nadia", password=ANOTHER)


async def test_no_session_by_the_old_password_outlives_the_new_one(door: Door) -> None:
    """However a sign-in and the change of the password meet."""
    for old, new in ((PASSWORD, ANOTHER), (ANOTHER, PASSWORD), (PASSWORD, ANOTHER)):
        here, there = await door.signed_in("nadia", old), door.client()
        changed, begun = await asyncio.gather(
            here.put("/v1/me/password", json={"password": old, "new_password": new}),
            try_(there, "nadia", old),
        )
        assert changed.status_code == 204
        assert begun.status_code in (201, 401)
        refused(await there.get("/v1/me"), 401, "not_signed_in")


@pytest.mark.parametrize(
    "password", ["password12345", "shazia2026!!", "1234567890", "aaaaaaaaaaaa", "Pakistan786!"]
)
async def test_a_weak_password_is_refused(door: Door, password: str) -> None:
    """Common words, one's own name, digits alone."""
    client = await door.signed_in()
    asked = {"password": PASSWORD, "new_password": password}
    found = refused(await client.put("/v1/me/password", json=asked), 422, "password_weak")
    assert found["errors"][0]["pointer"] == "/new_password"
    assert password not in str(found)


async def test_guesses_are_slowed_down_ever_more(door: Door) -> None:
    """After three in a row nothing is checked for 1 s, 2 s, 4 s …; being right begins anew."""
    client = door.client()
    for _ in range(3):
        refused(await try_(client, "shazia", WRONG), 401, "sign_in_refused")
    for wait in (1, 2, 4, 8):
        blocked = await try_(client, "shazia", PASSWORD)
        refused(blocked, 429, "too_many_attempts")
        assert blocked.headers["retry-after"] == str(wait)
        door.clock.later(seconds=wait)
        refused(await try_(client, "shazia", WRONG), 401, "sign_in_refused")
    door.clock.later(seconds=16)
    await enter(client, name="shazia", password=PASSWORD)
    refused(await try_(client, "shazia", WRONG), 401, "sign_in_refused")
    await enter(client, name="shazia", password=PASSWORD)


async def test_the_delay_ends_at_a_quarter_of_an_hour(door: Door) -> None:
    """However often somebody was wrong."""
    await door.execute(
        "INSERT INTO access.throttle VALUES ('password shazia', 5000, '2026-07-01', '2026-07-01')",
    )
    refused(await try_(door.client(), "shazia", WRONG), 401, "sign_in_refused")
    assert (await try_(door.client(), "shazia", WRONG)).headers["retry-after"] == "900"


async def test_fifty_guesses_at_once_are_three(door: Door) -> None:
    """Each is counted before it is checked, so none slips past."""
    client = door.client()
    answers = await asyncio.gather(*(try_(client, "shazia", WRONG) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 47
    assert await door.rows(
        "SELECT failures FROM access.throttle WHERE who = 'password shazia'"
    ) == [(3,)]


async def test_one_account_does_not_slow_down_another(door: Door) -> None:
    """A locked account is one account; its address has more patience."""
    client = door.client()
    for _ in range(3):
        await try_(client, "shazia", WRONG)
    await enter(client, name="nadia", password=PASSWORD)


async def test_an_address_is_slowed_down_over_all_names(door: Door) -> None:
    """And a right sign-in of one's own does not clear it."""
    client = door.client()
    for n in range(19):
        refused(await try_(client, f"guess{n}", WRONG), 401, "sign_in_refused")
    await enter(client, name="shazia", password=PASSWORD)
    refused(await try_(client, "guess20", WRONG), 401, "sign_in_refused")
    refused(await try_(client, "nadia", PASSWORD), 429, "too_many_attempts")
    door.clock.later(days=2)
    await enter(client, name="nadia", password=PASSWORD)
    rows = await door.rows("SELECT who FROM access.throttle WHERE who LIKE 'stranger%'")
    assert rows == []


async def test_a_name_that_nobody_has_is_kept_as_a_digest(door: Door) -> None:
    """It may be a password, typed in the wrong field."""
    await try_(door.client(), PASSWORD, WRONG)
    rows = await door.rows("SELECT who FROM access.throttle")
    assert PASSWORD not in str(rows)


@pytest.mark.parametrize(
    "name", ["' OR 1=1 --", "shazia' --", "%", "SHAZIA", "shazia ", "*", "$1", "password shazia"]
)
async def test_a_name_is_only_a_name(door: Door, name: str) -> None:
    """No SQL, no pattern, no other spelling."""
    refused(await try_(door.client(), name, PASSWORD), 401, "sign_in_refused")


async def test_headers_give_nobody_another_address(door: Door) -> None:
    """Whatever a client says of where it comes from, its guesses are counted together."""
    client = door.client()
    for n in range(20):
        headers = {"X-Forwarded-For": f"192.0.2.{n}", "X-Real-IP": f"192.0.2.{n}"}
        said = {"name": f"guess{n}", "password": WRONG}
        response = await client.post("/v1/sessions", json=said, headers=headers)
        refused(response, 401, "sign_in_refused")
    refused(await try_(client, "shazia", PASSWORD), 429, "too_many_attempts")


async def test_an_administrator_ends_the_sessions_of_a_person(door: Door) -> None:
    """Nobody else does."""
    await door.with_password({"aslam": [Post("treasurer")]})
    nadia, aslam = await door.signed_in("nadia"), await door.signed_in("aslam")
    refused(await aslam.delete("/v1/people/nadia/sessions"), 403, "forbidden")
    admin = await door.signed_in("shazia")
    assert (await admin.delete("/v1/people/nadia/sessions")).status_code == 204
    refused(await nadia.get("/v1/me"), 401, "not_signed_in")


async def test_no_secret_is_in_the_trail(door: Door) -> None:
    """Passwords, tokens, hashes: the whole trail is searched."""
    client = await door.signed_in()
    await client.put("/v1/me/password", json={"password": PASSWORD, "new_password": ANOTHER})
    token, csrf = client.cookies["amanat_session"], client.headers["X-CSRF-Token"]
    hashes = await door.rows(
        "SELECT hash FROM access.password UNION ALL SELECT encode(token_hash, 'hex')"
        " FROM access.session",
    )
    trail = await door.trail()
    assert "sign_in" in trail
    assert "change_password" in trail
    for secret in (PASSWORD, ANOTHER, token, csrf, *(str(row[0]) for row in hashes)):
        assert secret not in trail
