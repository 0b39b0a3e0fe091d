"""The audit trail over HTTP: links that a reader can prove, and readings that leave one."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from service.books import make_engine
from tests.api.helpers import all_pages, good, keyed, make_app, refused, serve, sheet
from tests.support import database
from tests.support.people import Post, appoint, signed_in

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

GUIDE: Final = Path("docs/reference/audit.md")
TRAIL: Final = "/v1/organisations/CO-01/audit-trail"
READ: Final = """
    SELECT no, action, changes -> 0 ->> 'read' FROM audit.trail
    WHERE about = 'person' AND code = 'audi' AND changes -> 0 -> 'read' IS NOT NULL ORDER BY no
"""


@pytest.fixture
def audited_url(one_co_url: str) -> str:
    """The books of one CO, with an external auditor of VO-01 and all below it."""
    appoint(one_co_url, {"audi": [Post("auditor", "VO-01")]})
    return one_co_url


@pytest.fixture(scope="module")
def guide() -> dict[str, Any]:
    """What the reference page defines."""
    found: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    exec(code, found)  # noqa: S102 - our own page
    return found


async def test_a_reader_computes_every_hash_again(
    client: httpx.AsyncClient, guide: dict[str, Any]
) -> None:
    """From the JSON alone, as the reference page says, page after page."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    headers = {**keyed("k1"), "If-Match": '"1"'}
    revised = {name: value for name, value in sheet(None).items() if name != "organisation"}
    good(await client.put("/v1/sheets/S-08", json=revised, headers=headers))
    good(await client.post("/v1/sheets", json=sheet("S-09", held_on="2026-06-28")), 201)
    whole = good(await client.get(TRAIL))
    head = guide["prove"](whole)
    assert [link["no"] for link in whole["items"]] == [1, 2, 3]
    assert [link["action"] for link in whole["items"]] == [
        "draft_sheet",
        "revise_sheet",
        "draft_sheet",
    ]
    before = guide["FIRST"]
    for no in range(3):
        page = good(await client.get(TRAIL, params={"limit": 1, "after": no}))
        before = guide["prove"](page, before)
    assert before == head


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-07-31T14:00:00.000001+05:00"),
        ("actor", "nadia"),
        ("source", ""),
        ("action", "close_sheet"),
        ("sealed", "[]"),
        ("changes", []),
        ("prev_hash", "00" * 32),
        ("no", 2),
    ],
)
async def test_a_link_that_says_something_else_is_not_proven(
    client: httpx.AsyncClient, guide: dict[str, Any], field: str, value: object
) -> None:
    """Each field is covered."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    page = good(await client.get(TRAIL))
    guide["prove"](page)
    page["items"][0][field] = value
    with pytest.raises(AssertionError):
        guide["prove"](page)


async def test_a_link_says_who_when_and_from_where(client: httpx.AsyncClient) -> None:
    """The person, the moment, the address with the session, the operation, the rows."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    page = good(await client.get(TRAIL))
    (link,) = page["items"]
    assert (page["about"], page["code"]) == ("organisation", "CO-01")
    assert (link["actor"], link["action"], link["no"]) == ("shazia", "draft_sheet", 1)
    assert link["at"] == "2026-07-31T14:00:00+05:00"
    assert link["source"].startswith("127.0.0.1 session ")
    (change,) = link["changes"]
    assert (change["table"], change["change"]) == ("sheet", "inserted")
    assert [(row["code"], row["cash_counted"]) for row in change["after"]] == [("S-08", 100_00)]


async def test_a_refused_change_leaves_no_link(client: httpx.AsyncClient) -> None:
    """What was not kept is not in the trail."""
    refused(await client.post("/v1/sheets", json=sheet(present=["M-9999"])), 404, "not_found")
    assert good(await client.get(TRAIL))["items"] == []


async def test_the_trail_comes_in_pages_with_its_filters(client: httpx.AsyncClient) -> None:
    """The link to the next page keeps them."""
    for n in range(5):
        good(await client.post("/v1/sheets", json=sheet(f"S-1{n}")), 201)
    pages = await all_pages(client, TRAIL, limit=2, actor="shazia", action="draft_sheet")
    assert [[link["no"] for link in page] for page in pages] == [[1, 2], [3, 4], [5]]
    assert await all_pages(client, TRAIL, last_on="2026-07-30") == [[]]
    assert await all_pages(client, TRAIL, actor="nadia") == [[]]


async def test_the_whole_trail_comes_as_a_stream(
    client: httpx.AsyncClient, guide: dict[str, Any]
) -> None:
    """NDJSON and CSV have the links of all pages; from either every hash is computed again."""
    for n in range(5):
        good(await client.post("/v1/sheets", json=sheet(f"S-1{n}")), 201)
    items = [link for page in await all_pages(client, TRAIL, limit=2) for link in page]
    lines = (await client.get(TRAIL, params={"format": "ndjson"})).text.splitlines()
    head, *links, end = map(json.loads, lines)
    assert links == items
    assert end == {"rows": 5, "totals": None}
    assert (head["about"], head["code"], head["known_by"]) == ("organisation", "CO-01", None)
    guide["prove"](head | {"items": links})
    text = (await client.get(TRAIL, params={"format": "csv"})).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == head["columns"] == list(items[0])
    told = [row | {"changes": json.loads(row["changes"])} for row in rows]
    guide["prove"](head | {"items": told})
    compact = json.dumps(told[0]["changes"], ensure_ascii=False, separators=(",", ":"))
    assert rows[0]["changes"] == compact


@pytest.mark.parametrize("path", ["/v1/people/shazia/audit-trail", "/v1/audit-trail"])
async def test_every_trail_comes_as_a_stream(client: httpx.AsyncClient, path: str) -> None:
    """Those of people and of the house as well, with the same filters."""
    good(await client.post("/v1/holidays", json={"day": "2026-08-14", "name": "Azadi"}), 201)
    items = good(await client.get(path))["items"]
    for asked in ({}, {"action": items[-1]["action"]}, {"last_on": "2026-07-30"}):
        expected = good(await client.get(path, params=asked))["items"]
        streamed = await client.get(path, params=asked | {"format": "ndjson"})
        _, *links, _ = map(json.loads, streamed.text.splitlines())
        assert links == expected


@pytest.mark.parametrize("format_", ["json", "csv", "ndjson"])
@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/v1/organisations/CO-99/audit-trail", {}, 404, "not_found"),
        ("/v1/people/nobody/audit-trail", {}, 404, "not_found"),
        (TRAIL, {"known_by": "2199-01-01T00:00:00Z"}, 422, "moment_unsettled"),
        (
            "/v1/people/shazia/audit-trail",
            {"known_by": "2199-01-01T00:00:00Z"},
            422,
            "moment_unsettled",
        ),
        ("/v1/audit-trail", {"known_by": "2199-01-01T00:00:00Z"}, 422, "moment_unsettled"),
        (TRAIL, {"known_by": "2026-06-30T00:00:00"}, 422, "malformed"),
        (TRAIL, {"limit": "0"}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_asked_of_a_trail_is_refused(
    client: httpx.AsyncClient,
    format_: str,
    path: str,
    asked: dict[str, str],
    status: int,
    code: str,
) -> None:
    """In every format before a byte of it is sent."""
    refused(await client.get(path, params=asked | {"format": format_}), status, code)


@pytest.mark.parametrize("asked", [{"limit": "5"}, {"after": "1"}])
async def test_a_page_of_a_streamed_trail_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    """It comes whole."""
    refused(await client.get(TRAIL, params=asked | {"format": "csv"}), 422, "malformed")


async def test_a_trail_is_as_known_by_a_moment(client: httpx.AsyncClient) -> None:
    """A link counts from its own moment on."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    for moment, expected in (("13:59:59.999999", []), ("14:00:00", [1])):
        asked = {"known_by": f"2026-07-31T{moment}+05:00"}
        page = good(await client.get(TRAIL, params=asked))
        assert [link["no"] for link in page["items"]] == expected


async def test_a_moment_is_unsettled_while_requests_of_it_may_go_on(
    client: httpx.AsyncClient,
) -> None:
    """A link has the moment at which its request came: that is a while before it is there."""
    for minutes, status in ((10, 422), (20, 200)):
        moment = datetime.now(UTC) - timedelta(minutes=minutes)
        answer = await client.get(TRAIL, params={"known_by": moment.isoformat()})
        assert answer.status_code == status


async def test_the_house_tells_of_imports_and_holidays(client: httpx.AsyncClient) -> None:
    """To its administrators."""
    good(await client.post("/v1/holidays", json={"day": "2026-08-14", "name": "Azadi"}), 201)
    page = good(await client.get("/v1/audit-trail"))
    tables = [(link["action"], link["changes"][0]["table"]) for link in page["items"]]
    assert tables == [("import", "bundle"), ("add_holiday", "holiday")]


async def test_a_person_reads_their_own_trail(client: httpx.AsyncClient) -> None:
    """How they were appointed, and when they signed in."""
    page = good(await client.get("/v1/people/shazia/audit-trail"))
    tables = [change["table"] for link in page["items"] for change in link["changes"]]
    assert tables == ["person", "appointment", "appointment", "appointment", "session"]
    assert "csrf-of-shazia" not in str(page)


async def test_what_an_auditor_reads_is_in_their_chain(
    audited_url: str, guide: dict[str, Any]
) -> None:
    """With the whole address; also where the answer is a refusal."""
    async with serve(audited_url, "audi") as client:
        good(await client.get("/v1/organisations/CO-01/members", params={"limit": 2}))
        refused(await client.get("/v1/organisations/LSO-02/members"), 404, "not_found")
        refused(await client.get("/v1/organisations/LSO-01/entries"), 403, "forbidden")
        refused(await client.get("/v1/organisations/CO-01/members?limit=0"), 422, "malformed")
        page = good(await client.get("/v1/people/audi/audit-trail"))
    guide["prove"](page)
    readings = [link for link in page["items"] if link["changes"][0]["read"]]
    assert [(link["action"], link["changes"][0]["read"]) for link in readings] == [
        ("list_members", "/v1/organisations/CO-01/members?limit=2"),
        ("list_members", "/v1/organisations/LSO-02/members"),
        ("list_entries", "/v1/organisations/LSO-01/entries"),
        ("list_members", "/v1/organisations/CO-01/members?limit=0"),
        ("list_audit_trail_of_person", "/v1/people/audi/audit-trail"),
    ]


async def test_an_officer_who_reads_leaves_no_link(one_co_url: str) -> None:
    """Only auditors' readings are kept."""
    async with serve(one_co_url) as client:
        before = good(await client.get("/v1/people/shazia/audit-trail"))["items"]
        good(await client.get("/v1/organisations/CO-01/members"))
        assert good(await client.get("/v1/people/shazia/audit-trail"))["items"] == before


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/organisations/CO-01/members", 200), ("/v1/organisations/CO-99/members", 404)],
)
async def test_the_reading_is_kept_before_the_answer_is_sent(
    audited_url: str, path: str, status: int
) -> None:
    """When the first byte leaves, another connection sees the link."""
    seen: list[tuple[int, list[Any]]] = []
    engine = make_engine(audited_url, connections=2)
    app = make_app(engine)

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start":
                rows = await asyncio.to_thread(database.fetch, audited_url, READ)
                seen.append((message["status"], rows))
            await send(message)

        await app(scope, receive, watching)

    try:
        transport = httpx.ASGITransport(watched)
        async with httpx.AsyncClient(transport=transport, base_url="http://amanat") as client:
            await client.get(path, headers=signed_in("audi"))
    finally:
        await engine.dispose()
    ((answered, rows),) = seen
    assert answered == status
    assert [row[2] for row in rows] == [path]
