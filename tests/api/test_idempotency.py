"""Every posting of money under its key: the first answer again, or a refusal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.helpers import good, grant, keyed, refused, sheet

if TYPE_CHECKING:
    import httpx

UNDO = {"on": "2026-06-30", "reason": "Entered twice"}
RIGHT = {
    "held_on": "2026-06-29",
    "cash_counted": "50.00",
    "lines": [{"member": "M-0001", "kind": "saving_compulsory", "amount": "50.00"}],
}
POSTINGS: dict[str, tuple[str, dict[str, Any] | None, dict[str, Any] | None]] = {
    "close": ("/v1/sheets/S-08/close", None, None),
    "reverse": ("/v1/sheets/S-07/reverse", UNDO, {**UNDO, "reason": "Another"}),
    "correct": (
        "/v1/sheets/S-07/corrections",
        {**UNDO, "replacement": RIGHT},
        {**UNDO, "replacement": {**RIGHT, "present": ["M-0001"]}},
    ),
    "event": ("/v1/events", grant(), grant(amount="2500.51")),
    "event without a code": (
        "/v1/events",
        {k: v for k, v in grant().items() if k != "code"},
        grant(code="E-95"),
    ),
}


@pytest.mark.parametrize("name", POSTINGS)
async def test_a_replay_gives_the_first_answer(client: httpx.AsyncClient, name: str) -> None:
    """The same body and status, said to be a replay, and nothing posted twice."""
    at, body, changed = POSTINGS[name]
    good(await client.post("/v1/sheets", json=sheet()), 201)
    first = await client.post(at, json=body, headers=keyed("k"))
    good(first, 201)
    assert "Idempotency-Replayed" not in first.headers
    book = good(await client.get("/v1/organisations/CO-01/book"))
    again = await client.post(at, json=body, headers=keyed("k"))
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert good(await client.get("/v1/organisations/CO-01/book")) == book
    if changed is not None:
        refused(await client.post(at, json=changed, headers=keyed("k")), 409, "key_reused")


async def test_a_replay_is_the_same_after_the_sheet_was_reversed(
    client: httpx.AsyncClient,
) -> None:
    """What came in between changes nothing of the first answer."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    first = await client.post("/v1/sheets/S-08/close", headers=keyed("c"))
    undone = await client.post("/v1/sheets/S-08/reverse", json=UNDO, headers=keyed("r"))
    good(undone, 201)
    again = await client.post("/v1/sheets/S-08/close", headers=keyed("c"))
    assert (again.status_code, again.content) == (201, first.content)


async def test_a_key_of_one_posting_is_refused_to_another(client: httpx.AsyncClient) -> None:
    """In the same book; a refused request leaves its key free."""
    good(await client.post("/v1/sheets", json=sheet(cash_counted=None)), 201)
    refused(await client.post("/v1/sheets/S-08/close", headers=keyed("k")), 422, "malformed")
    fee = grant(organisation="CO-01", paid_by="cash")
    good(await client.post("/v1/events", json=fee, headers=keyed("k")), 201)
    undo = await client.post("/v1/sheets/S-07/reverse", json=UNDO, headers=keyed("k"))
    refused(undo, 409, "key_reused")


async def test_ten_at_once_post_one(client: httpx.AsyncClient) -> None:
    """Whoever presses the button ten times gets ten equal answers and one entry."""
    before = good(await client.get("/v1/organisations/LSO-01/book"))["last_no"]
    answers = await asyncio.gather(
        *(client.post("/v1/events", json=grant(), headers=keyed("k")) for _ in range(10))
    )
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {201}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert good(await client.get("/v1/organisations/LSO-01/book"))["last_no"] == before + 1


@pytest.mark.parametrize("key", [None, "", "two words", "k" * 201, b"\xd8\xa8"])
async def test_a_posting_needs_a_plain_key(
    client: httpx.AsyncClient, key: str | bytes | None
) -> None:
    """1 to 200 visible ASCII characters, on every posting of money."""
    headers = {} if key is None else {"Idempotency-Key": key}
    for at, body, _ in POSTINGS.values():
        response = await client.post(at, json=body, headers=headers)  # type: ignore[arg-type] # httpx takes bytes too
        found = refused(response, 422, "malformed")
        assert found["errors"][0] | {"detail": ""} == {
            "where": "header",
            "pointer": "/Idempotency-Key",
            "detail": "",
        }
