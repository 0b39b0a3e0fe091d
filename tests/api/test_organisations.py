"""Organisations over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import good, keyed, refused, serve
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    import httpx

CO_02 = {"code": "CO-02", "kind": "CO", "name": "Upper mohalla", "formed_on": "2026-06-15"}


async def test_an_organisation_has_the_parent_of_the_day_asked(client: httpx.AsyncClient) -> None:
    """CO-01 joined VO-01 on 15 January 2026; before that it belonged to nobody."""
    now = good(await client.get("/v1/organisations/CO-01"))
    assert (now["kind"], now["parent"], now["as_of"]) == ("CO", "VO-01", "2026-07-31")
    before = good(await client.get("/v1/organisations/CO-01", params={"as_of": "2026-01-14"}))
    assert before["parent"] is None


async def test_an_organisation_is_registered_with_its_book_and_its_parent(
    client: httpx.AsyncClient,
) -> None:
    """One request opens the book and joins the parent; without a parent it belongs to none."""
    asked = {**CO_02, "gender": "women", "parent": {"organisation": "VO-01"}}
    response = await client.post("/v1/organisations", json=asked)
    assert good(response, 201)["gender"] == "women"
    assert response.headers["Location"] == "/v1/organisations/CO-02"
    found = good(await client.get("/v1/organisations/CO-02/memberships"))["items"]
    joined = {"organisation": "CO-02", "parent": "VO-01", "from_on": "2026-06-15", "to_on": None}
    assert found == [joined]
    book = good(await client.get("/v1/organisations/CO-02/book"))
    assert (book["last_no"], book["closed_to"]) == (0, None)
    alone = {**CO_02, "code": "CO-03", "place": {"province": "Sindh", "village": "A"}}
    good(await client.post("/v1/organisations", json=alone), 201)
    there = good(await client.get("/v1/organisations/CO-03"))
    assert there["parent"] is None
    assert there["place"]["province"] == "Sindh"


async def test_registering_refuses_what_is_taken_unknown_or_too_early(
    client: httpx.AsyncClient,
) -> None:
    """A taken code, an unknown parent, and a membership before the organisation was formed."""
    taken = await client.post("/v1/organisations", json={**CO_02, "code": "CO-01"})
    refused(taken, 409, "already_exists")
    nobody = {**CO_02, "parent": {"organisation": "VO-99"}}
    refused(await client.post("/v1/organisations", json=nobody), 404, "not_found")
    early = {**CO_02, "parent": {"organisation": "VO-01", "from_on": "2026-06-01"}}
    found = refused(await client.post("/v1/organisations", json=early), 422, "malformed")
    assert found["errors"][0]["pointer"] == "/from_on"
    refused(await client.get("/v1/organisations/CO-02"), 404, "not_found")


@pytest.mark.parametrize(
    ("days", "pointer"),
    [
        ({"formed_on": "2026-08-01"}, "/formed_on"),
        ({"parent": {"organisation": "VO-01", "from_on": "2026-08-01"}}, "/from_on"),
    ],
)
@pytest.mark.parametrize("who", ["jamila", "shazia"])
async def test_an_organisation_of_the_future_is_refused(
    one_co_url: str, who: str, days: dict[str, object], pointer: str
) -> None:
    """Nobody below the house would see it before that day."""
    officer = {"jamila": (Post("field_officer", "LSO-01"),)}
    await asyncio.to_thread(appoint, one_co_url, officer)
    said = {**CO_02, "parent": {"organisation": "VO-01"}, **days}
    async with serve(one_co_url, who) as client:
        refusal = refused(await client.post("/v1/organisations", json=said), 422, "malformed")
        assert refusal["errors"][0]["pointer"] == pointer
        today = {**CO_02, "formed_on": "2026-07-31", "parent": {"organisation": "VO-01"}}
        good(await client.post("/v1/organisations", json=today), 201)


async def test_a_move_ends_one_membership_and_begins_another(client: httpx.AsyncClient) -> None:
    """From the day on; the old node keeps what was before."""
    moved = await client.post(
        "/v1/organisations/CO-01/moves",
        json={"to": "LSO-01", "on": "2026-06-01", "reason": "Nearer"},
        headers=keyed("m-1"),
    )
    found = [(m["parent"], m["from_on"], m["to_on"]) for m in good(moved, 201)["items"]]
    assert found == [("VO-01", "2026-01-15", "2026-06-01"), ("LSO-01", "2026-06-01", None)]
    left = await client.post(
        "/v1/organisations/CO-01/moves",
        json={"to": None, "on": "2026-07-01", "reason": "Left"},
        headers=keyed("m-2"),
    )
    assert good(left, 201)["items"][-1]["to_on"] == "2026-07-01"


async def test_a_move_refuses_circles_days_that_are_taken_and_strangers(
    client: httpx.AsyncClient,
) -> None:
    """A circle, itself, two moves on one day, and codes that do not exist."""

    async def move(code: str, to: str | None, on: str) -> httpx.Response:
        said = {"to": to, "on": on, "reason": "Nearer"}
        return await client.post(f"/v1/organisations/{code}/moves", json=said, headers=keyed("m"))

    refused(await move("RSPN", "CO-01", "2026-06-01"), 409, "federation_contradicts")
    refused(await move("CO-01", "CO-01", "2026-06-01"), 409, "federation_contradicts")
    refused(await move("CO-01", "LSO-01", "2026-01-15"), 409, "federation_contradicts")
    refused(await move("CO-01", None, "2026-01-15"), 409, "federation_contradicts")
    refused(await move("CO-01", "VO-99", "2026-06-01"), 404, "not_found")
    refused(await move("CO-99", None, "2026-06-01"), 404, "not_found")


async def test_unknown_organisations_are_not_found_everywhere(client: httpx.AsyncClient) -> None:
    """Every reading below an organisation says so, rather than showing nothing."""
    parts = "memberships members nominations sheets events book entries entries/1 accounts"
    for part in ["", *parts.split(), "accounts/1/statement", "balances", "loans"]:
        path = f"/v1/organisations/CO-99/{part}".rstrip("/")
        refused(await client.get(path), 404, "not_found")


async def test_an_organisation_is_amended_in_the_version_that_was_read(
    client: httpx.AsyncClient,
) -> None:
    """Its name, whose group it is, and where; its code and tier stay."""
    at = "/v1/organisations/CO-01"
    read = await client.get(at)
    said = {"name": "Women of the upper mohalla", "gender": "women", "place": {"village": "Bala"}}
    headers = {"If-Match": read.headers["ETag"]}
    changed = await client.put(at, json=said, headers=headers)
    assert (good(changed)["name"], good(changed)["kind"]) == (said["name"], "CO")
    refused(await client.put(at, json=said, headers=headers), 412, "version_changed")


async def test_organisations_are_found_by_tier_and_by_whom_they_belong_to(
    client: httpx.AsyncClient,
) -> None:
    """On any day."""

    async def codes(**asked: str) -> list[str]:
        found = good(await client.get("/v1/organisations", params=asked))["items"]
        return [one["code"] for one in found]

    assert await codes(kind="CO") == ["CO-01"]
    assert await codes(under="LSO-01", as_of="2026-06-30") == ["CO-01", "LSO-01", "VO-01"]
    assert await codes(parent="LSO-01", as_of="2026-06-30") == ["VO-01"]
    assert await codes(parent="LSO-01", as_of="2000-01-01") == []
    refused(await client.get("/v1/organisations", params={"under": "LSO-99"}), 404, "not_found")
