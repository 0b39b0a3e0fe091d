"""Something is wrong with a voucher that no sheet wrote: a second officer takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.api.helpers import AGREED, good
from tests.support.importing import NOW
from tests.web.forms import changed, fields_of, page_of, people, sent

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

CODE: Final = "E-900"
PAGE: Final = f"/events/{CODE}/reverse"
PASSBOOK: Final = "/members/M-0001"


async def paid_in(client: httpx.AsyncClient) -> None:
    """A grant is handed to M-0001, between two meetings."""
    event: dict[str, Any] = {
        "organisation": "CO-01",
        "happened_on": f"{NOW:%Y-%m-%d}",
        "fund": "igg",
        "paid_by": "cash",
        "amount": "10.00",
        "counterparty": "M-0001",
        "narrative": "Two goats for her household",
    }
    for kind, code in (("igg_received", "E-899"), ("igg_paid", CODE)):
        said = {**event, "kind": kind, "code": code}
        headers = {"Idempotency-Key": code}
        good(await client.post("/v1/events", json=said, headers=headers), 201)


async def test_a_voucher_without_a_sheet_is_taken_back_by_request(app: FastAPI) -> None:
    """Her passbook leads there; the form sent twice asks once; taken back, it leads nowhere."""
    async with people(app, "amina", "bushra") as (amina, bushra):
        await paid_in(amina)
        assert f'href="{PAGE}"' in await page_of(amina, PASSBOOK)
        assert PAGE not in await page_of(bushra, PASSBOOK)
        page = await page_of(amina, PAGE)
        assert "Two goats for her household" in page
        fields = fields_of(page)
        empty = await sent(amina, PAGE, fields)
        assert (empty.status_code, "reason-wrong" in empty.text) == (422, True)
        answers = [await sent(amina, PAGE, changed(fields, reason="Not hers")) for _ in range(2)]
        [at] = {one.headers["Location"] for one in answers}
        assert at in await page_of(amina, PAGE)
        good(await bushra.post(f"/v1{at}/approve", json=AGREED))
        assert PAGE not in await page_of(amina, PASSBOOK)


async def test_who_may_not_ask_sees_no_voucher(app: FastAPI) -> None:
    """Neither an officer of another CO, nor one who only decides."""
    async with people(app, "amina", "bushra", "elsewhere") as (amina, bushra, stranger):
        await paid_in(amina)
        for client in (bushra, stranger):
            assert (await client.get(PAGE)).status_code in {403, 404}
