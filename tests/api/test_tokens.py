"""Machines: keys, their secrets, and access tokens by RFC 6749."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest

from tests.api.helpers import good, keyed, refused, sheet
from tests.support.people import Post
from tests.support.signing import Door, door_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = {
    "code": "warehouse",
    "name": "Figures",
    "organisation": "LSO-01",
    "role": "accountant",
    "below": True,
    "scopes": ["read", "prepare"],
    "expires_at": "2026-12-31T00:00:00+05:00",
}
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Administrators of the house and of VO-01."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        await found.with_password({"vo_admin": [Post("administrator", "VO-01")]})
        yield found


@pytest.fixture
async def admin(door: Door) -> httpx.AsyncClient:
    """Shazia, who administers the house."""
    return await door.signed_in("shazia")


async def make_key(admin: httpx.AsyncClient, **more: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON is as wide as it is
    made = good(await admin.post("/v1/keys", json={**KEY, **more}), 201)
    return made["client_id"], made["client_secret"]


async def ask(door: Door, client: tuple[str, str], **more: str) -> httpx.Response:
    return await door.client().post("/v1/token", data={**FORM, **more}, auth=client)


async def machine(door: Door, client: tuple[str, str], **more: str) -> httpx.AsyncClient:
    """A client that shows an access token."""
    token = good(await ask(door, client, **more))["access_token"]
    return bearing(door, token)


def bearing(door: Door, token: str) -> httpx.AsyncClient:
    client = door.client()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def test_a_machine_asks_with_a_token_for_ten_minutes(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """Of the key's scopes; then it asks for another."""
    key = await make_key(admin)
    response = await ask(door, key)
    given = good(response)
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert given["scope"] == "prepare read"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    client = bearing(door, given["access_token"])
    me = good(await client.get("/v1/me"))
    assert (me["person"], me["session"], me["scopes"]) == ("warehouse", None, ["prepare", "read"])
    good(await client.get("/v1/organisations/CO-01/accounts"))
    good(await client.post("/v1/sheets", json=sheet(), headers=keyed("k")), 201)
    door.clock.later(seconds=599)
    good(await client.get("/v1/me"))
    door.clock.later(seconds=1)
    response = await client.get("/v1/me")
    refused(response, 401, "not_signed_in")
    assert response.headers["www-authenticate"] == 'Bearer realm="amanat", error="invalid_token"'


async def test_a_narrower_scope_opens_less(door: Door, admin: httpx.AsyncClient) -> None:
    """The role could more, and the key, too."""
    client = await machine(door, await make_key(admin), scope="read")
    good(await client.get("/v1/organisations/CO-01/accounts"))
    response = await client.post("/v1/sheets", json=sheet(), headers=keyed("k"))
    refused(response, 403, "forbidden")
    reader = await make_key(admin, code="reader", scopes=["read"])
    assert (await ask(door, reader, scope="read prepare")).json()["error"] == "invalid_scope"


async def test_a_machine_is_no_person(door: Door, admin: httpx.AsyncClient) -> None:
    """It has no password, no PIN, no device, no sessions; it administers and recovers nothing."""
    client = await machine(door, await make_key(admin, role="field_officer", scopes=["register"]))
    refused(await client.post("/v1/devices", json={"name": "x"}), 403, "forbidden")
    refused(await client.put("/v1/me/pin", json={"pin": "480713"}), 403, "forbidden")
    asked = {"password": "x", "new_password": "apricot ladder september"}
    refused(await client.put("/v1/me/password", json=asked), 403, "forbidden")
    assert good(await client.get("/v1/sessions"))["items"] == []
    assert good(await client.get("/v1/keys"))["items"] == []
    refused(await client.post("/v1/keys", json={**KEY, "code": "more"}), 403, "forbidden")
    assert (await client.post("/v1/people/vo_admin/recovery")).status_code in (403, 404)
    said = {"name": "warehouse", "password": "x"}
    refused(await door.client().post("/v1/sessions", json=said), 401, "sign_in_refused")
    refused(await admin.get("/v1/people/warehouse"), 404, "not_found")


@pytest.mark.parametrize(
    "more",
    [
        {"scopes": ["approve"]},
        {"scopes": ["read", "administer"]},
        {"scopes": []},
        {"role": "administrator"},
        {"role": "president"},
        {"expires_at": "2026-07-31T09:00:00Z"},
        {"expires_at": "2027-01-01"},
    ],
)
async def test_a_key_for_too_much_is_refused(
    admin: httpx.AsyncClient, more: dict[str, object]
) -> None:
    """A machine neither approves nor administers, and it ends."""
    refused(await admin.post("/v1/keys", json={**KEY, **more}), 422, "malformed")


async def test_keys_are_made_within_what_is_administered(door: Door) -> None:
    """And seen and revoked there alone."""
    client = await door.signed_in("vo_admin")
    refused(await client.post("/v1/keys", json=KEY), 403, "forbidden")
    refused(await client.post("/v1/keys", json={**KEY, "organisation": None}), 403, "forbidden")
    admin = await door.signed_in("shazia")
    await make_key(admin)
    own = await make_key(client, code="own", organisation="VO-01")
    assert [one["code"] for one in good(await client.get("/v1/keys"))["items"]] == ["own"]
    for method, path in (
        ("DELETE", "/v1/keys/warehouse"),
        ("POST", "/v1/keys/warehouse/secrets"),
        ("DELETE", f"/v1/keys/warehouse/secrets/{uuid.uuid4()}"),
    ):
        response = await client.request(method, path, json={} if method == "POST" else None)
        refused(response, 404, "not_found")
    machine_ = await machine(door, own)
    good(await machine_.get("/v1/organisations/VO-01/accounts"))
    refused(await machine_.get("/v1/organisations/LSO-01/accounts"), 403, "forbidden")
    refused(await client.post("/v1/keys", json={**KEY, "code": "nadia"}), 403, "forbidden")
    taken = {**KEY, "code": "nadia", "organisation": "VO-01"}
    refused(await client.post("/v1/keys", json=taken), 409, "already_exists")


async def test_rotation_lets_the_old_secret_be_good_for_a_while(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """Both are good for the overlap, then the new one alone, with its tokens."""
    old = await make_key(admin)
    made = good(await admin.post("/v1/keys/warehouse/secrets", json={"overlap_hours": 1}), 201)
    new = (made["client_id"], made["client_secret"])
    with_old, with_new = await machine(door, old), await machine(door, new)
    door.clock.later(minutes=59)
    good(await ask(door, old))
    with_old = await machine(door, old)
    door.clock.later(minutes=1)
    assert (await ask(door, old)).json()["error"] == "invalid_client"
    refused(await with_old.get("/v1/me"), 401, "not_signed_in")
    with_new = await machine(door, new)
    good(await with_new.get("/v1/me"))
    too_long = {"overlap_hours": 169}
    refused(await admin.post("/v1/keys/warehouse/secrets", json=too_long), 422, "malformed")


async def test_a_secret_is_made_by_whoever_administers_all_that_it_opens(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """An administrator of LSO-01 alone revokes its keys, and makes no secret for what is below."""
    await door.with_password({"alone": [Post("administrator", "LSO-01", below=False)]})
    alone = await door.signed_in("alone")
    await make_key(admin)
    refused(await alone.post("/v1/keys/warehouse/secrets", json={}), 403, "forbidden")
    await make_key(alone, code="small", below=False)
    good(await alone.post("/v1/keys/small/secrets", json={}), 201)
    assert (await alone.delete("/v1/keys/warehouse")).status_code == 204


async def test_a_key_that_is_over_is_not_rotated(door: Door, admin: httpx.AsyncClient) -> None:
    """Revoked or expired, it is made anew."""
    await make_key(admin, expires_at="2026-07-31T15:00:00+05:00")
    door.clock.later(hours=1)
    refused(await admin.post("/v1/keys/warehouse/secrets", json={}), 422, "malformed")


async def test_revocation_holds_at_the_next_request(door: Door, admin: httpx.AsyncClient) -> None:
    """Of one secret, with the tokens given for it; of the key, with all."""
    first = await make_key(admin)
    made = good(await admin.post("/v1/keys/warehouse/secrets", json={}), 201)
    by_first = await machine(door, first)
    by_second = await machine(door, (made["client_id"], made["client_secret"]))
    good(await by_first.get("/v1/me"))
    [kept] = good(await admin.get("/v1/keys"))["items"]
    number = next(one["id"] for one in kept["secrets"] if one["id"] != made["id"])
    path = f"/v1/keys/warehouse/secrets/{number}"
    assert (await admin.delete(path)).status_code == 204
    refused(await admin.delete(path), 404, "not_found")
    refused(await by_first.get("/v1/me"), 401, "not_signed_in")
    good(await by_second.get("/v1/me"))
    assert (await admin.delete("/v1/keys/warehouse")).status_code == 204
    refused(await by_second.get("/v1/me"), 401, "not_signed_in")
    assert (await ask(door, first)).status_code == 401


async def test_a_key_ends_by_itself(door: Door, admin: httpx.AsyncClient) -> None:
    """Also for a token that was given a minute before."""
    client = await machine(door, await make_key(admin, expires_at="2026-07-31T14:05:00+05:00"))
    good(await client.get("/v1/me"))
    door.clock.later(minutes=5)
    refused(await client.get("/v1/me"), 401, "not_signed_in")


def forged(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token that anybody might write, signed by a given secret."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    seal = hmac.digest(secret, b".".join(parts), hashlib.sha256)
    return b".".join([*parts, base64.urlsafe_b64encode(seal).rstrip(b"=")]).decode()


async def test_no_forged_token_is_believed(door: Door, admin: httpx.AsyncClient) -> None:
    """alg=none, another audience, another key, a later end, another scope; known kid or not."""
    token = good(await ask(door, await make_key(admin)))["access_token"]
    header, claims = (
        jwt.get_unverified_header(token),
        jwt.decode(token, options={"verify_signature": False}),
    )
    [(secret,)] = await door.rows("SELECT secret FROM access.signing_key")
    assert isinstance(secret, bytes)
    good(await bearing(door, forged(secret, header, claims)).get("/v1/me"))
    head, body, seal = token.split(".")
    none = forged(secret, {**header, "alg": "none"}, claims).rpartition(".")[0] + "."
    tampered = forged(b"x" * 32, header, {**claims, "scope": "read prepare identify"})
    wrongs: list[dict[str, Any]] = [
        {"aud": "another"},
        {"aud": []},
        {"iss": "another"},
        {"exp": claims["exp"] + 86_400},
        {"exp": claims["iat"]},
        {"exp": "never"},
        {"sub": "nobody"},
        {"sub": None},
        {"sid": str(uuid.uuid4())},
        {"sid": "x"},
        {"scope": ["read"]},
    ]
    attempts = [
        none,
        tampered,
        f"{head}.{tampered.split('.')[1]}.{seal}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{token}x",
        "x",
        "a.b.c",
        "." * 4,
        token * 9,
        forged(secret, {**header, "alg": "HS512"}, claims),
        forged(secret, {**header, "alg": "RS256"}, claims),
        forged(secret, {**header, "kid": str(uuid.uuid4())}, claims),
        forged(secret, {**header, "kid": "../../etc/passwd"}, claims),
        forged(secret, {**header, "kid": "' OR 1=1 --"}, claims),
        forged(secret, {"alg": "HS256", "typ": "JWT"}, claims),
        *(forged(secret, header, {**claims, **wrong}) for wrong in wrongs),
        *(forged(secret, header, {k: v for k, v in claims.items() if k != n}) for n in claims),
    ]
    for attempt in attempts:
        refused(await bearing(door, attempt).get("/v1/me"), 401, "not_signed_in")


async def test_the_token_of_one_key_is_none_of_another(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """Key and secret go together in the database, whatever a token says."""
    one, other = await make_key(admin), await make_key(admin, code="other")
    tokens = [good(await ask(door, key))["access_token"] for key in (one, other)]
    mine, theirs = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
    [(secret,)] = await door.rows("SELECT secret FROM access.signing_key")
    assert isinstance(secret, bytes)
    header = jwt.get_unverified_header(tokens[0])
    for wrong in ({"sub": theirs["sub"]}, {"sid": theirs["sid"]}, {"sub": "shazia"}):
        client = bearing(door, forged(secret, header, {**mine, **wrong}))
        refused(await client.get("/v1/me"), 401, "not_signed_in")
    assert (await ask(door, (one[0], other[1]))).json()["error"] == "invalid_client"


async def test_a_token_says_no_more_than_the_key_may(door: Door, admin: httpx.AsyncClient) -> None:
    """Scopes are cut to those that the key has in the database."""
    token = good(await ask(door, await make_key(admin, scopes=["read"])))["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    [(secret,)] = await door.rows("SELECT secret FROM access.signing_key")
    assert isinstance(secret, bytes)
    more = {**claims, "scope": "read prepare approve administer"}
    client = bearing(door, forged(secret, jwt.get_unverified_header(token), more))
    assert good(await client.get("/v1/me"))["scopes"] == ["read"]


async def test_signing_keys_are_made_once_and_every_day(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """By one of those who ask at the same time; yesterday's verify no longer."""
    key = await make_key(admin)
    answers = await asyncio.gather(*(ask(door, key) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert await door.rows("SELECT count(*) FROM access.signing_key") == [(1,)]
    [(secret,)] = await door.rows("SELECT secret FROM access.signing_key")
    token = good(answers[0])["access_token"]
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    door.clock.later(days=1)
    good(await ask(door, key))
    assert await door.rows("SELECT count(*) FROM access.signing_key") == [(2,)]
    fresh = {**claims, "iat": claims["iat"] + 86_500, "exp": claims["exp"] + 86_500}
    assert isinstance(secret, bytes)
    good(await bearing(door, forged(secret, header, fresh)).get("/v1/me"))
    door.clock.later(minutes=10)
    late = {**claims, "iat": claims["iat"] + 87_000, "exp": claims["exp"] + 87_000}
    refused(await bearing(door, forged(secret, header, late)).get("/v1/me"), 401, "not_signed_in")


@pytest.mark.parametrize(
    ("form", "basic", "status", "error"),
    [
        ("grant_type=client_credentials", "basic", 200, None),
        ("grant_type=client_credentials&scope=read", "basic", 200, None),
        ("grant_type=client_credentials&client_id=warehouse", "basic", 200, None),
        ("", "basic", 400, "invalid_request"),
        ("grant_type=", "basic", 400, "invalid_request"),
        ("grant_type=password&username=shazia&password=x", "basic", 400, "unsupported_grant_type"),
        ("grant_type=authorization_code", "basic", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials&scope=approve", "basic", 400, "invalid_scope"),
        ("grant_type=client_credentials&scope=read++prepare", "basic", 400, "invalid_scope"),
        ("grant_type=client_credentials&scope=identify", "basic", 400, "invalid_scope"),
        (
            "grant_type=client_credentials&grant_type=client_credentials",
            "basic",
            400,
            "invalid_request",
        ),
        ("grant_type=client_credentials&client_secret=x", "basic", 400, "invalid_request"),
        ("grant_type=client_credentials&client_id=other", "basic", 400, "invalid_request"),
        ("grant_type=client_credentials&x=%ff", "basic", 400, "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(30)), "basic", 400, "invalid_request"),
        ("grant_type=client_credentials", "", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=warehouse", "", 401, "invalid_client"),
        (
            "grant_type=client_credentials&client_id=warehouse&client_secret=x",
            "",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=shazia&client_secret=x",
            "",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=a%00b&client_secret=x",
            "",
            401,
            "invalid_client",
        ),
    ],
)
async def test_the_answers_are_those_of_the_standard(
    door: Door, admin: httpx.AsyncClient, form: str, basic: str, status: int, error: str | None
) -> None:
    """RFC 6749, 5: the error, a description, never cached."""
    key = await make_key(admin)
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    response = await door.client().post(
        "/v1/token", content=form, headers=headers, auth=key if basic else httpx.USE_CLIENT_DEFAULT
    )
    assert (response.status_code, response.json().get("error")) == (status, error)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Basic ")
    if error:
        assert set(response.json()) == {"error", "error_description"}


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic eA==", "Bearer x", "x"])
async def test_a_header_that_cannot_be_read_names_no_client(door: Door, header: str) -> None:
    """And is answered as such."""
    headers = {"Authorization": header}
    response = await door.client().post("/v1/token", data=FORM, headers=headers)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_the_form_is_a_form(door: Door, admin: httpx.AsyncClient) -> None:
    """JSON is not; the secret may be a field of it."""
    key, secret = await make_key(admin)
    response = await door.client().post("/v1/token", json=FORM, auth=(key, secret))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    form = {**FORM, "client_id": key, "client_secret": secret}
    good(await door.client().post("/v1/token", data=form))


async def test_guesses_at_secrets_slow_their_address_down(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """Not the key: nobody locks a machine out."""
    key = await make_key(admin)
    for _ in range(20):
        assert (await ask(door, (key[0], "x"))).status_code == 401
    blocked = await ask(door, key)
    refused(blocked, 429, "too_many_attempts")
    assert blocked.headers["retry-after"] == "1"
    door.clock.later(seconds=1)
    good(await ask(door, key))


async def test_a_secret_is_shown_once_and_kept_as_a_hash(
    door: Door, admin: httpx.AsyncClient
) -> None:
    """Neither lists nor the trail have it, nor the signing key."""
    key, secret = await make_key(admin)
    token = good(await ask(door, (key, secret)))["access_token"]
    assert secret not in (await admin.get("/v1/keys")).text
    tables = await door.rows(
        "SELECT k::text FROM access.key k UNION ALL SELECT s::text FROM access.key_secret s"
    )
    assert secret not in str(tables)
    trail = await door.trail()
    assert "issue_key" in trail
    hashes = await door.rows("SELECT encode(hash, 'hex') FROM access.key_secret")
    signing = await door.rows("SELECT encode(secret, 'hex') FROM access.signing_key")
    for one in (secret, token, hashes[0][0], signing[0][0]):
        assert str(one) not in trail
