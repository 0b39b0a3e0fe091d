"""Closing a meeting as a plain form: what is written is what was shown, or it is refused."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.api.conftest import client, one_co_template, one_co_url
from tests.api.helpers import AGREED, good, one_officer
from tests.support import database
from tests.support.importing import NOW
from tests.web.forms import fields_of
from tests.web.test_sending import app
from tests.web.test_sheet_pages import CODE, CSRF, NEW, form, sent

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

__all__ = ["app", "client", "one_co_template", "one_co_url"]

COUNT: Final = f"/sheets/{CODE}/count"
RECEIPTS: Final = f"/sheets/{CODE}/receipts"
DIFFERS: Final = re.compile(r'name="differs" value="(-?\d+)"')
LONG_AGO: Final = "/sheets/CO-01.20260504/receipts"
ENGLISH: Final = {"Accept-Language": "en"}


async def keep(client: httpx.AsyncClient, member: str = "M-0001", saved: str = "500") -> None:
    """Fill in what one member saved, and go on to count."""
    seen = dict(fields_of((await client.get(NEW)).text))["seen"]
    fields = form(("seen", seen), ("paid", member), (f"a:{member}:saving_compulsory", saved))
    assert (await sent(client, "/sheets/new", *fields)).status_code == 303


async def counting(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """What stands in the form of the count, but for what is counted."""
    page = (await client.get(COUNT)).text
    return [(name, value) for name, value in fields_of(page) if value]


async def state(client: httpx.AsyncClient) -> str:
    """Where the sheet is."""
    return str((await client.get(f"/v1/sheets/{CODE}")).json()["state"])


async def test_what_another_phone_changed_meanwhile_is_not_closed_unseen(
    client: httpx.AsyncClient,
) -> None:
    """The count that she looks at is of another sheet by now."""
    await keep(client)
    seen = await counting(client)
    await keep(client, "M-0002", "70")
    answer = await sent(client, COUNT, *seen, ("exactly", "yes"))
    assert (answer.status_code, await state(client)) == (412, "draft")
    seen = [(name, value) for name, value in fields_of(answer.text) if value]
    assert (await sent(client, COUNT, *seen, ("exactly", "yes"))).status_code == 303
    sheet = (await client.get(f"/v1/sheets/{CODE}")).json()
    assert [line["amount"] for line in sheet["lines"]] == ["70.00"]


async def test_what_another_phone_closed_meanwhile_is_not_taken_for_hers(
    client: httpx.AsyncClient,
) -> None:
    """She is told that it is written with other figures."""
    await keep(client)
    hers = await counting(client)
    await keep(client, "M-0002", "70")
    await sent(client, COUNT, *await counting(client), ("exactly", "yes"))
    assert (await sent(client, COUNT, *hers, ("exactly", "yes"))).status_code == 412


async def test_a_member_who_left_meanwhile_is_not_left_out_in_silence(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Her money lies on the table: it is said whose it is."""
    leave = "UPDATE service.member SET organisation = 'VO-01' WHERE code = 'M-0002'"
    await asyncio.to_thread(database.execute, one_co_url, leave)
    fields = form(
        ("paid", "M-0001"),
        ("a:M-0001:saving_compulsory", "500"),
        ("paid", "M-0002"),
        ("a:M-0002:saving_compulsory", "70"),
    )
    answer = await sent(client, "/sheets/new", *fields)
    assert answer.status_code == 422
    assert "M-0002" in answer.text


async def test_a_loan_that_is_not_to_be_given_any_more_is_not_left_out_in_silence(
    client: httpx.AsyncClient,
) -> None:
    """It was handed over elsewhere, or cancelled, after the sheet was opened."""
    fields = form(("paid", "M-0001"), ("a:M-0001:saving_compulsory", "500"), ("given", "L-GONE"))
    answer = await sent(client, "/sheets/new", *fields)
    assert answer.status_code == 412
    assert "L-GONE" in answer.text


async def test_a_count_of_nothing_is_no_count(client: httpx.AsyncClient) -> None:
    """The whole box would be written as short."""
    await keep(client)
    answer = await sent(client, COUNT, *await counting(client), ("note:500", ""), ("coins", ""))
    assert (answer.status_code, await state(client)) == (422, "draft")


@pytest.mark.parametrize(
    "wrong", [("note:500", "1.5"), ("note:500", "-1"), ("note:7", "3"), ("coins", "-5")]
)
async def test_a_note_is_whole_and_one_of_the_state_bank(
    client: httpx.AsyncClient, wrong: tuple[str, str]
) -> None:
    """Nobody has a half of one, nor less than none."""
    await keep(client)
    answer = await sent(client, COUNT, *await counting(client), ("note:1000", "90"), wrong)
    assert (answer.status_code, await state(client)) == (422, "draft")


async def test_a_difference_is_shown_before_it_is_written(client: httpx.AsyncClient) -> None:
    """Counted again it is another, which is shown again."""
    await keep(client)
    seen = await counting(client)
    answer = await sent(client, COUNT, *seen, ("note:5000", "90"))
    assert (answer.status_code, await state(client)) == (200, "draft")
    [over] = DIFFERS.findall(answer.text)
    again = await sent(client, COUNT, *seen, ("note:5000", "91"), ("differs", over))
    assert (again.status_code, await state(client)) == (200, "draft")
    [more] = DIFFERS.findall(again.text)
    assert int(more) - int(over) == 5000_00
    written = await sent(client, COUNT, *seen, ("note:5000", "91"), ("differs", more))
    assert (written.status_code, await state(client)) == (303, "closed")
    assert (await client.get(f"/v1/sheets/{CODE}")).json()[
        "cash_counted"
    ] == f"{500 + int(more) // 100}.00"


async def test_receipts_of_a_sheet_that_was_taken_back_say_so(app: FastAPI) -> None:
    """Whoever shows one later shows that it holds no more."""
    async with one_officer(app, "shazia") as shazia, one_officer(app, "nadia") as nadia:
        await keep(shazia)
        await sent(shazia, COUNT, *await counting(shazia), ("exactly", "yes"))
        page = (await shazia.get(RECEIPTS, headers=ENGLISH)).text
        assert "The meeting is in the books." in page
        page = (await shazia.get(f"/sheets/{CODE}/reverse")).text
        fields = [(k, v) for k, v in fields_of(page) if k != "reason"]
        asked = await sent(shazia, f"/sheets/{CODE}/reverse", *fields, ("reason", "Not hers"))
        request = asked.headers["Location"].rpartition("/")[2]
        good(await nadia.post(f"/v1/requests/{request}/approve", json=AGREED))
        page = (await shazia.get(RECEIPTS, headers=ENGLISH)).text
        assert "The meeting is in the books." not in page
        assert page.count("taken back") >= 2


async def test_a_sheet_that_was_not_approved_is_not_said_to_wait(app: FastAPI) -> None:
    """It is a draft again, and closing it as it stands asks nobody."""
    async with one_officer(app, "shazia") as shazia, one_officer(app, "nadia") as nadia:
        paid = (("paid", "M-0001"), ("a:M-0001:saving_compulsory", "500"))
        await sent(shazia, "/sheets/new", *form(*paid)[:3], ("on", "04-05-2026"), *paid)
        closing = ("/sheets/CO-01.20260504/count", ("csrf", CSRF), ("exactly", "yes"))
        assert (await sent(shazia, *closing)).headers["Location"] == LONG_AGO
        page = (await shazia.get(LONG_AGO, headers=ENGLISH)).text
        assert "Waits for a second officer" in page
        [asked] = good(await nadia.get("/v1/requests?state=waiting"))["items"]
        good(await nadia.post(f"/v1/requests/{asked['code']}/reject", json=AGREED))
        answer = await sent(shazia, *closing)
        assert (answer.status_code, "request_decided" in answer.text) == (409, True)
        assert (await shazia.get(LONG_AGO)).headers["Location"].endswith("/count")


async def test_a_draft_that_another_kept_meanwhile_is_read_before_it_is_replaced(
    client: httpx.AsyncClient,
) -> None:
    """Both stand on one page: the other to go on with, her own to put in its place."""
    hers = form(("seen", ""), ("paid", "M-0001"), ("a:M-0001:saving_compulsory", "431"))
    await keep(client, "M-0002", "70")
    answer = await sent(client, "/sheets/new", *hers)
    assert answer.status_code == 412
    assert 'value="431"' in answer.text
    other = answer.text.partition("</section>")[0]
    assert "70<small>.00" in other
    assert f'href="{NEW}&amp;on=' in other
    kept = (await client.get(f"/v1/sheets/{CODE}")).json()
    assert [line["amount"] for line in kept["lines"]] == ["70.00"]
    seen = dict(fields_of(answer.text))["seen"]
    mine = [*hers[:4], ("seen", seen), *hers[5:]]
    for _ in range(2):  # her own again, by a second tap
        assert (await sent(client, "/sheets/new", *mine)).status_code == 303
    kept = (await client.get(f"/v1/sheets/{CODE}")).json()
    assert [line["amount"] for line in kept["lines"]] == ["431.00"]


async def test_exactly_this_is_said_of_the_box_that_was_shown(client: httpx.AsyncClient) -> None:
    """Money was paid out after the page was opened: she looks again before it is written."""
    await keep(client)
    seen = await counting(client)
    paid = {
        "organisation": "CO-01",
        "kind": "expense",
        "happened_on": f"{NOW:%Y-%m-%d}",
        "paid_by": "cash",
        "fund": "own",
        "amount": "40.00",
        "narrative": "Paper and pens",
    }
    headers = {"Idempotency-Key": "pens"}
    good(await client.post("/v1/events", json=paid, headers=headers), 201)
    answer = await sent(client, COUNT, *seen, ("exactly", "yes"))
    assert (answer.status_code, "box_changed" in answer.text) == (409, True)
    assert await state(client) == "draft"
    again = [(name, value) for name, value in fields_of(answer.text) if value]
    assert (await sent(client, COUNT, *again, ("exactly", "yes"))).status_code == 303
