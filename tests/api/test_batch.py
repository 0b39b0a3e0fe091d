"""Many sheets in one request: each by itself, under its own key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ledger.money import parse_rupees
from tests.api.helpers import balance, good, refused, sheet

if TYPE_CHECKING:
    import httpx

AT = "/v1/sheets/batch"


def item(key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """One sheet of a batch."""
    return {"key": key, "sheet": sheet(**more)}


async def post(client: httpx.AsyncClient, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """Post a batch; what became of each."""
    found: list[dict[str, Any]] = good(await client.post(AT, json={"items": items}))["items"]
    return found


async def test_each_is_posted_kept_or_refused_by_itself(client: httpx.AsyncClient) -> None:
    """In the order asked, each with the answer that it alone would get."""
    before = await balance(client, "CO-01", "1000", "2026-06-29")
    short = [{"member": "M-9999", "kind": "fine", "amount": "1.00"}]
    found = await post(
        client,
        item("a", code="S-20"),
        item("b", code="S-21", lines=short),
        item("c", code="S-22", held_on="2026-05-02"),
        item("d", code="S-23", organisation="CO-99"),
        item("e", code="S-01"),
        item("f", code="S-24"),
    )
    assert [(one["key"], one["status"]) for one in found] == [
        ("a", 201),
        ("b", 404),
        ("c", 202),
        ("d", 404),
        ("e", 409),
        ("f", 201),
    ]
    assert [v["organisation"] for v in found[0]["posted"]["vouchers"]] == ["CO-01"]
    assert found[1]["refused"]["code"] == "not_found"
    assert found[2]["waiting"]["kind"] == "back_dated"
    assert found[4]["refused"]["code"] == "already_exists"
    after = await balance(client, "CO-01", "1000", "2026-06-29")
    assert parse_rupees(after) - parse_rupees(before) == 200_00
    assert good(await client.get("/v1/sheets/S-20"))["state"] == "closed"
    assert good(await client.get("/v1/sheets/S-22"))["state"] == "submitted"
    refused(await client.get("/v1/sheets/S-21"), 404, "not_found")


async def test_sent_again_nothing_counts_twice(client: httpx.AsyncClient) -> None:
    """Ten times at once, and once more, whether or not the sheets have codes."""
    asked = [
        item("a", code=None),
        item("b", code="S-21"),
        item("c", code=None, held_on="2026-05-02"),
    ]
    every = await asyncio.gather(*(post(client, *asked) for _ in range(10)))
    settled = await post(client, *asked)
    for found in every:
        for one, last in zip(found, settled, strict=True):
            if one["status"] in {201, 202}:
                assert (one["posted"], one["waiting"]) == (last["posted"], last["waiting"])
            else:
                assert one["refused"]["code"] == "already_exists"
    assert [one["status"] for one in settled] == [201, 201, 202]
    assert [one["replayed"] for one in settled] == [True, True, True]
    sheets = good(await client.get("/v1/organisations/CO-01/sheets", params={"limit": 500}))
    assert sum(one["held_on"] == "2026-06-29" for one in sheets["items"]) == 2


async def test_a_key_is_bound_to_its_sheet(client: httpx.AsyncClient) -> None:
    """Another sheet under it is refused."""
    await post(client, item("a", code="S-20"))
    (found,) = await post(client, item("a", code="S-21"))
    assert (found["status"], found["refused"]["code"]) == (409, "key_reused")


async def test_a_batch_has_at_least_one_sheet_and_not_too_many(client: httpx.AsyncClient) -> None:
    """Two hundred."""
    refused(await client.post(AT, json={"items": []}), 422, "malformed")
    many = [item(str(n), code=None) for n in range(201)]
    refused(await client.post(AT, json={"items": many}), 422, "malformed")
