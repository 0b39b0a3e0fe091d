"""Codes may have any visible letter: no page loses its way by one, and no money."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from api.web.filled import key_of
from service.sheets.sheet import Sheet
from tests.api.conftest import client, one_co_template, one_co_url
from tests.api.helpers import good
from tests.web.test_sending import CODE, key, sheet_of
from tests.web.test_sheet_pages import form, sent

if TYPE_CHECKING:
    import httpx

__all__ = ["client", "one_co_template", "one_co_url"]

ODD: Final = "M:7 ?#%2e&'\"x"
HREF: Final = re.compile(r'href="(/members/M%3A7[^"]*)"')


async def test_a_member_of_an_odd_code_brings_what_she_brings(client: httpx.AsyncClient) -> None:
    """Her line is hers, and her passbook is found."""
    hers = {"code": ODD, "organisation": "CO-01", "name": "Odd", "gender": "female"}
    good(await client.post("/v1/members", json={**hers, "joined_on": "2026-06-01"}), 201)
    fields = form(("paid", ODD), (f"a:{ODD}:saving_compulsory", "70"))
    assert (await sent(client, "/sheets/new", *fields)).status_code == 303
    [line] = good(await client.get(f"/v1/sheets/{CODE}"))["lines"]
    assert (line["member"], line["amount"]) == (ODD, "70.00")
    [passbook] = HREF.findall((await client.get("/members?organisation=CO-01&q=Odd")).text)
    page = (await client.get(passbook)).text
    [leaving] = [at for at in HREF.findall(page) if at.endswith("/exit")]
    assert (await client.get(leaving)).status_code == 200


@pytest.mark.parametrize("on", ["31-12-9999", "01-01-0001"])
async def test_a_day_beyond_all_books_is_refused(client: httpx.AsyncClient, on: str) -> None:
    """It is nobody's mistake but whoever typed it."""
    answer = await client.get("/sheets/new", params={"organisation": "CO-01", "on": on})
    assert answer.status_code == 422


def test_a_key_can_stand_in_a_header_whatever_its_code() -> None:
    """A code may be written in Urdu, or have a space within."""
    assert key(sheet_of()).startswith(CODE)
    for code in ("\u062a\u0646\u0638\u06cc\u0645.20260731", "CO 1.20260731"):
        made = key_of(Sheet(code, "CO", date(2026, 7, 31), (), 0, ()))
        assert re.fullmatch(r"[!-~]{1,200}", made)
