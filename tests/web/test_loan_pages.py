"""Loans: lists and one of them, and an application whose cost is worked out before she signs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from api.web import loans
from tests.support.importing import NOW
from tests.support.people import signed_in
from tests.web.forms import changed, fields_of, page_of, people, sent
from tests.web.test_member_pages import figures

if TYPE_CHECKING:
    import httpx
    import pytest
    from fastapi import FastAPI

NEW: Final = "/loans/new?organisation=CO-01&member=M-0002"
ASKED: Final = {
    "product": "FLAT",
    "amount": "2,500",
    "term": "3",
    "purpose": "seed",
    "mip": "MIP of HH-0002: wheat",
}
CODE: Final = f"M-0002.{NOW:%Y%m%d}"


async def asked(client: httpx.AsyncClient, do: str, **more: str) -> httpx.Response:
    """The form of an application, filled in and sent."""
    fields = changed(fields_of(await page_of(client, NEW)), **{**ASKED, "do": do, **more})
    return await sent(client, "/loans/new", fields)


async def test_loans_stand_by_where_they_are(app: FastAPI) -> None:
    """The same as the API lists."""
    async with people(app, "amina") as (amina,):
        for state in ("paid_out", "approved", "repaid", "written_off"):
            page = await page_of(amina, f"/loans?organisation=CO-01&state={state}")
            listed = (await amina.get(f"/v1/organisations/CO-01/loans?state={state}")).json()
            found = re.findall(r'class="item" href="/loans/([^"]+)"', page)
            assert found == [loan["code"] for loan in listed["items"]], state


async def test_who_is_late_stands_alone(app: FastAPI) -> None:
    """The loans of which something should have come before, as home names them."""
    async with people(app, "amina") as (amina,):
        dues = (await amina.get(f"/v1/organisations/CO-01/dues?on={NOW:%Y-%m-%d}")).json()
        late = [
            loan["loan"]
            for borrower in dues["items"]
            for loan in borrower["loans"]
            if loan["overdue"]["total"] != "0.00"
        ]
        page = await page_of(amina, "/loans?organisation=CO-01&late=1")
        assert late
        assert re.findall(r'class="item" href="/loans/([^"]+)"', page) == late


async def test_a_loan_says_what_the_api_says(app: FastAPI) -> None:
    """What is left of it, and its due dates; one that is not given yet has none."""
    async with people(app, "amina") as (amina,):
        for code in ("L-02", "L-03", "L-05", "L-06", "L-07", "L-09"):
            page = await page_of(amina, f"/loans/{code}")
            loan: dict[str, Any] = (await amina.get(f"/v1/loans/{code}")).json()
            now = loan["figures"][0]
            assert ("not given yet" in page) != now["paid_out"], code
            assert (now["outstanding_principal"] in figures(page)) or not now["paid_out"], code
            dues = re.findall(r'<th scope="row"><bdi dir="ltr" class="n">([\d-]+)</bdi>', page)
            fixed = ["-".join(reversed(part["due_on"].split("-"))) for part in loan["schedule"]]
            assert bool(dues) == now["paid_out"], code
            assert set(dues) <= set(fixed), code


async def test_what_pays_a_loan_off_is_what_the_api_says(app: FastAPI) -> None:
    """As the dues of a meeting have it."""
    async with people(app, "amina") as (amina,):
        dues = (await amina.get(f"/v1/organisations/CO-01/dues?on={NOW:%Y-%m-%d}")).json()
        loans = [loan for borrower in dues["items"] for loan in borrower["loans"]]
        assert loans
        for loan in loans:
            told = figures(await page_of(amina, f"/loans/{loan['loan']}"))
            assert told[1:3] == [loan["outstanding_principal"], loan["pay_off"]]


async def test_a_loan_is_worked_out_before_anyone_signs(app: FastAPI) -> None:
    """Instalments, cost and yearly rate as the API's preview has them; nothing is kept."""
    async with people(app, "amina") as (amina,):
        answer = await asked(amina, "work")
        assert answer.status_code == 200
        body = {
            "product": "FLAT",
            "principal": "2500.00",
            "disbursed_on": f"{NOW:%Y-%m-%d}",
            "first_due_on": "2026-08-31",
            "instalments": 3,
        }
        tried = (await amina.post("/v1/loan-previews", json=body)).json()
        told = figures(answer.text)
        assert told[:2] == [tried["instalments"][0]["total"], tried["total_charge"]]
        rows = re.findall(r'data-part="(\d+)"', answer.text)
        assert [int(row) for row in rows] == [
            int(part["total"].replace(".", "")) for part in tried["instalments"]
        ]
        yearly = re.search(r"That is <bdi[^>]*>([\d.]+)</bdi>", answer.text)
        assert yearly
        assert yearly[1] == f"{round(float(tried['yearly_cost_percent']), 1)}"
        assert (await amina.get(f"/v1/loan-applications/{CODE}")).status_code == 404


async def test_an_application_is_kept_once(app: FastAPI) -> None:
    """Sent twice it is the same; another of the same day is another."""
    async with people(app, "amina") as (amina,):
        for _ in range(2):
            answer = await asked(amina, "apply")
            to = f"/applications/{CODE}"
            assert (answer.status_code, answer.headers["Location"]) == (303, to)
        kept = (await amina.get(f"/v1/loan-applications/{CODE}")).json()
        assert (kept["amount"], kept["instalments"], kept["member"]) == ("2500.00", 3, "M-0002")
        assert (kept["purpose"], kept["mip"]) == (ASKED["purpose"], ASKED["mip"])
        assert (await asked(amina, "apply", amount="900")).headers["Location"].endswith(".2")
        page = await page_of(amina, "/loans?organisation=CO-01&state=applied")
        assert f'href="/applications/{CODE}"' in page
        assert (await amina.get(f"/loans/{CODE}")).headers["Location"] == f"/applications/{CODE}"
        assert "2500.00" in figures(await page_of(amina, f"/applications/{CODE}"))


async def test_what_is_not_filled_in_right_is_said_beside_its_field(app: FastAPI) -> None:
    """All that was typed still stands there, and nothing is kept."""
    async with people(app, "amina") as (amina,):
        answer = await asked(amina, "apply", amount="much", term="0", purpose=" ", member="")
        assert answer.status_code == 422
        for field in ("amount", "term", "purpose", "member"):
            assert f'id="{field}-wrong"' in answer.text
        assert 'value="much"' in answer.text
        assert ASKED["mip"] in answer.text
        found = (await amina.get("/v1/organisations/CO-01/loan-applications")).json()
        assert found["items"] == []


async def test_terms_that_do_not_fit_are_refused_on_the_page(app: FastAPI) -> None:
    """As the service says it, and the amount is still there."""
    async with people(app, "amina") as (amina,):
        answer = await asked(amina, "work", product="EP", term="1", amount="0.01")
        assert answer.status_code in {200, 422}
        assert 'value="0.01"' in answer.text


async def test_who_may_not_prepare_applies_for_nobody(app: FastAPI) -> None:
    """The president has no button; the form is refused to her, and to strangers."""
    async with people(app, "amina", "bushra", "elsewhere") as (amina, bushra, stranger):
        assert "/loans/new" in await page_of(amina, "/loans?organisation=CO-01")
        assert "/loans/new" not in await page_of(bushra, "/loans?organisation=CO-01")
        fields = fields_of(await page_of(amina, NEW))
        for who, client in (("bushra", bushra), ("elsewhere", stranger)):
            csrf = signed_in(who)["X-CSRF-Token"]
            mine = changed(fields, **ASKED, do="apply", csrf=csrf)
            assert (await sent(client, "/loans/new", mine)).status_code in {403, 404}
        assert (await stranger.get("/loans/L-02")).status_code == 404


async def test_a_form_from_elsewhere_is_refused(app: FastAPI) -> None:
    """Without the session's token nothing is kept."""
    async with people(app, "amina") as (amina,):
        answer = await asked(amina, "apply", csrf="guessed")
        assert answer.status_code == 403
        assert (await amina.get(f"/v1/loan-applications/{CODE}")).status_code == 404


async def test_a_long_list_goes_on(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page it is the whole list, once each; what is left to pay is of all."""
    listed = "/loans?organisation=CO-01&state=paid_out"
    async with people(app, "amina") as (amina,):
        whole = await page_of(amina, listed)
        monkeypatch.setattr(loans, "MOST", 1)
        found, at = [], listed
        while at:
            page = await page_of(amina, at)
            assert figures(page)[-1] == figures(whole)[-1]
            found += re.findall(r'class="item" href="/loans/([^"]+)"', page)
            [at] = re.findall(r'href="([^"]+after=[^"]+)"', page) or [""]
            at = at.replace("&amp;", "&")
        assert found == re.findall(r'class="item" href="/loans/([^"]+)"', whole)
