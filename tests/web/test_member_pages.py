"""Members and their passbooks: what the pages say is what the API says."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from api.web import passbook, places
from api.web.passbook import laid_out
from tests.web.forms import page_of, people

if TYPE_CHECKING:
    from fastapi import FastAPI


def figures(page: str) -> list[str]:
    """The amounts of a page, as text without separators."""
    found = re.findall(r'class="m">(?:<small>Rs</small> )?([−0-9,]+)<small>(\.\d\d)', page)  # noqa: RUF001 - minus as the pages have it
    return ["".join(pair).replace(",", "").replace("−", "-") for pair in found]  # noqa: RUF001 - as above


async def test_savings_stand_beside_each_name(app: FastAPI) -> None:
    """As the API has them; and all together beneath."""
    async with people(app, "amina") as (amina,):
        page = await page_of(amina, "/members?organisation=CO-01")
        codes = re.findall(r'href="/members/(M-\d+)"', page)
        saved = []
        for code in codes:
            item = (await amina.get(f"/v1/members/{code}/savings")).json()["items"][0]
            saved.append(Decimal(item["compulsory"]) + Decimal(item["voluntary"]))
        assert len(codes) == 6
        assert figures(page) == [str(one) for one in (*saved, sum(saved))]


async def test_the_tab_leads_to_the_one_co_whose_books_one_keeps(app: FastAPI) -> None:
    """Whoever has none of her own chooses one."""
    async with people(app, "amina", "hina") as (amina, hina):
        assert 'href="/members/M-0001"' in await page_of(amina, "/members")
        assert 'href="/members?organisation=CO-01"' in await page_of(hina, "/members")


@pytest.mark.parametrize(("words", "found"), [("zain", 1), ("زینب", 1), ("M-0002", 1), ("xyz", 0)])
async def test_members_are_found_by_name_and_number(app: FastAPI, words: str, found: int) -> None:
    """In either script; nobody found says so."""
    async with people(app, "amina") as (amina,):
        page = await page_of(amina, f"/members?organisation=CO-01&q={words}")
        assert page.count('href="/members/M-') == found
        assert ("Nobody of this name" in page) == (not found)


async def test_a_passbook_says_what_the_api_says(app: FastAPI) -> None:
    """Savings, what is left of her loans, and every line of the statement, newest first."""
    async with people(app, "amina") as (amina,):
        page = await page_of(amina, "/members/M-0003")
        saved = (await amina.get("/v1/members/M-0003/savings")).json()["items"][0]
        loans = (await amina.get("/v1/organisations/CO-01/loans?member=M-0003")).json()["items"]
        left = Decimal()
        for loan in loans:
            found = (await amina.get(f"/v1/loans/{loan['code']}")).json()
            left += Decimal(found["figures"][0]["outstanding_principal"])
        told = figures(page)
        assert told[0] == str(Decimal(saved["compulsory"]) + Decimal(saved["voluntary"]))
        assert str(left) in told
        rows = (await amina.get("/v1/members/M-0003/passbook?first_on=2000-01-01")).json()["items"]
        lines = [row for row in rows if row["part"] == "line"]
        assert page.count('<tr><th scope="row">') == len(lines)
        vouchers = re.findall(r"voucher <bdi[^>]*>(\d+)</bdi>", page)
        wanted = sorted({(row["value_date"], row["entry_no"]) for row in lines}, reverse=True)
        assert [int(no) for no in vouchers] == [no for _, no in wanted]


async def test_what_is_longer_ago_is_a_page_further(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every voucher stands on one page, once; the first has no later one, the last no earlier."""
    monkeypatch.setattr(passbook, "VOUCHERS", 4)
    async with people(app, "amina") as (amina,):
        at, told = "/members/M-0003", []
        for no in range(1, 10):
            page = await page_of(amina, f"{at}?page={no}")
            told.append(re.findall(r"voucher <bdi[^>]*>(\d+)</bdi>", page))
            assert (f"?page={no - 1}" in page) == (no > 1)
            if f"?page={no + 1}" not in page:
                break
        every = [one for part in told for one in part]
        assert len(told) >= 2
        assert len(every) == len(set(every))
        assert all(len(part) == 4 for part in told[:-1])


async def test_a_passbook_has_a_square_code_that_leads_to_it(app: FastAPI) -> None:
    """Drawn with attributes alone: no style is needed for it."""
    async with people(app, "amina") as (amina,):
        page = await page_of(amina, "/members/M-0003")
        assert '<svg viewBox="0 0' in page
        assert "style=" not in page
        assert "<script>" not in page


async def test_identity_numbers_are_masked_as_in_the_api(app: FastAPI) -> None:
    """For whoever need not know them, as for who may."""
    async with people(app, "amina", "bushra", "hina") as clients:
        for client in clients:
            answer = await client.get("/v1/members/M-0001")
            page = await page_of(client, "/members/M-0001")
            assert answer.json()["cnic"] in page


async def test_lines_may_be_called_wrong_by_who_prepares(app: FastAPI) -> None:
    """The president sees the book, and no button that she may not press."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        at = "/sheets/S-07/correct?member=M-0003"
        assert at in await page_of(amina, "/members/M-0003")
        page = await page_of(bushra, "/members/M-0003")
        assert "/correct" not in page
        assert "/exit" not in page


async def test_a_person_of_another_co_finds_nobody(app: FastAPI) -> None:
    """Neither the list nor the passbook nor what would be done there."""
    async with people(app, "elsewhere") as (stranger,):
        for at in ("/members/M-0003", "/members/M-0003/exit", "/members?organisation=CO-01"):
            answer = await stranger.get(at)
            assert answer.status_code in {403, 404}, at
            assert "Kausar" not in answer.text


def test_an_amount_is_laid_out_in_notes() -> None:
    """The largest first; what no note is left for lies in coins."""
    assert laid_out(1_287_650) == [
        (5000, 2),
        (1000, 2),
        (500, 1),
        (100, 3),
        (50, 1),
        (20, 1),
        (0, 6),
    ]
    assert laid_out(0) == []


async def test_a_long_list_to_choose_from_goes_on(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may see many COs turns the page."""
    monkeypatch.setattr(places, "MOST_SHOWN", 1)
    async with people(app, "hina") as (hina,):
        first = await page_of(hina, "/members")
        assert 'href="/members?organisation=CO-01"' in first
        assert 'href="/members?after=CO-01"' in first
        last = await page_of(hina, "/members?after=CO-01")
        assert 'href="/members?organisation=CO-02"' in last
        assert "?after=" not in last
