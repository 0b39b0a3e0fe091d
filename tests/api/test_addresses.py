"""Addresses that the service gives lead to what they name, whatever letters its code has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import all_pages, good, grant, keyed, refused, sheet

if TYPE_CHECKING:
    import httpx

ODD = ("رکن-1", "A#1 B", "A?b=1", "100%25", "a\\b", "a;b+c&d", "...")
MEMBER = {"organisation": "CO-01", "name": "Gul Bibi", "gender": "female"}
PARENT = {"organisation": "VO-01", "from_on": "2026-06-01"}
LOAN = {
    "lender": "CO-01",
    "member": "M-0003",
    "product": "FLAT",
    "principal": "600.00",
    "applied_on": "2026-06-20",
    "approved_on": "2026-06-25",
    "first_due_on": "2026-07-29",
    "instalments": 3,
}


@pytest.mark.parametrize("code", ODD)
async def test_a_location_leads_to_what_was_made(client: httpx.AsyncClient, code: str) -> None:
    """A member, a draft, a posted sheet, an event, an organisation."""
    member = {**MEMBER, "code": code, "joined_on": "2026-06-01"}
    co = {"code": code, "kind": "CO", "name": "CO", "formed_on": "2026-06-01", "parent": PARENT}
    for at, body in (
        ("/v1/members", member),
        ("/v1/sheets", sheet(code)),
        ("/v1/events", grant(code=f"{code}-E")),
        ("/v1/organisations", co),
    ):
        made = await client.post(at, json=body, headers=keyed(code.encode().hex()))
        good(made, 201)
        found = good(await client.get(made.headers["Location"]))
        assert found["code"] == body["code"], at
    drafted = made.headers["Location"].replace("organisations", "sheets")
    closed = await client.post(f"{drafted}/close", headers=keyed("close"))
    assert closed.headers["Location"] == drafted
    assert good(await client.get(drafted))["state"] == "closed"


async def test_the_location_in_a_request_leads_to_what_was_approved(
    client: httpx.AsyncClient,
) -> None:
    """Its path is encoded too."""
    asked = {**LOAN, "code": "قرض #1"}
    await client.post("/v1/loans", json=asked, headers=keyed("k"))
    (found,) = good(await client.get("/v1/requests", params={"about": "قرض #1"}))["items"]
    assert good(await client.get(found["location"]))["code"] == "قرض #1"


async def test_links_lead_through_the_pages_of_an_odd_code(client: httpx.AsyncClient) -> None:
    """The path of a link is encoded, and what it comes after."""
    parent = {**PARENT, "organisation": "VO-01"}
    co = {"code": "تنظیم #1?", "kind": "CO", "name": "CO", "formed_on": "2026-06-01"}
    made = await client.post("/v1/organisations", json={**co, "parent": parent})
    codes = sorted(f"رکن #{n}" for n in range(3))
    for code in codes:
        member = {**MEMBER, "organisation": co["code"], "code": code, "joined_on": "2026-06-01"}
        good(await client.post("/v1/members", json=member), 201)
    pages = await all_pages(client, f"{made.headers['Location']}/members", limit=1)
    assert [item["code"] for page in pages for item in page] == codes


@pytest.mark.parametrize("code", [".", "..", "a/b"])
async def test_a_code_that_no_address_keeps_is_refused(
    client: httpx.AsyncClient, code: str
) -> None:
    """Dots alone lead elsewhere in an address, and a slash divides it."""
    member = {**MEMBER, "code": code, "joined_on": "2026-06-01"}
    found = refused(await client.post("/v1/members", json=member), 422, "malformed")
    assert found["errors"][0]["pointer"] == "/code"
