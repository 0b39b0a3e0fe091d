"""Books over HTTP: entries, accounts, statements, balances, closings."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from ledger.money import parse_rupees, rupees
from tests.api.helpers import all_pages, good, grant, keyed, refused

if TYPE_CHECKING:
    import httpx

BOOK = "/v1/organisations/CO-01"


async def test_the_head_is_the_newest_entry(client: httpx.AsyncClient) -> None:
    """Number and seal."""
    head = good(await client.get(f"{BOOK}/book"))
    newest = good(await client.get(f"{BOOK}/entries/{head['last_no']}"))
    assert (newest["no"], newest["hash"]) == (head["last_no"], head["head_hash"])
    refused(await client.get(f"{BOOK}/entries/{head['last_no'] + 1}"), 404, "not_found")
    refused(await client.get(f"{BOOK}/entries/0"), 422, "malformed")
    refused(await client.get(f"{BOOK}/entries/{2**63}"), 422, "malformed")


async def test_entries_balance_and_are_filtered_by_day(client: httpx.AsyncClient) -> None:
    """Between two days, in the order of their numbers."""
    (items,) = await all_pages(
        client, f"{BOOK}/entries", first_on="2026-04-01", last_on="2026-04-30"
    )
    assert [item["no"] for item in items] == sorted(item["no"] for item in items)
    assert {item["value_date"][:7] for item in items} == {"2026-04"}
    for item in items:
        debits = sum(parse_rupees(line["debit"]) for line in item["lines"])
        assert debits == sum(parse_rupees(line["credit"]) for line in item["lines"])


async def test_entries_are_found_by_kind_actor_reference_fund_and_code(
    client: httpx.AsyncClient,
) -> None:
    """Each filter finds what the whole list shows, and on every page."""
    undo = {"on": "2026-06-30", "reason": "Entered twice", "resolution": None}
    good(await client.post("/v1/sheets/S-07/reverse", json=undo, headers=keyed("u")), 201)
    (whole,) = await all_pages(client, f"{BOOK}/entries", limit=500)

    async def numbers(**asked: str) -> list[int]:
        pages = await all_pages(client, f"{BOOK}/entries", limit=2, **asked)
        return [entry["no"] for page in pages for entry in page]

    def having(fund: str, code: str) -> list[int]:
        return [
            entry["no"]
            for entry in whole
            if any(fund in ("", ln["fund"]) and code in ("", ln["code"]) for ln in entry["lines"])
        ]

    for kind in {entry["kind"] for entry in whole}:
        assert await numbers(kind=kind) == [e["no"] for e in whole if e["kind"] == kind]
    assert await numbers(reference="S-01") == [e["no"] for e in whole if e["reference"] == "S-01"]
    last = whole[-1]
    assert (last["actor"], last["kind"]) == ("shazia, nadia", "reversal")
    for actor in ("shazia", "nadia", "shazia, nadia"):
        assert await numbers(actor=actor) == [last["no"]]
    assert await numbers(actor="shaz") == []
    for fund, code in (("cif", ""), ("", "4010"), ("cif", "1000"), ("igg", "4010")):
        asked = {name: v for name, v in (("fund", fund), ("account_code", code)) if v}
        assert await numbers(**asked) == having(fund, code)
    assert 0 < len(await numbers(account_code="4010")) < len(whole)
    assert await numbers(kind="close", actor="shazia") == []


@pytest.mark.parametrize(
    "asked", [{"kind": "joke"}, {"actor": "a\u0000b"}, {"reference": "x" * 251}, {"fund": ""}]
)
async def test_a_malformed_filter_of_entries_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    """The problem says which."""
    answer = await client.get(f"{BOOK}/entries", params=asked)
    errors = refused(answer, 422, "malformed")["errors"]
    assert [error["pointer"] for error in errors] == [f"/{name}" for name in asked]


async def test_accounts_add_up_to_the_balances(client: httpx.AsyncClient) -> None:
    """On two days, and as known by a moment."""
    days = ["2026-03-31", "2026-06-30"]
    for known in ({}, {"known_by": "2026-03-31T23:59:59+05:00"}):
        asked: dict[str, Any] = {"as_of": days, **known}
        accounts = good(await client.get(f"{BOOK}/accounts", params=asked))["days"]
        balances = good(await client.get(f"{BOOK}/balances", params=asked))["days"]
        assert [day["as_of"] for day in accounts] == days
        for one, other in zip(accounts, balances, strict=True):
            assert _summed(one["items"]) == _summed(other["items"])


def _summed(items: list[dict[str, str]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for item in items:
        place = item["fund"], item["code"]
        sums[place] = sums.get(place, 0) + parse_rupees(item["balance"])
    return {place: net for place, net in sums.items() if net}


async def test_every_statement_ends_at_the_balance(client: httpx.AsyncClient) -> None:
    """Opening plus lines, running, for each account; by pages as in one piece."""
    found = good(await client.get(f"{BOOK}/accounts", params={"as_of": "2026-06-30"}))
    for account in found["days"][0]["items"]:
        at = f"{BOOK}/accounts/{account['no']}/statement"
        whole = good(await client.get(at, params={"limit": 500}))
        assert whole["opening"] == "0.00"
        running = 0
        for line in whole["items"]:
            running += parse_rupees(line["debit"]) - parse_rupees(line["credit"])
            assert line["balance"] == rupees(running)
        assert rupees(running) == account["balance"]
        pages = await all_pages(client, at, limit=2)
        assert [line for page in pages for line in page] == whole["items"]


async def test_a_statement_opens_with_what_was_before(client: httpx.AsyncClient) -> None:
    """From a day on, up to a day, on a later page, and as known by a moment."""
    at = f"{BOOK}/accounts/{await _cash(client)}/statement"
    whole = good(await client.get(at, params={"limit": 500}))
    april = good(await client.get(at, params={"first_on": "2026-04-01", "last_on": "2026-04-30"}))
    before = [line for line in whole["items"] if line["value_date"] < "2026-04-01"]
    assert april["opening"] == before[-1]["balance"]
    assert [line["value_date"][:7] for line in april["items"]] == ["2026-04"] * len(april["items"])
    first = await client.get(at, params={"limit": 3})
    second = good(await client.get(first.links["next"]["url"]))
    assert second["opening"] == good(first)["items"][-1]["balance"]
    known = good(await client.get(at, params={"known_by": "2026-03-20T00:00:00+05:00"}))
    assert 0 < len(known["items"]) < len(whole["items"])
    none = good(await client.get(at, params={"known_by": "2026-01-01T00:00:00+05:00"}))
    assert (none["items"], none["opening"]) == ([], "0.00")


async def _cash(client: httpx.AsyncClient) -> int:
    found = good(await client.get(f"{BOOK}/accounts", params={"as_of": "2026-06-30"}))
    items = found["days"][0]["items"]
    own = next(a for a in items if (a["code"], a["fund"]) == ("1000", "own"))
    number: int = own["no"]
    return number


async def test_statements_refuse_what_is_not_there(client: httpx.AsyncClient) -> None:
    """An unknown account, a cursor that is none, a day that is none."""
    refused(await client.get(f"{BOOK}/accounts/9999/statement"), 404, "not_found")
    for after in ("x", "2026-02-30.1.1", "2026-03-01.1"):
        response = await client.get(f"{BOOK}/accounts/1/statement", params={"after": after})
        refused(response, 422, "malformed")
    future = {"known_by": "2199-01-01T00:00:00+05:00"}
    for part in ("accounts", "accounts/1/statement", "balances"):
        response = await client.get(f"{BOOK}/{part}", params=future)
        refused(response, 422, "moment_unsettled")


@pytest.mark.parametrize("node", ["VO-01", "LSO-01", "RSPN"])
async def test_consolidated_balances_are_the_roll_up(client: httpx.AsyncClient, node: str) -> None:
    """With what is eliminated between two books below shown apart."""
    asked = {"as_of": "2026-06-30"}
    found = good(
        await client.get(
            f"/v1/organisations/{node}/balances", params={**asked, "consolidated": "true"}
        )
    )
    table = good(await client.get("/v1/reports/rollup", params={**asked, "node": node}))
    columns = ("fund", "code", "balance", "eliminated", "consolidated")
    assert [[item[c] for c in columns] for item in found["days"][0]["items"]] == [
        [row[c] for c in columns] for row in table["rows"]
    ]


async def test_consolidated_balances_are_told_apart_by_whose_groups_they_are(
    client: httpx.AsyncClient,
) -> None:
    """Members save in women's, men's and mixed groups alone, so their parts are the whole."""
    path, asked = "/v1/organisations/RSPN/balances", {"consolidated": "true"}

    async def saved(**more: str) -> list[Decimal]:
        (day,) = good(await client.get(path, params=asked | more))["days"]
        return [Decimal(one["balance"]) for one in day["items"] if one["code"] == "2000"]

    parts = [await saved(gender=gender) for gender in ("women", "men", "mixed")]
    assert sum(map(sum, parts)) == sum(await saved()) != 0
    assert sum(parts[0]) != 0
    response = await client.get(path, params={"gender": "women"})
    refused(response, 422, "malformed")


async def test_without_days_figures_are_of_today(client: httpx.AsyncClient) -> None:
    """Today in Karachi, by the service's clock."""
    found = good(await client.get(f"{BOOK}/balances"))
    assert [day["as_of"] for day in found["days"]] == ["2026-07-31"]


async def test_a_period_is_closed_for_good(client: httpx.AsyncClient) -> None:
    """Nothing is posted in it any more, and it is not closed again or into the future."""
    at = "/v1/organisations/LSO-01/closings"
    asked = {"closed_to": "2026-06-30", "reason": "Audited"}
    assert good(await client.post(at, json=asked), 201)["closed_to"] == "2026-06-30"
    assert good(await client.get("/v1/organisations/LSO-01/book"))["closed_to"] == "2026-06-30"
    late = await client.post("/v1/events", json=grant(), headers=keyed("k"))
    refused(late, 422, "period_closed")
    refused(await client.post(at, json=asked), 422, "period_closed")
    today = {**asked, "closed_to": "2026-07-31"}
    refused(await client.post(at, json=today), 422, "dated_in_future")
    nowhere = await client.post("/v1/organisations/LSO-99/closings", json=asked)
    refused(nowhere, 404, "not_found")


async def test_the_chain_can_be_computed_again_by_anybody(client: httpx.AsyncClient) -> None:
    """Each hash is the SHA-256 of its text, which names the hash before; the last is the head."""
    response = await client.get("/v1/organisations/CO-01/chain")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    _, *links, end = (json.loads(line) for line in response.text.splitlines())
    book = good(await client.get("/v1/organisations/CO-01/book"))
    assert [link["no"] for link in links] == list(range(1, book["last_no"] + 1))
    before = links[0]["prev_hash"]
    for link in links:
        assert link["prev_hash"] == before
        assert f"|{before}|" in link["text"]
        before = sha256(link["text"].encode()).hexdigest()
        assert link["hash"] == before
    assert before == book["head_hash"]
    assert end["rows"] == len(links)
    genesis = sha256(b"amanat-book-1;5:CO-01;3:PKR;").hexdigest()
    assert links[0]["prev_hash"] == genesis


async def test_a_book_is_proven_on_request(client: httpx.AsyncClient) -> None:
    """Alone, or with all below it."""
    alone = good(await client.get("/v1/organisations/VO-01/proof"))
    assert (alone["books"], alone["holds"], alone["findings"]) == (1, True, [])
    below = good(await client.get("/v1/organisations/VO-01/proof", params={"below": True}))
    assert (below["books"], below["holds"]) == (2, True)
