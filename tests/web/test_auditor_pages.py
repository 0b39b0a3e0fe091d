"""An auditor's pages: whose they are, what they say of bad questions, and what search finds."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Final

import pytest
from pypdfium2 import PdfDocument

from api.web import audit, book
from service.books import make_engine
from service.reports.registry import REPORTS
from service.statements.registry import STATEMENTS
from tests.api.helpers import make_app, one_officer
from tests.support import database
from tests.web.forms import page_of
from tests.web.paper_reading import MOST_S, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx
    from fastapi import FastAPI

OF_OTHERS: Final = (
    "/books/CO-07",
    "/books/CO-07/trial-balance",
    "/books/CO-07/day-book",
    "/books/CO-07/loans",
    "/books/CO-07/findings",
    "/books/LSO-01/findings?below=1",
    "/books/LSO-01/trial-balance?consolidated=1",
    "/books/LSO-01/rollup",
    "/audit?at=CO-07",
    "/audit?at=VO-01&person=treasurer",
    "/audit?at=VO-01&house=1",
    "/packs?of=CO-07",
    "/packs?of=LSO-01&below=1",
)
_AUDITED: Final = """
    SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'note_insert'
"""
_TAMPERED: Final = (
    "SET session_replication_role = replica",
    """UPDATE ledger.entry SET narrative = 'Nothing to see'
    WHERE no = 12 AND book_id = (SELECT id FROM ledger.book WHERE organisation = 'CO-01')""",
)
_ELSEWHERE: Final = """
    SELECT m.code, m.name FROM service.member m
    JOIN service.membership s ON s.organisation = m.organisation AND s.to_on > '2026-07-31'
    WHERE s.parent <> 'VO-01'
"""


@pytest.fixture
async def auditor(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the auditor of the union council."""
    async with one_officer(council, "auditor") as client:
        yield client


@pytest.fixture
async def of_one_village(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an auditor of one village of it."""
    async with one_officer(council, "village_auditor") as client:
        yield client


async def test_an_auditor_of_a_village_sees_nothing_of_another(
    of_one_village: httpx.AsyncClient, council_url: str
) -> None:
    """No page of another's book, nor of all below the one above; and no name of its members."""
    elsewhere = await asyncio.to_thread(database.fetch, council_url, _ELSEWHERE)
    assert elsewhere
    for at in OF_OTHERS:
        answer = await of_one_village.get(at, headers={"Accept-Language": "en"})
        assert answer.status_code in {403, 404}, at
        assert not [code for code, _ in elsewhere if str(code) in answer.text], at
    for code, name in elsewhere[:3]:
        for said in (code, name):
            page = await page_of(of_one_village, f"/search?q={said}")
            assert f"/members/{code}" not in page
    assert "/members/M-0001" in await page_of(of_one_village, "/search?q=M-0001")


async def test_search_finds_each_kind(auditor: httpx.AsyncClient) -> None:
    """By code, by a part of the name, and a voucher by its book and number."""
    for said, to in (
        ("co-01", "/organisations/CO-01"),
        ("chaman", "/organisations/CO-01"),
        ("farzana akh", "/members/M-0001"),
        ("L-0540", "/loans/L-0540"),
        ("S-0376", "/sheets/S-0376/receipts"),
        ("CO-01 12", "/books/CO-01/entries/12"),
    ):
        page = await page_of(auditor, f"/search?q={said}&at=LSO-01")
        assert f'href="{to}"' in page, said
    assert 'href="/books/LSO-01/entries/12"' in await page_of(auditor, "/search?q=12&at=LSO-01")
    assert "Nothing of that name" in await page_of(auditor, "/search?q=zzzz")
    assert "two letters" in await page_of(auditor, "/search?q=z")


async def test_search_shows_twenty_of_a_kind_and_more_of_one(auditor: httpx.AsyncClient) -> None:
    """Members begin with M."""
    first = await page_of(auditor, "/search?q=M-0&at=LSO-01")
    assert len(re.findall(r'href="/members/M-', first)) == 20
    (more,) = re.findall(r'href="(/search\?[^"]+kind=members[^"]*)"', first)
    whole = await page_of(auditor, more.replace("&amp;", "&"))
    assert len(re.findall(r'href="/members/M-', whole)) > 20


async def test_numbers_of_members_find_them_for_who_may_see_them_alone(
    council: FastAPI, auditor: httpx.AsyncClient, council_url: str
) -> None:
    """An identity number is no way to look into other people's registers."""
    rows = await asyncio.to_thread(
        database.fetch,
        council_url,
        "SELECT code, cnic FROM service.member WHERE cnic IS NOT NULL"
        " AND organisation = 'CO-01' ORDER BY code LIMIT 1",
    )
    ((code, cnic),) = rows
    async with one_officer(council, "village") as treasurer:
        pages = [await page_of(one, f"/search?q={cnic}") for one in (auditor, treasurer)]
    asked = "SELECT role FROM access.role_right WHERE \"right\" = 'identify'"
    allowed = {role for (role,) in await asyncio.to_thread(database.fetch, council_url, asked)}
    for role, page in zip(("auditor", "treasurer"), pages, strict=True):
        assert (f"/members/{code}" in page) == (role in allowed), role


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("/books/CO-01/nothing-such", "Choose one of"),
        ("/books/CO-01/day-book?consolidated=1", "Leave it out"),
        ("/books/CO-01/day-book?page=99", "Follow the links"),
        ("/books/CO-01/day-book?after=1.1.2026-06-30.5.1", "Follow the links"),
        ("/books/CO-01/day-book?page=2&after=1.1.2026-02-30.5.1", "Take the next link"),
        ("/books/CO-01/member-savings?page=99", "Follow the links"),
        ("/books/CO-01/trial-balance?on=31-02-2026", "a day like"),
        ("/books/CO-01/trial-balance?from=01-07-2026&on=30-06-2026", "Choose a later day"),
        ("/books/CO-01/account-statement", "by its number"),
        ("/books/CO-01/account-statement?account=x", "It is a number"),
        ("/books/CO-01/cash-book?code=2000", "Choose one of them"),
        ("/books/CO-01/findings?from=01-07-2026&on=30-06-2026", "Choose an earlier one"),
        ("/books/CO-99", "Check the code"),
        ("/packs?of=CO-99", "Check the code"),
        ("/packs?of=CO-01&from=01-07-2026&on=30-06-2026", "Choose a later day"),
    ],
)
async def test_a_bad_question_is_answered_with_what_to_do(
    auditor: httpx.AsyncClient, at: str, said: str
) -> None:
    """On a page, whatever was asked."""
    answer = await auditor.get(at, headers={"Accept-Language": "en"})
    assert answer.status_code in {400, 404, 422}, at
    assert said in answer.text
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_the_form_of_a_pack_makes_it_with_a_cover(auditor: httpx.AsyncClient) -> None:
    """The files of the API's, of the same days as known then; and the cover says its digest."""
    page = await page_of(auditor, "/packs/new?at=CO-01")
    assert 'name="of"' in page
    answer = await auditor.get(
        "/packs?of=CO-01&from=01-04-2026&on=30-06-2026&known=01-07-2026",
        headers={"Accept-Language": "ur"},
        timeout=MOST_S,
    )
    assert answer.status_code == 200
    assert "CO-01_2026-04-01_2026-06-30.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        cover = text_of(PdfDocument(archive.read("cover.pdf")))
    assert manifest["first_on"] == "2026-04-01"
    assert manifest["known_by"] == "2026-07-01T23:59:59.999999+05:00"
    assert manifest["digest"] in cover.replace("\n", "")
    assert manifest["books"][0]["head_hash"] in cover.replace("\n", "")
    same = {
        "first_on": "2026-04-01",
        "last_on": "2026-06-30",
        "known_by": manifest["known_by"],
    }
    plain = await auditor.get("/v1/organisations/CO-01/pack", params=same, timeout=MOST_S)
    with zipfile.ZipFile(io.BytesIO(plain.content)) as archive:
        names = set(archive.namelist())
    assert names == {file["name"] for file in manifest["files"]} - {"cover.pdf"} | {"manifest.json"}


async def test_the_book_leads_to_every_statement_and_report(auditor: httpx.AsyncClient) -> None:
    """None is forgotten; the statement of one account is opened from the accounts."""
    shown = {name for _, names in book.SHELVES for name in names} | {*book.OF_NODES}
    assert shown == {*STATEMENTS, *REPORTS} - {"account-statement"}
    page = await page_of(auditor, "/books/LSO-01")
    for name in shown:
        assert f'href="/books/LSO-01/{name}"' in page
    assert "Proven unbroken" in page
    of_a_co = await page_of(auditor, "/books/CO-01")
    assert 'href="/members?organisation=CO-01"' in of_a_co


async def test_the_trail_is_told_in_words(auditor: httpx.AsyncClient, council_url: str) -> None:
    """Also of what an auditor has read: this page is in it."""
    await page_of(auditor, "/books/CO-01?on=30-06-2026")
    page = await page_of(auditor, "/audit?at=LSO-01&person=auditor")
    assert "/books/CO-01?on=30-06-2026" in page
    assert "Looked at" in page
    some = await page_of(auditor, "/audit?at=LSO-01&person=auditor&action=book_page")
    assert "/books/CO-01?on=30-06-2026" in some
    none = await page_of(auditor, "/audit?at=LSO-01&person=auditor&from=01-01-2024&on=02-01-2024")
    assert "Nothing is in this trail" in none
    rows = await asyncio.to_thread(database.fetch, council_url, _AUDITED)
    tables = {name for (name,) in rows}
    assert set(audit.TABLES) == tables


async def test_the_trail_keeps_no_number_that_was_searched_for(
    auditor: httpx.AsyncClient, council_url: str
) -> None:
    """It is sealed for good; that somebody was looked for is told."""
    await page_of(auditor, "/search?q=35202-7654321-8&at=LSO-01")
    page = await page_of(auditor, "/audit?at=LSO-01&person=auditor&action=search_page")
    assert "/search?q=***&amp;at=LSO-01" in page
    kept = await asyncio.to_thread(
        database.fetch, council_url, "SELECT 1 FROM audit.trail WHERE changes::text ~ '7654321'"
    )
    assert not kept


async def test_findings_of_all_below_say_what_was_looked_at(auditor: httpx.AsyncClient) -> None:
    """Books and entries; and of a quiet month that there is nothing."""
    page = await page_of(auditor, "/books/LSO-01/findings?from=01-07-2024&on=30-06-2026&below=1")
    assert "Meeting entered twice" in page
    assert "/sheets/S-0376/receipts" in page
    quiet = await page_of(auditor, "/books/LSO-01/findings?from=01-06-2026&on=10-06-2026")
    assert "Nothing was found" in quiet
    assert "were looked at: " in quiet


async def test_the_days_of_a_statement_travel(auditor: httpx.AsyncClient) -> None:
    """To accounts with the first one, too; to loans and passbooks as on the last, as known then."""
    days = "on=31-05-2026&known=30-06-2026"
    said = days.replace("&", "&amp;")
    page = await page_of(
        auditor, f"/books/CO-01/trial-balance?from=01-04-2026&{days}&open=2000.own"
    )
    (kept_for_each,) = re.findall(r'href="(/books/CO-01/accounts\?[^"]+)"', page)
    assert "from=01-04-2026" in kept_for_each
    accounts = await page_of(auditor, kept_for_each.replace("&amp;", "&"))
    (one, *_) = re.findall(r'href="(/books/CO-01/accounts/\d+\?[^"]+)"', accounts)
    assert one.endswith(f"from=01-04-2026&amp;{said}")
    assert "01-04-2026" in await page_of(auditor, one.replace("&amp;", "&"))
    for name in ("income-and-expenditure", "general-ledger"):
        page = await page_of(auditor, f"/books/CO-01/{name}?from=01-04-2026&{days}")
        links = re.findall(r'href="/books/CO-01/accounts[?/][^"]+"', page)
        assert links
        assert all("from=01-04-2026" in link and said in link for link in links)
    for at in ("/books/CO-01/loans", "/books/CO-01/dcbo", "/books/CO-01/general-ledger"):
        page = await page_of(auditor, f"{at}?{days}")
        links = re.findall(r'href="(/(?:loans|members)/[^"]+)"', page)
        assert links
        assert all(link.endswith(f"?{said}") for link in links)
    found = await page_of(auditor, f"/search?q=M-0001&at=CO-01&{days}")
    assert f'href="/members/M-0001?{said}"' in found


async def test_a_long_statement_is_read_a_page_at_a_time(
    auditor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line once, in its order; no page reads what stands before it."""
    at = "/books/CO-01/general-ledger?from=01-06-2026&on=30-06-2026"
    row = re.compile(r"<tr>(?!<th scope=.col).*?</tr>")
    whole = row.findall((await page_of(auditor, at)).split("Totals of the whole")[0])
    monkeypatch.setattr("api.web.statements.ROWS", 20)
    found: list[str] = []
    links: list[str] = [at]
    while links:
        page = (await page_of(auditor, links[0].replace("&amp;", "&"))).split("Totals of")[0]
        found += row.findall(page)
        links = re.findall(r'href="([^"]+page=\d+&amp;after=[^"]+)"', page)
        assert ("From the beginning" in page) == (len(found) > 20)
    assert found == whole
    assert len(found) > 60


async def test_accounts_of_a_large_book_come_in_pages(
    auditor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each account once; what a code comes to is told of the whole on each of them."""
    at = "/books/CO-01/accounts?codes=2000&fund=own&from=01-04-2026&on=30-06-2026"
    whole = await page_of(auditor, at)
    total = re.compile(r'<tr class="day">.*?<td class="num"[^>]*>(.*?)</td>')
    shown = re.compile(r'href="(/books/CO-01/accounts/\d+\?[^"]+)"')
    monkeypatch.setattr("api.web.books.ACCOUNTS", 2)
    found: list[str] = []
    while at:
        page = await page_of(auditor, at)
        assert "Not all of them stand on this page" in page
        assert total.findall(page) == total.findall(whole) != []
        found += dict.fromkeys(shown.findall(page))
        nexts = re.findall(r'href="([^"]+after=[^"]+)"', page)
        at = nexts[0].replace("&amp;", "&") if nexts else ""
    assert found == [*dict.fromkeys(shown.findall(whole))]
    assert len(found) > 4


@pytest.fixture
def tampered_url(council_url: str) -> Iterator[str]:
    """The same books, of which somebody who may switch the triggers off has changed one voucher."""
    with database.clone_of(council_url) as url:
        database.execute(url, *_TAMPERED)
        yield url


async def test_a_broken_book_is_named_and_hides_no_figure(tampered_url: str) -> None:
    """Red, with the voucher; what else there is stays to be seen."""
    engine = make_engine(tampered_url, connections=4)
    try:
        async with one_officer(make_app(engine), "auditor") as client:
            page = await page_of(client, "/books/CO-01")
            balance = await page_of(client, "/books/CO-01/trial-balance?on=30-06-2026")
    finally:
        await engine.dispose()
    assert "Proven unbroken" not in page + balance
    assert 'href="/books/CO-01/entries/12"' in page
    assert "both sides equal" in balance
