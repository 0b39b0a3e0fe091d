"""Papers: what they say is what the API says, to whoever may read it there, in two languages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest
from pypdfium2 import PdfDocument
from starlette.requests import Request

from api.papers.press import Press
from api.web import language as languages
from api.web import papers
from api.web.pack_cover import TITLES, BookEnd, Cover, PackedFile, cover_html
from api.web.reader import Reader
from api.web.words import Words
from service.organisations import Organisation, OrganisationKind
from service.settings import Settings
from tests.support.importing import NOW
from tests.web.forms import page_of, people
from tests.web.paper_reading import amounts, paper, text_of

if TYPE_CHECKING:
    from fastapi import FastAPI

YEAR: Final = "from=2025-07-01&to=2026-06-30"
OF_API: Final = "first_on=2025-07-01&last_on=2026-06-30"
HOME: Final = Organisation("CO-01", OrganisationKind.CO, "CO Sitara", date(2024, 1, 1))
COVER: Final = Cover(
    first_on=date(2025, 7, 1),
    last_on=date(2026, 6, 30),
    known_by=NOW,
    made_by="Hina",
    made_at=NOW,
    digest="ab" * 32,
    files=(PackedFile("statements/CO-01/trial-balance.csv", "trial-balance", 12),),
    books=(BookEnd("CO-01", 7, "cd" * 32),),
)


def _reader(language: str = "en") -> Reader:
    spoken = languages.ALL[language]
    scope = {"type": "http", "scheme": "http", "path": "/", "query_string": b"", "headers": []}
    return Reader(Request(scope | {"server": ("amanat", 80)}), spoken, Words(spoken))


async def test_a_passbook_has_every_line_of_the_api(app: FastAPI) -> None:
    """Each once, the oldest first; and what she saved on top."""
    async with people(app, "amina") as (amina,):
        read = await paper(amina, "/members/M-0003/passbook.pdf")
        saved = (await amina.get("/v1/members/M-0003/savings")).json()["items"][0]
        rows = (await amina.get("/v1/members/M-0003/passbook?first_on=2000-01-01")).json()["items"]
    found = amounts(text_of(read))
    assert found[0] == Decimal(saved["compulsory"]) + Decimal(saved["voluntary"])
    lines = sorted(
        (row for row in rows if row["part"] == "line"),
        key=lambda row: (row["value_date"], row["entry_no"], row["n"]),
    )
    told = [
        amount
        for row in lines
        for amount in (Decimal(row["debit"]) or Decimal(row["credit"]), Decimal(row["balance"]))
    ]
    assert found[-len(told) :] == told
    assert "M-0003" in text_of(read)


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_a_passbook_is_in_two_languages(app: FastAPI, language: str) -> None:
    """The reader's leads, and the foot is in it alone."""
    async with people(app, "amina") as (amina,):
        text = text_of(await paper(amina, "/members/M-0003/passbook.pdf", language))
    assert "Passbook" in text
    assert {"پاس", "بک"} <= set(text.split())
    assert ("Page 1 of" in text) == (language == "en")
    assert ("صفحہ" in text) == (language == "ur")


async def test_receipts_are_of_all_members_four_to_a_page(app: FastAPI) -> None:
    """Each sum that members paid in or took, and the voucher."""
    async with people(app, "amina") as (amina,):
        sheet = (await amina.get("/v1/sheets/S-07")).json()
        read = await paper(amina, "/sheets/S-07/receipts.pdf")
        page = await page_of(amina, "/sheets/S-07/receipts")
    members = {line["member"] for line in sheet["lines"]}
    text = text_of(read)
    assert all(text.count(code) == 1 for code in members)
    assert len(read) == -(-len(members) // 4)
    assert '<a class="btn" href="/sheets/S-07/receipts.pdf"' in page


async def test_a_voucher_has_the_lines_and_the_seal_of_the_api(app: FastAPI) -> None:
    """Debit and credit of each, and both totals."""
    async with people(app, "hina") as (hina,):
        entry = (await hina.get("/v1/organisations/CO-01/entries/7")).json()
        text = text_of(await paper(hina, "/books/CO-01/entries/7.pdf"))
    debits = [Decimal(line["debit"]) for line in entry["lines"]]
    credits_ = [Decimal(line["credit"]) for line in entry["lines"]]
    of_lines = [debit or credit for debit, credit in zip(debits, credits_, strict=True)]
    assert amounts(text) == [*of_lines, sum(debits), sum(credits_)]
    assert entry["hash"] in text.replace("\n", "")


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize(
    ("name", "asked", "of_api"),
    [
        ("trial-balance", YEAR, OF_API),
        ("balance-sheet", "as_of=2026-06-30", "as_of=2026-06-30"),
        ("cash-book", f"{YEAR}&fund=own", f"{OF_API}&fund=own&limit=500"),
    ],
)
async def test_a_statement_has_the_amounts_of_the_api(
    app: FastAPI, name: str, asked: str, of_api: str, language: str
) -> None:
    """All rows, and all totals; in whichever language."""
    async with people(app, "hina") as (hina,):
        answer = await hina.get(f"/v1/organisations/CO-01/statements/{name}?{of_api}")
        text = text_of(await paper(hina, f"/books/CO-01/{name}.pdf?{asked}", language))
    table = answer.json()
    assert sorted(amounts(text)) == sorted(_amounts(table["items"]) + _amounts(table["totals"]))
    assert "01-07-2025 – 30-06-2026" in text or "30-06-2026" in text  # noqa: RUF001 - a dash


def _amounts(rows: list[dict[str, Any]]) -> list[Decimal]:
    return [
        Decimal(value)
        for row in rows
        for value in row.values()
        if isinstance(value, str)
        and value.lstrip("-").replace(".", "", 1).isdigit()
        and "." in value
    ]


async def test_a_statement_of_nothing_says_so(app: FastAPI) -> None:
    """A book without reversals has a log without rows, which is a paper, too."""
    async with people(app, "hina") as (hina,):
        text = text_of(await paper(hina, "/books/CO-02/number-gaps.pdf"))
    assert "Nothing here in this time." in text


async def test_a_paper_is_for_whom_its_page_is(app: FastAPI) -> None:
    """A stranger gets a page that says so, and no paper."""
    async with people(app, "elsewhere") as (stranger,):
        for at in (
            "/members/M-0003/passbook.pdf",
            "/sheets/S-07/receipts.pdf",
            "/books/CO-01/entries/7.pdf",
            f"/books/CO-01/trial-balance.pdf?{YEAR}",
        ):
            answer = await stranger.get(at)
            assert answer.status_code in {403, 404}, at
            assert answer.headers["content-type"].startswith("text/html")


async def test_what_an_auditor_prints_is_in_the_trail(app: FastAPI) -> None:
    """As what she reads; by its own name."""
    async with people(app, "hina", "bushra") as (hina, _):
        await paper(hina, "/books/CO-01/entries/7.pdf")
        trail = (await hina.get("/v1/people/hina/audit-trail?action=voucher_paper")).json()
    assert [link["changes"][0]["read"] for link in trail["items"]] == ["/books/CO-01/entries/7.pdf"]


async def test_what_is_asked_wrongly_is_refused_on_a_page(app: FastAPI) -> None:
    """An unknown statement, a day that is none, a parameter that is none."""
    async with people(app, "hina") as (hina,):
        for at, status in (
            ("/books/CO-01/poem.pdf", 404),
            ("/books/CO-01/trial-balance.pdf?from=yesterday", 422),
            ("/books/CO-01/trial-balance.pdf?form=2026-01-01", 422),
            ("/books/CO-01/balance-sheet.pdf?from=2026-01-01", 422),
            ("/books/CO-01/entries/999.pdf", 404),
        ):
            assert (await hina.get(at)).status_code == status, at


async def test_a_statement_too_long_for_a_paper_is_refused_before_it_is_laid_out(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to do instead, in the reader's language."""
    monkeypatch.setattr(papers, "MOST_CELLS", 100)
    async with people(app, "hina") as (hina,):
        answer, urdu = [
            await hina.get(
                f"/books/CO-01/day-book.pdf?{YEAR}", headers={"Accept-Language": language}
            )
            for language in ("en", "ur")
        ]
    assert answer.status_code == urdu.status_code == 422
    assert "paper_too_long" in answer.text
    assert "XLSX or CSV" in answer.text
    assert "ایکسل" in urdu.text


async def test_hostile_names_are_text() -> None:
    """Whatever somebody is called, it stands on the paper as it is, and nothing is fetched."""
    name = "<script>alert(1)</script><img src='file:///etc/passwd'>{{7*7}}"
    html = cover_html(_reader(), replace(HOME, name=name), replace(COVER, made_by=name))
    assert "<script" not in html
    assert "<img" not in html
    read = PdfDocument(await Press(Settings().paper_libraries).pdf(html))
    assert text_of(read).count("<script>alert(1)</script><img src=") >= 2
    assert "root:" not in text_of(read)


async def test_the_cover_of_a_pack_says_what_is_in_it_and_where_books_end() -> None:
    """Its digest and the heads of the books, to compare with."""
    files = (*COVER.files, PackedFile("books/CO-01/", "", 28), PackedFile("verify.py", "verify"))
    cover = replace(COVER, files=files)
    html = cover_html(_reader("ur"), HOME, cover, address="http://amanat/packs/1")
    assert all(_reader("ur").says(TITLES[what]) in html for what in ("", "verify"))
    assert "Project-Id-Version" not in html, "a catalogue's own head, which is of no string"
    text = text_of(PdfDocument(await Press(Settings().paper_libraries).pdf(html)))
    one_line = text.replace("\n", "")
    assert "ab" * 32 in one_line
    assert "cd" * 32 in one_line
    assert "statements/CO-01/trial-balance.csv" in one_line
    assert "01-07-2025 – 30-06-2026" in text  # noqa: RUF001 - a dash


async def test_whoever_hangs_up_ends_the_making() -> None:
    """Nothing is made for nobody."""
    ended = asyncio.Event()

    async def endless() -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return b""

    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b""},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return messages.pop(0)

    request = Request({"type": "http", "headers": []}, receive)
    assert await papers._while_asked_for(request, endless()) == b""
    assert ended.is_set()
