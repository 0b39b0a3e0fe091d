"""Nominations over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import good, refused

if TYPE_CHECKING:
    import httpx

NOMINATED = {"member": "M-0001", "role": "treasurer", "from_on": "2026-06-01"}


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


@pytest.mark.parametrize("to", ["CO-01", "CO-02", "LSO-01", "RSPN"])
async def test_a_member_is_nominated_to_the_parent_alone(
    client: httpx.AsyncClient, to: str
) -> None:
    """Not to her own CO or its sibling, nor past the VO to whatever is above it."""
    parent = {"organisation": "VO-01", "from_on": "2026-06-01"}
    said = {"code": "CO-02", "kind": "CO", "name": "Sibling", "formed_on": "2026-06-01"}
    good(await client.post("/v1/organisations", json={**said, "parent": parent}), 201)
    answer = await client.post(f"/v1/organisations/{to}/nominations", json=NOMINATED)
    found = refused(answer, 422, "malformed")
    assert found["errors"][0]["pointer"] == "/member"


async def test_who_is_nominated_to_a_vo_may_be_nominated_to_its_lso(
    client: httpx.AsyncClient,
) -> None:
    """From the day on which she is nominated to the VO, not before."""
    good(await client.post("/v1/organisations/VO-01/nominations", json=NOMINATED), 201)
    at = "/v1/organisations/LSO-01/nominations"
    early = {**NOMINATED, "from_on": "2026-05-31"}
    refused(await client.post(at, json=early), 422, "malformed")
    good(await client.post(at, json=NOMINATED), 201)


async def test_nobody_is_nominated_twice_to_one_organisation_at_a_time(
    client: httpx.AsyncClient,
) -> None:
    """In no other office either; from the day on which the first ends, she may be."""
    at = "/v1/organisations/VO-01/nominations"
    good(await client.post(at, json={**NOMINATED, "to_on": "2026-06-20"}), 201)
    again = {**NOMINATED, "role": "manager", "from_on": "2026-06-19"}
    refused(await client.post(at, json=again), 409, "already_exists")
    good(await client.post(at, json={**again, "from_on": "2026-06-20"}), 201)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("from_on", {"from_on": "1900-01-01"}),
        ("from_on", {"from_on": "2026-08-01"}),
        ("from_on", {"from_on": "2026-07-11"}),
        ("to_on", {"to_on": "2026-08-01"}),
        ("to_on", {"to_on": "2026-07-12"}),
        ("to_on", {}),
    ],
)
async def test_a_nomination_lies_in_the_days_of_membership(
    client: httpx.AsyncClient, field: str, said: dict[str, str]
) -> None:
    """Not before she joins, not after she leaves, not in days still to come."""
    member = {"code": "M-0101", "organisation": "CO-01", "name": "Gul Bibi", "gender": "female"}
    days = {"joined_on": "2026-03-01", "left_on": "2026-07-10"}
    good(await client.post("/v1/members", json={**member, **days}), 201)
    asked = {**NOMINATED, "member": "M-0101", **said}
    answer = await client.post("/v1/organisations/VO-01/nominations", json=asked)
    assert refused(answer, 422, "malformed")["errors"][0]["pointer"] == f"/{field}"


async def test_an_end_is_not_still_to_come_and_lengthens_nothing(
    client: httpx.AsyncClient,
) -> None:
    """It may be said again, and it may be made earlier."""
    at = "/v1/organisations/VO-01/nominations"
    good(await client.post(at, json=NOMINATED), 201)
    for day in ("2026-08-01", "2199-01-01"):
        refused(await client.post(f"{at}/end", json={**NOMINATED, "to_on": day}), 422, "malformed")
    for day in ("2026-06-20", "2026-06-20", "2026-06-19"):
        good(await client.post(f"{at}/end", json={**NOMINATED, "to_on": day}))
    later = await client.post(f"{at}/end", json={**NOMINATED, "to_on": "2026-06-20"})
    assert "2026-06-19" in refused(later, 422, "malformed")["detail"]
