"""Pages of an organisation for whoever has no business there: nothing shown, nothing done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from tests.support import database
from tests.support.people import Post, appoint, signed_in
from tests.web.forms import people, sent
from tests.web.test_application_pages import applied
from tests.web.test_request_pages import reversal
from tests.web.test_undoing_pages import paid_in

if TYPE_CHECKING:
    from fastapi import FastAPI

OTHERS: Final = {
    "vo_treasurer": (Post("treasurer", "VO-01", below=False),),
    "vo_accountant": (Post("accountant", "VO-01", below=False),),
    "keeper": (Post("administrator"),),
    "president": (Post("president", "CO-02", below=False),),
    "nobody": (),
}
STRANGERS: Final = ("elsewhere", "vo_accountant", "keeper", "president", "nobody")
READERS: Final = ("hina", "vo_treasurer")
"""They may look, and change nothing."""
NAMES: Final = "SELECT name FROM service.member"
LOAN: Final = "SELECT code FROM service.loan LIMIT 1"
READ: Final = (
    "/organisations/CO-01",
    "/sheets/new?organisation=CO-01",
    "/sheets/S-07",
    "/sheets/S-07/count",
    "/sheets/S-07/receipts",
    "/sheets/S-07/correct",
    "/sheets/S-07/reverse",
    "/members?organisation=CO-01",
    "/members?organisation=CO-01&q=M-0001",
    "/members/M-0001",
    "/members/M-0001/exit",
    "/loans?organisation=CO-01",
    "/loans?organisation=CO-01&state=approved",
    "/loans/{loan}",
    "/loans/new?organisation=CO-01",
    "/loans/new?organisation=CO-01&member=M-0001",
    "/requests/{request}",
)
FILLED_IN: Final = (
    ("organisation", "CO-01"),
    ("nth", "1"),
    ("on", "01-07-2026"),
    ("paid", "M-0001"),
    ("a:M-0001:saving_compulsory", "1"),
    ("key", "k"),
    ("reason", "No business of mine"),
    ("member", "M-0001"),
    ("product", "X"),
    ("amount", "1"),
    ("term", "1"),
    ("purpose", "x"),
    ("exactly", "yes"),
    ("decision", "approve"),
    ("do", "apply"),
)
WRITTEN: Final = (
    "/sheets/new",
    "/sheets/S-07/count",
    "/sheets/S-07/correct",
    "/sheets/S-07/reverse",
    "/members/M-0001/exit",
    "/loans/new",
    "/applications/L-92/appraise",
    "/applications/L-92/approve",
    "/applications/L-92/end",
    "/events/E-900/reverse",
    "/requests/{request}/decide",
    "/requests/{request}/withdraw",
    "/requests/{request}/here",
)
STATE: Final = """SELECT (SELECT count(*) FROM ledger.entry), (SELECT count(*) FROM service.sheet),
    (SELECT count(*) FROM service.request), (SELECT count(*) FROM service.loan_application),
    (SELECT count(*) FROM service.request WHERE state = 'waiting')"""


async def test_who_has_no_business_there_sees_nobody_and_does_nothing(
    app: FastAPI, officers_url: str
) -> None:
    """Officers of another CO, those above without a right, and who has no appointment."""
    await asyncio.to_thread(appoint, officers_url, OTHERS)
    names = [name for (name,) in await asyncio.to_thread(database.fetch, officers_url, NAMES)]
    [(loan,)] = await asyncio.to_thread(database.fetch, officers_url, LOAN)
    async with people(app, "amina") as (amina,):
        request = (await reversal(amina))["code"]
        await applied(amina)
        await paid_in(amina)
    before = await asyncio.to_thread(database.fetch, officers_url, STATE)
    for who in (*STRANGERS, *READERS):
        async with people(app, who) as (client,):
            for page in READ if who in STRANGERS else ():
                answer = await client.get(page.format(loan=loan, request=request))
                assert answer.status_code in {403, 404}, (who, page)
                assert not [name for name in names if str(name) in answer.text], (who, page)
            for page in WRITTEN:
                at = page.format(request=request)
                csrf = ("csrf", signed_in(who)["X-CSRF-Token"])
                answer = await sent(client, at, [csrf, *FILLED_IN])
                assert answer.status_code in {403, 404, 422}, (who, page)
    assert await asyncio.to_thread(database.fetch, officers_url, STATE) == before


@pytest.mark.parametrize("page", WRITTEN)
async def test_no_form_is_taken_without_the_token_of_the_session(
    app: FastAPI, officers_url: str, page: str
) -> None:
    """A foreign page cannot know it."""
    async with people(app, "amina") as (amina,):
        at = page.format(request=(await reversal(amina))["code"])
        await applied(amina)
        await paid_in(amina)
        before = await asyncio.to_thread(database.fetch, officers_url, STATE)
        answer = await sent(amina, at, [("csrf", "guessed"), *FILLED_IN])
        assert answer.status_code == 403
    assert await asyncio.to_thread(database.fetch, officers_url, STATE) == before
