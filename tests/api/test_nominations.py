"""Nominations over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.helpers import good, refused

if TYPE_CHECKING:
    import httpx


async def test_nominations_are_recorded_and_listed(client: httpx.AsyncClient) -> None:
    """A member is nominated to the VO; the same again is refused."""
    at = "/v1/organisations/VO-01/nominations"
    asked = {"member": "M-0001", "role": "treasurer", "from_on": "2026-06-01"}
    made = good(await client.post(at, json=asked), 201)
    assert made == {**asked, "organisation": "VO-01", "to_on": None}
    assert made in good(await client.get(at))["items"]
    refused(await client.post(at, json=asked), 409, "already_exists")
    ended = {**asked, "to_on": "2026-06-02"}
    refused(await client.post(at, json=ended), 409, "already_exists")
    refused(await client.post(at, json={**asked, "to_on": "2026-06-01"}), 422, "malformed")
    refused(await client.post(at, json={**asked, "member": "M-9999"}), 404, "not_found")
    nowhere = "/v1/organisations/VO-99/nominations"
    refused(await client.post(nowhere, json=asked), 404, "not_found")


async def test_a_nomination_ends(client: httpx.AsyncClient) -> None:
    """From a day on; one that there is."""
    said = {"member": "M-0001", "role": "treasurer", "from_on": "2026-06-01"}
    at = "/v1/organisations/VO-01/nominations"
    good(await client.post(at, json=said), 201)
    ended = await client.post(f"{at}/end", json={**said, "to_on": "2026-06-20"})
    assert good(ended)["to_on"] == "2026-06-20"
    early = await client.post(f"{at}/end", json={**said, "to_on": "2026-06-01"})
    refused(early, 422, "malformed")
    other = {**said, "role": "manager", "to_on": "2026-06-20"}
    refused(await client.post(f"{at}/end", json=other), 404, "not_found")
