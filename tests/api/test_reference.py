"""The reference is what the application does: its document, and the examples in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.openapi import REFERENCE, document, write
from tests.api.helpers import good, keyed

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    import pytest

DOCUMENT: dict[str, Any] = json.loads(document())
ORDER = (
    ("register_organisation", "/v1/organisations"),
    ("move_organisation", "/v1/organisations/CO-02/moves"),
    ("register_member", "/v1/members"),
    ("nominate_member", "/v1/organisations/VO-01/nominations"),
    ("draft_sheet", "/v1/sheets"),
    ("revise_sheet", "/v1/sheets/S-08"),
    (None, "/v1/sheets/S-08/close"),
    ("correct_sheet", "/v1/sheets/S-08/corrections"),
    ("reverse_sheet", "/v1/sheets/S-08B/reverse"),
    ("record_event", "/v1/events"),
    ("add_product", "/v1/products"),
    ("add_holiday", "/v1/holidays"),
    ("agree_loan", "/v1/loans"),
    ("close_book", "/v1/organisations/CO-01/closings"),
)


def test_the_document_is_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`python -m api.openapi` renews it."""
    monkeypatch.setattr("api.openapi.REFERENCE", tmp_path)
    write()
    for name in ("openapi.json", "errors.md"):
        assert (REFERENCE / name).read_text() == (tmp_path / name).read_text()


def test_every_operation_is_described() -> None:
    """An id, one tag that is explained, and a sentence."""
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    seen = set()
    for operation in _operations():
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert len(operation["tags"]) == 1
        assert operation["tags"][0] in tags
        assert operation["description"].endswith(".")
        assert {"422", "500", "503"} <= set(operation["responses"])


async def test_every_example_is_accepted(client: httpx.AsyncClient) -> None:
    """Each example of a request is really sent, in an order that makes sense."""
    bodies = {
        operation["operationId"]: operation["requestBody"]["content"]["application/json"]
        for operation in _operations()
        if "requestBody" in operation
    }
    assert set(bodies) == {name for name, _ in ORDER if name}
    for name, path in ORDER:
        examples = _examples(bodies[name]) if name else [None]
        for place, example in enumerate(examples):
            headers = {**keyed(f"{path}-{place}"), "If-Match": '"1"'}
            method = "PUT" if name == "revise_sheet" else "POST"
            response = await client.request(method, path, json=example, headers=headers)
            good(response, 200 if method == "PUT" else 201)


def _operations() -> list[dict[str, Any]]:
    return [operation for path in DOCUMENT["paths"].values() for operation in path.values()]


def _examples(content: dict[str, Any]) -> list[Any]:
    name = content["schema"]["$ref"].rpartition("/")[2]
    found: list[Any] = DOCUMENT["components"]["schemas"][name]["examples"]
    assert found, name
    return found
