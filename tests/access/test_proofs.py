"""Attacks on who one is: offices that ended, proofs that were revoked, headers, SQL in texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.access.acting import House, housed, meeting
from tests.api.helpers import good, refused
from tests.support.people import Post, signed_in, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.access.world import Federation

BOOK: Final = "/v1/organisations/CO-1/book"
FOREIGN: Final = "/v1/organisations/CO-9/book"
PERSON: Final = "accountant.CO-1"


@pytest.fixture
async def house(federation: Federation) -> AsyncIterator[House]:
    """The application on the federation, on the last of July 2026."""
    async with housed(federation) as found:
        yield found


@pytest.fixture
async def calm(shared: Federation) -> AsyncIterator[House]:
    """The same for attacks that change nothing, which share one federation."""
    async with housed(shared) as found:
        yield found


# -- Offices ------------------------------------------------------------------------------


async def test_an_office_opens_a_book_from_its_first_day_to_its_last(house: House) -> None:
    """Neither before nor after; the last day is the one before it ends."""
    await house.appoint(
        {
            "ended": (Post("accountant", "CO-1", below=False, to_on="2026-07-31"),),
            "coming": (Post("accountant", "CO-1", below=False, from_on="2026-08-01"),),
            "first": (Post("accountant", "CO-1", below=False, from_on="2026-07-31"),),
            "last": (Post("accountant", "CO-1", below=False, to_on="2026-08-01"),),
        }
    )
    for person in ("ended", "coming"):
        refused(await house.get(person, BOOK), 404, "not_found")
        refused(await house.post(person, "/v1/sheets", meeting("CO-1")), 404, "not_found")
        assert good(await house.get(person, "/v1/me"))["roles"] == []
        assert good(await house.get(person, "/v1/organisations"))["items"] == []
    for person in ("first", "last"):
        good(await house.get(person, BOOK))


async def test_an_office_that_ends_closes_a_session_that_goes_on(house: House) -> None:
    """It is asked with every request, not when one signs in."""
    good(await house.get(PERSON, BOOK))
    await house.execute(
        f"UPDATE access.appointment SET to_on = '2026-07-31' WHERE person = '{PERSON}'"
    )
    refused(await house.get(PERSON, BOOK), 404, "not_found")


# -- Proofs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE access.session SET revoked_at = '2026-07-30' WHERE person = '{PERSON}'",
        f"UPDATE access.session SET expires_at = '2026-07-31 08:59Z' WHERE person = '{PERSON}'",
        f"UPDATE access.session SET used_at = '2026-07-31 06:59Z' WHERE person = '{PERSON}'",
        f"UPDATE access.person SET disabled_at = '2026-07-30' WHERE code = '{PERSON}'",
    ],
    ids=["revoked", "expired", "idle", "disabled"],
)
async def test_a_session_that_is_over_opens_nothing(house: House, change: str) -> None:
    """Nor does it write."""
    good(await house.get(PERSON, BOOK))
    await house.execute(change)
    refused(await house.get(PERSON, BOOK), 401, "not_signed_in")
    refused(await house.post(PERSON, "/v1/sheets", meeting("CO-1")), 401, "not_signed_in")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access.key SET revoked_at = '2026-07-30' WHERE person = 'key.CO-1'",
        "UPDATE access.key SET expires_at = '2026-07-31 08:59Z' WHERE person = 'key.CO-1'",
        "UPDATE access.key_secret SET revoked_at = '2026-07-30' WHERE person = 'key.CO-1'",
        "UPDATE access.key_secret SET expires_at = '2026-07-31 08:59Z' WHERE person = 'key.CO-1'",
        "UPDATE access.person SET disabled_at = '2026-07-30' WHERE code = 'key.CO-1'",
    ],
    ids=["key revoked", "key expired", "secret revoked", "secret expired", "disabled"],
)
async def test_a_token_ends_with_its_key_at_once(house: House, change: str) -> None:
    """It is not waited for its ten minutes; and no new one is given."""
    async with house.stranger() as machine:
        token = await token_for(house, machine, "key.CO-1")
        machine.headers["Authorization"] = f"Bearer {token}"
        good(await machine.get(BOOK))
        await house.execute(change)
        refused(await machine.get(BOOK), 401, "not_signed_in")


async def test_a_token_says_less_than_its_key_and_never_more(calm: House) -> None:
    """Scopes narrow what the machine's role may; a changed token is none."""
    async with calm.stranger() as machine:
        token = await token_for(calm, machine, "key.CO-1")
        head, _, sign = token.split(".")
        forged = ["", ".", "a.b.c", f"{head}..{sign}", token[:-2], f"{token}x", "9" * 100_000]
        for one in forged:
            machine.headers["Authorization"] = f"Bearer {one}"
            answer = await machine.get(BOOK)
            assert answer.status_code in {401, 431}, one[:20]
        machine.headers["Authorization"] = f"Bearer {token}"
        refused(await machine.post("/v1/sheets", json=meeting("CO-1")), 403, "forbidden")
        refused(await machine.get(FOREIGN), 404, "not_found")


async def test_a_machine_is_shown_no_more_than_its_scopes(house: House) -> None:
    """Reading is not identifying, and registering is not reading."""
    async with house.stranger() as machine:
        token = await token_for(house, machine, "key.CO-1")
        machine.headers["Authorization"] = f"Bearer {token}"
        shown = (await machine.get("/v1/members/M-CO-1-a")).json()
        assert (shown["cnic"][:6], shown["phone"][:7]) == ("*****-", "+92 ***")
        await house.execute(
            "UPDATE access.appointment SET role = 'field_officer', below = true"
            " WHERE person = 'key.VO-1'",
            "UPDATE access.key SET scopes = '{register}' WHERE person = 'key.VO-1'",
        )
        del machine.headers["Authorization"]
        token = await token_for(house, machine, "key.VO-1")
        machine.headers["Authorization"] = f"Bearer {token}"
        assert good(await machine.get("/v1/requests"))["items"] == []
        asked = await machine.get(f"/v1/requests/{house.made.requests['CO-1']}")
        refused(asked, 404, "not_found")
        refused(await machine.get("/v1/members/M-CO-1-a"), 404, "not_found")
        refused(await machine.get(BOOK), 403, "forbidden")
        move = {"to": "LSO-B", "on": "2026-07-30", "reason": "Nearer"}
        path = "/v1/organisations/CO-1/moves"
        good(await machine.post(path, json=move, headers={"Idempotency-Key": "m"}), 202)
        (mine,) = good(await machine.get("/v1/requests"))["items"]
        assert mine["kind"] == "move"


async def token_for(house: House, machine: httpx.AsyncClient, code: str) -> str:
    """An access token."""
    _, secret = house.made.secrets[code]
    said = {"client_id": code, "client_secret": secret, "grant_type": "client_credentials"}
    answer = await machine.post("/v1/token", data=said)
    return str(good(answer)["access_token"])


# -- Headers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-User", "treasurer.house"),
        ("X-Actor", "treasurer.house"),
        ("X-Remote-User", "treasurer.house"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", BOOK),
        ("X-Rewrite-URL", BOOK),
        ("Host", "treasurer.house"),
        ("Forwarded", "for=127.0.0.1;host=treasurer.house"),
        ("Origin", "http://elsewhere"),
        ("X-Forwarded-For", "9" * 20_000),
    ],
)
async def test_no_header_makes_one_somebody_else(calm: House, name: str, value: str) -> None:
    """What is not read is not believed."""
    answer = await calm.send(PERSON, "GET", FOREIGN, headers={name: value})
    refused(answer, 404, "not_found")
    answer = await calm.send(PERSON, "GET", "/v1/me", headers={name: value})
    assert good(answer)["person"] == PERSON
    answer = await calm.send(
        PERSON, "POST", "/v1/sheets", json=meeting("CO-1"), headers={name: value}
    )
    assert answer.status_code == 201


async def test_the_trail_keeps_the_address_that_asked(house: House) -> None:
    """And not the one that a header makes up."""
    headers = {"X-Forwarded-For": "10.66.66.66"}
    said = {**meeting("CO-1"), "code": "S-NEW"}
    await house.send(PERSON, "POST", "/v1/sheets", json=said, headers=headers)
    found = await house.rows("SELECT actor, source FROM audit.trail WHERE action = 'draft_sheet'")
    assert [who for who, _ in found] == [PERSON]
    assert "10.66" not in str(found)


COOKIE: Final = f"amanat_session={token_of(PERSON)}"
OTHER: Final = f"amanat_session={token_of('treasurer.house')}"


@pytest.mark.parametrize(
    "headers",
    [
        [("Cookie", COOKIE), ("Authorization", "Bearer x")],
        [("Cookie", COOKIE), ("Authorization", "")],
        [("Authorization", "Bearer a.b.c"), ("Authorization", "Bearer a.b.c")],
        [("Authorization", token_of(PERSON))],
        [("Authorization", f"Bearer {token_of(PERSON)}")],
        [("Authorization", f"Session {token_of(PERSON)}")],
        [("Authorization", "Basic a2V5OnNlY3JldA==")],
        [("Authorization", "bearer")],
        [("Cookie", "amanat_session=")],
        [("Cookie", f"amanat_session={token_of(PERSON)[:-1]}")],
        [("Cookie", f"amanat_session={token_of(PERSON).upper()}")],
        [("Cookie", f"AMANAT_SESSION={token_of(PERSON)}")],
        [("Cookie", "amanat_session=' OR 1=1 --")],
        [("Cookie", "amanat_session=" + "x" * 60_000)],
        [("X-CSRF-Token", f"csrf-of-{PERSON}")],
    ],
)
async def test_an_odd_proof_is_no_proof(calm: House, headers: list[tuple[str, str]]) -> None:
    """Two at once, another scheme, nearly the token, the wrong place."""
    async with calm.stranger() as client:
        refused(await client.get(BOOK, headers=headers), 401, "not_signed_in")


async def test_of_two_cookies_neither_adds_to_the_other(calm: House) -> None:
    """One session is read; the CSRF token of the other is not enough for it."""
    async with calm.stranger() as client:
        cookies = {"Cookie": f"{COOKIE}; {OTHER}"}
        person = good(await client.get("/v1/me", headers=cookies))["person"]
        assert person in {PERSON, "treasurer.house"}
        wrong = PERSON if person != PERSON else "treasurer.house"
        headers = cookies | {"X-CSRF-Token": f"csrf-of-{wrong}"}
        answer = await client.post("/v1/sheets", json=meeting("CO-1"), headers=headers)
        refused(answer, 403, "forbidden")


@pytest.mark.parametrize("csrf", [None, "", "csrf-of-treasurer.house", "x" * 10_000, "é"])
async def test_a_cookie_alone_changes_nothing(calm: House, csrf: str | None) -> None:
    """A page elsewhere makes the browser send the cookie, and not the token."""
    headers = {"Cookie": COOKIE} | ({} if csrf is None else {"X-CSRF-Token": csrf})
    async with calm.stranger() as client:
        sent = [(key.encode(), value.encode()) for key, value in headers.items()]
        answer = await client.post("/v1/sheets", json=meeting("CO-1"), headers=sent)
    refused(answer, 403, "forbidden")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PATCH", "GARBAGE"])
async def test_another_method_does_no_more(calm: House, method: str) -> None:
    """What has no route of that method is refused; nothing closes a sheet but its POST."""
    answer = await calm.send(PERSON, method, "/v1/sheets/D-CO-1/close")
    assert answer.status_code == 405
    assert good(await calm.get(PERSON, "/v1/sheets/D-CO-1"))["state"] == "draft"


@pytest.mark.parametrize(
    ("version", "status"),
    [
        (None, 428),
        ("*", 412),
        ('W/"1"', 412),
        ('"1", "2"', 412),
        ("1", 412),
        ('"2"', 412),
        ('"01"', 200),
        ('"-1"', 412),
        ("'1'", 412),
        ('"999999999"', 412),
        ('"1" OR 1=1', 412),
    ],
)
async def test_a_version_is_named_or_nothing_is_changed(
    house: House, version: str | None, status: int
) -> None:
    """There is no way to say: whatever it is by now."""
    headers = {} if version is None else {"If-Match": version}
    said = {"name": "Nasreen", "gender": "female", "joined_on": "2026-06-01"}
    answer = await house.send(PERSON, "PUT", "/v1/members/M-CO-1-a", json=said, headers=headers)
    assert answer.status_code == status, answer.text


async def test_the_right_version_of_another_is_refused_as_any(calm: House) -> None:
    """Whoever guesses a stranger's version learns nothing."""
    said = {"name": "Nasreen", "gender": "female", "joined_on": "2026-06-01"}
    for version in ('"1"', '"2"'):
        answer = await calm.send(
            PERSON, "PUT", "/v1/members/M-CO-9-a", json=said, headers={"If-Match": version}
        )
        refused(answer, 404, "not_found")


async def test_a_stranger_is_told_nothing_but_to_sign_in(calm: House) -> None:
    """Whether something exists is not told to who is not signed in."""
    async with calm.stranger() as client:
        there, nowhere = await client.get(BOOK), await client.get(BOOK.replace("CO-1", "CO-X"))
        assert there.status_code == nowhere.status_code == 401
        assert there.text == nowhere.text
        assert (await client.get(BOOK, headers=signed_in("nobody"))).status_code == 401
