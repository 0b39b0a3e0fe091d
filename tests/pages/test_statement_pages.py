"""Statements and reports as pages: every figure is the API's, all keep to the rules."""

from __future__ import annotations

import csv
import io
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from service.organisations import OrganisationKind
from service.reports.registry import REPORTS
from service.statements.registry import STATEMENTS
from service.statements.statement import Dated
from tests.support.page_rules import checked_everywhere
from tests.support.tables import amount, tables_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.support.house import House
    from tests.support.tables import Row

NOW: Final = datetime(2026, 7, 6, 5, tzinfo=UTC)
FIRST, LAST = "2026-04-01", "2026-06-30"
TYPED: Final = {"from": "01-04-2026", "on": "30-06-2026"}
ACCOUNT: Final = "1"
MONEY: Final = re.compile(r"-?\d+\.\d\d")
DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
IN_WORDS: Final = frozenset(
    {"account", "part", "fund", "kind", "tier", "category", "measure", "narrative", "what"}
)
"""What a page says in words of its reader."""
OF_PILOT: Final = ("CO-01", "VO-01", "LSO-01")
ASKED: Final = [
    (code, statement.name, consolidated)
    for code in OF_PILOT
    for statement in STATEMENTS.values()
    for consolidated in (False, True)
    if not consolidated or (statement.node_columns and not code.startswith(OrganisationKind.CO))
]


@asynccontextmanager
async def auditor(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the LSO's auditor, who reads English."""
    house.clock.now = NOW
    async with httpx.AsyncClient(
        base_url=house.address, headers={"Accept-Language": "en"}, timeout=60
    ) as client:
        said = {"name": "amina", "password": house.people["amina"].password}
        assert (await client.post("/v1/sessions", json=said)).status_code == 201
        yield client


async def rows_of(client: httpx.AsyncClient, at: str, asked: dict[str, str]) -> list[list[Row]]:
    """The tables of a statement's page; of many pages the rows of the first table, together."""
    tables: list[list[Row]] = []
    answer = await client.get(at, params=asked)
    while True:
        assert answer.status_code == 200, answer.text
        found = tables_of(answer.text)
        tables = [tables[0] + found[0], *found[1:]] if tables and found else tables or found
        later = re.search(r'href="([^"]*[?&;]page=\d[^"]*)"', answer.text)
        if later is None:
            return tables
        answer = await client.get(unescape(later[1]))


def same(column: str, said: str, shown: str) -> bool:
    """Whether a cell of a page shows what the API says."""
    if MONEY.fullmatch(said):
        return amount(shown) == said or shown == said
    if day := DAY.match(said):
        return shown.startswith(f"{day[3]}-{day[2]}-{day[1]}")
    if column in IN_WORDS:
        return bool(shown) or not said or said in {"line", "normal"}
    return said in shown


def amounts(cells: list[str]) -> list[str]:
    """The amounts among cells."""
    return [amount(one) for one in cells if MONEY.fullmatch(amount(one))]


@pytest.mark.parametrize(("code", "name", "consolidated"), ASKED)
async def test_a_statement_shows_what_the_api_says(
    house: House, code: str, name: str, *, consolidated: bool
) -> None:
    """Cell by cell, on however many pages, and the totals of the whole."""
    dated = STATEMENTS[name].dated
    of_api: dict[str, str] = {"consolidated": "true"} if consolidated else {}
    of_page = {"consolidated": "1"} if consolidated else {}
    if dated is Dated.PERIOD:
        of_api |= {"first_on": FIRST, "last_on": LAST}
        of_page |= TYPED
    elif dated is Dated.DAY:
        of_api, of_page = of_api | {"as_of": LAST}, of_page | {"on": TYPED["on"]}
    if name == "account-statement":
        of_api, of_page = of_api | {"account": ACCOUNT}, of_page | {"account": ACCOUNT}
    async with auditor(house) as client:
        at = f"/v1/organisations/{code}/statements/{name}"
        whole = await client.get(at, params=of_api | {"format": "csv"})
        assert whole.status_code == 200, whole.text
        columns, *said = csv.reader(io.StringIO(whole.text))
        totals = (await client.get(at, params=of_api)).json()["totals"]
        tables = await rows_of(client, f"/books/{code}/{name}", of_page)
    if name == "trial-balance" and not consolidated:
        _compare_sides(said, tables[0], columns)
        return
    first, rest = (tables[0], tables[1:]) if said else ([], tables)
    shown = [row.cells for row in first if not row.is_sum]
    assert len(shown) == len(said)
    for values, cells in zip(said, shown, strict=True):
        for column, value, cell in zip(columns, values, cells, strict=False):
            assert same(column, value, cell), (column, value, cell)
    sums = [amounts(row.cells) for table in tables for row in table if row.is_sum]
    sums += [amounts(row.cells) for table in rest for row in table]
    for total in totals:
        wanted = [value for value in total.values() if MONEY.fullmatch(value)]
        assert any(found[: len(wanted)] == wanted for found in sums), total


def _compare_sides(said: list[list[str]], table: list[Row], columns: list[str]) -> None:
    """The trial balance has opening and closing on the side where they stand."""
    shown = [row.cells for row in table if not row.is_sum]
    assert len(shown) == len(said)
    sums = [0] * 6
    for values, cells in zip(said, shown, strict=True):
        found = dict(zip(columns, values, strict=True))
        sides = [_paisa(one) for one in cells[3:]]
        assert cells[0] == found["code"]
        assert sides[0] - sides[1] == _paisa(found["opening"])
        assert sides[2:4] == [_paisa(found["debit"]), _paisa(found["credit"])]
        assert sides[4] - sides[5] == _paisa(found["closing"])
        sums = [one + other for one, other in zip(sums, sides, strict=True)]
    (total,) = (row.cells for row in table if row.is_sum)
    assert [_paisa(one) for one in total[1:]] == sums
    assert sums[0::2] == sums[1::2]


def _paisa(said: str) -> int:
    return int(amount(said).replace(".", ""))


@pytest.mark.parametrize("code", OF_PILOT)
@pytest.mark.parametrize("name", [name for name in REPORTS if name not in STATEMENTS])
async def test_a_report_shows_what_the_api_says(house: House, code: str, name: str) -> None:
    """Cell by cell."""
    async with auditor(house) as client:
        asked = {"node": code, "as_of": LAST, "format": "csv"}
        whole = await client.get(f"/v1/reports/{name}", params=asked)
        columns, *said = csv.reader(io.StringIO(whole.text))
        tables = await rows_of(client, f"/books/{code}/{name}", {"on": TYPED["on"]})
    rows = tables[0] if tables else []
    assert len(rows) == len(said)
    if "code" in columns:  # after it the page says which account that is
        columns.insert(columns.index("code") + 1, "account")
    for values, row in zip(said, rows, strict=True):
        found: dict[str, Any] = dict(
            zip([one for one in columns if one != "account"], values, strict=True)
        )
        for column, cell in zip(columns, row.cells, strict=True):
            assert column == "account" or same(column, found[column], cell), (column, cell)


async def test_an_account_opens_in_place(house: House) -> None:
    """Its entries, the one that was chosen beside them, and its place in the chain."""
    async with auditor(house) as client:
        asked = TYPED | {"open": "2000.own"}
        answer = await client.get("/books/CO-01/trial-balance", params=asked)
        vouchers = re.findall(r"voucher=(\d+)", answer.text)
        chosen = await client.get(
            "/books/CO-01/trial-balance", params=asked | {"voucher": vouchers[0]}
        )
        entry = (await client.get(f"/v1/organisations/CO-01/entries/{vouchers[0]}")).json()
    assert len(vouchers) > 1
    assert entry["hash"] in chosen.text
    assert entry["hash"] not in answer.text or vouchers[0] == vouchers[-1]
    assert f"/books/CO-01/entries/{vouchers[0]}" in chosen.text


async def test_what_is_consolidated_opens_to_what_it_is_made_of(house: House) -> None:
    """Its own book, and each organisation below with all below that."""
    async with auditor(house) as client:
        asked = {"on": TYPED["on"], "consolidated": "1", "fund": "own"}
        of_lso = await client.get("/books/LSO-01/balance-sheet", params=asked)
        of_vo = await client.get("/books/VO-01/balance-sheet", params=asked)
    links = re.findall(r'href="(/books/[^"]+/balance-sheet\?[^"]+)"', of_lso.text)
    assert "/books/LSO-01/balance-sheet?fund=own&amp;on=30-06-2026" in links
    assert "/books/VO-01/balance-sheet?consolidated=1&amp;fund=own&amp;on=30-06-2026" in links
    assert 'href="/books/CO-01/balance-sheet?fund=own&amp;on=30-06-2026"' in of_vo.text


async def test_papers_and_workbooks_are_of_the_same_question(house: House) -> None:
    """What a page links to answers, for the same days and fund."""
    async with auditor(house) as client:
        page = await client.get("/books/CO-01/trial-balance", params=TYPED | {"fund": "own"})
        links = re.findall(r'class="btn" href="(/v1/[^"]+)"', page.text)
        assert [re.search(r"format=(\w+)", one)[1] for one in links] == ["xlsx", "csv"]  # type: ignore[index] # each has one
        for link in links:
            answer = await client.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, answer.text
    assert answer.text.splitlines()[1].startswith("own,1000,")
    assert "/books/CO-01/trial-balance.pdf?from=2026-04-01&amp;to=2026-06-30" in page.text


async def test_statement_pages_keep_to_the_rules(browser: Browser, house: House) -> None:
    """The book, what it says, wide tables, an account opened in place, one with all below."""
    house.clock.now = NOW
    days = "from=01-04-2026&on=30-06-2026"
    await checked_everywhere(
        browser,
        house.address,
        "/books/CO-01",
        "/books/LSO-01",
        f"/books/CO-01/trial-balance?{days}",
        f"/books/CO-01/trial-balance?{days}&open=2000.own",
        f"/books/LSO-01/trial-balance?{days}&consolidated=1",
        "/books/VO-01/balance-sheet?on=30-06-2026",
        "/books/CO-01/cash-book?from=01-06-2026&on=30-06-2026",
        "/books/CO-01/dcbo?from=01-06-2026&on=30-06-2026",
        "/books/CO-01/number-gaps",
        "/books/LSO-01/rollup?on=30-06-2026&known=30-06-2026",
        sign_in=lambda context: house.sign_in(context, "amina"),
    )


async def test_the_auditors_other_pages_keep_to_the_rules(browser: Browser, house: House) -> None:
    """Findings, the trail, search, the form of a pack: with something in them, and with nothing."""
    house.clock.now = NOW
    await checked_everywhere(
        browser,
        house.address,
        "/books/LSO-01/findings?from=01-07-2024&on=30-06-2026&below=1",
        "/books/CO-01/findings?from=01-06-2026&on=10-06-2026",
        "/audit?at=LSO-01&person=amina",
        "/audit?at=CO-01",
        "/packs/new?at=LSO-01",
        "/search?at=LSO-01",
        "/search?at=LSO-01&q=co",
        "/search?at=LSO-01&q=M-00",
        "/search?at=LSO-01&q=CO-01+12",
        sign_in=lambda context: house.sign_in(context, "amina"),
    )
