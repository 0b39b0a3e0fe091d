"""A loan application on its page: looked into, asked for, approved by another, or ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tests.api.helpers import good
from tests.support import database
from tests.support.importing import NOW
from tests.web.forms import changed, fields_of, page_of, people, sent

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

CODE: Final = "L-92"
PAGE: Final = f"/applications/{CODE}"
DAY: Final = f"{NOW:%Y-%m-%d}"
ASKED: Final = {
    "code": CODE,
    "lender": "CO-01",
    "member": "M-0003",
    "product": "FLAT",
    "amount": "5000.00",
    "instalments": 3,
    "purpose": "seed and fertiliser",
    "applied_on": DAY,
}


async def applied(client: httpx.AsyncClient, **more: str) -> None:
    """M-0003 applies."""
    good(await client.post("/v1/loan-applications", json={**ASKED, **more}), 201)


async def fill(client: httpx.AsyncClient, do: str, **typed: str) -> httpx.Response:
    """Fill in one of the page's forms."""
    fields = changed(fields_of(await page_of(client, PAGE)), **typed)
    return await sent(client, f"{PAGE}/{do}", fields)


async def test_an_application_is_looked_into_asked_for_and_approved_by_another(
    app: FastAPI,
) -> None:
    """Whoever entered it does not decide; what was found good is what is lent."""
    async with people(app, "amina", "bushra", "dilshad") as (amina, bushra, dilshad):
        await applied(amina)
        hers = good(await amina.get("/v1/me"))["name"]
        assert hers in await page_of(amina, PAGE)
        listed = await page_of(bushra, "/loans?organisation=CO-01&state=applied")
        assert f'href="{PAGE}"' in listed
        assert "Applied for" in listed
        page = await page_of(bushra, PAGE)
        assert "seed and fertiliser" in page
        assert "What the rules say" in page
        assert f'action="{PAGE}' not in page
        assert "approve" not in await page_of(amina, PAGE)
        answer = await fill(amina, "appraise", amount="4,000", findings="Two kanals of her own")
        assert answer.headers["Location"] == PAGE
        page = await page_of(amina, PAGE)
        assert "Two kanals of her own" in page
        answer = await fill(amina, "approve", resolution="CO-01/7")
        at = answer.headers["Location"]
        assert at in await page_of(bushra, PAGE)
        page = await page_of(amina, at)
        assert hers in page
        own = fields_of(page)
        assert (await sent(amina, f"{at}/decide", changed(own, decision="approve"))).is_error
        page = await page_of(dilshad, at)
        decided = changed(fields_of(page), decision="approve")
        assert (await sent(dilshad, f"{at}/decide", decided)).status_code == 303
        loan = good(await amina.get(f"/v1/loans/{CODE}"))
        assert (loan["principal"], loan["resolution"]) == ("4000.00", "CO-01/7")
        assert (await amina.get(PAGE)).headers["Location"] == f"/loans/{CODE}"


async def test_what_is_asked_for_twice_by_one_form_is_one_request(app: FastAPI) -> None:
    """A second tap leads to the same request."""
    async with people(app, "amina") as (amina,):
        await applied(amina)
        await fill(amina, "appraise", findings="Good")
        fields = fields_of(await page_of(amina, PAGE))
        first = await sent(amina, f"{PAGE}/approve", fields)
        again = await sent(amina, f"{PAGE}/approve", fields)
        assert first.headers["Location"] == again.headers["Location"]


async def test_an_application_is_declined_or_taken_back_with_a_reason(app: FastAPI) -> None:
    """Without one it stays, with what was typed; ended, nothing is to be done with it."""
    async with people(app, "amina") as (amina,):
        await applied(amina)
        answer = await fill(amina, "end", ending="declined")
        assert (answer.status_code, "because-wrong" in answer.text) == (422, True)
        await fill(amina, "end", ending="withdrawn", because="Her brother lends it")
        page = await page_of(amina, PAGE)
        assert "Her brother lends it" in page
        assert f'action="{PAGE}' not in page
        kept = good(await amina.get(f"/v1/loan-applications/{CODE}"))
        assert kept["state"] == "withdrawn"


async def test_what_is_filled_in_wrong_is_marked_and_kept(app: FastAPI) -> None:
    """Nothing of it is done."""
    async with people(app, "amina") as (amina,):
        await applied(amina)
        answer = await fill(amina, "appraise", amount="much", findings="Two kanals")
        assert (answer.status_code, 'value="much"' in answer.text) == (422, True)
        assert "Two kanals" in answer.text
        answer = await fill(amina, "appraise", amount="4000", findings=" ")
        assert (answer.status_code, "findings-wrong" in answer.text) == (422, True)
        assert good(await amina.get(f"/v1/loan-applications/{CODE}"))["appraisal"] is None


async def test_what_another_officer_found_meanwhile_is_not_overwritten(app: FastAPI) -> None:
    """The page is of another version by then."""
    async with people(app, "amina", "dilshad") as (amina, dilshad):
        await applied(amina)
        seen = fields_of(await page_of(amina, PAGE))
        await fill(dilshad, "appraise", amount="3000", findings="One kanal")
        mine = changed(seen, amount="5000", findings="Two kanals")
        answer = await sent(amina, f"{PAGE}/appraise", mine)
        assert (answer.status_code, "Two kanals" in answer.text) == (412, True)
        kept = good(await amina.get(f"/v1/loan-applications/{CODE}"))
        assert kept["appraisal"]["findings"] == "One kanal"


async def test_what_no_rules_can_lend_is_said(app: FastAPI, officers_url: str) -> None:
    """On its page, and again where it is asked for nonetheless."""
    limited = "UPDATE service.product SET limits = '{\"most\": 100000}' WHERE code = 'FLAT'"
    await asyncio.to_thread(database.execute, officers_url, limited)
    async with people(app, "amina", "elsewhere") as (amina, stranger):
        await applied(amina)
        assert "she cannot have it" in await page_of(amina, PAGE)
        await fill(amina, "appraise", findings="Good")
        assert (await fill(amina, "approve")).status_code == 422
        assert (await stranger.get(PAGE)).status_code in {403, 404}
