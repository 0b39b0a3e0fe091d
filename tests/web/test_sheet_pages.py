"""The sheet as plain forms: what is due stands in it, and what is filled in is what is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

from ledger.money import rupees
from tests.api.conftest import client, one_co_template, one_co_url
from tests.support.importing import NOW
from tests.support.people import signed_in

if TYPE_CHECKING:
    import httpx

__all__ = ["client", "one_co_template", "one_co_url"]

TODAY: Final = f"{NOW:%d-%m-%Y}"
DAY: Final = f"{NOW:%Y-%m-%d}"
CODE: Final = f"CO-01.{NOW:%Y%m%d}"
NEW: Final = "/sheets/new?organisation=CO-01"
CSRF: Final = signed_in("shazia")["X-CSRF-Token"]
FIELD: Final = re.compile(r'name="a:([^"]+)"[^>]* value="([^"]*)"')


def form(*fields: tuple[str, str]) -> list[tuple[str, str]]:
    """The fields of the sheet's form, with these."""
    return [("csrf", CSRF), ("organisation", "CO-01"), ("nth", "1"), ("on", TODAY), *fields]


async def sent(client: httpx.AsyncClient, to: str, *fields: tuple[str, str]) -> httpx.Response:
    """A form as a browser sends it: without any header of ours."""
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    cookie = client.headers["Cookie"]
    request = client.build_request("POST", to, data=data, headers={"X-CSRF-Token": ""})
    request.headers["Cookie"] = cookie
    return await client.send(request)


async def test_what_is_due_stands_in_the_sheet(client: httpx.AsyncClient) -> None:
    """Each field as the API says: regular saving and what each loan asks for."""
    page = (await client.get(NEW)).text
    dues = (await client.get(f"/v1/organisations/CO-01/dues?on={DAY}")).json()
    wanted = {
        ":".join((line["member"], line["kind"], *([line["loan"]] if line["loan"] else []))): line[
            "amount"
        ]
        for line in dues["prefilled"]
    }
    assert wanted
    assert {name: value for name, value in FIELD.findall(page) if value} == wanted


async def test_a_meeting_is_written_as_it_was_filled_in(client: httpx.AsyncClient) -> None:
    """Only what is ticked counts; all of it is one voucher; a second time it is the same."""
    fields = form(
        ("paid", "M-0001"),
        ("paid", "M-0002"),
        ("here:M-0003", "yes"),
        ("a:M-0001:saving_compulsory", "1,150.50"),
        ("a:M-0002:fine", "۲۰"),
    )
    answer = await sent(client, "/sheets/new", *fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sheets/{CODE}/count")
    page = (await client.get(f"/sheets/{CODE}/count")).text
    assert "1,170<small>.50" in page
    for _ in range(2):
        answer = await sent(client, f"/sheets/{CODE}/count", ("csrf", CSRF), ("exactly", "yes"))
        assert answer.headers["Location"] == f"/sheets/{CODE}/receipts"
    sheet = (await client.get(f"/v1/sheets/{CODE}")).json()
    assert (sheet["state"], sheet["cash_counted"]) == ("closed", "1170.50")
    assert sheet["present"] == ["M-0001", "M-0002", "M-0003"]
    assert [(line["member"], line["kind"], line["amount"]) for line in sheet["lines"]] == [
        ("M-0001", "saving_compulsory", "1150.50"),
        ("M-0002", "fine", "20.00"),
    ]
    receipts = (await client.get(f"/sheets/{CODE}/receipts")).text
    assert receipts.count('class="card receipt"') == 2
    assert 'data-total="115050"' in receipts


async def test_an_amount_of_who_is_not_ticked_is_not_lost_in_silence(
    client: httpx.AsyncClient,
) -> None:
    """She is to be ticked, or the amount taken away; what merely stood there does not count."""
    entered = form(("paid", "M-0001"), ("a:M-0003:donation", "50"))
    answer = await sent(client, "/sheets/new", *entered)
    assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, 1)
    page = (await client.get(NEW)).text
    stood = [(f"a:{name}", value) for name, value in FIELD.findall(page)]
    answer = await sent(client, "/sheets/new", *form(("paid", "M-0001"), *stood))
    assert answer.status_code == 303


async def test_the_box_is_counted_by_notes(client: httpx.AsyncClient) -> None:
    """The whole box; what it lacks is shown, then written as short."""
    await sent(
        client,
        "/sheets/new",
        *form(("paid", "M-0001"), ("a:M-0001:saving_compulsory", "500")),
    )
    page = (await client.get(f"/sheets/{CODE}/count")).text
    [box] = re.findall(r"data-was><bdi[^>]*><small>Rs</small> ([\d,]+)<small>(\.\d\d)", page)
    before = int((box[0] + box[1]).replace(",", "").replace(".", ""))
    counted = (("note:500", "1"), ("coins", rupees(before - 500)))
    shown = await sent(client, f"/sheets/{CODE}/count", ("csrf", CSRF), *counted)
    assert (shown.status_code, 'name="differs" value="-500"' in shown.text) == (200, True)
    differs = ("differs", "-500")
    answer = await sent(client, f"/sheets/{CODE}/count", ("csrf", CSRF), *counted, differs)
    assert answer.status_code == 303
    sheet = (await client.get(f"/v1/sheets/{CODE}")).json()
    assert sheet["cash_counted"] == "495.00"


@pytest.mark.parametrize("typed", ["12.345", "ten", "-5"])
async def test_what_cannot_be_meant_is_said_and_nothing_is_lost(
    client: httpx.AsyncClient, typed: str
) -> None:
    """All that was typed still stands there, and no draft is kept."""
    fields = form(
        ("paid", "M-0001"),
        ("a:M-0001:saving_compulsory", typed),
        ("paid", "M-0002"),
        ("a:M-0002:donation", "77"),
    )
    answer = await sent(client, "/sheets/new", *fields)
    assert answer.status_code == 422
    shown = dict(FIELD.findall(answer.text))
    assert (shown["M-0001:saving_compulsory"], shown["M-0002:donation"]) == (typed, "77")
    assert answer.text.count('aria-invalid="true"') == 1
    assert (await client.get(f"/v1/sheets/{CODE}")).status_code == 404


async def test_a_form_of_a_foreign_page_does_nothing(client: httpx.AsyncClient) -> None:
    """It cannot know the token of the session."""
    fields = [("csrf", "guessed"), *form(("paid", "M-0001"))[1:]]
    answer = await sent(client, "/sheets/new", *fields)
    assert answer.status_code == 403
    assert (await client.get(f"/v1/sheets/{CODE}")).status_code == 404


async def test_who_is_not_signed_in_is_led_to_the_entrance(client: httpx.AsyncClient) -> None:
    """And back to the page, once that is done; never to another site."""
    answer = await client.get(NEW, headers={"Cookie": ""})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/login?next={quote(NEW)}"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", ""):
        page = (await client.get("/login", params={"next": elsewhere})).text
        assert 'name="next" value="/"' in page


@pytest.mark.parametrize("path", ["/v2", "/redoc", "/sheets/", "/organisations/CO-99"])
async def test_what_is_not_there_is_said_on_a_page(client: httpx.AsyncClient, path: str) -> None:
    """With the way home; what the API has no address for stays a problem."""
    answer = await client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'href="/"' in answer.text
