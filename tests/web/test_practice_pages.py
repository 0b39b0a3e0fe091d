"""Practice, for anybody; and the page of all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from api.web.accounts import TITLES
from api.web.practice import made_up
from ledger.chart import CHART
from tests.support.importing import NOW
from tests.web.forms import changed, fields_of, page_of, people, sent
from tests.web.test_member_pages import figures

if TYPE_CHECKING:
    from fastapi import FastAPI

STRIPE = "Practice: nothing is written"


def anybody(app: FastAPI) -> httpx.AsyncClient:
    """A browser of somebody who never signed in."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://amanat",
        headers={"Accept-Language": "en"},
    )


async def test_anybody_practises_a_whole_meeting(app: FastAPI) -> None:
    """The sheet, the count, the receipts; each says that nothing is written."""
    meeting = made_up(NOW.date())
    async with anybody(app) as client:
        page = await page_of(client, "/practice")
        assert page.count(STRIPE) == 1
        ticks = [("paid", card.member.code) for card in meeting.cards]
        given = [("given", one.loan) for one in meeting.to_give]
        answer = await sent(client, "/practice", [*fields_of(page), *ticks, *given])
        assert answer.status_code == 200
        assert STRIPE in answer.text
        box, taken, out, left = figures(answer.text)[:4]
        assert taken == f"{meeting.expected // 100}.00"
        assert out == f"-{meeting.to_give[0].given // 100}.00"
        assert float(left) == float(box) + float(taken) + float(out)
        counted = [*fields_of(answer.text), ("exactly", "yes")]
        answer = await sent(client, "/practice/receipts", counted)
        assert answer.text.count('class="card receipt"') == len(meeting.cards)
        assert answer.text.count(STRIPE) == 1 + len(meeting.cards)
        assert "not yet written" in answer.text


async def test_what_is_mistyped_in_practice_is_said(app: FastAPI) -> None:
    """As in a real meeting: with what was typed still there."""
    async with anybody(app) as client:
        fields = fields_of(await page_of(client, "/practice"))
        typed = {"paid": "P-0001", "a:P-0001:saving_compulsory": "two"}
        answer = await sent(client, "/practice", changed(fields, **typed))
        assert (answer.status_code, 'value="two"' in answer.text) == (422, True)
        assert (await client.get("/practice/receipts")).status_code == 303


async def test_the_people_of_the_practice_have_names_in_both_languages() -> None:
    """And so has their CO."""
    meeting = made_up(NOW.date())
    assert all(card.member.name_ur for card in meeting.cards)
    assert meeting.organisation.name_ur


async def test_all_else_is_on_one_page(app: FastAPI) -> None:
    """Language, figures, practice, requests, a PIN, what waits, and out."""
    async with people(app, "amina") as (amina,):
        page = await page_of(amina, "/more")
        for to in ("/requests", "/waiting", "/practice", "/pin/new", "/grouping/thousands?"):
            assert f'href="{to}' in page, to
        assert 'action="/logout"' in page
        assert 'href="/language/ur?back=/more"' in page


def test_every_account_of_the_chart_has_a_title() -> None:
    """The same as in the chart, for the catalogues to translate."""
    assert {code: one.name for code, one in CHART.items()} == TITLES
