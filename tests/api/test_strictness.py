"""What the API does not let in: other types, unknown fields, odd text, large bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.helpers import good, grant, keyed, refused, serve, sheet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

INFINITE = 1e400
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "amount",
    [
        100,
        100.5,
        INFINITE,
        True,
        None,
        [],
        {},
        "",
        "1.234",
        "-1.00",
        "0.00",
        "1,000.00",
        "1e3",
        " 1.00",
        "1.00 ",
        "NaN",
        "\u0661\u0662",
        "+1.00",
        "1.",
        ".5",
        "10000000000000.01",
        "9" * 40,
    ],
)
async def test_money_is_text_with_at_most_two_decimals(
    client: httpx.AsyncClient, amount: object
) -> None:
    """A JSON number is refused, as is anything that is no amount above zero."""
    lines = [{"member": "M-0001", "kind": "fine", "amount": "@"}]
    text = json.dumps(sheet(lines=lines))
    body = text.replace('"@"', "1e400" if amount == INFINITE else json.dumps(amount))
    response = await client.post("/v1/sheets", content=body, headers=JSON)
    found = refused(response, 422, "malformed")
    assert [error["pointer"] for error in found["errors"]] == ["/lines/0/amount"]


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"colour": "red"}, "/colour"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"\ud800": 1}, ""),
        ({"held_on": 20260629}, "/held_on"),
        ({"held_on": "2026-06-29T00:00:00"}, "/held_on"),
        ({"held_on": "0001-01-01"}, "/held_on"),
        ({"held_on": "2026-06-31"}, "/held_on"),
        ({"present": "M-0001"}, "/present"),
        ({"present": [1]}, "/present/0"),
        ({"lines": {}}, "/lines"),
        ({"code": 8}, "/code"),
        ({"code": ""}, "/code"),
        ({"code": " S"}, "/code"),
        ({"code": "a/b"}, "/code"),
        ({"code": "."}, "/code"),
        ({"code": ".."}, "/code"),
        ({"code": "S\u0000"}, "/code"),
        ({"code": "S\ud800"}, "/code"),
        ({"code": "S\u202e"}, "/code"),
        ({"code": "x" * 101}, "/code"),
    ],
)
async def test_a_sheet_is_read_strictly(
    client: httpx.AsyncClient, more: dict[str, Any], pointer: str
) -> None:
    """Unknown fields, other types, days that do not exist, invisible characters."""
    response = await client.post("/v1/sheets", content=_ascii(sheet(**more)), headers=JSON)
    found = refused(response, 422, "malformed")
    assert [error["pointer"] for error in found["errors"]] == [pointer]


def _ascii(content: object) -> str:
    """JSON with half characters in it, which httpx refuses to write."""
    return json.dumps(content)


@pytest.mark.parametrize("text", ["a\u0000b", "a\nb", "\ud83d", "\u2028", " ", "", "x" * 1001])
async def test_text_can_be_shown(client: httpx.AsyncClient, text: str) -> None:
    """No control characters, no half characters, not too long, not empty."""
    body = _ascii(grant(narrative=text))
    response = await client.post("/v1/events", content=body, headers={**JSON, **keyed("k")})
    found = refused(response, 422, "malformed")
    assert [error["pointer"] for error in found["errors"]] == ["/narrative"]


async def test_urdu_is_welcome(client: httpx.AsyncClient) -> None:
    """With the joiners that its letters need."""
    text = "زینب بی\u200cبی"
    body = grant(narrative=text)
    made = await client.post("/v1/events", json=body, headers=keyed("k"))
    good(made, 201)
    assert good(await client.get("/v1/events/E-90"))["narrative"] == text


@pytest.mark.parametrize("body", ["{", "", "[1,", "nul", '{"a":' * 5000, '{"a":1} x', "9" * 5000])
async def test_what_is_no_json_is_a_bad_request(client: httpx.AsyncClient, body: str) -> None:
    """Never an internal error, however deep or long."""
    response = await client.post("/v1/sheets", content=body, headers=JSON)
    if body:
        refused(response, 400, "json_malformed")
    else:
        refused(response, 422, "malformed")


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"code": "\xff"}'])
async def test_json_is_utf_8(client: httpx.AsyncClient, body: bytes) -> None:
    """Other bytes are refused."""
    response = await client.post("/v1/sheets", content=body, headers=JSON)
    refused(response, 400, "json_malformed")


@pytest.mark.parametrize("body", ["[]", "null", "1", '"x"', "NaN", "Infinity"])
async def test_a_body_is_an_object(client: httpx.AsyncClient, body: str) -> None:
    """Any other JSON is refused."""
    response = await client.post("/v1/sheets", content=body, headers=JSON)
    refused(response, 422, "malformed")


async def test_a_body_is_json_by_its_type(client: httpx.AsyncClient) -> None:
    """A form is not read as JSON, so that no other site's page can send one."""
    response = await client.post(
        "/v1/sheets", content=_ascii(sheet()), headers={"Content-Type": "text/plain"}
    )
    refused(response, 422, "malformed")


@pytest.mark.parametrize("path", ["/v1/members/M%00", "/v1/events/%00", "/v1/sheets/%20S"])
async def test_codes_in_addresses_are_read_strictly(client: httpx.AsyncClient, path: str) -> None:
    """A null character never reaches the database."""
    refused(await client.get(path), 422, "malformed")


async def test_cursors_are_read_strictly(client: httpx.AsyncClient) -> None:
    """Nor does one in a query."""
    response = await client.get("/v1/organisations", params={"after": "a\x00"})
    refused(response, 422, "malformed")


async def test_many_problems_are_counted_and_the_first_are_named(
    client: httpx.AsyncClient,
) -> None:
    """A request full of unknown fields is not answered by something longer."""
    many: dict[str, Any] = {f"unknown{n}": 1 for n in range(1000)}
    found = refused(await client.post("/v1/sheets", json=sheet(**many)), 422, "malformed")
    assert [error["pointer"] for error in found["errors"]] == [f"/unknown{n}" for n in range(50)]
    assert found["detail"].endswith("There are 1000 such problems; the first 50 are listed.")


async def test_a_large_body_is_refused_by_its_length(client: httpx.AsyncClient) -> None:
    """One byte above the limit."""
    body = _ascii(sheet()).encode()
    most = b" " * (2**20 - len(body)) + body
    good(await client.post("/v1/sheets", content=most, headers=JSON), 201)
    response = await client.post("/v1/sheets", content=b" " + most, headers=JSON)
    refused(response, 413, "body_too_large")


async def test_a_large_body_is_refused_as_it_streams_in(one_co_url: str) -> None:
    """Without a Content-Length, or with a false one."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 100

    async with serve(one_co_url, most_bytes=2000) as client:
        for lie in ({}, {"Content-Length": "10"}):
            headers = {**JSON, **lie}
            response = await client.post("/v1/sheets", content=chunks(), headers=headers)
            refused(response, 413, "body_too_large")
        good(await client.post("/v1/sheets", json=sheet()), 201)


async def test_a_parameter_that_does_not_exist_is_refused(client: httpx.AsyncClient) -> None:
    """A misspelt one would otherwise give other figures without a word."""
    for path in ("/v1/organisations?funds=own", "/v1/reports/journal?nodes=CO-01"):
        found = refused(await client.get(path), 422, "malformed")
        assert found["errors"][0]["where"] == "query"
