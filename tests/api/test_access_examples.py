"""The examples of how to sign in, to appoint and to make keys are really sent."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from api.openapi import document
from tests.support import database
from tests.support.signing import ANOTHER, PASSWORD, Door, door_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DOCUMENT: dict[str, Any] = json.loads(document())
CODE = (
    "INSERT INTO access.recovery VALUES"
    " ('nasreen', sha256('K7QMT2WXBP9HTPC4DRNA'), 'nadia', '2026-07-31', '2026-08-01')"
)
ORDER = (
    ("sign_in", "POST", "/v1/sessions", 201),
    ("register_person", "POST", "/v1/people", 201),
    ("revise_person", "PUT", "/v1/people/nasreen", 200),
    ("appoint_person", "POST", "/v1/people/nasreen/appointments", 201),
    ("end_appointment", "PUT", "/v1/people/nasreen/appointments/{appointment}", 200),
    ("register_device", "POST", "/v1/devices", 201),
    ("set_pin", "PUT", "/v1/me/pin", 204),
    ("recover", "POST", "/v1/recoveries", 204),
    ("issue_key", "POST", "/v1/keys", 201),
    ("rotate_secret", "POST", "/v1/keys/warehouse/secrets", 201),
    ("change_password", "PUT", "/v1/me/password", 204),
)
"""`tests/api/test_reference.py` sends the examples of everything else."""


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        yield found


async def test_every_example_is_accepted(door: Door) -> None:
    """In an order that makes sense: from the sign-in to the new password."""
    client, appointment = door.client(), ""
    bodies = {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    for operation, method, path, status in ORDER:
        name = bodies[operation]["schema"]["$ref"].rpartition("/")[2]
        [example] = DOCUMENT["components"]["schemas"][name]["examples"]
        if operation == "recover":
            await asyncio.to_thread(database.execute, door.url, CODE)
        response = await client.request(
            method,
            path.format(appointment=appointment),
            json=example,
            headers={"If-Match": '"1"'},
        )
        assert response.status_code == status, (operation, response.text)
        if operation == "sign_in":
            client.headers["X-CSRF-Token"] = response.json()["csrf_token"]
        if operation == "appoint_person":
            appointment = response.json()["id"]


def test_the_passwords_of_the_examples_are_those_of_the_tests() -> None:
    """So that the examples can be sent."""
    schemas = DOCUMENT["components"]["schemas"]
    [example] = schemas["PasswordAsked"]["examples"]
    assert example == {"password": PASSWORD, "new_password": ANOTHER}


def test_every_operation_says_what_proves_who_asks() -> None:
    """A session or a key; with a session whatever changes something needs the CSRF token too."""
    opened = {"sign_in", "recover", "give_token", "live", "ready"}
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"session", "csrf", "key"}
    for path in DOCUMENT["paths"].values():
        for method, operation in path.items():
            if operation["operationId"] in opened:
                assert operation["security"] == []
            else:
                by_session, by_key = operation["security"]
                assert ("csrf" in by_session) == (method != "get")
                assert by_key == {"key": []}
