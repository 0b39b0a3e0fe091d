"""The reference is what the application does: its document, and the examples in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.openapi import REFERENCE, document, write
from tests.api.helpers import AGREED, good, keyed
from tests.api.test_access_examples import ORDER as SIGNING_IN

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    import pytest

DOCUMENT: dict[str, Any] = json.loads(document())
ORDER = (
    ("register_organisation", "POST", "/v1/organisations", 201),
    ("amend_organisation", "PUT", "/v1/organisations/CO-02", 200),
    ("move_organisation", "POST", "/v1/organisations/CO-02/moves", 201),
    ("register_member", "POST", "/v1/members", 201),
    ("amend_member", "PUT", "/v1/members/M-0101", 200),
    ("nominate_member", "POST", "/v1/organisations/VO-01/nominations", 201),
    ("end_nomination", "POST", "/v1/organisations/VO-01/nominations/end", 200),
    ("draft_sheet", "POST", "/v1/sheets", 201),
    ("revise_sheet", "PUT", "/v1/sheets/S-08", 200),
    ("close_sheet", "POST", "/v1/sheets/S-08/close", 201),
    ("correct_sheet", "POST", "/v1/sheets/S-08/corrections", 201),
    ("reverse_sheet", "POST", "/v1/sheets/S-08B/reverse", 201),
    ("post_sheets", "POST", "/v1/sheets/batch", 200),
    ("record_event", "POST", "/v1/events", 201),
    ("ask_transfer", "POST", "/v1/transfers", 201),
    ("ask_limits", "PUT", "/v1/organisations/CO-01/limits", 201),
    ("add_product", "POST", "/v1/products", 201),
    ("ask_reserve_scheme", "POST", "/v1/reserve-schemes", 201),
    ("add_holiday", "POST", "/v1/holidays", 201),
    ("preview_loan", "POST", "/v1/loan-previews", 200),
    ("agree_loan", "POST", "/v1/loans", 201),
    ("ask_guarantee", "POST", "/v1/loans/L-91/guarantees", 201),
    ("ask_release", "POST", "/v1/loans/L-91/guarantees/1/release", 201),
    ("apply_for_loan", "POST", "/v1/loan-applications", 201),
    ("appraise_loan", "POST", "/v1/loan-applications/L-92/appraisal", 200),
    ("end_loan_application", "POST", "/v1/loan-applications/L-92/ending", 200),
    ("change_loan_rate", "POST", "/v1/loans/L-07/rates", 201),
    ("reschedule_loan", "POST", "/v1/loans/L-02/reschedules", 201),
    ("fine_loan", "POST", "/v1/loans/L-02/fines", 201),
    ("undo_loan_change", "POST", "/v1/loans/L-02/changes/2/undoing", 201),
    ("cancel_loan", "POST", "/v1/loans/L-91/cancellation", 201),
    ("close_book", "POST", "/v1/organisations/CO-01/closings", 201),
)
"""What each example is sent to, and what is answered once a second officer has agreed."""
DECIDED = ("approve_request", "reject_request")
"""Whatever waits in `ORDER` is approved with the example of a decision."""


def test_the_document_is_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`python -m api.openapi` renews it."""
    monkeypatch.setattr("api.openapi.REFERENCE", tmp_path)
    write()
    for name in ("openapi.json", "errors.md", "life.md"):
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
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    elsewhere = {name for name, *_ in SIGNING_IN}
    assert set(bodies) == {name for name, *_ in ORDER if name} | set(DECIDED) | elsewhere
    for name, method, path, status in ORDER:
        examples = _examples(bodies[name]) if name else [None]
        for place, example in enumerate(examples):
            headers = keyed(f"{path}-{place}")
            if method == "PUT":
                headers["If-Match"] = (await client.get(path)).headers["ETag"]
            good(await client.request(method, path, json=example, headers=headers), status)
    assert all(AGREED in _examples(bodies[name]) for name in DECIDED)


def _operations() -> list[dict[str, Any]]:
    return [operation for path in DOCUMENT["paths"].values() for operation in path.values()]


def _examples(content: dict[str, Any]) -> list[Any]:
    schema = content["schema"]
    name = schema.get("$ref", schema.get("anyOf", [{}])[0].get("$ref", "")).rpartition("/")[2]
    found: list[Any] = DOCUMENT["components"]["schemas"][name]["examples"]
    assert found, name
    return found
