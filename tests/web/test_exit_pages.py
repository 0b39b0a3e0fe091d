"""A member leaves: her savings pay what she owes, and a second officer decides."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.api.helpers import AGREED, good
from tests.web.forms import changed, fields_of, page_of, people, sent
from tests.web.test_member_pages import figures

if TYPE_CHECKING:
    from fastapi import FastAPI


async def test_a_settlement_is_asked_for_with_its_figures(app: FastAPI) -> None:
    """What she has, what pays her loan off, and what is left; approved, she has left."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        at = "/members/M-0001/exit"
        page = await page_of(amina, at)
        saved = good(await amina.get("/v1/members/M-0001/savings"))["items"][0]
        has = Decimal(saved["compulsory"]) + Decimal(saved["voluntary"])
        told = [Decimal(one) for one in figures(page)]
        assert told[0] == has
        assert sum(told[:-1]) == told[-1]
        fields = fields_of(page)
        assert (await sent(amina, at, fields)).status_code == 422
        answer = await sent(amina, at, changed(fields, reason="She moves to Chitral"))
        code = answer.headers["Location"].removeprefix("/requests/")
        asked = good(await amina.get(f"/v1/requests/{code}"))
        assert (asked["kind"], asked["state"]) == ("settlement", "waiting")
        asks = await page_of(bushra, f"/requests/{code}")
        assert "Settle with a member who leaves" in asks
        assert 'It is about <bdi dir="ltr" class="n">M-0001</bdi>' in asks
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        assert good(await amina.get("/v1/members/M-0001"))["left_on"] == "2026-07-31"
        assert figures(await page_of(amina, "/members/M-0001"))[0] == "0.00"


async def test_who_has_saved_nothing_leaves_by_request_too(app: FastAPI) -> None:
    """There is nothing to settle; what will be is her last day."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        new = {
            "code": "M-0100",
            "organisation": "CO-01",
            "name": "Nasreen Bibi",
            "gender": "female",
            "joined_on": "2026-06-20",
        }
        good(await amina.post("/v1/members", json=new), 201)
        at = "/members/M-0100/exit"
        fields = changed(fields_of(await page_of(amina, at)), reason="She moves", day="30-07-2026")
        answer = await sent(amina, at, fields)
        code = answer.headers["Location"].removeprefix("/requests/")
        page = await page_of(bushra, f"/requests/{code}")
        assert "Last day of membership" in page
        assert "30-07-2026" in page
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        assert good(await amina.get("/v1/members/M-0100"))["left_on"] == "2026-07-30"


async def test_who_was_refused_may_ask_again(app: FastAPI) -> None:
    """The same day, the same reason: it is another request, not the one that was refused."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        new = {
            "code": "M-0100",
            "organisation": "CO-01",
            "name": "Nasreen Bibi",
            "gender": "female",
            "joined_on": "2026-06-20",
        }
        good(await amina.post("/v1/members", json=new), 201)
        at, asked = "/members/M-0100/exit", []
        for _ in range(2):
            fields = changed(fields_of(await page_of(amina, at)), reason="She moves")
            answers = [await sent(amina, at, fields) for _ in range(2)]
            [code] = {one.headers["Location"].removeprefix("/requests/") for one in answers}
            good(await bushra.post(f"/v1/requests/{code}/reject", json=AGREED))
            asked.append(code)
        assert len(set(asked)) == 2


async def test_who_may_not_prepare_lets_nobody_go(app: FastAPI) -> None:
    """Nor does a form without the session's token."""
    async with people(app, "amina", "bushra", "elsewhere") as (amina, bushra, stranger):
        at = "/members/M-0001/exit"
        fields = changed(fields_of(await page_of(amina, at)), reason="Away with her")
        for who, client in (("bushra", bushra), ("elsewhere", stranger)):
            mine = changed(fields, csrf=f"csrf-of-{who}")
            assert (await sent(client, at, mine)).status_code in {403, 404}
        assert (await sent(amina, at, changed(fields, csrf="guessed"))).status_code == 403
        assert good(await amina.get("/v1/requests?kind=settlement"))["items"] == []
