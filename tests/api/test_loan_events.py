"""Accruals, refinances, settlements and the close of a year over HTTP, by two officers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from service.books import write_books
from service.loans import products
from tests.api.helpers import good, keyed, make_app, one_officer, refused
from tests.support.importing import NOW, engine_of
from tests.support.world import PRODUCTS

if TYPE_CHECKING:
    import httpx

OUT, DAY, YEAR_END = "2026-05-29", "2026-06-29", "2026-06-30"


async def _lend(client: httpx.AsyncClient, code: str, on: str, **more: Any) -> None:  # noqa: ANN401 - JSON is as wide as it is
    """A loan of Rs 300 to M-0001 at 2% a month, whose charge accrues, as agreed."""
    loan = {"code": code, "lender": "CO-01", "member": "M-0001", "product": "ACC"}
    days = dict.fromkeys(("applied_on", "approved_on", "disbursed_on"), on)
    terms = {"principal": "300.00", "first_due_on": "2026-07-29", "instalments": 3}
    asked = {**loan, **days, **terms, **more}
    good(await client.post("/v1/loans", json=asked, headers=keyed(code)), 201)


async def _accruing_loan(client: httpx.AsyncClient, url: str) -> None:
    """The loan L-88, paid out on 29 May, under rules that are there already."""
    rules = replace(PRODUCTS["TWO-A"], code="ACC")
    async with engine_of(url) as engine, write_books(engine, actor="clerk", now=NOW) as books:
        await products.add(books, [rules])
    await _lend(client, "L-88", OUT, first_due_on="2026-06-29")
    line = {"member": "M-0001", "kind": "disbursement", "amount": "300.00", "loan": "L-88"}
    sheet = {"code": "S-88", "organisation": "CO-01", "held_on": OUT, "cash_counted": "-300.00"}
    good(await client.post("/v1/sheets", json={**sheet, "lines": [line]}), 201)
    good(await client.post("/v1/sheets/S-88/close", headers=keyed("S-88")), 201)


async def _post(client: httpx.AsyncClient, key: str, **event: object) -> httpx.Response:
    said = {"code": key, "organisation": "CO-01", "happened_on": DAY, "narrative": "Resolved"}
    return await client.post("/v1/events", json={**said, **event}, headers=keyed(key))


async def test_charge_accrues_and_a_loan_pays_off_another(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Each is answered with its voucher; a loan's figures show what is accrued."""
    await _accruing_loan(client, one_co_url)
    accrued = {"kind": "charge_accrued", "fund": "own"}
    good(await _post(client, "A-1", **accrued), 201)
    refused(await _post(client, "A-2", **accrued), 422, "nothing_to_accrue")
    refused(
        await _post(client, "A-3", **{**accrued, "happened_on": "2026-06-28"}), 409, "accrued_later"
    )
    loan = good(await client.get(f"/v1/loans/L-88?as_of={DAY}"))
    (figures,) = loan["figures"]
    assert (figures["accrued_charge"], figures["charge_suspended"]) == (
        figures["due_charge"],
        "0.00",
    )
    await _lend(client, "L-87", DAY, refinances="L-88", principal="250.00")
    again = {"kind": "refinance", "fund": "own", "paid_by": "cash", "loan": "L-87"}
    short = await _post(client, "R-1", **again, amount="250.00")
    refused(short, 422, "refinance_falls_short")
    await _lend(client, "L-86", DAY, refinances="L-88", principal="900.00")
    good(await _post(client, "R-2", **{**again, "loan": "L-86"}, amount="900.00"), 201)
    old, new = [
        good(await client.get(f"/v1/loans/{code}?as_of={DAY}")) for code in ("L-88", "L-86")
    ]
    assert old["figures"][0]["closed"]
    assert old["figures"][0]["accrued_charge"] == "0.00"
    assert (new["refinances"], new["figures"][0]["outstanding_principal"]) == ("L-88", "900.00")


async def test_a_member_leaves_with_what_her_savings_leave(client: httpx.AsyncClient) -> None:
    """She has left on that day; undone, she has not."""
    settled = {"kind": "settlement", "paid_by": "cash", "counterparty": "M-0002"}
    good(await _post(client, "X-1", **settled), 201)
    assert good(await client.get("/v1/members/M-0002"))["left_on"] == DAY
    refused(await _post(client, "X-2", **settled), 422, "nothing_saved")
    strange = await _post(client, "X-3", **{**settled, "counterparty": "M-9999"})
    refused(strange, 404, "not_found")
    undone = {"kind": "reversal", "reverses": "X-1", "happened_on": YEAR_END}
    good(await _post(client, "X-4", **undone), 201)
    assert good(await client.get("/v1/members/M-0002"))["left_on"] is None


async def test_a_year_is_closed_once_by_two_officers(client: httpx.AsyncClient) -> None:
    """Its voucher is of its own kind; on no other day than the last."""
    close = {"kind": "year_end_close", "happened_on": YEAR_END}
    (voucher,) = good(await _post(client, "Y-1", **close), 201)["vouchers"]
    assert voucher["kind"] == "close"
    refused(await _post(client, "Y-2", **close), 409, "year_closed")
    refused(await _post(client, "Y-3", **{**close, "happened_on": DAY}), 422, "malformed")
    elsewhere = {**close, "organisation": "VO-01", "happened_on": "2020-06-30"}
    refused(await _post(client, "Y-4", **elsewhere), 422, "nothing_to_close")


async def test_each_waits_for_a_second_officer_and_shows_what_it_will_do(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Also what a member will still owe; an accrual alone waits for nobody."""
    await _accruing_loan(client, one_co_url)
    async with (
        engine_of(one_co_url) as engine,
        one_officer(make_app(engine), "shazia") as alone,
    ):
        settled = {"kind": "settlement", "paid_by": "cash", "counterparty": "M-0001"}
        asked = good(await _post(alone, "X-1", **settled), 202)
        assert asked["kind"] == "settlement"
        assert [owed["loan"] for owed in asked["difference"]["after"]["still_owed"]]
        close = {"kind": "year_end_close", "happened_on": YEAR_END}
        assert good(await _post(alone, "Y-1", **close), 202)["kind"] == "year_end"
        good(await _post(alone, "A-1", kind="charge_accrued", fund="own"), 201)
