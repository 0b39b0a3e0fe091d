"""What the tests of the API share: a client in this process, and short ways to ask."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from api.app import create_app
from api.papers.press import Press
from api.rates import Rates
from service.books import make_engine
from service.settings import Settings
from tests.support.importing import NOW
from tests.support.people import Post, signed_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import AsyncEngine

ONE_CO: Final = Path("tests/data/one-co")
EVERYTHING: Final = tuple(Post(role) for role in ("treasurer", "field_officer", "administrator"))
"""With these roles on the whole house one may do whatever one person may do alone."""
OFFICERS: Final = {"shazia": EVERYTHING, "nadia": EVERYTHING}
"""Shazia asks; where a second officer is needed, Nadia is there."""
AGREED: Final = {"reason": "Seen and agreed"}
PROBLEM: Final = "application/problem+json"
PLENTY: Final = Rates(credential=10**9, address=10**9, sign_in=10**9)
"""No test runs into these rates but those that are about rates."""


def make_app(engine: AsyncEngine, **more: Any) -> FastAPI:  # noqa: ANN401 - JSON is as wide as it is
    """The application, at the moment at which all tests of it take place."""
    usual: dict[str, Any] = {"rates": PLENTY, "press": Press(Settings().paper_libraries)}
    return create_app(engine=engine, clock=lambda: NOW, **usual | more)


@asynccontextmanager
async def serve(
    url: str,
    person: str = "shazia",
    **more: Any,  # noqa: ANN401 - JSON is as wide as it is
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application on this database, signed in as a person."""
    engine = make_engine(url, connections=4)
    try:
        async with client_of(make_app(engine, **more), person) as client:
            yield client
    finally:
        await engine.dispose()


def client_of(app: FastAPI, person: str = "shazia", second: str = "nadia") -> httpx.AsyncClient:
    """A client signed in as a person, who sees a 500 as a user would, not as an exception.

    Where something waits for a second officer, that one approves it at once, and the answer
    is what came of it. `one_officer` is a client without that.
    """
    transport = TwoOfficers(app, second)
    return httpx.AsyncClient(
        transport=transport, base_url="http://amanat", headers=signed_in(person)
    )


def one_officer(app: FastAPI, person: str) -> httpx.AsyncClient:
    """A client signed in as a person, to whom a request that waits is a request that waits."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://amanat", headers=signed_in(person)
    )


class TwoOfficers(httpx.AsyncBaseTransport):
    """Has a second officer approve whatever the first one asks."""

    def __init__(self, app: FastAPI, second: str) -> None:
        self.first = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.second = one_officer(app, second)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, approved where that is needed."""
        answer = await self.first.handle_async_request(request)
        if answer.status_code != HTTPStatus.ACCEPTED:
            return answer
        asked = json.loads(await answer.aread())
        at = f"/v1/requests/{asked['code']}/approve"
        decided = await self.second.post(at, json=AGREED)
        if decided.status_code != HTTPStatus.OK:
            return decided
        found = decided.json()
        headers = {"Location": found["location"]}
        if asked["state"] != "waiting":
            headers["Idempotency-Replayed"] = "true"
        if found["outcome"]["vouchers"]:
            return httpx.Response(201, json=found["outcome"], headers=headers)
        made = (await self.second.get(found["location"])).json()
        if found["kind"] == "product":
            made = next(item for item in made["items"] if item["code"] == found["about"])
        return httpx.Response(201, json=made, headers=headers)


def keyed(key: str) -> dict[str, str]:
    """The header that makes a posting idempotent."""
    return {"Idempotency-Key": key}


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that a response is, after its shape is checked."""
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM), (
        response.text
    )
    found: dict[str, Any] = response.json()
    assert (found["status"], found["code"]) == (status, code), found
    assert found["type"] == f"/docs/errors#{code}"
    assert found["title"]
    assert found["detail"]
    return found


def good(response: httpx.Response, status: int = 200) -> Any:  # noqa: ANN401 - JSON is as wide as it is
    """The body of a success."""
    assert response.status_code == status, response.text
    return response.json()


def sheet(code: str | None = "S-08", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A draft of a small meeting of CO-01, in balance."""
    lines = [{"member": "M-0001", "kind": "saving_compulsory", "amount": "100.00"}]
    content = {
        "organisation": "CO-01",
        "held_on": "2026-06-29",
        "present": ["M-0001"],
        "cash_counted": "100.00",
        "lines": lines,
    }
    return content | ({} if code is None else {"code": code}) | more


def grant(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A grant to LSO-01."""
    content = {
        "code": "E-90",
        "organisation": "LSO-01",
        "kind": "grant_donor",
        "happened_on": "2026-06-29",
        "fund": "own",
        "paid_by": "bank",
        "amount": "2500.50",
        "narrative": "For training",
    }
    return content | more


async def balance(client: httpx.AsyncClient, organisation: str, code: str, on: str) -> str:
    """What a code of a book holds in the fund own on a day."""
    found = good(
        await client.get(f"/v1/organisations/{organisation}/balances", params={"as_of": on})
    )
    rows = found["days"][0]["items"]
    return next((r["balance"] for r in rows if (r["fund"], r["code"]) == ("own", code)), "0.00")


async def all_pages(client: httpx.AsyncClient, path: str, **params: Any) -> list[list[Any]]:  # noqa: ANN401 - JSON is as wide as it is
    """The items of every page, following the links to the end."""
    pages = []
    response = await client.get(path, params=params)
    while True:
        pages.append(good(response)["items"])
        if "next" not in response.links:
            return pages
        response = await client.get(response.links["next"]["url"])
