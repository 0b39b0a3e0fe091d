"""Statements over HTTP: one table in three formats, in pages or whole, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import ClientDisconnect

from service.books import make_engine
from service.statements.passbook import PASSBOOK as PASSBOOK_STATEMENT
from service.statements.registry import STATEMENTS
from service.tables.workbook import MEDIA_TYPE
from tests.api.helpers import all_pages, client_of, good, make_app, refused, serve
from tests.support import workbooks
from tests.support.people import Post, appoint, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx
    from starlette.types import Message

BOOK = "/v1/organisations/CO-01/statements"
PERIOD = {"first_on": "2026-03-01", "last_on": "2026-06-30"}
PASSBOOK = "/v1/members/M-0001/passbook"
PAGED = [name for name, statement in STATEMENTS.items() if statement.paged]
CASES = {
    "day book": (f"{BOOK}/day-book", PERIOD),
    "day book of a fund": (f"{BOOK}/day-book", PERIOD | {"fund": "cif"}),
    "cash book": (f"{BOOK}/cash-book", PERIOD),
    "general ledger": (f"{BOOK}/general-ledger", PERIOD),
    "general ledger of a party": (f"{BOOK}/general-ledger", PERIOD | {"party": "M-0001"}),
    "account statement": (f"{BOOK}/account-statement", PERIOD | {"account": "1"}),
    "trial balance": (f"{BOOK}/trial-balance", PERIOD),
    "trial balance of a node": (
        "/v1/organisations/LSO-01/statements/trial-balance",
        PERIOD | {"consolidated": "true"},
    ),
    "receipts and payments": (f"{BOOK}/receipts-and-payments", PERIOD),
    "income and expenditure": (f"{BOOK}/income-and-expenditure", PERIOD),
    "balance sheet": (f"{BOOK}/balance-sheet", {"as_of": "2026-06-30"}),
    "balance sheet of a node": (
        "/v1/organisations/VO-01/statements/balance-sheet",
        {"as_of": "2026-06-30", "consolidated": "true"},
    ),
    "register": (f"{BOOK}/dcbo", PERIOD),
    "register of a borrower": (f"{BOOK}/dcbo", PERIOD | {"party": "M-0001"}),
    "on-time collection": (f"{BOOK}/on-time-collection", PERIOD),
    "on-time collection of a node": (
        "/v1/organisations/LSO-01/statements/on-time-collection",
        PERIOD | {"consolidated": "true"},
    ),
    "CIF statement": ("/v1/organisations/LSO-01/statements/cif-statement", PERIOD),
    "CIF statement of a node": (
        "/v1/organisations/LSO-01/statements/cif-statement",
        PERIOD | {"consolidated": "true", "fund": "own"},
    ),
    "reversal log": (f"{BOOK}/reversal-log", PERIOD),
    "number gaps": (f"{BOOK}/number-gaps", {}),
    "passbook": (PASSBOOK, PERIOD),
    "passbook of a fund": (PASSBOOK, PERIOD | {"fund": "own"}),
    "reversal log of a fund": (f"{BOOK}/reversal-log", PERIOD | {"fund": "own"}),
}
each_case = pytest.mark.parametrize(("path", "asked"), CASES.values(), ids=CASES.keys())


async def _ndjson(client: httpx.AsyncClient, path: str, **asked: str) -> list[dict[str, Any]]:
    response = await client.get(path, params=asked | {"format": "ndjson"})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


async def test_all_statements_are_listed(client: httpx.AsyncClient) -> None:
    """With their days, columns and what narrows them."""
    items = good(await client.get(BOOK))["items"]
    assert [item["name"] for item in items] == list(STATEMENTS)
    day_book = items[0]
    assert (day_book["dated"], day_book["consolidated"]) == ("period", False)
    assert day_book["narrowed_by"] == ["code", "fund", "party"]
    assert {"value_date", "entry_no", "debit", "credit"} < set(day_book["columns"])


async def test_the_statements_of_an_unknown_organisation_are_not_found(
    client: httpx.AsyncClient,
) -> None:
    """Nor is their list."""
    refused(await client.get("/v1/organisations/CO-99/statements"), 404, "not_found")


@each_case
async def test_the_formats_agree_row_for_row(
    client: httpx.AsyncClient, path: str, asked: dict[str, str]
) -> None:
    """JSON over all its pages, CSV and NDJSON; what JSON has as null is empty in CSV."""
    pages = await all_pages(client, path, **asked)
    rows = [row for page in pages for row in page]
    head, *streamed, end = await _ndjson(client, path, **asked)
    assert streamed == rows
    text = (await client.get(path, params=asked | {"format": "csv"})).text
    columns, *cells = list(csv.reader(io.StringIO(text)))
    assert cells == [["" if v is None else str(v) for v in row.values()] for row in rows]
    assert columns == head["columns"]
    document = good(await client.get(path, params=asked))
    assert {k: v for k, v in document.items() if k not in {"items", "totals"}} == head
    assert end == {"rows": len(rows), "totals": document["totals"]}


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("limit", [2, 23, 500])
async def test_pages_lead_to_the_end(client: httpx.AsyncClient, name: str, limit: int) -> None:
    """No row is left out or shown twice, only the last page has no link, totals stay."""
    asked: dict[str, Any] = PERIOD | ({"account": 1} if name == "account-statement" else {})
    _, *rows, _ = await _ndjson(client, f"{BOOK}/{name}", **asked)
    pages = await all_pages(client, f"{BOOK}/{name}", limit=limit, **asked)
    assert [row for page in pages for row in page] == rows
    assert all(len(page) == limit for page in pages[:-1])
    assert 1 <= len(pages[-1]) <= limit


async def test_an_accepted_format_is_given(client: httpx.AsyncClient) -> None:
    """The first that is known; the parameter goes before it; caches are told."""
    for accept, media_type in (
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/x-ndjson;q=0.9, */*", "application/x-ndjson"),
        ("text/html, */*", "application/json"),
    ):
        response = await client.get(f"{BOOK}/trial-balance", headers={"Accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        assert response.headers["Vary"] == "Accept"
    response = await client.get(
        f"{BOOK}/trial-balance", headers={"Accept": "text/csv"}, params={"format": "json"}
    )
    assert response.headers["content-type"] == "application/json"


async def test_a_passbook_closes_with_her_savings(client: httpx.AsyncClient) -> None:
    """With what the members' own figures say."""
    asked = {"as_of": "2026-06-30"}
    saved = good(await client.get("/v1/members/M-0001/savings", params=asked))["items"][0]
    items = good(await client.get(PASSBOOK, params=PERIOD))["items"]
    ends = {row["code"]: row["balance"] for row in items if row["part"] == "closing"}
    assert ends["2000"] == saved["compulsory"]
    assert ends.get("2010", "0.00") == saved["voluntary"]


REFUSED: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    (f"{BOOK}/tarot", {}, 404, "not_found"),
    ("/v1/organisations/CO-99/statements/day-book", {}, 404, "not_found"),
    ("/v1/members/M-9999/passbook", {}, 404, "not_found"),
    (f"{BOOK}/account-statement", {"account": 999}, 404, "not_found"),
    (f"{BOOK}/account-statement", {}, 422, "malformed"),
    (f"{BOOK}/account-statement", {"account": 0}, 422, "malformed"),
    (f"{BOOK}/day-book", {"consolidated": True}, 422, "malformed"),
    (f"{BOOK}/day-book", {"as_of": "2026-06-30"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"first_on": "2026-06-30", "last_on": "2026-06-29"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"first_on": "30-06-2026"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"limit": 0}, 422, "malformed"),
    (f"{BOOK}/day-book", {"limit": 501}, 422, "malformed"),
    (f"{BOOK}/day-book", {"after": "x"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"after": "1.1.2026-02-30.1.1"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"format": "pdf"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"format": "csv", "limit": 5}, 422, "malformed"),
    (f"{BOOK}/day-book", {"format": "ndjson", "after": "1.1.2026-02-28.1.1"}, 422, "malformed"),
    (f"{BOOK}/day-book", {"known_by": "2199-01-01T00:00:00Z"}, 422, "moment_unsettled"),
    (f"{BOOK}/day-book", {"known_by": "2026-06-30T00:00:00"}, 422, "malformed"),
    (f"{BOOK}/cash-book", {"account_code": "2000"}, 422, "malformed"),
    (f"{BOOK}/trial-balance", {"limit": 5}, 422, "malformed"),
    (f"{BOOK}/balance-sheet", {"first_on": "2026-06-30"}, 422, "malformed"),
    (f"{BOOK}/number-gaps", {"last_on": "2026-06-30"}, 422, "malformed"),
    (PASSBOOK, {"known_by": "2199-01-01T00:00:00Z"}, 422, "moment_unsettled"),
)


@pytest.mark.parametrize("format_", ["", "csv", "ndjson"])
@pytest.mark.parametrize(("path", "asked", "status", "code"), REFUSED)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient,
    format_: str,
    path: str,
    asked: dict[str, Any],
    status: int,
    code: str,
) -> None:
    """In every format before a byte of it is sent."""
    wanted = {"format": format_} if format_ else {}
    refused(await client.get(path, params=wanted | asked), status, code)


async def test_a_place_beyond_the_end_leads_nowhere(client: httpx.AsyncClient) -> None:
    """Nor does one of an account that the book has not."""
    for name, after in (
        ("day-book", "1.2.2199-01-01.9999999999999999999.1"),
        ("general-ledger", "9999999999999999999.1.2026-04-01.1.1"),
    ):
        response = await client.get(f"{BOOK}/{name}", params=PERIOD | {"after": after})
        assert good(response)["items"] == []
        assert "next" not in response.links


async def test_a_reader_who_hangs_up_gives_the_connection_back(one_co_url: str) -> None:
    """In the middle of a stream: the next who asks is served."""
    engine = make_engine(one_co_url, connections=1)
    app = make_app(engine)
    headers = signed_in("shazia") | {"Accept": "text/csv"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"{BOOK}/day-book",
        "raw_path": b"",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise BrokenPipeError

    try:
        with suppress(ClientDisconnect):
            await app(scope, receive, send)
        async with client_of(app) as client:
            good(await client.get(f"{BOOK}/day-book"))
    finally:
        await engine.dispose()


PEOPLE: dict[str, Iterable[Post]] = {
    "nasreen": (Post("accountant", "CO-01", below=False),),
    "saima": (Post("accountant", "VO-01", below=False),),
    "auditor": (Post("auditor", "VO-01"),),
    "admin": (Post("administrator"),),
}


@pytest.fixture
def people_url(one_co_url: str) -> str:
    """The books of one CO, with people who may read little of them."""
    appoint(one_co_url, PEOPLE)
    return one_co_url


ANSWERS = {
    "nasreen": (200, 200, 200, 403, 403),
    "saima": (403, 404, 403, 200, 403),
    "auditor": (200, 200, 200, 200, 200),
    "admin": (403, 404, 403, 403, 403),
}
"""The CO's day book, a passbook of it, its trial balance; that of the VO, and consolidated."""


@pytest.mark.parametrize(("person", "expected"), ANSWERS.items(), ids=ANSWERS.keys())
@pytest.mark.parametrize("format_", ["json", "ndjson"])
async def test_whoever_may_read_a_book_may_read_its_statements(
    people_url: str, person: str, expected: tuple[int, ...], format_: str
) -> None:
    """And nobody else; consolidated figures need all that is below."""
    vo = "/v1/organisations/VO-01/statements/trial-balance"
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        (f"{BOOK}/day-book", {}),
        (PASSBOOK, {}),
        (f"{BOOK}/trial-balance", {}),
        (vo, {}),
        (vo, {"consolidated": "true"}),
    )
    async with serve(people_url, person) as client:
        answers = [
            await client.get(path, params={"format": format_} | more) for path, more in asked
        ]
    assert tuple(answer.status_code for answer in answers) == expected


async def test_a_node_is_summed_over_books_that_one_may_read(people_url: str) -> None:
    """The auditor's consolidated figures of the VO are the house's."""
    vo = "/v1/organisations/VO-01/statements/trial-balance"
    asked = PERIOD | {"consolidated": "true"}
    async with serve(people_url, "auditor") as one, serve(people_url, "shazia") as other:
        assert good(await one.get(vo, params=asked)) == good(await other.get(vo, params=asked))
        assert good(await one.get(vo, params=asked))["items"]


@each_case
async def test_the_workbook_has_what_json_has(
    client: httpx.AsyncClient, path: str, asked: dict[str, str]
) -> None:
    """Head, rows and totals: every amount a number and the same, every day a day."""
    pages = await all_pages(client, path, **asked)
    document = good(await client.get(path, params=asked))
    response = await client.get(path, params=asked | {"format": "xlsx"})
    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.headers["content-disposition"].endswith(f'"{document["statement"]}.xlsx"')
    statement = STATEMENTS.get(document["statement"], PASSBOOK_STATEMENT)
    columns = statement.node_columns if document["consolidated"] else statement.columns
    found = workbooks.read(response.content, columns)
    assert found.columns == document["columns"]
    rows = [row for page in pages for row in page]
    assert found.rows == [["" if v is None else str(v) for v in row.values()] for row in rows]
    assert found.totals == [{k: v for k, v in t.items() if v} for t in document["totals"]]
    head = {k: v for k, v in document.items() if k not in {"columns", "items", "totals"}}
    assert found.head == {k: str(v) for k, v in head.items() if v is not None}


async def test_a_workbook_is_whole_or_refused(client: httpx.AsyncClient) -> None:
    """It comes in no pages, and by the header alone, too."""
    asked = PERIOD | {"format": "xlsx", "limit": "2"}
    refused(await client.get(f"{BOOK}/day-book", params=asked), 422, "malformed")
    response = await client.get(
        f"{BOOK}/trial-balance", params=PERIOD, headers={"Accept": MEDIA_TYPE}
    )
    assert response.headers["content-type"] == MEDIA_TYPE
